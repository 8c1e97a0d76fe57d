"""outreach_worker.programs: a day is run once, whoever starts it, and whatever becomes of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.programs.program import ProgramState
from automation.reports.contracts import AskedReport, MadeReport
from automation.runs.contracts import RunOutcome
from automation.runs.run import RunState, RunTrigger, RunType
from outreach_worker import policies
from outreach_worker.programs.contracts import (
    Beginning,
    BeginRun,
    BegunRun,
    EndRun,
    OutcomesCollected,
    ProgramDay,
)
from outreach_worker.programs.day_contracts import LeadsSelected
from temporalio import activity
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from tests.integration.outreach_worker.programs.conftest import Programs

DAY = timedelta(days=1)
FIRST = datetime(2026, 11, 2, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that is lost is followed by another at once."""
    monkeypatch.setattr(policies._RETRIES, "initial_interval", timedelta(milliseconds=20))


async def test_a_day_is_run_once(programs: Programs) -> None:
    """Of two workflows with one nominal time the second does nothing, and says so."""
    program = await programs.new_program()
    async with programs.working():
        both = [
            await programs.start(program, FIRST, named=f"{programs.task_queue}/{n}") for n in (1, 2)
        ]
        results = await asyncio.gather(*(each.result() for each in both))

    (run,) = await programs.runs(program)
    assert {each.outcome for each in results} == {RunOutcome.COMPLETED, RunOutcome.ALREADY_RUN}
    assert {each.run_id for each in results} == {run.run_id}
    assert (run.state, run.trigger) == (RunState.COMPLETED, RunTrigger.MANUAL)
    assert run.took is not None
    assert run.nominal_day.isoformat() == "2026-11-02"


@pytest.mark.lasts(seconds=10)
async def test_fifty_days_whose_worker_is_lost_in_between(programs: Programs) -> None:
    """Each has one row, none runs for ever: answers are lost, doubles come, workers go away."""
    program = await programs.new_program()
    days = [FIRST + number * DAY for number in range(50)]
    lost: set[tuple[str, str]] = set()

    def once(step: str, run: str) -> None:
        """The first attempt has had its effect, and nobody hears of it."""
        if (step, run) not in lost:
            lost.add((step, run))
            raise OSError(step)

    @activity.defn(name="begin_run")
    async def begin_run(begin: BeginRun) -> BegunRun:
        begun = await programs.activities.begin_run(begin)
        once("begin", begin.workflow_id)
        return begun

    @activity.defn(name="end_run")
    async def end_run(end: EndRun) -> None:
        await programs.activities.end_run(end)
        once("end", end.run_id)

    handles = [await programs.start(program, day) for day in days]
    doubles = [
        await programs.start(program, day, named=f"{programs.task_queue}/{day.date()}")
        for day in days[::5]
    ]
    async with programs.working(begin_run=begin_run, end_run=end_run):
        await programs.until(lambda: _some(programs, program, 5))
    async with programs.working(begin_run=begin_run, end_run=end_run):
        outcomes = [(await each.result()).outcome for each in (*handles, *doubles)]

    runs = await programs.runs(program)
    assert [run.nominal_at for run in runs] == days
    assert {run.state for run in runs} == {RunState.COMPLETED}
    assert outcomes.count(RunOutcome.COMPLETED) == len(days)
    assert outcomes.count(RunOutcome.ALREADY_RUN) == len(doubles)


async def _some(programs: Programs, program: Any, ended: int) -> bool:
    return sum(run.state is RunState.COMPLETED for run in await programs.runs(program)) >= ended


