"""A reply ends more than its own lead where the campaign says so."""

import asyncio
from collections.abc import Sequence

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.reply_scope_repository import LeadInScope, ReplyScopeRepository
from campaigns.workflow import contracts as workflows
from servicekit.clock import Clock
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import LeadWorkflows

_AT_ONCE = 1000
_MOST_CALLS = 20

log = logs.get_logger(__name__)


class LeadsInReplyScope:
    """The gateway first: what is queued there is refused before any workflow is signalled."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        repository: ReplyScopeRepository,
        *,
        gateway: Gateway,
        workflows: LeadWorkflows,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._repository = repository
        self._gateway = gateway
        self._workflows = workflows
        self._clock = clock
        self._calls = asyncio.Semaphore(_MOST_CALLS)

    async def end(self, campaign_id: str, lead_id: str) -> None:
        """End the leads that the reply of this one ends; repeating it ends what is left.

        Raises our errors if the gateway, Temporal or the database are away.
        """
        campaign = await self._campaigns.find(campaign_id)
        if campaign is None:
            return
        while leads := await self._repository.leads_in_scope(
            campaign.organization_id,
            campaign_id,
            lead_id,
            campaign.settings.reply_scope,
            limit=_AT_ONCE,
        ):
            now = self._clock.now()
            await self._gateway.record_replies(
                campaign.organization_id,
                leads,
                at=now,
            )
            for reason in {each.reason for each in leads}:
                ids = [each.lead_id for each in leads if each.reason == reason]
                await self._repository.end_waiting(ids, reason=reason, now=now)
            await self._end(leads)
            log.info("reply_spread", campaign_id=campaign_id, lead_id=lead_id, leads=len(leads))
            if len(leads) < _AT_ONCE:
                return

    async def _end(self, leads: Sequence[LeadInScope]) -> None:
        async def end(each: LeadInScope) -> None:
            async with self._calls:
                await self._workflows.end(
                    each.campaign_id, each.lead_id, workflows.EndLead(reason=each.reason)
                )

        await asyncio.gather(*(end(each) for each in leads if each.begun))
