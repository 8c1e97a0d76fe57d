"""Which leads may enter the sequence: they are released, and taken back until they have."""

from collections.abc import Sequence

from campaigns.models import Campaign
from campaigns.repositories.admission.release import Release, ToRelease
from campaigns.repositories.admission.release_repository import ReleaseRepository
from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_control import look_again

log = logs.get_logger(__name__)


class LeadReleases:
    """The rows first: a campaign that is not told finds them at its next look."""

    def __init__(self, pool: Pool, workflows: CampaignWorkflows, *, clock: Clock) -> None:
        self._releases = ReleaseRepository(pool)
        self._workflows = workflows
        self._clock = clock

    async def release(
        self, campaign: Campaign, release_id: str, leads: Sequence[ToRelease]
    ) -> Release:
        """The release, made now or before; raises what `ReleaseRepository.release` does."""
        release = await self._releases.release(
            campaign.id, release_id, leads, now=self._clock.now()
        )
        # Also where it was made before: who made it may have died in between.
        await look_again(self._workflows, campaign)
        log.info("leads_released", campaign_id=campaign.id, leads=len(release.lead_ids))
        return release

    async def withdraw(
        self, campaign: Campaign, *, release_id: str, lead_ids: Sequence[str]
    ) -> Sequence[str]:
        """Whose release was taken back; raises what `ReleaseRepository.withdraw` does."""
        withdrawn = await self._releases.withdraw(
            campaign.id, release_id=release_id, lead_ids=lead_ids, now=self._clock.now()
        )
        log.info("leads_withdrawn", campaign_id=campaign.id, leads=len(withdrawn))
        return withdrawn
