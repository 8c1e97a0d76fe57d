"""A reply ends more than its own lead where the campaign says so."""

import asyncio
from collections.abc import Sequence

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.reach_repository import Reached, ReachRepository
from campaigns.workflow import contracts as workflows
from servicekit.clock import Clock
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import LeadWorkflows

_AT_ONCE = 1000
_MOST_CALLS = 20

log = logs.get_logger(__name__)


class ReplyReach:
    """The gateway first: what is queued there is refused before any workflow is signalled."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        reach: ReachRepository,
        *,
        gateway: Gateway,
        workflows: LeadWorkflows,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._reach = reach
        self._gateway = gateway
        self._workflows = workflows
        self._clock = clock
        self._calls = asyncio.Semaphore(_MOST_CALLS)

    async def spread(self, campaign_id: str, lead_id: str) -> None:
        """End the leads that the reply of this one ends; repeating it ends what is left.

        Raises our errors if the gateway, Temporal or the database are away.
        """
        campaign = await self._campaigns.find(campaign_id)
        if campaign is None:
            return
        while reached := await self._reach.reached(
            campaign.organization_id,
            campaign_id,
            lead_id,
            campaign.settings.reply_scope,
            limit=_AT_ONCE,
        ):
            now = self._clock.now()
            await self._gateway.record_replies(
                campaign.organization_id,
                [(each.campaign_id, each.lead_id) for each in reached],
                at=now,
            )
            for reason in {each.reason for each in reached}:
                ids = [each.lead_id for each in reached if each.reason == reason]
                await self._reach.end_waiting(ids, reason=reason, now=now)
            await self._end(reached)
            log.info("reply_spread", campaign_id=campaign_id, lead_id=lead_id, leads=len(reached))
            if len(reached) < _AT_ONCE:
                return

    async def _end(self, reached: Sequence[Reached]) -> None:
        async def end(each: Reached) -> None:
            async with self._calls:
                await self._workflows.end(
                    each.campaign_id, each.lead_id, workflows.EndLead(reason=each.reason)
                )

        await asyncio.gather(*(end(each) for each in reached if each.begun))
