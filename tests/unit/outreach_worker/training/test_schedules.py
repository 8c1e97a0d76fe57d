"""Programs learn once a week where a deployment fits models, and nowhere else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from automation.programs.program import Program, ProgramState, new_settings
from automation.programs.temporal_schedules import ProgramSchedules
from automation.runs.contracts import schedule_id
from automation.runs.run import RunType
from outreach_worker.settings import Training
from outreach_worker.training.composition import SCHEDULED_TYPES
from servicekit.clock import Clock

NOW = datetime(2027, 3, 1, tzinfo=UTC)
PROGRAM = Program(
    organization_id="org_1",
    program_id="prog_1",
    campaign_id="camp_1",
    state=ProgramState.ACTIVE,
    settings=new_settings("Spring", time_zone="Europe/Berlin"),
    created_at=NOW,
    updated_at=NOW,
)


def no_client() -> Any:
    raise AssertionError("nothing is asked of Temporal")


@pytest.mark.parametrize(
    ("training", "types"),
    [
        (Training.NOWHERE, {*RunType} - {RunType.TRAINING}),
        (Training.ELSEWHERE, {*RunType}),
        (Training.HERE, set()),
    ],
)
def test_who_makes_which_schedules(training: Training, types: set[RunType]) -> None:
    """Of a program without a weekly review nothing is learned by itself."""
    schedules = ProgramSchedules(no_client, Clock.real_time(), types=SCHEDULED_TYPES[training])
    times = replace(PROGRAM.settings.timetable, review_weekday=None)
    unreviewed = replace(PROGRAM, settings=replace(PROGRAM.settings, timetable=times))

    assert {*schedules.ids_of(PROGRAM)} == {schedule_id("prog_1", of) for of in types}
    of_reviews = {RunType.WEEKLY, RunType.TRAINING}
    assert {*schedules.ids_of(unreviewed)} == {
        schedule_id("prog_1", of) for of in types - of_reviews
    }
