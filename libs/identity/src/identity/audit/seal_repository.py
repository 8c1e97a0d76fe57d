"""Seals and checkpoints: added by the sealer, read by whoever verifies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from identity.audit.chain import NOTHING, Checkpoint, Seal
from identity.audit.record import Record
from identity.audit.rows import CHECKPOINTS, RECORDS, SEALS

_RECORD = ", ".join(
    f"record.{name}::text AS {name}" if name == "transaction_id" else f"record.{name}"
    for name in RECORDS.types
)
# The sealer alone waits for it; who appends takes no lock.
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '/audit', 0))"
HEAD = f"SELECT {SEALS}, snapshot FROM audit_seals ORDER BY position DESC LIMIT 1"
LAST_OF = f"""
    SELECT {SEALS} FROM audit_seals
     WHERE sealed_at >= $1 AND sealed_at < $1 + interval '1 month'
     ORDER BY position DESC
     LIMIT 1
"""
NOW = "SELECT clock_timestamp()"
_SEALED = "EXISTS (SELECT FROM audit_seals known WHERE known.record_id = record.record_id)"
_FOUND = f"""
    SELECT {_RECORD}, pg_current_snapshot()::text AS snapshot, {_SEALED} AS repeated
      FROM audit_records record
"""
_IN_ORDER = "ORDER BY record.transaction_id, record.record_id"
# What was committed between the snapshot of the seals before and that of this statement is what
# this one sees and that one did not, however long it took.
_SINCE = """
           record.transaction_id >= pg_snapshot_xmin($1::text::pg_snapshot)
       AND NOT pg_visible_in_snapshot(record.transaction_id, $1::text::pg_snapshot)
"""
UNSEALED = f"{_FOUND} WHERE {_SINCE} {_IN_ORDER}"
# Where no snapshot tells: at the beginning, and where the data of another server were restored.
WITHOUT_SEAL = f"{_FOUND} WHERE NOT {_SEALED} {_IN_ORDER}"
_IS_FOREIGN = "pg_snapshot_xmax($1::text::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())"
FOREIGN = f"SELECT {_IS_FOREIGN}"
# What a sealer asks every second, mostly for nothing. Planning it over the tables of a year is
# dearer than all the rest: a connection has one plan for all times (left to itself it would plan
# anew, of ten connections each five times). Its order keeps that plan to the index; EXISTS would be
# planned without it, and read the tables whole.
ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"
LOOK = f"""
    SELECT {_IS_FOREIGN}
           OR NOT coalesce((SELECT (position, chain) = ($2::bigint, $3::bytea)
                               FROM audit_seals ORDER BY position DESC LIMIT 1), false)
           OR NOT coalesce((SELECT (number, signature) = ($4::bigint, $5::bytea)
                              FROM audit_checkpoints ORDER BY number DESC LIMIT 1), $4 = 0)
           OR coalesce((SELECT true FROM audit_records record WHERE {_SINCE}
                         ORDER BY record.transaction_id DESC LIMIT 1), false) AS changed,
           clock_timestamp() AS now
"""
ADD = Statement(
    f"INSERT INTO audit_seals ({SEALS}, snapshot) SELECT {SEALS.of('seal')},"
    f" CASE WHEN seal.position = :last::bigint THEN :snapshot::text END"
    f" FROM {SEALS.unnested('seal')}"
)
LAST_CHECKPOINT = f"SELECT {CHECKPOINTS} FROM audit_checkpoints ORDER BY number DESC LIMIT 1"
EVERY_CHECKPOINT = f"SELECT {CHECKPOINTS} FROM audit_checkpoints ORDER BY number"
ADD_CHECKPOINT = Statement(
    f"INSERT INTO audit_checkpoints ({CHECKPOINTS}) SELECT {CHECKPOINTS.parameters()}"
)
# Seals in their order, each with its record as it is now.
WALK = f"""
    SELECT {SEALS.selected("seal", prefix="seal_")}, {_RECORD}
      FROM audit_seals seal
      LEFT JOIN audit_records record
        ON record.recorded_at = seal.recorded_at AND record.record_id = seal.record_id
     WHERE seal.position > $1
     ORDER BY seal.position, seal.recorded_at
"""
CHAINS = "SELECT position, chain FROM audit_seals WHERE position = ANY($1::bigint[])"
# Records that no seal has taken up: those that pretend to be older than the last one are hidden.
NOT_SEALED = f"""
    SELECT {_RECORD},
           coalesce(pg_visible_in_snapshot(record.transaction_id, $1::text::pg_snapshot), false)
               AS hidden
      FROM audit_records record
     WHERE NOT EXISTS (SELECT FROM audit_seals seal
                        WHERE seal.record_id = record.record_id
                          AND seal.recorded_at = record.recorded_at)
"""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Where the chain ends."""

    position: int = 0
    chain: bytes = NOTHING
    sealed_at: datetime | None = None
    snapshot: str | None = None
    """What the sealer saw when it made the last seal."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What there is since a head, without any lock."""

    changed: bool
    """Whether chain or checkpoints end elsewhere, or something was committed that is not in it."""
    now: datetime
    """By the database's clock."""


