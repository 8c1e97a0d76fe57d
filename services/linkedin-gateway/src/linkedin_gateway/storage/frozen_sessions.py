"""Sessions of a process that stands still in the middle of a transaction: ended, with their locks.

The database ends a session that is idle in a transaction by itself (`locks`), but not one that
waits for the rest of what its client has begun to say. The driver has a statement prepared, and
then says with what to execute it; in between the session counts as active, and no time-out of
PostgreSQL's but that of a whole transaction, which version 16 has not, is heeded while a command
is read. Nor is one while an answer is written to a client that does not read it.

What such a transaction had written is undone. What it had decided was told to nobody, for its
process hears of a decision after the commit: so nothing of it has left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from servicekit.postgres.errors import DatabaseBusy, again_if_ended
from servicekit.postgres.pool import Pool
from servicekit.postgres.scope import across, acting_for
from servicekit.telemetry.logs import get_logger

STANDS_STILL = timedelta(seconds=1)
"""Who says nothing for so long while others wait for a lock of theirs."""
_CONNECTION_WITHIN = 0.5
"""Seconds."""
_NOBODY = "nobody"
"""An organization that there is not: by the role of the service, which sees no row of it."""
_WHY = "who stands still is ended, whoever they act for"

# A role may end its own sessions. Of these a gateway's alone, no administrator's who came by the
# same role; who has one of the locks $2, or keeps the session $3 waiting, and has said nothing for
# $1. The two halves of a key are shown apart.
END = """
WITH frozen AS MATERIALIZED (
    SELECT a.pid
      FROM pg_stat_activity a
     WHERE a.usename = current_user AND a.datname = current_database()
       AND a.application_name = current_setting('application_name')
       AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
       AND a.wait_event_type = 'Client' AND a.state_change < clock_timestamp() - $1::interval
       AND (a.pid = ANY(pg_blocking_pids($3))
            OR a.pid IN (SELECT l.pid FROM pg_locks l
                          WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
                            AND (l.classid::bigint << 32 | l.objid::bigint) = ANY($2::bigint[])))
)
SELECT pid FROM frozen WHERE pg_terminate_backend(pid)
"""

T = TypeVar("T")

log = get_logger(__name__)


class FrozenSessions:
    """Those of the gateway's roles: each ends its own."""

    def __init__(self, pool: Pool, decisions: Pool) -> None:
        self._pool = pool
        self._decisions = decisions

    async def end(self, locks: Iterable[int], *, blocked: int = 0) -> int:
        """End those that have one of these locks, or keep a session waiting; returns how many."""
        keys = sorted(locks)
        with across(_WHY):
            ended = await self._end(self._pool, keys, blocked)
            ended += await self._end(self._decisions, keys, blocked)
        with acting_for(_NOBODY):
            ended += await self._end(self._pool, keys, blocked)
        return ended

    async def outlasted(self, locks: Iterable[int], transaction: Callable[[], Awaitable[T]]) -> T:
        """What a transaction answers that is to get these locks.

        Who stands still with one of them is ended, and it is made once more.
        """
        try:
            return await again_if_ended(transaction)
        except DatabaseBusy:
            if not await self.end(locks):
                raise
        return await again_if_ended(transaction)

    async def _end(self, pool: Pool, keys: Sequence[int], blocked: int) -> int:
        try:
            async with pool.acquire(timeout=_CONNECTION_WITHIN) as connection:
                rows = await connection.fetch(END, STANDS_STILL, keys, blocked)
        except DatabaseBusy:
            # All connections of this role are taken; another one's session may be in the way.
            return 0
        for row in rows:
            log.warning("frozen_session_ended", session=row["pid"])
        return len(rows)
