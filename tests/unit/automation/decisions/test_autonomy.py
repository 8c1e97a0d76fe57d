"""How freely a program decides, by its mode."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from automation.decisions.autonomy import acts_by_itself, begun
from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.programs.program import ProgramMode

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)


def test_what_is_done_without_asking() -> None:
    """Nothing; what stops; what is proven or stops. More people are asked for."""
    done = {
        mode: {kind for kind in DecisionKind if acts_by_itself(mode, kind)} for mode in ProgramMode
    }
    stops = {DecisionKind.PAUSE_CAMPAIGN, DecisionKind.PAUSE_SENDER}

    assert not done[ProgramMode.DRY_RUN]
    assert done[ProgramMode.REVIEW] == stops
    assert done[ProgramMode.AUTOPILOT] >= stops | {DecisionKind.ARCHIVE_VARIANT}
    assert DecisionKind.RAISE_LEADS_PER_DAY not in done[ProgramMode.AUTOPILOT]


@pytest.mark.parametrize(
    ("mode", "state", "approved", "waits"),
    [
        (ProgramMode.DRY_RUN, DecisionState.DRY, False, False),
        (ProgramMode.REVIEW, DecisionState.PROPOSED, False, True),
        (ProgramMode.AUTOPILOT, DecisionState.PROPOSED, True, False),
    ],
)
def test_a_decision_begins_as_its_programs_mode_has_it(
    mode: ProgramMode, state: DecisionState, *, approved: bool, waits: bool
) -> None:
    """Noted for good, waiting for 48 hours, or approved by the program, which is named."""
    made = Decision(
        id="dec_1",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key="release_leads/2027-03-01",
        kind=DecisionKind.RELEASE_LEADS,
        rule="daily_selection",
        created_at=NOW,
    )

    found = begun(made, mode)

    assert (found.state, found.is_approved, found.waits_at(NOW)) == (state, approved, waits)
    assert (found.ended_at == NOW) is (state is DecisionState.DRY)
    assert found.answered_by == ("program:prog_1" if approved else "")
    if waits:
        assert not found.waits_at(NOW + timedelta(hours=48))
