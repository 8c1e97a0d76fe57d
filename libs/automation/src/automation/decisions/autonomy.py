"""How a new decision stands, by how freely its program acts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from automation.decisions.decision import ANSWERED_WITHIN, DecisionKind, DecisionState
from automation.decisions.kinds import KINDS
from automation.programs.program import Program, ProgramMode


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a decision begins with."""

    state: DecisionState
    expires_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str = ""


def standing_of(program: Program, kind: DecisionKind, *, now: datetime) -> Standing:
    """Looked at, proposed for 48 hours, or approved by the program itself where it may."""
    proposed = Standing(state=DecisionState.PROPOSED, expires_at=now + ANSWERED_WITHIN)
    mode = program.settings.mode
    match mode:
        case ProgramMode.DRY_RUN:
            return Standing(state=DecisionState.DRY)
        case ProgramMode.REVIEW:
            return proposed
        case ProgramMode.AUTOPILOT:
            if not KINDS[kind].by_itself:
                return proposed
            return Standing(
                state=DecisionState.PROPOSED,
                answered_at=now,
                answered_by=f"program:{program.program_id}",
            )
        case _:
            assert_never(mode)
