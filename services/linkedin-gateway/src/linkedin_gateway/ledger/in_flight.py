"""Waiting until what is on the wire has landed, so that a stop is in force when it returns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from servicekit.backoff import Backoff


class InFlightTracker:
    """`recheck` is for writes of other replicas; they end within their leases."""

    def __init__(self, recheck: Callable[[], Backoff]) -> None:
        self._recheck = recheck
        self._landed = asyncio.Event()

    def landed(self) -> None:
        """A write of this process has been answered and written down."""
        self._landed.set()

    async def until(self, on_the_wire: Callable[[], Awaitable[int]]) -> None:
        """Return once nothing is on the wire any more."""
        backoff = self._recheck()
        while await on_the_wire():
            self._landed.clear()
            try:
                async with asyncio.timeout(backoff.following().total_seconds()):
                    await self._landed.wait()
            except TimeoutError:
                continue
