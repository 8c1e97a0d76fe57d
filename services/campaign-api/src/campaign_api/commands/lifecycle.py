"""Start, pause, resume, stop: every crash in between is mended by repeating the call.

How a campaign is paused, resumed and stopped stands in `campaigns.workflow.control`, which the
worker shares for whoever signals instead of calling.
"""

from datetime import timedelta

from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl, Halted, OnTheWire
from servicekit.clock import Clock
from servicekit.rehearsals.rehearsal import rehearsing
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.start_requirements import StartRequirements
from campaign_api.metrics import Metrics

log = logs.get_logger(__name__)


class CampaignLifecycle:
    """Moves campaigns from state to state."""

    def __init__(
        self,
        repository: CampaignRepository,
        *,
        requirements: StartRequirements,
        control: CampaignControl,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
        deleted_keep: timedelta,
    ) -> None:
        self._repository = repository
        self._requirements = requirements
        self._control = control
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics
        self._deleted_keep = deleted_keep

    async def start(self, campaign_id: str) -> Campaign:
        """Start a campaign; starting a running one again changes nothing."""
        async with self._locks.exclusively(campaign_id):
            campaign = await self._repository.get_visible(campaign_id)
            if campaign.state is CampaignState.DRAFT:
                await self._requirements.require(campaign)
            # Row first: a crash between the two calls leaves a running campaign
            # with no workflow, and the caller's retry starts it.
            campaign = await self._repository.start(campaign_id, now=self._clock.now())
            await self._workflows.start(campaign)
        self._record("started", campaign)
        return campaign

    async def pause(self, campaign_id: str, *, reason: str = "") -> Halted:
        """Pause a campaign; nothing more begins once it returns, and what has is named."""
        halted = await self._control.pause(campaign_id, reason=reason)
        self._record("paused", halted.campaign)
        return halted

    async def resume(self, campaign_id: str) -> Campaign:
        """Resume a paused campaign; its leads go on where they were."""
        campaign = await self._control.resume(campaign_id)
        self._record("resumed", campaign)
        return campaign

    async def stop(
        self, campaign_id: str, *, complete_current_executions: bool, reason: str = ""
    ) -> Halted:
        """Stop a campaign for good, with or without letting its leads finish."""
        halted = await self._control.stop(
            campaign_id, complete_current_executions=complete_current_executions, reason=reason
        )
        self._record("stopped", halted.campaign)
        return halted

    async def delete(self, campaign_id: str, *, force: bool, etag: str = "") -> OnTheWire:
        """Hide a campaign until it is purged; if forced, what runs is stopped, and named.

        Raises what `CampaignControl.delete` does.
        """
        now = self._clock.now()
        halted = await self._control.delete(
            campaign_id, now=now, purge_at=now + self._deleted_keep, force=force, etag=etag
        )
        self._record("deleted", halted.campaign)
        return halted.on_the_wire

    async def undelete(self, campaign_id: str) -> Campaign:
        """Show a deleted campaign again, in the state in which it was deleted."""
        campaign = await self._control.undelete(campaign_id, now=self._clock.now())
        self._record("undeleted", campaign)
        return campaign

    def _record(self, transition: str, campaign: Campaign) -> None:
        if not rehearsing():
            self._metrics.transitions.labels(transition).inc()
        log.info(
            "campaign_moved", transition=transition, campaign_id=campaign.id, state=campaign.state
        )
