"""Start, pause, resume, stop: every crash in between is mended by repeating the call."""

import asyncio

from campaigns.errors import AccountNotConnected, CampaignWithoutLeads
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl
from servicekit.clock import Clock
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_review import LeadReview
from campaign_api.metrics import Metrics

_RUNS = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPING)

log = logs.get_logger(__name__)


class CampaignLifecycle:
    """Moves campaigns from state to state."""

    def __init__(
        self,
        repository: CampaignRepository,
        leads: LeadRepository,
        *,
        review: LeadReview,
        gateway: Gateway,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._repository = repository
        self._leads = leads
        self._review = review
        self._gateway = gateway
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics
        self._steering = CampaignControl(
            repository, holds=gateway, workflows=workflows, locks=locks
        )

    async def start(self, campaign_id: str) -> Campaign:
        """Start a campaign; starting a running one again changes nothing."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get(campaign_id)
            if campaign.state is CampaignState.DRAFT:
                await self._require_ready(campaign)
            # Row first: a crash between the two calls leaves a running campaign
            # with no workflow, and the caller's retry starts it.
            campaign = await self._repository.start(campaign_id, now=self._clock.now())
            await self._workflows.start(campaign)
        self._tell("started", campaign)
        return campaign

    async def pause(self, campaign_id: str, *, reason: str = "") -> Campaign:
        """Pause a campaign; nothing more is sent once it returns."""
        campaign = await self._steering.pause(campaign_id, reason=reason)
        self._tell("paused", campaign)
        return campaign

    async def resume(self, campaign_id: str) -> Campaign:
        """Resume a paused campaign; its leads go on where they were."""
        campaign = await self._steering.resume(campaign_id)
        self._tell("resumed", campaign)
        return campaign

    async def stop(
        self, campaign_id: str, *, complete_current_executions: bool, reason: str = ""
    ) -> Campaign:
        """Stop a campaign for good, with or without letting its leads finish."""
        campaign = await self._steering.stop(
            campaign_id, complete_current_executions=complete_current_executions, reason=reason
        )
        self._tell("stopped", campaign)
        return campaign

    async def delete(self, campaign_id: str) -> None:
        """Stop a campaign if it runs, then hide it for good."""
        campaign = await self._repository.get(campaign_id)
        if campaign.state in _RUNS:
            await self._steering.stop(
                campaign_id, complete_current_executions=False, reason="The campaign is deleted."
            )
        await self._repository.delete(campaign_id, now=self._clock.now())
        self._tell("deleted", campaign)

    async def _require_ready(self, campaign: Campaign) -> None:
        # Accounts may have changed since the import, or could not be asked then.
        await self._review.review(campaign)
        if not await self._leads.has_any(campaign.id):
            held_back = await self._review.held_back(campaign)
            raise CampaignWithoutLeads(
                f"Every one of the {held_back} leads is held back, because a text of the sequence"
                " cannot be said to it."
                if held_back
                else ""
            )
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
