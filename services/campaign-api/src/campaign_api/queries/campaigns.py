"""Campaigns as callers read them, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.listings.campaigns import CAMPAIGNS, CampaignPages
from campaigns.models import Campaign
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.revision import Revision
from servicekit.lists.changes import Changes
from servicekit.lists.listing import Asked, ChangesAsked, Listing
from servicekit.page_tokens import PageTokens


@dataclass(frozen=True, kw_only=True)
class CampaignPage:
    """Some campaigns, each with its revision, if it has not been purged.

    The token is empty on the last page.
    """

    campaigns: Sequence[tuple[Campaign, Revision | None]]
    next_page_token: str = ""
    removed: Sequence[str] = ()
    """Of who follows changes: those that they see no more, by their ids."""
    next_sync_token: str = ""
    """Of who follows changes: from where to go on."""
    more_changes: bool = False
    """Of who follows changes: to go on at once, whatever is on this page."""


class CampaignQueries:
    """Reads the campaigns of an organization."""

    def __init__(
        self,
        pages: CampaignPages,
        tokens: PageTokens,
        changes: Changes,
        revisions: RevisionCache,
    ) -> None:
        self._pages = pages
        self._changes = changes
        self._listing = Listing(CAMPAIGNS, tokens)
        self._revisions = revisions

    async def page(
        self,
        organization_id: str,
        asked: Asked,
        *,
        account_ids: frozenset[str] | None = None,
        show_deleted: bool = False,
    ) -> CampaignPage:
        """Where `account_ids` are given, those that have one of them; deleted ones if asked for.

        Raises what `Listing.read` does.
        """
        within = (organization_id, *(["deleted too"] if show_deleted else []))
        request = await self._listing.read(asked, within=within)
        found, after = await self._pages.page(
            organization_id, request, account_ids=account_ids, show_deleted=show_deleted
        )
        return CampaignPage(
            campaigns=await self._with_revisions(found),
            next_page_token=await self._listing.next_token(asked, after, within=within),
        )

    async def changes(
        self,
        organization_id: str,
        asked: ChangesAsked,
        *,
        page_size: int,
        account_ids: frozenset[str] | None = None,
    ) -> CampaignPage:
        """What has changed, in that order, deleted ones too; raises as `Changes.request` does."""
        rows = self._pages.changing(organization_id)
        request = await self._changes.request(rows, asked, page_size=page_size)
        found = await self._pages.changed(organization_id, request, account_ids=account_ids)
        return CampaignPage(
            campaigns=await self._with_revisions(found.campaigns),
            removed=found.removed,
            next_sync_token=await self._changes.token(rows, found.last or request.after or ()),
            more_changes=found.more,
        )

    async def _with_revisions(
        self, campaigns: Sequence[Campaign]
    ) -> Sequence[tuple[Campaign, Revision | None]]:
        return [
            (each, None if each.purged_at else await self._revisions.get(each.revision_id))
            for each in campaigns
        ]
