"""Stops: written down first, then every decision that may have overlooked them is waited out.

A decision shares the gate from before it reads until it commits. So once a stop is committed, each
decision that overlooks it has the gate by then. They are waited for by looking at who has it;
nobody waits for the gate itself, and no stop keeps a decision from beginning. One whose process
stands still is ended (`frozen_sessions`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import timedelta

from servicekit.backoff import Backoff
from servicekit.postgres.columns import Row
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool, milliseconds
from servicekit.tasks import every, kept_up

from linkedin_gateway.errors import StopNotInForce
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.frozen_sessions import STANDS_STILL, FrozenSessions
from linkedin_gateway.storage.locks import GATE

IN_FORCE_WITHIN = timedelta(seconds=2)
"""Longer than a decision may stand still: one that does is ended before."""
_LOOK_AGAIN = timedelta(milliseconds=100)
"""For what has begun to stand still after the stop was to be written down."""

_PATIENCE = f"SET LOCAL lock_timeout = {milliseconds(IN_FORCE_WITHIN)}"
# Decisions under way. A key of 64 bits is shown in two halves.
_UNDER_WAY = f"""
SELECT pid || '/' || virtualtransaction AS decision
  FROM pg_locks
 WHERE locktype = 'advisory' AND classid = 0 AND objid = {GATE} AND objsubid = 1 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# Sessions that have the gate ($1), or for longer than a moment a lock on what stops are written to.
# Of a session of another role the database tells no more than who it is.
_IN_THE_WAY = f"""
SELECT DISTINCT a.pid, coalesce(nullif(a.application_name, ''), 'a session') AS name,
       coalesce(a.state, 'unknown') AS state, a.xact_start
  FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE l.granted AND a.pid <> pg_backend_pid() AND a.datname = current_database()
   AND CASE WHEN $1 THEN l.locktype = 'advisory' AND l.classid = 0 AND l.objid = {GATE}
            ELSE l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
             AND l.relation IN ('holds'::regclass, 'hold_audit'::regclass,
                                'suppressions'::regclass, 'replies'::regclass,
                                'person_responses'::regclass)
       END
   AND coalesce(a.xact_start < clock_timestamp() - interval '0.5 s', true)
 ORDER BY a.xact_start
 LIMIT 5
"""


class Stops:
    """Writes stops down, and waits until they are in force."""

    def __init__(self, pool: Pool, decisions: Pool) -> None:
        self._pool = pool
        self._frozen = FrozenSessions(pool, decisions)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction that writes down a stop; when the block has ended no decision overlooks it.

        Raises `StopNotInForce` if that is not so after `IN_FORCE_WITHIN`, with what is in the way;
        to repeat the call is to wait on. What stands still meanwhile is ended.
        """
        give_up_at = time.monotonic() + IN_FORCE_WITHIN.total_seconds()
        written = False
        try:
            async with (
                self._pool.acquire(timeout=IN_FORCE_WITHIN.total_seconds()) as connection,
                self._ending_frozen(connection.get_server_pid()),
            ):
                async with connection.transaction():
                    await connection.execute(_PATIENCE)
                    yield connection
                written = True
                overlooking = await _until_decided(connection, give_up_at)
        except DatabaseBusy as error:
            found = await _in_the_way(self._pool, gate=written)
            raise StopNotInForce(written=written, in_the_way=found) from error
        if overlooking:
            found = await _in_the_way(self._pool, gate=True)
            raise StopNotInForce(written=True, in_the_way=found)

    @asynccontextmanager
    async def _ending_frozen(self, session: int) -> AsyncIterator[None]:
        """Meanwhile end what stands still with the gate, or with a lock that the session needs."""
        ending = asyncio.create_task(kept_up("frozen sessions", lambda: self._end_frozen(session)))
        try:
            yield
        finally:
            ending.cancel()
            await asyncio.wait({ending})

    async def _end_frozen(self, session: int) -> None:
        await asyncio.sleep(STANDS_STILL.total_seconds())
        await every(
            _LOOK_AGAIN, "frozen sessions", lambda: self._frozen.end([GATE], blocked=session)
        )


async def _until_decided(connection: Connection, give_up_at: float) -> Collection[str]:
    """Wait for the decisions that are under way now; returns those that are still."""
    backoff = Backoff(first=timedelta(milliseconds=3), longest=timedelta(milliseconds=50))
    left = {row["decision"] for row in await connection.fetch(_UNDER_WAY)}
    while left and time.monotonic() < give_up_at:
        await asyncio.sleep(backoff.following().total_seconds())
        left &= {row["decision"] for row in await connection.fetch(_UNDER_WAY)}
    return left


async def _in_the_way(pool: Pool, *, gate: bool) -> str:
    """Whose transactions a stop waits for, in words."""
    try:
        async with pool.acquire(timeout=1) as connection:
            rows = await connection.fetch(_IN_THE_WAY, gate)
    except DatabaseBusy:
        return "all connections of this process are taken"
    return ", ".join(f"{row['name']} (session {row['pid']}{_told_of(row)})" for row in rows)


def _told_of(row: Row) -> str:
    since = row["xact_start"]
    return f", {row['state']}, since {since:%H:%M:%S}" if since else ""
