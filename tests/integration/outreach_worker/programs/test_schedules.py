"""Schedules at Temporal are what the rows of programs say."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from automation.programs.program import ProgramEdit, ProgramState
from automation.programs.temporal_schedules import TICKED
from automation.runs.contracts import schedule_id
from automation.runs.run import RunState, RunTrigger, RunType
from devstack.stack.temporal import ScheduleTicker
from temporalio.client import (
    ScheduleActionStartWorkflow,
    ScheduleBackfill,
    ScheduleOverlapPolicy,
)
from temporalio.service import RPCError

from tests.integration.outreach_worker.programs.conftest import Programs

MARCH = datetime(2027, 3, 26, tzinfo=UTC)


async def kept(programs: Programs) -> None:
    """Once Temporal lists what there is, nothing is to be mended any more."""

    async def settled() -> bool:
        await programs.keeper.keep()
        listed = await programs.schedules.listed()
        live = await programs.rows.live(limit=100)
        wanted = {each for program in live for each in programs.schedules.ids_of(program)}
        return listed.keys() == wanted and not any(
            programs.schedules.differing(each, listed) for each in live
        )

    await programs.until(settled)


async def test_what_is_deleted_by_hand_is_back(programs: Programs) -> None:
    """And what is nobody's is taken away."""
    program, other = await programs.new_program(), await programs.new_program()
    await kept(programs)
    id_ = schedule_id(program.program_id, RunType.DAILY)
    await programs.client.get_schedule_handle(id_).delete()
    await programs.rows.to_state(other.program_id, ProgramState.DELETED, now=programs.clock.now())

    await kept(programs)

    described = await programs.client.get_schedule_handle(id_).describe()
    assert described.schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert described.schedule.policy.catchup_window == timedelta(hours=6)
    begins = described.schedule.action
    assert isinstance(begins, ScheduleActionStartWorkflow)
    # Caught up as late as may be, it ends before the next day's is due, which is skipped else.
    assert begins.execution_timeout == timedelta(hours=12)
    orphan = programs.client.get_schedule_handle(schedule_id(other.program_id, RunType.DAILY))
    with pytest.raises(RPCError):
        await orphan.describe()


async def test_what_comes_back_has_its_schedules_again_and_they_rest(programs: Programs) -> None:
    """Nothing of it begins by itself until somebody resumes it."""
    program = await programs.new_program()
    await kept(programs)
    now = programs.clock.now()
    await programs.rows.to_state(program.program_id, ProgramState.DELETED, now=now)
    await kept(programs)
    handle = programs.client.get_schedule_handle(schedule_id(program.program_id, RunType.DAILY))
    with pytest.raises(RPCError):
        await handle.describe()

    await programs.rows.undelete(program.program_id, now=now)
    await kept(programs)

    state = (await handle.describe()).schedule.state
    assert state.paused
    assert (state.note or "").startswith("paused by the program")


async def test_a_change_of_the_row_is_one_of_the_schedule(programs: Programs) -> None:
    """Also one that somebody makes at Temporal: it is made what the row says."""
    program = await programs.new_program()
    await kept(programs)
    handle = programs.client.get_schedule_handle(schedule_id(program.program_id, RunType.DAILY))
    before = (await handle.describe()).schedule.state
    edit = ProgramEdit(changes={"daily_minute": 7 * 60 + 30})
    edited = await programs.rows.edit(program.program_id, edit, now=programs.clock.now())
    await handle.unpause(note="by hand")
    await kept(programs)

    times = await programs.schedules.times(
        edited, RunType.DAILY, since=MARCH, until=MARCH + timedelta(days=4)
    )

    assert before.paused
    assert (before.note or "").startswith(TICKED)
    # On Sunday the 28th clocks are put forward.
    assert [each.strftime("%d %H:%M") for each in times] == [
        "26 06:30",
        "27 06:30",
        "28 05:30",
        "29 05:30",
    ]


@pytest.mark.lasts(seconds=6)
async def test_days_that_are_filled_in_twice_are_run_once(programs: Programs) -> None:
    """Temporal starts a range that is asked for again once more; rows do not."""
    program = await programs.new_program()
    await kept(programs)
    handle = programs.client.get_schedule_handle(schedule_id(program.program_id, RunType.DAILY))
    week = ScheduleBackfill(
        start_at=MARCH,
        end_at=MARCH + timedelta(days=7),
        overlap=ScheduleOverlapPolicy.BUFFER_ALL,
    )

    async def seven() -> bool:
        runs = await programs.runs(program)
        return len(runs) == 7 and all(run.state is RunState.COMPLETED for run in runs)

    async with programs.working():
        await handle.backfill(week)
        await programs.until(seven)
        await asyncio.sleep(0)
        await handle.backfill(week)

        async def all_ended() -> bool:
            query = f"WorkflowId STARTS_WITH '{handle.id}' AND ExecutionStatus = 'Completed'"
            return (await programs.client.count_workflows(query)).count == 14

        await programs.until(all_ended)

    runs = await programs.runs(program)
    assert len(runs) == 7
    assert {run.trigger for run in runs} == {RunTrigger.SCHEDULE}
    assert [run.nominal_day.day for run in runs] == [26, 27, 28, 29, 30, 31, 1]


@pytest.mark.lasts(seconds=8)
async def test_the_sandbox_ticks_schedules_in_its_own_time(programs: Programs) -> None:
    """Ten virtual days are ten runs, each once, and none of a paused program."""
    program = await programs.new_program()
    paused = await programs.new_program(state=ProgramState.PAUSED)
    await kept(programs)
    began = programs.clock.now()
    ticker = ScheduleTicker(None, programs.clock)  # type: ignore[arg-type]  # nothing is started

    async with programs.working():

        async def ten() -> bool:
            await ticker.tick(programs.client)
            return sum(run.ended_at is not None for run in await programs.runs(program)) >= 10

        await programs.until(ten)
        until = programs.clock.now()

    runs = [run for run in await programs.runs(program) if run.type is RunType.DAILY]
    due = await programs.schedules.times(program, RunType.DAILY, since=began, until=until)
    nominal = [run.nominal_at for run in runs]
    assert nominal == list(due)[: len(nominal)]
    assert await programs.runs(paused) == []


@dataclass
class Moment:
    """A clock that is put on by hand."""

    at: datetime

    def now(self) -> datetime:
        """The moment."""
        return self.at


@pytest.mark.lasts(seconds=6)
async def test_ticks_close_together_lose_no_day(programs: Programs) -> None:
    """Of backfills that arrive before Temporal looks it keeps the last: none is sent so early."""
    program = await programs.new_program()
    await kept(programs)
    moment = Moment(MARCH)
    ticker = ScheduleTicker(None, moment)  # type: ignore[arg-type]  # nothing is started
    for _ in range(8):
        moment.at += timedelta(days=1)
        await ticker.tick(programs.client)

    async def eight() -> bool:
        runs = await programs.runs(program)
        return sum(run.type is RunType.DAILY for run in runs) >= 8

    async with programs.working():
        await programs.until(eight)

    runs = [run for run in await programs.runs(program) if run.type is RunType.DAILY]
    due = await programs.schedules.times(program, RunType.DAILY, since=MARCH, until=moment.at)
    assert [run.nominal_at for run in runs] == list(due)
    assert len(runs) == 8
