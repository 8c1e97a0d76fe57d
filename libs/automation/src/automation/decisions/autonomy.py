"""How a new decision stands, by how freely its program acts. Pure.

It is noted and changes nothing, it waits for somebody, or the program has approved it itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from automation.decisions.decision import ANSWERED_WITHIN, Decision, DecisionKind, DecisionState
from automation.decisions.kinds import KINDS
from automation.programs.program import ProgramMode


def begun(decision: Decision, mode: ProgramMode) -> Decision:
    """The decision as a program in this mode begins it, from the moment when it was made."""
    now = decision.created_at
    if mode is ProgramMode.DRY_RUN:
        return replace(decision, state=DecisionState.DRY, ended_at=now)
    if not acts_by_itself(mode, decision.kind):
        return replace(decision, expires_at=now + ANSWERED_WITHIN)
    return replace(decision, answered_at=now, answered_by=f"program:{decision.program_id}")


def acts_by_itself(mode: ProgramMode, kind: DecisionKind) -> bool:
    """Whether nobody is asked; what only stops something is not where anything is done."""
    match mode:
        case ProgramMode.DRY_RUN:
            return False
        case ProgramMode.REVIEW:
            return KINDS[kind].stops
        case ProgramMode.AUTOPILOT:
            return KINDS[kind].by_itself
        case _:
            assert_never(mode)
