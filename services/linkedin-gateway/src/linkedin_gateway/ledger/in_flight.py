"""Waiting until nothing is in flight any more, so that a stop is in force when it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from servicekit.backoff import Backoff


class InFlightTracker:
    """Wakes who waits for writes of this process to finish.

    Those of other replicas are counted again at the pauses of `recheck`; they end within
    their leases.
    """

    def __init__(self, recheck: Callable[[], Backoff]) -> None:
        self._recheck = recheck
        self._finished = asyncio.Event()

    def one_finished(self) -> None:
        """A write of this process has been answered and written down."""
        self._finished.set()

    async def until_none(self, count: Callable[[], Awaitable[int]]) -> None:
        """Return once `count` says that nothing is in flight any more."""
        backoff = self._recheck()
        while await count():
            self._finished.clear()
            try:
                async with asyncio.timeout(backoff.following().total_seconds()):
                    await self._finished.wait()
            except TimeoutError:
                continue
