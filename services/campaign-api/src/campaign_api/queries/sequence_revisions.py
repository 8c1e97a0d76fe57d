"""The revisions of a campaign's sequence, and who would go on with another one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from campaigns.models import Campaign, LeadState
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.diagnostics import SequenceWarning
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.revision_compatibility import is_compatible
from servicekit.lists.listing import page_limit

from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_updates import require_open
from campaign_api.paging import Pages


@dataclass(frozen=True, kw_only=True)
class RevisionPreview:
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


class RevisionQueries:
    """Reads revisions; nothing is changed by it."""

    def __init__(
        self,
        repository: RevisionRepository,
        progress: ProgressRepository,
        revisions: RevisionCache,
        compiler: SequenceCompiler,
        pages: Pages,
    ) -> None:
        self._pages = pages
        self._repository = repository
        self._progress = progress
        self._revisions = revisions
        self._compiler = compiler

    async def page(self, campaign: Campaign, *, page_size: int, token: str) -> RevisionPage:
        """The newest first.

        Raises `PageTokenInvalid` if the token is not one of this list.
        """
        limit, of = page_limit(page_size), ("revisions", campaign.id)
        before = await self._pages.number(token, of=of)
        found = await self._repository.page(campaign.id, before=before, limit=limit + 1)
        page = found[:limit]
        leads = await self._progress.leads_by_revision(campaign.id)
        more = len(found) > limit
        return RevisionPage(
            revisions=[(each, leads.get(each.id, 0)) for each in page],
            next_page_token=await self._pages.after(page[-1].number if more else None, of=of),
        )

    async def preview(
        self,
        campaign: Campaign,
        *,
        sequence_json: str = "",
        number: int = 0,
        literal: Collection[str] = (),
    ) -> RevisionPreview:
        """Count who would go on with a revision; changes nothing.

        Raises `InvalidFields` if it cannot run, `RevisionNotFound` if there is none of
        that number and `CampaignEnded` if the campaign has.
        """
        require_open(campaign)
        warnings: Sequence[SequenceWarning] = ()
        if sequence_json:
            sequence, warnings = await self._compiler.compile_for(
                campaign, sequence_json, literal=literal, keeping=False
            )
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
        return RevisionPreview(
            beginning=beginning + await self._progress.count(campaign.id, LeadState.READY),
            moving=moving,
            finishing=finishing,
            unchanged=present.content_hash == content_hash(sequence),
            warnings=warnings,
        )
