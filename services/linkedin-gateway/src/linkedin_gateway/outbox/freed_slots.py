"""Turns that were called off: as many of those behind are told to come earlier.

A stopped campaign calls off thousands at once. So it is looked at by stretches of time, and of
an account no more are told in one than could go before they come by themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servicekit.clock import Clock

from linkedin_gateway.outbox.freed_slot_repository import FreedSlotRepository

STRETCH = timedelta(seconds=30)
"""Real time. Its ends are the same for every process, so that what one tells no other does."""

_EPOCH = datetime.fromtimestamp(0, UTC)


class FreedSlots:
    def __init__(self, repository: FreedSlotRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._told_until = _EPOCH

    async def publish_due(self) -> int:
        """Tell of the last whole stretch, once; returns how many leads were told."""
        now, stretch = self._clock.now(), self._clock.virtual(STRETCH)
        until = now - (now - _EPOCH) % stretch
        if until == self._told_until:
            return 0
        told = 0
        for vacancy in await self._repository.called_off(after=until - stretch, until=until):
            told += await self._repository.tell(vacancy, at=until, now=now)
        self._told_until = until
        return told
