"""Campaigns as callers read them, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.revision import Revision
from servicekit.page_tokens import instant_of

from campaign_api.paging import page_cursor, page_limit, page_token, refused_token


@dataclass(frozen=True, kw_only=True)
class CampaignPage:
    """Some campaigns, each with its revision; the token is empty on the last page."""

    campaigns: Sequence[tuple[Campaign, Revision]]
    next_page_token: str


class CampaignQueries:
    """Reads the campaigns of an organization."""

    def __init__(self, campaigns: CampaignRepository, revisions: RevisionCache) -> None:
        self._campaigns = campaigns
        self._revisions = revisions

    async def page(
        self,
        organization_id: str,
        *,
        state: CampaignState | None,
        account_ids: frozenset[str] | None = None,
        page_size: int,
        token: str,
    ) -> CampaignPage:
        """The newest first; where `account_ids` are given, those that have one of them.

        Raises `InvalidFields` if the token is not one of this list.
        """
        limit = page_limit(page_size)
        of = ("campaigns", organization_id, state or "")
        cursor = page_cursor(token, of=of, parts=2)
        found = await self._campaigns.page(
            organization_id,
            state=state,
            account_ids=account_ids,
            after=None if cursor is None else (_instant(cursor[0]), cursor[1]),
            # One more tells whether there is a next page.
            limit=limit + 1,
        )
        page = found[:limit]
        last = page[-1] if len(found) > limit else None
        return CampaignPage(
            campaigns=[(each, await self._revisions.get(each.revision_id)) for each in page],
            next_page_token=page_token((last.created_at.isoformat(), last.id), of=of)
            if last
            else "",
        )


def _instant(text: str) -> datetime:
    try:
        return instant_of(text)
    except ValueError:
        raise refused_token() from None
