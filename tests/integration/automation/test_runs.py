"""automation.runs.run_repository: rows of runs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RunRepository
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool

from tests.integration.automation.conftest import NOW

DAY = timedelta(days=1)


def run_at(nominal_at: object = NOW, *, workflow_id: str = "program/prog_1/daily-1") -> Run:
    run = Run(
        organization_id="org_north",
        run_id=new_id("run"),
        program_id="prog_1",
        type=RunType.DAILY,
        nominal_at=NOW,
        nominal_day=NOW.date(),
        workflow_id=workflow_id,
        trigger=RunTrigger.SCHEDULE,
        started_at=NOW,
    )
    return replace(run, nominal_at=nominal_at)


@pytest.mark.parametrize("end", [each for each in RunState if each is not RunState.RUNNING])
async def test_a_run_that_came_to_nothing_can_be_run_again(pool: Pool, end: RunState) -> None:
    """By its own workflow, in its own row; what is complete stays, and another's workflow too."""
    runs = RunRepository(pool)
    first = await runs.begin(run_at())
    await runs.end(first.run_id, NOW, end, at=NOW, result={"leads": 3}, error="select: Nothing")

    other = await runs.begin(run_at(workflow_id="another"))
    again = await runs.begin(replace(run_at(), trigger=RunTrigger.BACKFILL, started_at=NOW + DAY))

    assert (other.run_id, other.state) == (first.run_id, end)
    assert again.run_id == first.run_id
    if end is RunState.COMPLETED:
        assert again.state is RunState.COMPLETED
        return
    assert (again.state, again.trigger, again.started_at) == (
        RunState.RUNNING,
        RunTrigger.BACKFILL,
        NOW + DAY,
    )
    assert (again.ended_at, again.took, dict(again.result), again.error) == (None, None, {}, "")
    assert await runs.end(again.run_id, NOW, RunState.COMPLETED, at=NOW) is not None


async def test_which_days_stand_is_told_by_their_rows(pool: Pool) -> None:
    """Also once Temporal has forgotten them; what failed does not stand, nor another program's."""
    runs = RunRepository(pool)
    times = [NOW - number * DAY for number in range(4)]
    for at, end in zip(times, [None, RunState.COMPLETED, RunState.FAILED], strict=False):
        run = await runs.begin(run_at(at, workflow_id=f"w{at}"))
        if end is not None:
            await runs.end(run.run_id, at, end, at=NOW)

    standing = await runs.standing("org_north", "prog_1", RunType.DAILY, times)

    assert standing == {times[0], times[1]}
    assert not await runs.standing("org_north", "prog_2", RunType.DAILY, times)


async def test_the_newest_run_of_each_program_is_looked_for_no_further_back(pool: Pool) -> None:
    """Than asked; who has none since then is not there."""
    runs = RunRepository(pool)
    for at in (NOW - 20 * DAY, NOW - DAY):
        await runs.begin(run_at(at, workflow_id=f"w{at}"))
    asked = [("org_north", "prog_1"), ("org_north", "prog_2"), ("org_south", "prog_1")]

    newest = await runs.newest(asked, RunType.DAILY, since=NOW - 15 * DAY)
    nothing = await runs.newest(asked, RunType.DAILY, since=NOW)

    assert newest == {"prog_1": NOW - DAY}
    assert not nothing
