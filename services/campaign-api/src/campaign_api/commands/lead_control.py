"""What somebody does to single leads: send a parked one on, skip a step, stop one, take it out."""

import asyncio
from dataclasses import dataclass
from typing import assert_never

from campaigns.errors import (
    LeadNotFound,
    LeadNotInSequence,
    LeadNotParked,
    StepNotWaiting,
    StepUnderWay,
)
from campaigns.models import Campaign, CampaignState, Lead, LeadState, StepExecution, StepState
from campaigns.repositories.edits.lead_edit_repository import LeadEditRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.workflow.contracts import EndLead, SkipStep
from servicekit.clock import Clock
from servicekit.ids import has_prefix
from servicekit.lists.listing import page_limit
from servicekit.telemetry import logs
from servicekit.temporal.connection import TemporalUnavailable

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows
from campaign_api.paging import Pages

LEAD_STOPPED = "LEAD_STOPPED"
STEP_SKIPPED = "STEP_SKIPPED"
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

    def __init__(self, leads: LeadRepository, workflows: LeadWorkflows, pages: Pages) -> None:
        self._leads = leads
        self._pages = pages
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
            raise _gone()
        return await self._leads.get(campaign.id, lead_id)

    async def retry_parked(self, campaign: Campaign, *, page_size: int, token: str) -> PageSentOn:
        """A page of the campaign's parked leads, sent on; the next one begins behind it.

        Raises `PageTokenInvalid` if the token is not one of these pages, and `TemporalUnavailable`
        if workflows cannot be told: who was sent on before goes on.
        """
        limit, of = page_limit(page_size), ("parked leads", campaign.id)
        found = await self._leads.page(
            campaign.id,
            state=LeadState.PARKED,
            after_position=await self._pages.number(token, of=of) or 0,
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
            next_page_token=await self._pages.after(
                page[-1][0] if len(found) > limit else None, of=of
            ),
        )

    async def _send_on(self, campaign: Campaign, lead: Lead) -> bool:
        """Tell its workflow, then the row; False if there is no workflow."""
        if not await self._workflows.retry(campaign.id, lead.id):
            return False
        # What has parked it again meanwhile has another moment, and stays.
        await self._leads.unpark(campaign.id, lead.id, parked_at=lead.parked_at)
        log.info("lead_sent_on", campaign_id=campaign.id, lead_id=lead.id, because=lead.reason)
        return True


class StepSkips:
    """Leaves out steps at which leads wait; the workflow withdraws them, and writes the rows."""

    def __init__(
        self,
        leads: LeadRepository,
        steps: StepRepository,
        workflows: LeadWorkflows,
        gateway: Gateway,
    ) -> None:
        self._leads = leads
        self._steps = steps
        self._workflows = workflows
        self._gateway = gateway

    async def skip(self, campaign: Campaign, lead_id: str, step_id: str, *, by: str) -> Lead:
        """The lead, whose workflow has been told; as it is where the step was left out before.

        Raises `LeadNotFound` if the campaign has no such lead, `StepNotWaiting` if the step has
        ended otherwise or is not reached, `LeadNotInSequence` if the lead does not walk,
        `StepUnderWay` if the step is on the wire, and `TemporalUnavailable` if its workflow
        cannot be told.
        """
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        lead = await self._leads.get(campaign.id, lead_id)
        history = (await self._steps.history([lead_id]))[lead_id]
        step = next((each for each in history if each.step_id == step_id), None)
        if step is not None and _left_out(step):
            return lead
        if lead.state is not LeadState.RUNNING:
            raise LeadNotInSequence(
                f"The lead is {lead.state}; it waits at no step.", metadata={"state": lead.state}
            )
        if step is None or step.state is not StepState.WAITING:
            state = step.state.value if step else "not_reached"
            raise StepNotWaiting(f"The step is {state}.", metadata={"state": state})
        if await self._gateway.under_way(campaign, lead_id):
            raise StepUnderWay
        if not await self._workflows.skip_step(
            campaign.id, lead_id, SkipStep(step_id=step_id, by=by)
        ):
            raise _gone()
        log.info("step_skipped", campaign_id=campaign.id, lead_id=lead_id, step_id=step_id)
        return await self._leads.get(campaign.id, lead_id)


class LeadRemoval:
    """The row first where a lead has not begun: its workflow, if there is one, goes by it."""

    def __init__(
        self,
        leads: LeadRepository,
        edits: LeadEditRepository,
        orphans: OrphanedLeadRepository,
        workflows: LeadWorkflows,
        campaign_workflows: CampaignWorkflows,
        *,
        clock: Clock,
    ) -> None:
        self._leads = leads
        self._edits = edits
        self._orphans = orphans
        self._workflows = workflows
        self._campaign_workflows = campaign_workflows
        self._clock = clock

    async def stop(self, campaign: Campaign, lead_id: str) -> Lead:
        """The lead, stopped or on its way to its end; one that has ended stays as it ended.

        Raises `LeadNotFound` if the campaign has no such lead.
        """
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        now = self._clock.now()
        unbegun = await self._edits.stop_unbegun(campaign.id, lead_id, reason=LEAD_STOPPED, now=now)
        # Only now: it may have been admitted and have begun since the caller looked at it.
        lead = await self._leads.get(campaign.id, lead_id)
        if unbegun or lead.state.walks:
            told = await self._workflows.end(campaign.id, lead_id, EndLead(reason=LEAD_STOPPED))
            if not told and not unbegun:
                # Nobody is there to be told, nor to write it down.
                stopped = LeadState.STOPPED
                await self._orphans.end(
                    campaign.id, lead_id, state=stopped, reason=LEAD_STOPPED, now=now
                )
            await look_again(self._campaign_workflows, campaign)
            log.info(
                "lead_stopped", campaign_id=campaign.id, lead_id=lead_id, had_begun=not unbegun
            )
        return await self._leads.get(campaign.id, lead_id)

    async def remove(self, campaign: Campaign, lead_id: str, *, allow_missing: bool) -> None:
        """Forget a lead that nobody has contacted.

        Raises `LeadInSequence` if it walks, `LeadContacted` if something was done for it, and
        `LeadNotFound` if the campaign has no such lead, unless that is allowed.
        """
        is_id = has_prefix(lead_id, "lead")
        removed = is_id and await self._edits.remove(campaign.id, lead_id)
        if removed:
            log.info("lead_removed", campaign_id=campaign.id, lead_id=lead_id)
        # Also where a call before has removed it, and broke off here.
        await look_again(self._campaign_workflows, campaign)
        if not removed and not allow_missing:
            raise LeadNotFound


async def look_again(workflows: CampaignWorkflows, campaign: Campaign) -> None:
    """A campaign may have room now, somebody to admit, or nobody left to wait for.

    One that is being stopped waits for its last leads, and one that is paused may have been
    resumed since the caller read it.
    """
    match campaign.state:
        case CampaignState.RUNNING | CampaignState.PAUSED | CampaignState.STOPPING:
            await workflows.leads_added(campaign)
        case CampaignState.DRAFT | CampaignState.STOPPED | CampaignState.COMPLETED:
            pass
        case _:
            assert_never(campaign.state)


def _left_out(step: StepExecution) -> bool:
    return step.state is StepState.SKIPPED and step.reason == STEP_SKIPPED


def _gone() -> TemporalUnavailable:
    """Nobody is there to be told; the worker ends such a lead within minutes."""
    return TemporalUnavailable("The lead's workflow is gone.", metadata={"dependency": "temporal"})
