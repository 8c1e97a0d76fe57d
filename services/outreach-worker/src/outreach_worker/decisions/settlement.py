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

_WITHOUT_EFFECT = frozenset({DecisionState.SUPERSEDED, DecisionState.FAILED})

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
        if found.ending is not None:
            found = await self._end(found)
        elif found.is_approved:
            found = await self._apply(found)
        elif found.is_reverting:
            found = await self._take_back(found)
        log.info("decision_settled", kind=found.kind, state=found.state)
        return found

    async def _apply(self, decision: Decision) -> Decision:
        why = await self._calling_off.reason(decision)
        if why:
            return await self._call_off(decision, DecisionState.SUPERSEDED, why)
        try:
            change = await self._effects[decision.kind].apply(decision)
        except Overtaken as overtaken:
            return await self._call_off(decision, DecisionState.SUPERSEDED, overtaken.reason)
        except ServiceError as error:
            if error.retried:
                raise
            return await self._call_off(decision, DecisionState.FAILED, error.reason)
        settled = await self._decisions.applied(decision.id, change, now=self._clock.now())
        if settled.state in _WITHOUT_EFFECT:
            # Somebody else has called it off while its effect was on its way.
            await self._withdraw(decision)
        return await self._end(settled)

    async def _call_off(self, decision: Decision, ending: DecisionState, why: str) -> Decision:
        """End it without its effect.

        A release may have had it, in part or with its answer lost: the row says first that nobody
        is to bring it about, then they are taken back. Whoever finds it so goes on with that; whose
        effect was told before keeps it.
        """
        if decision.kind is DecisionKind.RELEASE_LEADS:
            return await self._end(await self._decisions.call_off(decision.id, ending, why))
        now = self._clock.now()
        if ending is DecisionState.FAILED:
            return await self._decisions.failed(decision.id, why, now=now)
        return await self._decisions.superseded(decision.id, why, now=now)

    async def _end(self, decision: Decision) -> Decision:
        """What was called off, once nobody is released by it any more."""
        if decision.ending is None:
            return decision
        await self._withdraw(decision)
        return await self._decisions.called_off(decision.id, now=self._clock.now())

    async def _withdraw(self, decision: Decision) -> None:
        """Have nobody begin by it; who has begun goes on. What refuses that is asked again."""
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
            # Of a release some may be taken back by then: it is one thing or the other.
            if error.retried or decision.kind is DecisionKind.RELEASE_LEADS:
                raise
            return await self._decisions.not_reverted(decision.id, error.reason)
        return await self._decisions.reverted(decision.id, now=now)
