"""A list, read page by page as callers ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from servicekit.lists.conditions import Parameters, Scope
from servicekit.lists.expressions import Expression
from servicekit.lists.fetching import fetch_page
from servicekit.lists.following import Extent, Follower, Following, Removed
from servicekit.lists.listing import Asked, ChangesAsked, Listing
from servicekit.lists.pages import PageRequest, count_query, page_query
from servicekit.lists.schemas import EXAMINED, ListSchema
from servicekit.page_tokens import PageTokens
from servicekit.postgres.pool import Pool

T = TypeVar("T")
_ALL = Scope("")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list; the token is empty on the last page."""

    rows: Sequence[T]
    next_page_token: str = ""
    total_size: int | None = None
    """How many there are in all; None where that is not counted, or too many to be."""
    removed: Sequence[Removed] = ()
    """Of who follows changes: what the list has no more."""
    next_sync_token: str = ""
    """Of who follows changes: from where to go on."""
    more_changes: bool = False
    """Of who follows changes: to go on at once, whatever is on this page."""

    def answered(self) -> Mapping[str, Any]:
        """What every list that is followed answers beside its rows, by the fields' names."""
        return {
            "next_page_token": self.next_page_token,
            "next_sync_token": self.next_sync_token,
            "more_changes": self.more_changes,
        }

    def removed_ids(self) -> Sequence[Any]:
        """What is gone, as the wire tells it, of a list whose rows are known by one id."""
        return [{"id": each.key[0], "delete_time": each.at} for each in self.removed]


class ListReader(Generic[T]):
    """Reads a list from its table."""

    def __init__(
        self,
        pool: Pool,
        tokens: PageTokens,
        schema: ListSchema,
        *,
        columns: str,
        read: Callable[[Any], T],
        counted: bool = False,
        following: Following | None = None,
    ) -> None:
        self._pool = pool
        self._schema = schema
        self._listing = Listing(schema, tokens)
        self._columns = columns
        self._read = read
        self._counted = counted
        self._follower: Follower[T] | None = None
        if following is not None:
            self._follower = Follower(pool, tokens, schema, following, columns=columns, read=read)

    async def page(
        self,
        asked: Asked,
        *,
        of: Sequence[str],
        within: Scope,
        but: Scope = _ALL,
        listed: Scope = _ALL,
        spelled: Callable[[Expression], Expression] = lambda expression: expression,
    ) -> Page[T]:
        """A page of the rows `within`, which an index finds; `but` narrows them.

        Of those that are not `listed` the list's index knows nothing either; who follows changes
        is told that they are gone. `of` says whose list it is, which a token is good for; `spelled`
        gives a filter the values that rows have. Raises what `Listing.read` does, and
        `Follower.page` where changes are asked for.
        """
        if asked.changes is not None:
            if asked.equal:
                raise AssertionError("what narrows a list that is followed is a Scope")
            extent = Extent(of=of, within=within, but=but, listed=listed)
            return await self._changed(asked.changes, extent, page_size=asked.page_size)
        within = within.and_(listed)
        request = await self._listing.read(asked, within=of)
        request = replace(request, expression=spelled(request.expression))
        parameters = Parameters()
        query = page_query(
            self._schema,
            self._columns,
            request,
            parameters=parameters,
            within=within.condition(parameters),
            but=but.condition(parameters),
        )
        found = await fetch_page(self._pool, query)
        rows = [self._read(row) for row in found.rows]
        total: int | None = None
        if self._counted:
            whole = request.after is None and found.next is None
            total = len(rows) if whole else await self._total(request, within=within, but=but)
        return Page(
            rows=rows,
            next_page_token=await self._listing.next_token(asked, found.next, within=of),
            total_size=total,
        )

    async def _changed(self, asked: ChangesAsked, extent: Extent, *, page_size: int) -> Page[T]:
        if self._follower is None:
            raise AssertionError("only a list that is followed takes such a request")
        told = await self._follower.page(asked, extent, page_size=page_size)
        return Page(
            rows=told.rows,
            removed=told.removed,
            next_sync_token=told.sync_token,
            more_changes=told.more,
        )

    async def _total(self, request: PageRequest, *, within: Scope, but: Scope) -> int | None:
        """How many rows the whole list has; None if more are to be looked at than one page may."""
        parameters = Parameters()
        statement = count_query(
            self._schema,
            request,
            parameters=parameters,
            within=within.condition(parameters),
            but=but.condition(parameters),
        )
        row = await self._pool.fetchrow(statement, *parameters.values)
        if row is None:
            raise AssertionError("a count is a row")
        return row["found"] if row["looked_at"] <= EXAMINED else None
