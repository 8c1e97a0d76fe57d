"""Another revision of a campaign's sequence, also while the campaign runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from campaigns.errors import CampaignEnded
from campaigns.models import Campaign, CampaignState, LeadState
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.diagnostics import SequenceWarning
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.revision_compatibility import is_compatible
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lead_review import LeadReview
from campaign_api.paging import page_cursor, page_limit, page_token, refused_token

_ENDED = (CampaignState.STOPPED, CampaignState.COMPLETED)

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How many leads would begin on a revision, go on with it, or finish on their own."""

    beginning: int = 0
    moving: int = 0
    finishing: int = 0
    unchanged: bool = False
    warnings: Sequence[SequenceWarning] = ()


@dataclass(frozen=True, kw_only=True)
class RevisionPage:
    """Some revisions, each with how many leads follow it; the token is empty on the last page."""

    revisions: Sequence[tuple[Revision, int]]
    next_page_token: str


class Revising:
    """Content decides: what compiles to the same is no other revision."""

    def __init__(
        self,
        repository: RevisionRepository,
        progress: ProgressRepository,
        revisions: RevisionCache,
        drafts: Drafts,
        *,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._progress = progress
        self._revisions = revisions
        self._drafts = drafts
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock

    async def update(
        self, campaign: Campaign, sequence_json: str
    ) -> tuple[Revision, Sequence[SequenceWarning]]:
        """Give the campaign a revision of this content; raises `InvalidFields`, `CampaignEnded`."""
        _require_open(campaign)
        sequence, warnings = await self._drafts.compiled(campaign, sequence_json)
        return await self._adopt(campaign, sequence, sequence_json), warnings

    async def roll_back(self, campaign: Campaign, number: int) -> Revision:
        """Put the content of a revision back; raises `RevisionNotFound`, `CampaignEnded`."""
        _require_open(campaign)
        earlier = await self._repository.numbered(campaign.id, number)
        return await self._adopt(campaign, earlier.sequence, earlier.source_json)

    async def preview(
        self, campaign: Campaign, *, sequence_json: str = "", number: int = 0
    ) -> Preview:
        """Count who would go on with a revision; changes nothing."""
        _require_open(campaign)
        warnings: Sequence[SequenceWarning] = ()
        if sequence_json:
            sequence, warnings = await self._drafts.compiled(campaign, sequence_json, keeping=False)
        else:
            sequence = (await self._repository.numbered(campaign.id, number)).sequence
        moving = finishing = beginning = 0
        for walked in await self._progress.paths(campaign.id):
            old = (await self._revisions.get(walked.revision_id)).sequence
            if not walked.begun:
                beginning += walked.leads
            elif is_compatible(walked.path, old=old, new=sequence):
                moving += walked.leads
            else:
                finishing += walked.leads
        present = await self._revisions.get(campaign.revision_id)
        return Preview(
            beginning=beginning + await self._progress.count(campaign.id, LeadState.READY),
            moving=moving,
            finishing=finishing,
            unchanged=present.content_hash == content_hash(sequence),
            warnings=warnings,
        )

    async def page(self, campaign: Campaign, *, page_size: int, token: str) -> RevisionPage:
        """The newest first."""
        limit, of = page_limit(page_size), ("revisions", campaign.id)
        cursor = page_cursor(token, of=of, parts=1)
        if cursor is not None and not cursor[0].isdecimal():
            raise refused_token()
        before = None if cursor is None else int(cursor[0][:9])
        found = await self._repository.page(campaign.id, before=before, limit=limit + 1)
        page = found[:limit]
        leads = await self._progress.leads_by_revision(campaign.id)
        more = len(found) > limit
        return RevisionPage(
            revisions=[(each, leads.get(each.id, 0)) for each in page],
            next_page_token=page_token([str(page[-1].number)], of=of) if more else "",
        )

    async def _adopt(
        self, campaign: Campaign, sequence: StepSequence, source_json: str
    ) -> Revision:
        """Row first, then the workflow: a crash in between is mended by repeating the call."""
        wanted = Revision(
            id=new_id("seq"),
            campaign_id=campaign.id,
            number=0,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json=source_json,
            created_at=self._clock.now(),
        )
        async with self._locks.exclusively(campaign.id):
            revision = await self._repository.adopt(wanted)
            # Leads may be missing what a new text says, or not any more.
            await self._review.review(replace(campaign, revision_id=revision.id))
            if campaign.state is not CampaignState.DRAFT:
                await self._workflows.update(campaign)
        log.info("sequence_updated", campaign_id=campaign.id, number=revision.number)
        return revision


def _require_open(campaign: Campaign) -> None:
    if campaign.state in _ENDED:
        raise CampaignEnded
