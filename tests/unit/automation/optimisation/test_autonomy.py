"""How freely a program decides, by its mode."""

from __future__ import annotations

from automation.decisions.decision import DecisionKind
from automation.optimisation.autonomy import Autonomy, autonomy
from automation.programs.program import ProgramMode


def test_what_is_done_without_asking() -> None:
    """Nothing; what stops; what is proven or stops. More people and new texts are asked for."""
    done = {
        mode: {kind for kind in DecisionKind if autonomy(mode, kind) is Autonomy.DONE}
        for mode in ProgramMode
    }
    stops = {DecisionKind.PAUSE_CAMPAIGN, DecisionKind.PAUSE_SENDER}

    assert not done[ProgramMode.DRY_RUN]
    assert done[ProgramMode.REVIEW] == stops
    assert done[ProgramMode.AUTOPILOT] >= stops | {DecisionKind.ARCHIVE_VARIANT}
    asked = {DecisionKind.RAISE_LEADS_PER_DAY, DecisionKind.CHANGE_GUIDELINES}
    assert not asked & done[ProgramMode.AUTOPILOT]
