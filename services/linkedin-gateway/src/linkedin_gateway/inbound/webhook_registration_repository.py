"""The lock by which one process at a time registers webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from servicekit.postgres.pool import Pool

_REGISTERING = 7_236_112


class WebhookRegistrationRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nobody else is inside such a block, in any process."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _REGISTERING)
            yield
