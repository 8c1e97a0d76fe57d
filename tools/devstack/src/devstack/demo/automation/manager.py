"""The demo's manager: approves the first rise, overlooks the next, takes a pause back."""

from __future__ import annotations

from datetime import datetime, timedelta

from automation.decisions.decision import Decision, DecisionKind, DecisionState

from devstack.demo.automation.office import Office

_THINKS_IT_OVER = timedelta(days=2)
"""Before a paused sender is let go on: LinkedIn had asked it to slow down."""


class Manager:
    """Answers what it is asked, as the time has come."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._approved: str | None = None
        self._taken_back: str | None = None

    async def look(self, decision: Decision, now: datetime) -> str:
        """Answer a decision if that is this manager's way; returns what was said, or nothing."""
        if decision.kind is DecisionKind.RAISE_LEADS_PER_DAY and decision.waits_at(now):
            return await self._answer(decision)
        paused = decision.kind is DecisionKind.PAUSE_SENDER
        if paused and decision.state is DecisionState.APPLIED:
            return await self._let_go_on(decision, now)
        return ""

    async def _answer(self, decision: Decision) -> str:
        if self._approved is not None:
            return ""
        self._approved = decision.id
        await self._office.approve(decision)
        return "the manager approves"

    async def _let_go_on(self, decision: Decision, now: datetime) -> str:
        applied_at = decision.applied_at
        early = applied_at is None or now < applied_at + _THINKS_IT_OVER
        if early or self._taken_back is not None:
            return ""
        self._taken_back = decision.id
        await self._office.revert(decision)
        return "the manager takes it back"
