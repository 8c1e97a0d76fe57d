"""Start, pause, resume, stop: every crash in between is mended by repeating the call."""

import asyncio

from campaigns.campaign_repository import CampaignRepository
from campaigns.errors import (
    AccountNotConnected,
    CampaignNotPausable,
    CampaignNotResumable,
    CampaignNotStoppable,
    CampaignWithoutLeads,
)
from campaigns.lead_repository import LeadRepository
from campaigns.models import Campaign, CampaignState
from servicekit import logs
from servicekit.clock import Clock

from campaign_api.exclusion import CampaignLocks
from campaign_api.gateway import Gateway
from campaign_api.metrics import Metrics
from campaign_api.workflow_client import CampaignWorkflows

log = logs.get_logger(__name__)

_STOPPABLE = (
    CampaignState.RUNNING,
    CampaignState.PAUSED,
    CampaignState.STOPPING,
    CampaignState.STOPPED,
)


class CampaignLifecycle:
    """Moves campaigns from state to state."""

    def __init__(
        self,
        repository: CampaignRepository,
        leads: LeadRepository,
        *,
        gateway: Gateway,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._repository = repository
        self._leads = leads
        self._gateway = gateway
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics

    async def start(self, campaign_id: str) -> Campaign:
        """Start a campaign; starting a running one again changes nothing."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get(campaign_id)
            if campaign.state is CampaignState.DRAFT:
                await self._require_ready(campaign)
            # Row first: a crash between the two calls leaves a running campaign
            # with no workflow, and the caller's retry starts it.
            campaign = await self._repository.start(campaign_id, now=self._clock.now())
            await self._workflows.start(campaign_id)
        self._tell("started", campaign)
        return campaign

    async def pause(self, campaign_id: str, *, reason: str = "") -> Campaign:
        """Pause a campaign; nothing more is sent once it returns."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get(campaign_id)
            if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
                raise CampaignNotPausable
            # Hold first: it is what stops the campaign, the others only follow.
            await self._gateway.hold(campaign, reason=reason or "The campaign is paused.")
            try:
                campaign = await self._repository.pause(campaign_id)
            except CampaignNotPausable:
                # Its last lead ended in the meantime.
                await self._gateway.lift_hold(campaign)
                raise
            await self._workflows.pause(campaign_id)
        self._tell("paused", campaign)
        return campaign

    async def resume(self, campaign_id: str) -> Campaign:
        """Resume a paused campaign; its leads go on where they were."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get(campaign_id)
            if campaign.state not in (CampaignState.RUNNING, CampaignState.PAUSED):
                raise CampaignNotResumable
            # The row last of what can fail for good: until then it is paused,
            # and resuming it again does all of this again.
            await self._gateway.lift_hold(campaign)
            campaign = await self._repository.resume(campaign_id)
            await self._workflows.resume(campaign_id)
        self._tell("resumed", campaign)
        return campaign

    async def stop(
        self, campaign_id: str, *, complete_current_executions: bool, reason: str = ""
    ) -> Campaign:
        """Stop a campaign for good, with or without letting its leads finish."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get(campaign_id)
            if campaign.state not in _STOPPABLE:
                raise CampaignNotStoppable
            if campaign.state is CampaignState.STOPPED:
                return campaign
            if not complete_current_executions:
                await self._gateway.hold(campaign, reason=reason or "The campaign is stopped.")
            elif campaign.state is CampaignState.PAUSED:
                # Leads of a paused campaign can only finish without its hold. Before the
                # row, because afterwards nobody could tell this hold from a stop's.
                await self._gateway.lift_hold(campaign)
            campaign = await self._repository.stop(
                campaign_id, complete_current_executions=complete_current_executions
            )
            await self._workflows.stop(
                campaign_id, complete_current_executions=complete_current_executions
            )
        self._tell("stopped", campaign)
        return campaign

    async def _require_ready(self, campaign: Campaign) -> None:
        if not await self._leads.has_any(campaign.id):
            raise CampaignWithoutLeads
        accounts = await asyncio.gather(
            *(self._gateway.account(account_id) for account_id in campaign.account_ids)
        )
        missing = [
            f"{account_id} ({account.state if account else 'unknown'})"
            for account_id, account in zip(campaign.account_ids, accounts, strict=True)
            if account is None or not account.connected
        ]
        if missing:
            raise AccountNotConnected(
                f"These accounts are not connected: {', '.join(missing)}.",
                metadata={"accounts": ",".join(name.split(" ", 1)[0] for name in missing)},
            )

    def _tell(self, transition: str, campaign: Campaign) -> None:
        self._metrics.transitions.labels(transition).inc()
        log.info(
            "campaign_moved", transition=transition, campaign_id=campaign.id, state=campaign.state
        )
