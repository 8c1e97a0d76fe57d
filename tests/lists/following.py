"""Who follows a list, and keeps a copy of it by what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from servicekit.lists.following import Following
from servicekit.lists.listing import Asked, ChangesAsked
from servicekit.lists.reader import Page
from servicekit.lists.schemas import ListSchema
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

Read = Callable[[Asked], Awaitable[Page[Any]]]
Open = Callable[[Pool, PageTokens], Read]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FROM_THE_START = ChangesAsked(since=LONG_AGO)
_OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True, kw_only=True)
class FollowedList:
    """A list that is followed, and how its rows are written; `$1` is the number of a row."""

    schema: str
    listed: ListSchema
    following: Following
    open: Open
    """Reads the list of `org_north`."""
    key: Callable[[Any], Sequence[str]]
    """What a row that was read is known by, as one that was removed is."""
    put: str
    """Writes a row of `org_north`, be it there or not, that says `$2`."""
    takes: Sequence[str] = ()
    """How a row is taken out of the list, each in another way."""
    moves: Sequence[str] = ()
    """How a row is put elsewhere, and stays in the list as it is."""
    others: str
    """Writes a row of `org_south`."""
    first: Sequence[str] = ()
    """What is to be there before."""
    limited: Open | None = None
    """Reads what somebody sees who does not see everything."""


@dataclass
class Copy:
    """What somebody has who follows a list."""

    read: Read
    key: Callable[[Any], Sequence[str]]
    page_size: int = 3
    rows: dict[tuple[str, ...], Any] = field(default_factory=dict)
    told: set[tuple[str, ...]] = field(default_factory=set)
    """All that was ever told, be it there or gone."""
    asked: ChangesAsked = FROM_THE_START

    async def go_on(self) -> bool:
        """One answer; whether there is more at once."""
        page = await self.read(Asked(changes=self.asked, page_size=self.page_size))
        for row in page.rows:
            self.rows[tuple(self.key(row))] = row
        for removed in page.removed:
            self.rows.pop(tuple(removed.key), None)
        self.told |= {tuple(self.key(row)) for row in page.rows}
        self.told |= {tuple(removed.key) for removed in page.removed}
        self.asked = ChangesAsked(sync_token=page.next_sync_token)
        return page.more_changes

    async def catch_up(self) -> None:
        while await self.go_on():
            pass

    async def in_the_end(self, pool: Pool) -> Mapping[tuple[str, ...], Any]:
        """The copy once everybody who writes now has ended."""
        await settled(pool)
        await self.catch_up()
        return self.rows


async def listed_rows(read: Read, key: Callable[[Any], Sequence[str]]) -> dict[Any, Any]:
    """The list itself, page by page."""
    rows: dict[Any, Any] = {}
    token = ""
    while True:
        page = await read(Asked(page_size=7, page_token=token))
        rows |= {tuple(key(row)): row for row in page.rows}
        token = page.next_page_token
        if not token:
            return rows


async def settled(pool: Pool) -> None:
    """Wait until whoever writes on the server, to whatever database, began after this."""
    written = await pool.fetchval("SELECT pg_current_xact_id()::text::bigint")
    while await pool.fetchval(_OLDEST) <= written:  # noqa: ASYNC110 - transactions of others
        await asyncio.sleep(0.02)
