"""Send a parked lead on from where a fault of ours has stopped it."""

import asyncio
from dataclasses import dataclass

from campaigns.errors import LeadNotFound, LeadNotParked
from campaigns.models import Campaign, Lead, LeadState
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.ids import has_prefix
from servicekit.telemetry import logs
from servicekit.temporal.connection import TemporalUnavailable

from campaign_api.clients.temporal import LeadWorkflows
from campaign_api.paging import page_cursor, page_limit, page_token, position_of

_AT_ONCE = 20
"""Leads of a page whose workflows are told at the same time."""

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class PageSentOn:
    """How many of a page of parked leads go on, and how many have nobody to be told."""

    sent_on: int
    gone: int
    next_page_token: str


class LeadRetry:
    """The workflow first: it writes the row too, which mends a crash between the two."""

    def __init__(self, leads: LeadRepository, workflows: LeadWorkflows) -> None:
        self._leads = leads
        self._workflows = workflows

    async def retry(self, campaign: Campaign, lead_id: str) -> Lead:
        """The lead, sent on.

        Raises `LeadNotFound` if the campaign has no such lead, `LeadNotParked` if nothing has
        stopped it, and `TemporalUnavailable` if its workflow cannot be told.
        """
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        lead = await self._leads.get(campaign.id, lead_id)
        if lead.state is not LeadState.PARKED:
            raise LeadNotParked(
                f"The lead is {lead.state}; only a parked one can be sent on.",
                metadata={"state": lead.state},
            )
        if not await self._send_on(campaign, lead):
            # Nobody is there to be told; the worker ends such a lead within minutes.
            raise TemporalUnavailable(
                "The lead's workflow is gone.", metadata={"dependency": "temporal"}
            )
        return await self._leads.get(campaign.id, lead_id)

    async def retry_parked(self, campaign: Campaign, *, page_size: int, token: str) -> PageSentOn:
        """A page of the campaign's parked leads, sent on; the next one begins behind it.

        Raises `InvalidFields` if the token is not one of these pages, and `TemporalUnavailable`
        if workflows cannot be told: who was sent on before goes on.
        """
        limit, of = page_limit(page_size), ("parked leads", campaign.id)
        cursor = page_cursor(token, of=of, parts=1)
        found = await self._leads.page(
            campaign.id,
            state=LeadState.PARKED,
            after_position=0 if cursor is None else position_of(cursor[0]),
            limit=limit + 1,
        )
        page, at_once = found[:limit], asyncio.Semaphore(_AT_ONCE)

        async def send_on(lead: Lead) -> bool:
            async with at_once:
                return await self._send_on(campaign, lead)

        told = await asyncio.gather(*(send_on(lead) for _, lead in page))
        return PageSentOn(
            sent_on=told.count(True),
            gone=told.count(False),
            next_page_token=page_token([str(page[-1][0])], of=of) if len(found) > limit else "",
        )

    async def _send_on(self, campaign: Campaign, lead: Lead) -> bool:
        """Tell its workflow, then the row; False if there is no workflow."""
        if not await self._workflows.retry(campaign.id, lead.id):
            return False
        # What has parked it again meanwhile has another moment, and stays.
        await self._leads.unpark(campaign.id, lead.id, parked_at=lead.parked_at)
        log.info("lead_sent_on", campaign_id=campaign.id, lead_id=lead.id, because=lead.reason)
        return True
