"""Imports of lead lists as callers read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.errors import ImportNotFound
from campaigns.models import Campaign, LeadListImport
from campaigns.repositories.import_repository import ImportRepository
from servicekit.ids import has_prefix

from campaign_api.paging import page_cursor, page_limit, page_token, refused_token


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """Some imports; the token is empty on the last page."""

    imports: Sequence[LeadListImport]
    next_page_token: str


class ImportQueries:
    """Reads the imports of a campaign."""

    def __init__(self, imports: ImportRepository) -> None:
        self._imports = imports

    async def get(self, campaign: Campaign, import_id: str) -> LeadListImport:
        """One import; raises `ImportNotFound` if the campaign has no such one."""
        if not has_prefix(import_id, "imp"):
            raise ImportNotFound
        return await self._imports.get(campaign.organization_id, campaign.id, import_id)

    async def page(self, campaign: Campaign, *, page_size: int, token: str) -> ImportPage:
        """The newest first.

        Raises `InvalidFields` if the token is not one of this list.
        """
        limit, of = page_limit(page_size), ("imports", campaign.id)
        found = await self._imports.page(
            campaign.id, before=_before(page_cursor(token, of=of, parts=2)), limit=limit + 1
        )
        page = found[:limit]
        last = page[-1] if len(found) > limit else None
        return ImportPage(
            imports=page,
            next_page_token=page_token([last.created_at.isoformat(), last.import_id], of=of)
            if last
            else "",
        )


def _before(cursor: Sequence[str] | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    try:
        at = datetime.fromisoformat(cursor[0])
    except ValueError:
        raise refused_token() from None
    if at.tzinfo is None:
        raise refused_token()
    return at, cursor[1]
