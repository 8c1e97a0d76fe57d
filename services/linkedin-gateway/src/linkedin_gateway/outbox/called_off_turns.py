"""Turns that were called off: as many of the leads behind are woken to come earlier.

A stopped campaign calls off thousands at once. So it is looked at by stretches of time, and of
an account no more are woken in one than could go before they come by themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from servicekit.clock import Clock

from linkedin_gateway.outbox.called_off_turn_repository import CalledOffTurnRepository

STRETCH = timedelta(seconds=30)
"""Real time. Its ends are the same for every process, so that what one publishes no other does."""

_EPOCH = datetime.fromtimestamp(0, UTC)


class CalledOffTurns:
    def __init__(self, repository: CalledOffTurnRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock
        self._published_until = _EPOCH

    async def publish_due(self) -> int:
        """Wake leads for the last whole stretch, once; returns how many."""
        now, stretch = self._clock.now(), self._clock.virtual(STRETCH)
        until = now - (now - _EPOCH) % stretch
        if until == self._published_until:
            return 0
        woken = 0
        for called_off in await self._repository.called_off(after=until - stretch, until=until):
            woken += await self._repository.publish(called_off, at=until, now=now)
        self._published_until = until
        return woken
