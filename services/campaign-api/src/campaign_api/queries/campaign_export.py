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
from campaign_api.queries.leads import LeadView

_AT_ONCE = 200
"""Leads that are in memory at a time, with their histories."""


@dataclass(frozen=True, kw_only=True)
class ExportPiece:
    """Some lines, in this order, with their places: first, where the file begins, the campaign."""

    begins: bool = False
    revision: Revision | None = None
    leads: Sequence[tuple[int, LeadView]] = ()


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
        place = await self._pages.number(token, of=_file(campaign))
        if place is None:
            place = 0
            yield ExportPiece(begins=True)
        while place <= 0 and (revision := await self._repository.following(campaign.id, -place)):
            place = -revision.number
            yield ExportPiece(revision=revision)
        position = max(place, 0)
        while found := await self._leads.page(campaign.id, after_position=position, limit=_AT_ONCE):
            views = await self._views(campaign, [lead for _, lead in found])
            yield ExportPiece(
                leads=[(at, view) for (at, _), view in zip(found, views, strict=True)]
            )
            position = found[-1][0]

    async def token(self, campaign: Campaign, place: int) -> str:
        """Where the file goes on behind a place."""
        return await self._pages.after(place, of=_file(campaign))

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


def _file(campaign: Campaign) -> Sequence[str]:
    return "campaign export", campaign.id
