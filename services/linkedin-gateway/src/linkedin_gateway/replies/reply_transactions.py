"""Transactions in which messages are followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from linkedin_gateway.replies.reply_transaction import ReplyTransaction


class ReplyTransactions:
    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._seal = seal

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[ReplyTransaction]:
        """Everything that messages change, in one transaction."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield ReplyTransaction(connection, self._seal)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReplyTransaction]:
        """For one question: what it would begin and commit costs two more round trips."""
        async with self._pool.acquire() as connection:
            yield ReplyTransaction(connection, self._seal)
