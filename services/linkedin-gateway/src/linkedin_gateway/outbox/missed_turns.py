"""Turns that nobody came for: their callers have died, and the next in rank are told to come.

A caller is late by as much as Temporal takes to retry, and no more. Who has not come `grace` after
the turn that it was told is not waited for, and has no turn; its rank stays, for when it is asked
again. Of those who are told to come instead some may have died too, and nobody knows which until
they do not come: then four times as many are told.
"""

from __future__ import annotations

from datetime import timedelta

from servicekit.clock import Clock

from linkedin_gateway.outbox.missed_turn_repository import MissedTurnRepository


class MissedTurns:
    def __init__(self, repository: MissedTurnRepository, clock: Clock, *, grace: timedelta) -> None:
        self._repository = repository
        self._clock = clock
        self._grace = grace

    async def pass_on_due(self) -> int:
        """Pass on every turn that is missed by now; returns how many leads are told to come."""
        now = self._clock.now()
        told = 0
        for due in await self._repository.due(missed_by=now - self._grace, now=now):
            told += await self._repository.pass_on(due, now=now, grace=self._grace)
        return told
