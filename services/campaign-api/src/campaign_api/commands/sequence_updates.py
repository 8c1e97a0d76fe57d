"""Another revision of a campaign's sequence, also while the campaign runs."""

from collections.abc import Collection, Sequence

from campaigns.campaign_edit import ENDED
from campaigns.errors import CampaignEnded
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.diagnostics import SequenceWarning
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence as StepSequence
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.postgres.companions import note_created
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_review import LeadReview
from campaign_api.commands.sequence_compiler import SequenceCompiler

log = logs.get_logger(__name__)


class SequenceUpdates:
    """Content decides: what compiles to the same is no other revision."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        repository: RevisionRepository,
        compiler: SequenceCompiler,
        *,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
    ) -> None:
        self._campaigns = campaigns
        self._repository = repository
        self._compiler = compiler
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock

    async def update(
        self,
        campaign: Campaign,
        sequence_json: str,
        *,
        base_id: str,
        literal: Collection[str] = (),
    ) -> tuple[Revision, Sequence[SequenceWarning]]:
        """Give the campaign a revision of this content, which was made of the revision `base_id`.

        `literal` is what in its texts looks like a placeholder and is meant as it stands.

        Raises `InvalidFields` if it cannot run, `EtagMismatch` if the campaign has another
        revision by now, `CampaignEnded` if it has ended, and `CampaignNotFound` if it was deleted
        meanwhile.
        """
        require_open(campaign)
        sequence, warnings = await self._compiler.compile_for(
            campaign, sequence_json, literal=literal
        )
        return await self._adopt(campaign.id, sequence, sequence_json, base_id=base_id), warnings

    async def roll_back(self, campaign: Campaign, number: int, *, base_id: str) -> Revision:
        """Put the content of an earlier revision back in the place of the revision `base_id`.

        Raises `RevisionNotFound` if there is none of that number, `EtagMismatch` if the campaign
        has another revision by now, and `CampaignEnded` if it has ended.
        """
        require_open(campaign)
        earlier = await self._repository.numbered(campaign.id, number)
        return await self._adopt(
            campaign.id, earlier.sequence, earlier.source_json, base_id=base_id
        )

    async def _adopt(
        self, campaign_id: str, sequence: StepSequence, source_json: str, *, base_id: str
    ) -> Revision:
        """Row first, then the workflow: a crash in between is mended by repeating the call."""
        wanted = Revision(
            id=new_id("seq"),
            campaign_id=campaign_id,
            number=0,
            content_hash=content_hash(sequence),
            sequence=sequence,
            source_json=source_json,
            created_at=self._clock.now(),
            created_by=current_principal(),
        )
        note_created("revision_id", wanted.id)
        async with self._locks.exclusively(campaign_id):
            revision = await self._repository.adopt(wanted, base_id=base_id)
            # Only now: it may have been started, or deleted, since the caller looked at it.
            campaign = await self._campaigns.get_visible(campaign_id)
            # Leads may be missing what a new text says, or not any more.
            await self._review.review(campaign)
            if campaign.state is not CampaignState.DRAFT:
                await self._workflows.update(campaign)
        log.info("sequence_updated", campaign_id=campaign_id, number=revision.number)
        return revision


def require_open(campaign: Campaign) -> None:
    """Raise `CampaignEnded` if the campaign has ended: its sequence stays as it is."""
    if campaign.state in ENDED:
        raise CampaignEnded
