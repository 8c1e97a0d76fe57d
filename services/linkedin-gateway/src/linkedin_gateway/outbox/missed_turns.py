"""Turns that nobody came for: their callers have died, and the next in rank are told to come.

A caller is late by as much as Temporal takes to retry, and no more. Who has not come `grace` after
the turn that it was told is not waited for, and has no turn; its rank stays, for when it is asked
again. Which of those behind live is asked of who knows; of these one is told, when it can go. Where
nobody knows, or who was told does not come, four times as many are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.errors import AccountNotFound, ActionNotFound
from linkedin_gateway.ledger.port import Ledger
from linkedin_gateway.models import ActionKey
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, LeadOwner
from linkedin_gateway.outbox.missed_turn_repository import (
    AccountDue,
    Behind,
    MissedTurnRepository,
)
from linkedin_gateway.pace.slots import Bound

log = get_logger(__name__)


class MissedTurns:
    def __init__(
        self,
        repository: MissedTurnRepository,
        ledger: Ledger,
        owner: LeadOwner,
        clock: Clock,
        *,
        grace: timedelta,
    ) -> None:
        self._repository = repository
        self._ledger = ledger
        self._owner = owner
        self._clock = clock
        self._grace = grace

    async def pass_on_due(self) -> int:
        """Pass on every turn that is missed by now; returns how many leads are told to come."""
        now = self._clock.now()
        told, answers = 0, True
        for due in await self._repository.due(missed_by=now - self._grace, now=now):
            behind = Behind()
            if answers:
                try:
                    behind = await self._behind(due, now=now)
                except ServiceError as error:
                    # Who is away is not waited for once more for each of the others; what was
                    # refused is this account's alone.
                    log.warning("callers_not_known", reason=error.reason)
                    answers = not error.retried
            told += await self._repository.pass_on(due, behind, now=now, grace=self._grace)
        return told

    async def _behind(self, due: AccountDue, *, now: datetime) -> Behind:
        """Who would be told to come lives or not, by the word of who knows.

        Raises a `ServiceError` when nobody can tell.
        """
        found = await self._repository.behind(due, now=now)
        if not found:
            return Behind()
        leads = {lead for _, lead in found}
        running = set(await self._owner.running(due.organization_id, leads))
        living = [action_id for action_id, lead in found if lead in running]
        return Behind(
            dead=[action_id for action_id, lead in found if lead not in running],
            known=True,
            ready_at=await self._ready_at(due, living, now=now),
            more=not living and len(found) == WOKEN_AT_ONCE,
        )

    async def _ready_at(
        self, due: AccountDue, living: Sequence[str], *, now: datetime
    ) -> datetime | None:
        """When the first of them could go, whoever else waits; None if nobody can know."""
        if not living:
            return None
        try:
            found = await self._ledger.explain(ActionKey(due.organization_id, living[0]), now=now)
        except (ActionNotFound, AccountNotFound):
            return None
        ends = [each.free_at for each in found if each.reason != Bound.TURN.value]
        known = [end for end in ends if end is not None]
        return max(known, default=now) if len(known) == len(ends) else None
