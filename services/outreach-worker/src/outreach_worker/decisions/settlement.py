"""Does what a decision's row asks for: its effect if it was approved, or taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from servicekit.auth import set_principal
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.effects import Effect, Overtaken

log = logs.get_logger(__name__)


class DecisionSettlement:
    """The row says what is to be done, so doing it twice is doing it once."""

    def __init__(
        self,
        decisions: DecisionRepository,
        effects: Mapping[DecisionKind, Effect],
        clock: Clock,
        *,
        calling_off: CallingOff,
    ) -> None:
        self._decisions = decisions
        self._effects = effects
        self._clock = clock
        self._calling_off = calling_off

    async def settle(self, decision_id: str) -> Decision:
        """The decision after what its row asks for; nothing is done where it asks for nothing.

        What a program has approved by itself, and may not do any more, is superseded. Raises what
        is away, so that it is tried again.
        """
        found = await self._decisions.get(decision_id)
        # The audit of whoever is asked names the program.
        set_principal(f"program:{found.program_id}", found.organization_id)
        if found.is_approved:
            found = await self._apply(found)
        elif found.is_reverting:
            found = await self._take_back(found)
        log.info("decision_settled", kind=found.kind, state=found.state)
        return found

    async def _apply(self, decision: Decision) -> Decision:
        now = self._clock.now()
        why = await self._calling_off.reason(decision)
        if why:
            return await self._call_off(decision, why)
        try:
            change = await self._effects[decision.kind].apply(decision)
        except Overtaken as overtaken:
            return await self._decisions.superseded(decision.id, overtaken.reason, now=now)
        except ServiceError as error:
            if error.retried:
                raise
            return await self._decisions.failed(decision.id, error.reason, now=now)
        settled = await self._decisions.applied(decision.id, change, now=now)
        if settled.state is DecisionState.SUPERSEDED:
            # Somebody else has called it off while its effect was on its way.
            await self._withdraw(decision)
        return settled

    async def _call_off(self, decision: Decision, why: str) -> Decision:
        """End it without its effect. A release may have had it, and its answer been lost."""
        await self._withdraw(decision)
        return await self._decisions.superseded(decision.id, why, now=self._clock.now())

    async def _withdraw(self, decision: Decision) -> None:
        """Have nobody begin by it; who has begun goes on."""
        if decision.kind is DecisionKind.RELEASE_LEADS:
            with suppress(Overtaken):
                await self._effects[decision.kind].take_back(decision)

    async def _take_back(self, decision: Decision) -> Decision:
        now = self._clock.now()
        try:
            await self._effects[decision.kind].take_back(decision)
        except Overtaken as overtaken:
            return await self._decisions.overtaken(decision.id, overtaken.reason, now=now)
        except ServiceError as error:
            if error.retried:
                raise
            return await self._decisions.not_reverted(decision.id, error.reason)
        return await self._decisions.reverted(decision.id, now=now)