async def test_a_step_that_fails_for_good_is_named(programs: Programs) -> None:
    """The run fails at Temporal too, and the next day's is another one."""
    program = await programs.new_program()

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(_: ProgramDay) -> OutcomesCollected:
        raise ApplicationError("nothing", type="Nothing", non_retryable=True)

    async with programs.working(collect_outcomes=collect_outcomes):
        handle = await programs.start(program, FIRST)
        with pytest.raises(WorkflowFailureError):
            await handle.result()

    (run,) = await programs.runs(program)
    assert (run.state, run.error) == (RunState.FAILED, "collect_outcomes: Nothing")


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize("ends", ["fails", "waits"])
async def test_a_run_reports_whatever_becomes_of_its_steps(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """One fails for good, or waits for what is away until the run's time is over."""
    monkeypatch.setattr(policies, "_KEPT_FOR_REPORTS", timedelta(seconds=18))
    monkeypatch.setattr(policies, "_KEPT_FOR_ROWS", timedelta(seconds=4))
    monkeypatch.setattr(policies, "_LEAST", timedelta(seconds=1))
    program, now = await programs.new_program(), programs.clock.now()
    asked: list[AskedReport] = []

    @activity.defn(name="select_leads")
    async def select_leads(_: ProgramDay) -> LeadsSelected:
        if ends == "fails":
            raise ApplicationError("nothing", type="Nothing", non_retryable=True)
        raise OSError("away")

    @activity.defn(name="make_report")
    async def make_report(report: AskedReport) -> MadeReport:
        asked.append(report)
        return MadeReport(report_id="rep_1")

    async with programs.working(select_leads=select_leads, make_report=make_report):
        handle = await programs.start(program, now, within=timedelta(seconds=20))
        with pytest.raises(WorkflowFailureError):
            await handle.result()

    (run,) = await programs.runs(program)
    # Its last error, or that its time was over while it was tried.
    why = {"fails": {"Nothing"}, "waits": {"OSError", "TimeoutError"}}
    assert run.state is RunState.FAILED
    assert run.error.removeprefix("select_leads: ") in why[ends]
    yesterday = program.settings.timetable.day_of(now) - DAY
    assert [each.last_day for each in asked] == [yesterday.isoformat()]


async def test_who_is_cancelled_ends_its_row(programs: Programs) -> None:
    """While a step of it waits for whatever is away."""
    program, waits = await programs.new_program(), asyncio.Event()

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(_: ProgramDay) -> OutcomesCollected:
        waits.set()
        raise OSError("away")

    async with programs.working(collect_outcomes=collect_outcomes):
        handle = await programs.start(program, FIRST)
        await waits.wait()
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()

    (run,) = await programs.runs(program)
    assert (run.state, run.error) == (RunState.CANCELLED, "")


async def test_who_is_terminated_by_hand_is_closed(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code hears nothing of it: whoever compares rows with workflows ends the row."""
    monkeypatch.setattr("outreach_worker.programs.lost_runs._RUNNING_FOR", timedelta())
    program, waits = await programs.new_program(), asyncio.Event()

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(_: ProgramDay) -> OutcomesCollected:
        waits.set()
        raise OSError("away")

    async with programs.working(collect_outcomes=collect_outcomes):
        handle = await programs.start(program, FIRST)
        await waits.wait()
        await programs.lost.close()
        (running,) = await programs.runs(program)
        await handle.terminate("by hand")
        await programs.lost.close()
        await programs.lost.close()

    (run,) = await programs.runs(program)
    assert running.state is RunState.RUNNING
    assert (run.state, run.error) == (RunState.TERMINATED, "WORKFLOW_TERMINATED")
    ended = {"type": RunType.DAILY, "outcome": RunState.TERMINATED}
    assert programs.registry.get_sample_value("automation_runs_total", ended) == 1


async def test_only_the_day_that_is_goes_as_far_as_a_selection(programs: Programs) -> None:
    """Not one that comes too late, nor what is filled in."""
    program = await programs.new_program()

    async def selects(late: timedelta, trigger: RunTrigger) -> bool:
        nominal_at = programs.clock.now() - late
        begun = await programs.activities.begin_run(
            BeginRun(
                organization_id=program.organization_id,
                program_id=program.program_id,
                type=RunType.DAILY,
                nominal_at=nominal_at,
                trigger=trigger,
                workflow_id=f"w{late}{trigger}",
            )
        )
        assert begun.beginning is Beginning.BEGUN
        return begun.current

    assert await selects(timedelta(hours=1), RunTrigger.SCHEDULE)
    assert await selects(timedelta(hours=2), RunTrigger.MANUAL)
    # Half a minute on the wall is a month here.
    assert not await selects(60 * DAY, RunTrigger.SCHEDULE)
    assert not await selects(timedelta(hours=3), RunTrigger.BACKFILL)


async def test_a_paused_program_runs_only_if_somebody_asks(programs: Programs) -> None:
    """Its schedule's run has no row; a deleted one has none at all."""
    program = await programs.new_program(state=ProgramState.PAUSED)
    async with programs.working():
        scheduled = await programs.start(program, FIRST, trigger=RunTrigger.SCHEDULE)
        outcome = (await scheduled.result()).outcome
        asked = await (await programs.start(program, FIRST + DAY)).result()

    assert outcome is RunOutcome.NOT_ACTIVE
    assert asked.outcome is RunOutcome.COMPLETED
    assert len(await programs.runs(program)) == 1


async def test_a_program_ends_with_its_campaign(programs: Programs) -> None:
    """Purged, or not there at all: nothing is run, and its schedules go."""
    purged, gone = await programs.new_program(), await programs.new_program()
    pool = programs.campaign_pool
    await pool.execute("UPDATE campaigns SET purged_at = now() WHERE id = $1", purged.campaign_id)
    await programs.pool.execute(
        "UPDATE programs SET campaign_id = 'camp_none' WHERE program_id = $1", gone.program_id
    )

    async with programs.working():
        outcomes = [
            (await (await programs.start(each, FIRST)).result()).outcome for each in (purged, gone)
        ]

    assert outcomes == [RunOutcome.NOT_ACTIVE] * 2
    for each in (purged, gone):
        assert (await programs.rows.get(each.program_id)).state is ProgramState.DELETED
