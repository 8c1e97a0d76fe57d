"""All of a campaign, piece by piece: its revisions, and its leads with their histories."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from campaigns.models import Campaign, Lead
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.revision import Revision

from campaign_api.paging import Pages
from campaign_api.queries.leads import LeadView, by_length

_PIECE = 200
"""Leads that are in memory at a time, with their histories."""


@dataclass(frozen=True, kw_only=True)
class ExportPiece:
    """Some lines, in this order; the one with which the file `begins` has the campaign first.

    `token` is where the next one begins.
    """

    begins: bool = False
    revision: Revision | None = None
    leads: Sequence[LeadView] = ()
    token: str


class CampaignExport:
    """A place is a number: of leads the position, of revisions their number below nought."""

    def __init__(
        self,
        repository: RevisionRepository,
        leads: LeadRepository,
        steps: StepRepository,
        revisions: RevisionCache,
        pages: Pages,
    ) -> None:
        self._repository = repository
        self._leads = leads
        self._steps = steps
        self._revisions = revisions
        self._pages = pages

    async def pieces(self, campaign: Campaign, *, token: str) -> AsyncIterator[ExportPiece]:
        """Raises `PageTokenInvalid` if the token is not one of this campaign's export."""
        of = ("campaign export", campaign.id)
        place = await self._pages.number(token, of=of)
        if place is None:
            place = 0
            yield ExportPiece(begins=True, token=await self._pages.after(place, of=of))
        while place <= 0 and (revision := await self._repository.following(campaign.id, -place)):
            place = -revision.number
            yield ExportPiece(revision=revision, token=await self._pages.after(place, of=of))
        position = max(place, 0)
        while found := await self._leads.page(campaign.id, after_position=position, limit=_PIECE):
            for few in by_length(found):
                position = few[-1][0]
                views = await self._views(campaign, [lead for _, lead in few])
                yield ExportPiece(leads=views, token=await self._pages.after(position, of=of))

    async def _views(self, campaign: Campaign, leads: Sequence[Lead]) -> Sequence[LeadView]:
        history = await self._steps.history([lead.id for lead in leads])
        return [
            LeadView(
                lead=lead,
                history=history[lead.id],
                sequence=(
                    await self._revisions.get(lead.revision_id or campaign.revision_id)
                ).sequence,
            )
            for lead in leads
        ]
