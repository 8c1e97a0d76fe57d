"""A list of an organization's, read page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from servicekit.lists.conditions import Scope
from servicekit.lists.following import Following
from servicekit.lists.listing import Asked
from servicekit.lists.reader import ListReader, Page
from servicekit.lists.schemas import ListSchema
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

T = TypeVar("T")
ABOUT = "campaign_id = ANY({0})"
"""Of rows that name their campaign."""
OF_PROGRAMS_OF = "program_id IN (SELECT program_id FROM programs WHERE campaign_id = ANY({0}))"
"""Of rows that name their program alone."""


@dataclass(frozen=True, kw_only=True)
class OrganizationList(Generic[T]):
    """What is read of a table, whose rows each belong to an organization."""

    schema: ListSchema
    following: Following
    columns: str
    read: Callable[[Any], T]
    of_campaigns: str
    """Which rows are some campaigns' alone; `{0}` is their ids."""
    listed: str = ""
    """Which rows are listed at all, if some are not."""
    counted: bool = False


class OrganizationPages(Generic[T]):
    """Whose list is asked for is the caller's matter."""

    def __init__(self, pool: Pool, tokens: PageTokens, of: OrganizationList[T]) -> None:
        self._list = of
        self._reader = ListReader(
            pool,
            tokens,
            of.schema,
            columns=of.columns,
            read=of.read,
            counted=of.counted,
            following=of.following,
        )

    async def page(
        self, organization_id: str, asked: Asked, *, campaign_ids: Sequence[str] | None = None
    ) -> Page[T]:
        """The rows of an organization, or of some of its campaigns alone.

        Raises what `ListReader.page` does.
        """
        return await self._reader.page(
            asked,
            of=(organization_id,),
            within=Scope("organization_id = {0}", [(organization_id, "text")]),
            but=self._but(campaign_ids),
            listed=Scope(self._list.listed),
        )

    def _but(self, campaign_ids: Sequence[str] | None) -> Scope:
        if campaign_ids is None:
            return Scope("")
        return Scope(self._list.of_campaigns, [(sorted(campaign_ids), "text[]")])
