"""Whether the database refuses to write now: on a full disk it still answers whoever reads.

A refusal is known from the write that met it (`Pool.last_refusal`). Nobody may write after the
disk has room again, so whoever tells of a refusal tries first whether it still holds. Another
service may have met it, of which nothing is known here: whoever tells people why nothing moves
tries that too (`tried`), more seldom.
"""

import asyncio
import time
from datetime import timedelta

import asyncpg

from servicekit.errors import Unavailable
from servicekit.postgres.errors import WritesRefused
from servicekit.postgres.pool import Pool

# A new table's first row extends a file, as what fails on a full disk does; an UPDATE may not.
TRY_TO_WRITE = "CREATE TEMPORARY TABLE tried_to_write ON COMMIT DROP AS SELECT true AS tried"


class WriteRefusals:
    """What is told of a database that refuses to write, tried anew at most once per `fresh_for`.

    While nobody has been refused, it is tried at most once per `unmet_for`.
    """

    def __init__(
        self,
        *pools: Pool | None,
        fresh_for: timedelta = timedelta(seconds=1),
        unmet_for: timedelta = timedelta(seconds=15),
    ) -> None:
        own = [pool for pool in pools if pool is not None]
        self._pools = [*own, *(pool.background for pool in own if pool.background is not None)]
        self._fresh_for = fresh_for.total_seconds()
        self._unmet_for = unmet_for.total_seconds()
        self._tried_at = -max(self._fresh_for, self._unmet_for)
        self._trying = asyncio.Lock()

    async def now(self) -> WritesRefused | None:
        """Why no write goes; None if they go, or nobody has been refused one yet."""
        async with self._trying:
            if self._refused is not None:
                await self._try_if_older(self._fresh_for)
        return self._refused

    async def tried(self) -> WritesRefused | None:
        """Why no write goes, also where nobody here has been refused one; None if they go."""
        async with self._trying:
            met = self._refused is not None
            await self._try_if_older(self._fresh_for if met else self._unmet_for)
        return self._refused

    async def check(self) -> None:
        """For readiness; raises the refusal."""
        refused = await self.now()
        if refused is not None:
            raise refused

    @property
    def _refused(self) -> WritesRefused | None:
        return next(filter(None, (pool.last_refusal.error for pool in self._pools)), None)

    async def _try_if_older(self, seconds: float) -> None:
        if time.monotonic() - self._tried_at >= seconds:
            await self._try()
            self._tried_at = time.monotonic()

    async def _try(self) -> None:
        across = self._pools[0].across("whether the database takes writes")
        try:
            async with across.acquire() as connection, connection.transaction():
                await connection.execute(TRY_TO_WRITE)
        except Unavailable:
            # Still so, which the pool has noted, or nothing new is known.
            return
        except asyncpg.InsufficientPrivilegeError:
            # A role that may make no such table learns it from its next write.
            pass
        for pool in self._pools:
            pool.last_refusal.error = None
