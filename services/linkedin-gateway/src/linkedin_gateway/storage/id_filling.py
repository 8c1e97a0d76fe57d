"""Ids of before, sealed before a process serves: by then nobody is known in two spellings.

The release before cannot decide once the schema is this one's (revision 0037), and this release
does not serve until all is filled. One process fills, and whoever else is about to serve waits for
it. Rows are filled some hundred at once, each as a whole, and how far that came is kept: whoever is
stopped in between is gone on from.

Later it is done once more by whoever seals the schema anew (`storage/reseal.py`): for what a
process of before has written in clear after that, and for the hashes of suppressions, whose key may
be another one by now.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from servicekit.postgres.columns import Row
from servicekit.postgres.connection import is_gone
from servicekit.postgres.errors import unless_given_up
from servicekit.postgres.pool import Pool
from servicekit.sealing.alike import is_sealed
from servicekit.sealing.seal import Seal
from servicekit.tasks import kept_up
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.models.suppression_keys import Subject, key
from linkedin_gateway.storage.connection import Connection, Session
from linkedin_gateway.storage.locks import lock_key
from linkedin_gateway.storage.sealed_ids import DOCUMENT_IDS, PROFILE_IDS, SealedIds

_WHY = "ids of all organizations are sealed before anybody is served"
_AT_ONCE = 500
_TRY_LOCK = "SELECT pg_try_advisory_lock($1)"
_UNLOCK = "SELECT pg_advisory_unlock($1)"
_TRY_EVERY = 0.5
"""Seconds."""
FILLING = lock_key("ids", of=b"filling")
"""Of a session: whoever fills has it, and nobody any more once its connection is gone."""
_FILLED = "SELECT true FROM id_filling"
_DONE = "INSERT INTO id_filling DEFAULT VALUES ON CONFLICT DO NOTHING"
_BEGIN_ANEW = "DELETE FROM id_filling"
_POSITION = "SELECT after_key FROM id_filling_positions WHERE filled_table = $1"
_KEEP_POSITION = """
INSERT INTO id_filling_positions (filled_table, after_key) VALUES ($1, $2)
ON CONFLICT (filled_table) DO UPDATE SET after_key = excluded.after_key
"""
_FORGET_POSITIONS = "DELETE FROM id_filling_positions"

log = get_logger(__name__)


async def ids_filled(pool: Pool, seal: Seal) -> None:
    """Return once no id lies in clear; tries until the database answers."""
    await kept_up("the sealing of ids", lambda: fill(pool, seal))


async def fill(pool: Pool, seal: Seal) -> int:
    """Seal what is in clear, unless that was done before; returns how many rows were changed."""
    across = pool.across(_WHY)
    if await across.fetchval(_FILLED):
        return 0
    async with _alone(across) as connection:
        if await connection.fetchval(_FILLED):
            # By whoever was waited for.
            return 0
        return await _fill_all(connection, seal)


async def begin_filling_anew(pool: Pool) -> None:
    """Nobody is served before all is filled once more: by the keys there are from now on."""
    async with _alone(pool.across(_WHY)) as connection:
        await connection.execute(_FORGET_POSITIONS)
        await connection.execute(_BEGIN_ANEW)


async def fill_again(pool: Pool, seal: Seal) -> int:
    """Seal what is in clear, whatever was done before; returns how many rows were changed."""
    async with _alone(pool.across(_WHY)) as connection:
        await connection.execute(_FORGET_POSITIONS)
        return await _fill_all(connection, seal)


@asynccontextmanager
async def _alone(across: Pool) -> AsyncIterator[Session]:
    """A connection by which nobody else fills meanwhile."""
    async with across.acquire() as connection:
        while not await connection.fetchval(_TRY_LOCK, FILLING):  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(_TRY_EVERY)
        try:
            yield connection
        finally:
            if not is_gone(connection):
                await connection.execute(_UNLOCK, FILLING)


async def _fill_all(connection: Session, seal: Seal) -> int:
    """Go through every table, from where that came to; returns how many rows were changed."""
    ids = SealedIds(seal)
    changed = 0
    for table in _TABLES:
        after = table.position(await connection.fetchval(_POSITION, table.name))
        of_table = 0
        while True:
            after, filled = await unless_given_up(partial(_step, connection, table, ids, after))
            of_table += filled
            if after is None:
                break
        if of_table:
            log.info("ids_filled", table=table.name, number=of_table)
        changed += of_table
    async with connection.transaction():
        await connection.execute(_DONE)
        await connection.execute(_FORGET_POSITIONS)
    return changed


async def _step(
    connection: Session, table: _Table, ids: SealedIds, after: Sequence[Any] | None
) -> tuple[Sequence[Any] | None, int]:
    """A batch, and that it is done; the last of its rows, or None at the end, and how many."""
    async with connection.transaction():
        last, filled = await _batch(connection, table, ids, after)
        if last is not None:
            await connection.execute(_KEEP_POSITION, table.name, list(map(str, last)))
    return last, filled


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table with ids, by the columns of its key."""

    name: str
    key: Sequence[str]
    columns: Sequence[str]
    filled: Callable[[SealedIds, str, Row], Sequence[Any]]
    """The columns of a row, as they are to be."""

    def rows(self, *, first: bool) -> str:
        """Rows in the order of the key, from the first or behind one."""
        keys = ", ".join(self.key)
        after = ", ".join(f"${at}" for at in range(1, len(self.key) + 1))
        behind = "" if first else f"WHERE ({keys}) > ({after})"
        named = ", ".join(dict.fromkeys(("organization_id", *self.key, *self.columns)))
        return (
            f"SELECT {named} FROM {self.name} {behind} ORDER BY {keys} LIMIT {_AT_ONCE} FOR UPDATE"
        )

    def position(self, kept: Sequence[str] | None) -> Sequence[Any] | None:
        """A key of this table, as it was kept; None where none was."""
        if kept is None:
            return None
        return [
            datetime.fromisoformat(value) if name.endswith("_at") else value
            for name, value in zip(self.key, kept, strict=True)
        ]

    @property
    def change(self) -> str:
        """What changes a row, by its key and then its columns."""
        by_key = " AND ".join(f"{name} = ${at}" for at, name in enumerate(self.key, 1))
        start = len(self.key) + 1
        changes = ", ".join(f"{name} = ${at}" for at, name in enumerate(self.columns, start))
        return f"UPDATE {self.name} SET {changes} WHERE {by_key}"