class Sealing:
    """The one transaction that adds to the chain."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def head(self) -> Head:
        """The last seal; the beginning of a chain if there is none."""
        row = await self._connection.fetchrow(HEAD)
        if row is None:
            return Head()
        return Head(
            position=row["position"],
            chain=row["chain"],
            sealed_at=row["sealed_at"],
            snapshot=row["snapshot"],
        )

    async def now(self) -> datetime:
        """By the database's clock."""
        found: datetime = await self._connection.fetchval(NOW)
        return found

    async def unsealed(self, snapshot: str | None) -> AsyncIterator[tuple[Record, str, bool]]:
        """What was committed since a snapshot: record, new snapshot, and whether it is a copy."""
        if snapshot is None or await self._connection.fetchval(FOREIGN, snapshot):
            cursor = self._connection.cursor(WITHOUT_SEAL, prefetch=1000)
        else:
            cursor = self._connection.cursor(UNSEALED, snapshot, prefetch=1000)
        async for row in cursor:
            yield RECORDS.read(row), row["snapshot"], row["repeated"]

    async def add(self, seals: Sequence[Seal], snapshot: str | None) -> None:
        """Add seals; the snapshot if they are the last ones that were made from it."""
        last = seals[-1].position if snapshot is not None else 0
        values = ADD.given(**SEALS.arrays(seals), last=last, snapshot=snapshot)
        await self._connection.execute(ADD.sql, *values)

    async def last_of(self, month: datetime) -> Head | None:
        """The last of the seals that were made in a month."""
        row = await self._connection.fetchrow(LAST_OF, month)
        return Head(position=row["position"], chain=row["chain"]) if row is not None else None

    async def drop(self, month: datetime) -> None:
        """Drop the records of a month and their seals; an anchor must stand for them."""
        await self._connection.execute("SELECT audit_drop($1)", month)

    async def checkpoint(self) -> Checkpoint | None:
        """The last one."""
        row = await self._connection.fetchrow(LAST_CHECKPOINT)
        return CHECKPOINTS.read(row) if row is not None else None

    async def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Add the next one."""
        values = ADD_CHECKPOINT.given(**CHECKPOINTS.values(checkpoint))
        await self._connection.execute(ADD_CHECKPOINT.sql, *values)


class Walking:
    """One look at all of it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def checkpoints(self) -> list[Checkpoint]:
        """All that there are, in their order."""
        return [CHECKPOINTS.read(row) for row in await self._connection.fetch(EVERY_CHECKPOINT)]

    async def head(self) -> Head:
        """The last seal."""
        return await Sealing(self._connection).head()

    async def seals(self, *, after: int) -> AsyncIterator[tuple[Seal, Record | None]]:
        """Seals in their order, each with its record; None if there is none."""
        async for row in self._connection.cursor(WALK, after, prefetch=1000):
            found = row["record_id"] is not None
            yield SEALS.read(row, "seal_"), RECORDS.read(row) if found else None

    async def chains(self, positions: Collection[int]) -> dict[int, set[bytes]]:
        """The hashes of the seals at these places; what has no seal is not in it."""
        found: dict[int, set[bytes]] = {}
        for row in await self._connection.fetch(CHAINS, list(positions)):
            found.setdefault(row["position"], set()).add(row["chain"])
        return found

    async def not_sealed(self, snapshot: str | None) -> AsyncIterator[tuple[Record, bool]]:
        """Records without a seal, and whether the chain should have seen them."""
        async for row in self._connection.cursor(NOT_SEALED, snapshot, prefetch=1000):
            yield RECORDS.read(row), row["hidden"]


class SealRepository:
    """The chain of one schema."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def look(self, head: Head, signed: Checkpoint | None) -> Look:
        """Whether anything has come since this head, which must have a snapshot.

        Or the last checkpoint is another one than `signed`.
        """
        number, signature = (signed.number, signed.signature) if signed is not None else (0, b"")
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(ONE_PLAN)
            seen = (head.snapshot, head.position, head.chain, number, signature)
            (row,) = await connection.fetch(LOOK, *seen)
        return Look(changed=row["changed"], now=row["now"])

    @asynccontextmanager
    async def sealing(self) -> AsyncIterator[Sealing | None]:
        """A transaction that may add to the chain; None while another process has it."""
        async with self._pool.acquire() as connection, connection.transaction():
            # In a statement of its own: the next one sees what the one before has committed.
            yield Sealing(connection) if await connection.fetchval(LOCK) else None

    @asynccontextmanager
    async def walking(self) -> AsyncIterator[Walking]:
        """A transaction that sees one state of everything."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield Walking(connection)

    async def prepare(self) -> None:
        """Have tables for the months to come."""
        await self._pool.execute("SELECT audit_prepare()")

    async def months_before(self, age: timedelta) -> list[datetime]:
        """The months that have ended longer ago than that, the oldest first."""
        rows = await self._pool.fetch("SELECT month FROM audit_months_before($1) AS month", age)
        return [row["month"] for row in rows]
