"""What a program decides by itself, what it asks for, and what it only notes. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import assert_never

from automation.decisions.decision import DecisionKind
from automation.decisions.kinds import KINDS
from automation.programs.program import ProgramMode


class Autonomy(Enum):
    """What becomes of a proposal."""

    NOTED = auto()
    """It is recorded, and changes nothing."""
    ASKED = auto()
    """It waits for somebody's approval."""
    DONE = auto()
    """It takes effect at once."""


def autonomy(mode: ProgramMode, kind: DecisionKind) -> Autonomy:
    """How freely a program in this mode decides a kind; guardrails act wherever anything acts."""
    match mode:
        case ProgramMode.DRY_RUN:
            return Autonomy.NOTED
        case ProgramMode.REVIEW:
            stops = kind in (DecisionKind.PAUSE_CAMPAIGN, DecisionKind.PAUSE_SENDER)
            return Autonomy.DONE if stops else Autonomy.ASKED
        case ProgramMode.AUTOPILOT:
            return Autonomy.DONE if KINDS[kind].by_itself else Autonomy.ASKED
        case _:
            assert_never(mode)
