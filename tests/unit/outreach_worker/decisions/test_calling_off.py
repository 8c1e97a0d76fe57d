"""What a program has approved by itself is not done once it may not act any more."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from automation.decisions.decision import Decision, DecisionKind
from automation.errors import RunNotFound
from automation.programs.program import Program, ProgramMode, ProgramState, new_settings
from automation.runs.run import Run, RunState, RunTrigger, RunType
from outreach_worker.decisions.calling_off import CallingOff
from servicekit.clock import Clock

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
PROGRAM = Program(
    organization_id="org_1",
    program_id="prog_1",
    campaign_id="camp_1",
    state=ProgramState.ACTIVE,
    settings=replace(new_settings("Spring", time_zone="UTC"), mode=ProgramMode.AUTOPILOT),
    created_at=NOW,
    updated_at=NOW,
)
RUN = Run(
    organization_id="org_1",
    run_id="run_1",
    program_id="prog_1",
    type=RunType.DAILY,
    nominal_at=NOW,
    nominal_day=NOW.date(),
    workflow_id="program/prog_1/daily",
    trigger=RunTrigger.SCHEDULE,
    state=RunState.COMPLETED,
    started_at=NOW,
)
BY_HAND = replace(RUN, trigger=RunTrigger.MANUAL)
RELEASE = Decision(
    id="dec_1",
    organization_id="org_1",
    program_id="prog_1",
    campaign_id="camp_1",
    run_id="run_1",
    key="release_leads/2026-11-30",
    kind=DecisionKind.RELEASE_LEADS,
    rule="daily_selection",
    created_at=NOW,
    answered_at=NOW,
    answered_by="program:prog_1",
)
BY_ANN = replace(RELEASE, answered_by="user_ann")
OLD = NOW - 7 * HOUR


@dataclass
class Rows:
    """One program, and one run or none."""

    program: Program
    run: Run | None

    async def get(self, id_: str) -> Any:
        if id_ == self.program.program_id:
            return self.program
        if self.run is None:
            raise RunNotFound
        return self.run


def program(state: ProgramState = ProgramState.ACTIVE, mode: str = "autopilot") -> Program:
    settings = replace(PROGRAM.settings, mode=ProgramMode(mode))
    return replace(PROGRAM, state=state, settings=settings)


async def reason(decision: Decision, of: Program = PROGRAM, run: Run | None = RUN) -> str:
    rows = cast("Any", Rows(of, run))
    return await CallingOff(rows, rows, Clock.real_time()).reason(decision)


@pytest.mark.parametrize(
    ("decision", "of", "run", "why"),
    [
        (RELEASE, PROGRAM, RUN, ""),
        (RELEASE, PROGRAM, None, ""),
        (RELEASE, program(ProgramState.PAUSED), RUN, "PROGRAM_PAUSED"),
        (RELEASE, program(ProgramState.DELETED), RUN, "PROGRAM_DELETED"),
        (RELEASE, program(mode="dry_run"), RUN, "PROGRAM_MODE_CHANGED"),
        (RELEASE, program(mode="review"), RUN, "PROGRAM_MODE_CHANGED"),
        (RELEASE, PROGRAM, replace(RUN, state=RunState.CANCELLED), "RUN_ENDED"),
        (RELEASE, PROGRAM, replace(RUN, state=RunState.TERMINATED), "RUN_ENDED"),
        (RELEASE, PROGRAM, replace(RUN, state=RunState.FAILED), ""),
        (replace(RELEASE, created_at=OLD), PROGRAM, RUN, "DECISION_LAPSED"),
        (replace(RELEASE, created_at=NOW - 5 * HOUR), PROGRAM, RUN, ""),
        # Whoever starts a run of a paused program by hand wants what it does.
        (RELEASE, program(ProgramState.PAUSED), BY_HAND, ""),
        (
            RELEASE,
            replace(program(ProgramState.PAUSED), updated_at=NOW + HOUR),
            BY_HAND,
            "PROGRAM_PAUSED",
        ),
    ],
)
async def test_pause_deletion_mode_cancellation_and_time_each_stop_a_release(
    decision: Decision, of: Program, run: Run | None, why: str
) -> None:
    """That a program approved by itself, and that waits for whatever is away."""
    assert await reason(decision, of, run) == why


async def test_what_a_member_has_approved_ends_with_the_program_alone() -> None:
    """Their answer is for it, whatever the program may do by itself."""
    paused = program(ProgramState.PAUSED, mode="dry_run")

    assert await reason(replace(BY_ANN, created_at=OLD), paused) == ""
    assert await reason(BY_ANN, program(ProgramState.DELETED)) == "PROGRAM_DELETED"


async def test_what_was_approved_before_its_program_was_deleted_is_off_when_it_is_back() -> None:
    """Whoever deleted it wanted nothing more to be done; what is approved since is done."""
    back = replace(program(ProgramState.PAUSED), deleted_at=NOW)

    before, since = (replace(BY_ANN, answered_at=NOW + each) for each in (-HOUR, HOUR))

    assert await reason(before, back) == "PROGRAM_DELETED"
    assert await reason(since, back) == ""


async def test_what_stops_something_is_done_in_review_too() -> None:
    """Nor is it too late for it the next day."""
    pause = replace(RELEASE, kind=DecisionKind.PAUSE_SENDER, created_at=OLD)

    assert await reason(pause, program(mode="review")) == ""
    assert await reason(pause, program(mode="dry_run")) == "PROGRAM_MODE_CHANGED"
