"""Compare and adopt another revision of a sequence, for a lead that is running."""

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.revision_compatibility import is_compatible, unchanged
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.leads.plan import lead_plan
from outreach_worker.leads.revision_contracts import (
    AdoptRevision,
    Compared,
    CompareRevision,
    RevisionActivitiesContract,
)

log = logs.get_logger(__name__)


class RevisionActivities(RevisionActivitiesContract):
    """What is compared are whole sequences; workflows know no texts."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        progress: ProgressRepository,
        *,
        revisions: RevisionCache,
    ) -> None:
        self._campaigns = campaigns
        self._progress = progress
        self._revisions = revisions

    @activity.defn(name="compare_revision")
    async def compare_revision(self, compare: CompareRevision) -> Compared:
        """Find out whether the lead may go on with another revision; changes nothing."""
        with logs.bound(campaign_id=compare.campaign_id, lead_id=compare.lead_id):
            campaign = await self._campaigns.get(compare.campaign_id)
            wanted_id = compare.wanted_id or campaign.revision_id
            old = await self._revisions.sequence(compare.revision_id)
            new = await self._revisions.sequence(wanted_id)
            if wanted_id != compare.revision_id:
                if is_compatible(compare.path, old=old, new=new):
                    return Compared(
                        plan=lead_plan(campaign, wanted_id, new),
                        current_unchanged=unchanged(compare.current, old=old, new=new),
                    )
                log.info("lead_past_the_change", revision_id=wanted_id)
            # Replies are taken as the campaign says now, whichever steps are before the lead.
            own = lead_plan(campaign, compare.revision_id, old)
            if compare.policies in (None, own.policies):
                return Compared()
            return Compared(plan=own, current_unchanged=True)

    @activity.defn(name="adopt_revision")
    async def adopt_revision(self, adopt: AdoptRevision) -> None:
        """Record that the lead goes on with another revision; repeating it changes nothing."""
        with logs.bound(campaign_id=adopt.campaign_id, lead_id=adopt.lead_id):
            sequence = await self._revisions.sequence(adopt.revision_id)
            waiting = sequence.step(adopt.step_id) if adopt.step_id else None
            await self._progress.adopt(
                adopt.campaign_id,
                adopt.lead_id,
                revision_id=adopt.revision_id,
                waiting=waiting,
                since=adopt.since,
                keeps_text=adopt.keeps,
            )
            log.info("revision_adopted", revision_id=adopt.revision_id)