async def _batch(
    connection: Connection, table: _Table, ids: SealedIds, after: Sequence[Any] | None
) -> tuple[Sequence[Any] | None, int]:
    """Fill the rows behind one; the last of them, or None if it was the end, and how many."""
    rows = await connection.fetch(table.rows(first=after is None), *(after or ()))
    changes = []
    for row in rows:
        filled = table.filled(ids, row["organization_id"], row)
        if list(filled) != [row[name] for name in table.columns]:
            changes.append((*(row[name] for name in table.key), *filled))
    if changes:
        await connection.executemany(table.change, changes)
    end = len(rows) < _AT_ONCE
    return (None if end else [rows[-1][name] for name in table.key]), len(changes)


# --- Rows as they are to be -----------------------------------------------------------------


def _sealed(ids: SealedIds, organization_id: str, value: str) -> str:
    """The value, sealed; what is sealed already stays."""
    return value if is_sealed(value) else ids.sealed(organization_id, value)


def _several(*names: str) -> Callable[[SealedIds, str, Row], Sequence[Any]]:
    """Columns that have an id each."""
    return lambda ids, whose, row: [_sealed(ids, whose, row[name]) for name in names]


def _document(ids: SealedIds, organization_id: str, document: Mapping[str, Any] | None) -> Any:
    """A target or an outcome."""
    if document is None:
        return None
    return {
        name: _sealed(ids, organization_id, value) if name in DOCUMENT_IDS else value
        for name, value in document.items()
    }


def _alias(ids: SealedIds, organization_id: str, row: Row) -> Sequence[Any]:
    """What somebody is called by."""
    plain = ids.known(organization_id, row["known_as"])
    if not plain:
        # Whoever opens it finds who is suppressed; nobody else knows of whom it says so.
        return [row["known_as"], row["suppression_key"]]
    person = key(organization_id, Subject.PERSON, plain)
    suppression_key = ids.suppression(organization_id, person)
    return [_sealed(ids, organization_id, row["known_as"]), suppression_key]


def _suppression(ids: SealedIds, organization_id: str, row: Row) -> Sequence[Any]:
    """Who is suppressed: beside the hash that has said so, and stays, one of that hash."""
    return [row["key"], ids.suppression(organization_id, row["key"])]


def _profile(ids: SealedIds, organization_id: str, row: Row) -> Sequence[Any]:
    """What an account knows of somebody. Words are sealed with the id: they are read again."""
    filled = _several(*PROFILE_IDS)(ids, organization_id, row)
    return [*filled, row["words"] if filled[0] == row["provider_id"] else None]


def _action(ids: SealedIds, organization_id: str, row: Row) -> Sequence[Any]:
    """What an account did, or is to do."""
    earlier = [_sealed(ids, organization_id, each) for each in row["earlier_ids"].split()]
    return [
        *_several("identifier", "provider_id", "post_id")(ids, organization_id, row),
        " ".join(earlier),
        _document(ids, organization_id, row["target"]),
        _document(ids, organization_id, row["outcome"]),
    ]


_ACTION = ("identifier", "provider_id", "post_id", "earlier_ids", "target", "outcome")
_TABLES = (
    _Table(
        name="suppressions",
        key=("suppression_id",),
        columns=("key", "hashed"),
        filled=_suppression,
    ),
    _Table(
        name="person_aliases",
        key=("organization_id", "kind", "viewer_account_id", "product", "known_as"),
        columns=("known_as", "suppression_key"),
        filled=_alias,
    ),
    _Table(
        name="people",
        key=("organization_id", "person_id"),
        columns=("public_identifier",),
        filled=_several("public_identifier"),
    ),
    _Table(
        name="profiles",
        key=("account_id", "person_id"),
        columns=(*PROFILE_IDS, "words"),
        filled=_profile,
    ),
    *(
        _Table(
            name=name,
            key=("organization_id", "identifier"),
            columns=("identifier",),
            filled=_several("identifier"),
        )
        for name in ("suppressed_ids", "suppressed_names")
    ),
    _Table(
        name="unmatched_messages",
        key=("organization_id", "account_id", "provider_id", "dedupe_key"),
        columns=("provider_id",),
        filled=_several("provider_id"),
    ),
    _Table(name="actions", key=("organization_id", "action_id"), columns=_ACTION, filled=_action),
    _Table(
        name="archived_actions",
        key=("organization_id", "action_id", "finished_at"),
        columns=_ACTION,
        filled=_action,
    ),
)
