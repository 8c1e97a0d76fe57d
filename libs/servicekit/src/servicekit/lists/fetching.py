"""Reading a page: its rows, and behind which row the next one begins."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from servicekit.lists.pages import Cursor, PageQuery, key_name
from servicekit.postgres.pool import Pool


class Session(Protocol):
    """As much of a pool, or of one of its connections, as is used here."""

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]: ...


@dataclass(frozen=True, kw_only=True)
class RowPage:
    """Rows of a list; `next` is where the page after it begins, None on the last one."""

    rows: Sequence[Any]
    next: Cursor | None = None

    @property
    def last(self) -> Cursor | None:
        """The last row that was looked at; None where there was none."""
        return self.next or (_keys(self.rows[-1]) if self.rows else None)


def merged(pages: Sequence[RowPage], *, limit: int) -> RowPage:
    """The first rows of pages that were read of one state, in the one order that all have.

    What is behind the place at which one of them has stopped looking is left to the next page.
    """
    stops = min((page.next for page in pages if page.next is not None), default=None)
    rows = sorted(itertools.chain.from_iterable(page.rows for page in pages), key=_keys)
    within = [row for row in rows if stops is None or _keys(row) <= stops]
    shown = within[:limit]
    return RowPage(rows=shown, next=_keys(shown[-1]) if len(within) > limit else stops)


async def fetch_unfiltered(session: Session, query: PageQuery) -> RowPage:
    """The rows of a page that no filter narrows."""
    found = await session.fetch(query.rows, *query.values)
    return _full(found, query) or RowPage(rows=found)


async def fetch_examined(session: Session, query: PageQuery) -> RowPage:
    """The rows of a page, and what it stopped at, in a transaction that sees one state."""
    page = await fetch_unfiltered(session, query)
    if page.next is not None or not query.end:
        return page
    stopped = await session.fetch(query.end, *query.values)
    return RowPage(rows=page.rows, next=_keys(stopped[0]) if stopped else None)


async def fetch_page(pool: Pool, query: PageQuery) -> RowPage:
    """The rows of a page, and what it stopped at."""
    if not query.end:
        return await fetch_unfiltered(pool, query)
    # Of one state: by the second statement a row may have left the stretch that the first walked,
    # which then goes on further, behind rows that nobody has looked at.
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await fetch_examined(connection, query)


def _full(found: Sequence[Any], query: PageQuery) -> RowPage | None:
    """A page that has as many rows as were asked for, and one behind them."""
    if len(found) <= query.limit:
        return None
    rows = found[: query.limit]
    return RowPage(rows=rows, next=_keys(rows[-1]))


def _keys(row: Any) -> Cursor:
    keys: list[Any] = []
    while (name := key_name(len(keys))) in row:
        keys.append(row[name])
    return tuple(keys)
