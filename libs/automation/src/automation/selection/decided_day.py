"""Whether a program's day is decided: one decision, until that has come to nothing."""

from __future__ import annotations

from dataclasses import dataclass

from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.programs.program import Program, ProgramMode

_DECIDED_ANEW = frozenset({DecisionState.DRY, DecisionState.FAILED, DecisionState.SUPERSEDED})
"""What has come to nothing without anybody's no; a look alone stays so while the program looks."""


@dataclass(frozen=True, kw_only=True)
class DecidedDay:
    """The decision of a day that holds, or the key that another one is to have."""

    decision: Decision | None
    key: str


async def decided_day(decisions: DecisionRepository, program: Program, day: str) -> DecidedDay:
    """How a day stands; `day` as ISO 8601 has it."""
    first = key = f"{DecisionKind.RELEASE_LEADS}/{day}"
    number = 1
    looks_only = program.settings.mode is ProgramMode.DRY_RUN
    while True:
        found = await decisions.by_key(program.organization_id, program.program_id, key)
        if found is None or found.state not in _DECIDED_ANEW:
            return DecidedDay(decision=found, key=key)
        if found.state is DecisionState.DRY and looks_only:
            return DecidedDay(decision=found, key=key)
        number += 1
        key = f"{first}/{number}"
