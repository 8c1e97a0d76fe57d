"""One change of a campaign's state at a time, across every replica."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from servicekit.postgres.connection import is_gone
from servicekit.postgres.pool import Pool
from servicekit.tasks import answered_outside

# Session locks: they end with the connection, whatever happens to its owner.
_LOCK = "SELECT pg_advisory_lock($1)"
_UNLOCK = "SELECT pg_advisory_unlock($1)"


class CampaignLocks:
    """Pausing, for example, is a hold, a row and a signal: nobody resumes in between.

    Within a process callers queue in memory, and at most `connections` of them
    hold a connection, so that there is always one left for the work itself.
    """

    def __init__(self, pool: Pool, *, connections: int) -> None:
        self._pool = pool
        self._connections = asyncio.Semaphore(connections)
        self._local: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def exclusively(self, campaign_id: str) -> AsyncIterator[None]:
        """Nobody else is inside for this campaign while the block runs."""
        local = self._local.setdefault(campaign_id, asyncio.Lock())
        key = int.from_bytes(
            hashlib.sha256(f"campaign/{campaign_id}".encode()).digest()[:8], signed=True
        )
        async with _held(local), _held(self._connections), self._pool.acquire() as connection:
            await connection.execute(_LOCK, key)
            try:
                yield
            finally:
                if not is_gone(connection):
                    await connection.execute(_UNLOCK, key)


@asynccontextmanager
async def _held(room: asyncio.Lock | asyncio.Semaphore) -> AsyncIterator[None]:
    """Inside of it; who is there waits for the database."""
    with answered_outside():
        await room.acquire()
    try:
        yield
    finally:
        room.release()
