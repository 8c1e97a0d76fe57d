"""A list as it changes: its rows in the order of their last changes, and what it has no more.

The order and its horizon are those of `changes`. A row that is still there and not `listed` is
told to be removed; one that was deleted has left its key behind (`removals`), and is told unless
it is there again. What is not the caller's to see (`but`) is neither told nor told to be gone: a
token is good for one view, and who sees more or less than when it was given begins anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from servicekit.lists import removals
from servicekit.lists.changes import HISTORY, HORIZON, LONGEST, SETTLED, SyncTokenExpired
from servicekit.lists.conditions import Parameters, Scope
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.fetching import fetch_examined, merged
from servicekit.lists.fields import FieldType
from servicekit.lists.listing import ChangesAsked, page_limit
from servicekit.lists.pages import Cursor, PageQuery, PageRequest, cursor_of, key_name, page_query
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.page_tokens import PageTokenForeign, PageTokens
from servicekit.postgres.pool import Pool

T = TypeVar("T")
_CHANGED = Key(column="changed_in", type=FieldType.INTEGER)
CHANGES = "changed_in > 0"
"""The condition of every row; an index by changes may say it, and serves nothing but this then."""
# Whatever began before the moment and is not committed yet is behind the horizon.
_START = "SELECT least({firsts}, {horizon})"
_FIRST = "(SELECT min(changed_in) FROM {table} WHERE {within} AND changed_at >= {since})"
# One that is there again is told as it is.
_GONE = "NOT EXISTS (SELECT FROM {table} AS again WHERE {same})"
_SEEN = "EXISTS (SELECT FROM jsonb_populate_record(NULL::{table}, kept) AS {table} WHERE {but})"
_FORGOTTEN = "SELECT max(changed_in) FROM {table} WHERE {within}"
_LARGEST = 2**63 - 1
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Following:
    """How a list is followed: `key` is unique among its rows, behind `changed_in` in the index."""

    key: Sequence[str]
    index: str
    type: FieldType = FieldType.ID
    leaves: bool = False
    """Whether rows are deleted; each leaves its key, all of text, behind."""

    def schema(self, listed: ListSchema) -> ListSchema:
        """The rows of a list in the order of their changes."""
        # As Python compares them, which puts rows and removals into one order.
        text = self.type is FieldType.ID
        columns = (f'{each} COLLATE "C"' if text else each for each in self.key)
        keys = [_CHANGED, *(Key(column=each, type=self.type) for each in columns)]
        return _in_order(f"changes of {listed.name}", listed.table, keys, self.index)

    def removed(self, listed: ListSchema) -> ListSchema:
        """What was deleted from it, in the same order."""
        columns = (f"(kept ->> '{each}') COLLATE \"C\"" for each in self.key)
        keys = [_CHANGED, *(Key(column=each, type=FieldType.ID) for each in columns)]
        name = f"removals of {listed.name}"
        return _in_order(name, removals.TABLE, keys, "removals_by_change")

    def before(self, changed_in: int) -> Cursor:
        """Before all that a transaction has written."""
        if self.type is FieldType.INTEGER:
            return (changed_in - 1, *(_LARGEST for _ in self.key))
        return (changed_in, *("" for _ in self.key))


def _in_order(name: str, table: str, keys: Sequence[Key], index: str) -> ListSchema:
    order = Order(name="change", keys=keys, index=index)
    return ListSchema(name=name, table=table, fields=(), orders=(order,), default=order.name)


@dataclass(frozen=True, kw_only=True)
class Extent:
    """Which rows are followed; by which of them somebody sees `but` some."""

    of: Sequence[str]
    """Whose list it is, the organization first; it is empty for all of them."""
    within: Scope
    but: Scope
    listed: Scope

    @property
    def view(self) -> str:
        """What tells it from what somebody else sees of the same list."""
        values = [value for value, _ in (*self.within.values, *self.but.values)]
        return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Removed:
    """A row that the list has no more."""

    key: Sequence[str]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Told(Generic[T]):
    """A page of changes."""

    rows: Sequence[T]
    removed: Sequence[Removed]
    sync_token: str
    more: bool
    """There are further changes, whatever is among these."""


@dataclass(frozen=True)
class _Reached:
    cursor: Cursor
    forgotten: int
    """Up to which transaction removals were forgotten that the copy never had."""

    @property
    def told(self) -> int:
        """Up to which transaction no removal is missed that was forgotten."""
        return max(int(self.cursor[0]) - 1, self.forgotten)


class Follower(Generic[T]):
    """Reads what has changed of a list."""

    def __init__(
        self,
        pool: Pool,
        tokens: PageTokens,
        listed: ListSchema,
        following: Following,
        *,
        columns: str,
        read: Callable[[Any], T],
    ) -> None:
        self._pool, self._tokens = pool, tokens
        self._table, self._following = listed.table, following
        self._schema, self._removed = following.schema(listed), following.removed(listed)
        self._columns, self._read = columns, read

    async def page(self, asked: ChangesAsked, extent: Extent, *, page_size: int) -> Told[T]:
        """What has changed behind an earlier reading, or since a moment.

        Raises `PageTokenInvalid` for what is no token of this list, and `SyncTokenExpired`.
        """
        history = str(await self._pool.fetchval(f"SELECT {HISTORY}"))
        begun = not asked.sync_token
        place = await (
            self._start(asked.since, extent)
            if begun
            else self._goes_on(asked.sync_token, extent, history)
        )
        request = PageRequest(
            ordering=self._schema.ordering(""), limit=page_limit(page_size), after=place.cursor
        )
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            # Of one state: of both nothing is missed up to the same transaction.
            queries = self._queries(request, extent)
            pages = [await fetch_examined(connection, query) for query in queries]
            horizon = await connection.fetchval(f"SELECT {HORIZON}")
        # Asked after it was read: what is forgotten in between is then missed by nobody.
        if not begun and place.told < await self._forgotten(extent):
            raise SyncTokenExpired
        page = merged(pages, limit=request.limit)
        # Whoever has read all has read it up to the horizon, be it theirs to see or not.
        end = self._following.before(horizon)
        last = page.next or max(page.last or place.cursor, end)
        return Told(
            rows=[self._read(row) for row in page.rows if row["is_listed"]],
            removed=[self._removal(row) for row in page.rows if not row["is_listed"]],
            sync_token=await self._tokens.give(
                [history, extent.view, place.forgotten, *last], of=self._of(extent)
            ),
            more=page.next is not None,
        )

    def _queries(self, request: PageRequest, extent: Extent) -> Iterator[PageQuery]:
        parameters = Parameters()
        within = extent.within.condition(parameters)
        listed = extent.listed.condition(parameters) or "true"
        yield page_query(
            self._schema,
            f"{self._columns}, changed_at AS noted_at, ({listed}) AS is_listed",
            request,
            parameters=parameters,
            within=f"{within} AND {CHANGES} AND {SETTLED}",
            but=extent.but.condition(parameters),
        )
        if self._following.leaves:
            parameters = Parameters()
            yield page_query(
                self._removed,
                "changed_at AS noted_at, false AS is_listed",
                replace(request, ordering=self._removed.ordering("")),
                parameters=parameters,
                within=f"{self._of_organization(extent, parameters)} AND {SETTLED}",
                but=self._gone(extent, parameters),
            )

    def _of_organization(self, extent: Extent, parameters: Parameters) -> str:
        """The condition of what was removed from this list."""
        organization_id, table = extent.of[0], f"of_table = '{self._table}'"
        if not organization_id:
            return table
        return f"{table} AND organization_id = {parameters.add(organization_id, 'text')}"

    def _gone(self, extent: Extent, parameters: Parameters) -> str:
        """The condition of a removal that is told to who asks."""
        keys = (
            f"again.{each} = {removals.TABLE}.kept ->> '{each}'" for each in self._following.key
        )
        organization = f"again.organization_id = {removals.TABLE}.organization_id"
        gone = _GONE.format(table=self._table, same=" AND ".join((organization, *keys)))
        but = extent.but.condition(parameters)
        return f"{gone} AND {_SEEN.format(table=self._table, but=but)}" if but else gone

    def _removal(self, row: Any) -> Removed:
        keys = range(1, len(self._following.key) + 1)
        return Removed(tuple(str(row[key_name(each)]) for each in keys), row["noted_at"])

    def _of(self, extent: Extent) -> Sequence[str]:
        return ("sync", self._schema.name, *extent.of)

    async def _start(self, since: datetime | None, extent: Extent) -> _Reached:
        """Before the first transaction that has written anything since a moment."""
        forgotten = await self._forgotten(extent)
        parameters = Parameters()
        moment = f"{parameters.add(since or _EVER, 'timestamptz')} - {LONGEST}"
        within = {self._table: f"{extent.within.condition(parameters)} AND {CHANGES}"}
        if self._following.leaves:
            within[removals.TABLE] = self._of_organization(extent, parameters)
        firsts = (
            _FIRST.format(table=table, within=condition, since=moment)
            for table, condition in within.items()
        )
        asked = _START.format(firsts=", ".join(firsts), horizon=HORIZON)
        first = await self._pool.fetchval(asked, *parameters.values)
        return _Reached(self._following.before(first), forgotten)

    async def _goes_on(self, token: str, extent: Extent, history: str) -> _Reached:
        try:
            parts = await self._tokens.read(token, of=self._of(extent))
        except PageTokenForeign:
            raise PageTokenInvalid("sync_token") from None
        of_history, view, forgotten, *last = parts
        if (of_history, view) != (history, extent.view):
            raise SyncTokenExpired
        return _Reached(cursor_of(self._schema.ordering(""), last), int(forgotten))

    async def _forgotten(self, extent: Extent) -> int:
        """Up to which transaction it is not told any more what was removed."""
        if not self._following.leaves:
            return 0
        parameters = Parameters()
        within = self._of_organization(extent, parameters)
        asked = _FORGOTTEN.format(table=removals.FORGOTTEN, within=within)
        return await self._pool.fetchval(asked, *parameters.values) or 0
