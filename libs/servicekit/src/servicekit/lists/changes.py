"""What has changed in a list since a moment, and from there on, without missing anything.

Rows are read in the order of the transactions that wrote them last (`changed_in`), and only up to
the oldest transaction that is under way anywhere: whatever is not committed yet is behind that,
and comes in a later reading. A row that is written again comes again.

A position is good for one history of one cluster. A restored one, or one that was failed over to,
counts transactions anew or lacks some: it says `SyncTokenExpired`, and who follows begins again
from a moment before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from servicekit.errors import BadInput, FieldViolation
from servicekit.lists.errors import PageTokenInvalid
from servicekit.lists.fields import FieldType
from servicekit.lists.listing import ChangesAsked, page_limit
from servicekit.lists.pages import Cursor, PageRequest
from servicekit.lists.schemas import Key, ListSchema, Order
from servicekit.page_tokens import PageTokenForeign, PageTokens, Part
from servicekit.postgres.pool import Pool

HISTORY = """
    (SELECT system_identifier || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
       FROM pg_control_system())
"""
"""Which history of which cluster the numbers of transactions are of, as a value."""
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""The oldest transaction that is under way anywhere."""
SETTLED = f"changed_in < {HORIZON}"
"""The condition of a row of which no older change can come any more."""
LONGEST = "interval '10 minutes'"
"""Of transactions: what one that began before a moment has written may be committed after it."""
# What is written before the moment and not yet committed is behind the horizon.
_START = "SELECT least({first}, {horizon})"
_FIRST = "(SELECT min(changed_in) FROM {table} WHERE {within} AND updated_at >= {since})"
_FORGOTTEN = "SELECT max(changed_in) FROM {table} WHERE {within}"
_LARGEST = 2**63 - 1
"""Of integers as the database has them."""
_EVER = datetime.min.replace(tzinfo=UTC)


class SyncTokenExpired(BadInput):
    """Too old, or the database was restored or failed over; begin again with `updated_since`."""

    reason = "SYNC_TOKEN_EXPIRED"

    def __init__(self, field: str = "sync_token") -> None:
        super().__init__([FieldViolation(field, str(self.__doc__), self.reason)])


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far somebody has read, and in which history."""

    history: str
    cursor: Cursor
    forgotten: int = 0
    """Up to which transaction removals were forgotten that the copy never had: it is older."""


@dataclass(frozen=True, kw_only=True)
class ChangesRequest(PageRequest):
    """Which page of changes is asked for, and what need not be told to who asks."""

    forgotten: int = 0
    """As in the place that it begins at."""


def changes_schema(name: str, table: str, *, last: Key, index: str) -> ListSchema:
    """The list of a table's rows in the order of their changes."""
    keys = [Key(column="changed_in", type=FieldType.INTEGER), last]
    order = Order(name="change", keys=keys, index=index)
    return ListSchema(name=name, table=table, fields=(), orders=(order,), default=order.name)


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows whose changes are followed; `within` is an indexed condition on `$1`, `parent`."""

    schema: ListSchema
    within: str
    parent: str
    of: Sequence[str]
    """Whose list it is, for the token."""
    removed: str = ""
    """The table of those that are gone, where they are told; it has the same columns."""
    forgotten: str = ""
    """The table that says up to where it is not told any more which are gone."""


class Changes:
    """Where changes are read from, and the tokens of who follows them."""

    def __init__(self, pool: Pool, tokens: PageTokens) -> None:
        self._pool = pool
        self._tokens = tokens

    async def request(self, rows: Rows, asked: ChangesAsked, *, page_size: int) -> ChangesRequest:
        """The page that begins where an earlier reading has ended, or at a moment.

        Raises `PageTokenInvalid` for what is no token of this list, and `SyncTokenExpired`.
        """
        after, forgotten = await (
            self._read(rows, asked.sync_token)
            if asked.sync_token
            else self._start(rows, asked.since)
        )
        return ChangesRequest(
            ordering=rows.schema.ordering(""),
            limit=page_limit(page_size),
            after=after,
            forgotten=forgotten,
        )

    async def require_told(self, rows: Rows, request: ChangesRequest) -> None:
        """Refuse what was read from a place behind which removals were forgotten.

        Not those that were forgotten before the copy was begun: it has none of them. Asked after
        it was read: what is forgotten in between is then missed by nobody. Raises
        `SyncTokenExpired`.
        """
        after = request.after or (0,)
        if max(after[0], request.forgotten) < await self._forgotten(rows):
            raise SyncTokenExpired

    async def token(self, rows: Rows, cursor: Cursor, *, forgotten: int = 0) -> str:
        """The token of who has read everything up to a row, and what they need not be told."""
        place = Place(history=await self._history(), cursor=cursor, forgotten=forgotten)
        return await self.token_at(place, rows)

    async def token_at(self, place: Place, rows: Rows) -> str:
        """The same where it is known in which history the row was read."""
        parts = [place.history, *place.cursor, place.forgotten]
        return await self._tokens.give(parts, of=("sync", *rows.of))

    async def place(self, rows: Rows, token: str, *, field: str = "resume_token") -> Place:
        """Where a token goes on.

        Raises `PageTokenInvalid` for what is no token of this list.
        """
        history, first, last, *forgotten = await self._parts(rows, token, field=field)
        # The release before gave none.
        mark = int(forgotten[0]) if forgotten else 0
        return Place(history=str(history), cursor=(first, last), forgotten=mark)

    async def _start(self, rows: Rows, since: datetime | None) -> tuple[Cursor, int]:
        """Before the first transaction that has written anything since a moment."""
        forgotten = await self._forgotten(rows)
        tables = [each for each in (rows.schema.table, rows.removed) if each]
        moment = f"$2::timestamptz - {LONGEST}"
        firsts = (_FIRST.format(table=each, within=rows.within, since=moment) for each in tables)
        asked = _START.format(first=", ".join(firsts), horizon=HORIZON)
        first = await self._pool.fetchval(asked, rows.parent, since or _EVER)
        _, last = rows.schema.orders[0].keys
        # Behind all that the transaction before it can have written, or before every id.
        after = (first - 1, _LARGEST) if last.type is FieldType.INTEGER else (first, "")
        return after, forgotten

    async def _forgotten(self, rows: Rows) -> int:
        """Up to which transaction it is not told any more what is gone."""
        if not rows.forgotten:
            return 0
        asked = _FORGOTTEN.format(table=rows.forgotten, within=rows.within)
        return await self._pool.fetchval(asked, rows.parent) or 0

    async def _read(self, rows: Rows, token: str) -> tuple[Cursor, int]:
        place = await self.place(rows, token, field="sync_token")
        if place.history != await self._history():
            raise SyncTokenExpired
        return place.cursor, place.forgotten

    async def _parts(self, rows: Rows, token: str, *, field: str) -> Sequence[Part]:
        try:
            return await self._tokens.read(token, of=("sync", *rows.of))
        except PageTokenForeign:
            raise PageTokenInvalid(field) from None

    async def _history(self) -> str:
        return str(await self._pool.fetchval(f"SELECT {HISTORY}"))
