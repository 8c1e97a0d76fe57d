"""Waiting longer after each failure, and never in step with others."""

import asyncio
import random
from datetime import timedelta


class Backoff:
    """Real waits from `first` to `longest`, doubling, each shortened by up to a half."""

    def __init__(
        self,
        first: timedelta = timedelta(milliseconds=100),
        longest: timedelta = timedelta(seconds=5),
    ) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def reset(self) -> None:
        """Begin again: it worked."""
        self._next = self._first

    def following(self) -> timedelta:
        """The next wait."""
        wait, self._next = self._next, min(self._next * 2, self._longest)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret

    async def wait(self) -> None:
        """Wait, longer than the last time."""
        await asyncio.sleep(self.following().total_seconds())
