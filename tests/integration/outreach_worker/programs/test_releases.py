"""A program's day on real rows, at a real Temporal: it releases once, or says why not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from automation.decisions.decision import DecisionState
from automation.programs.program import (
    ProgramMode,
)
from automation.runs.run import RunState, RunTrigger
from outreach_worker import policies
from outreach_worker.decisions.contracts import DecidedChange
from outreach_worker.decisions.decision_keeper import DecisionKeeper
from outreach_worker.programs.contracts import ProgramDay
from outreach_worker.programs.day_contracts import LeadsSelected
from temporalio import activity

from tests.integration.outreach_worker.programs.conftest import Programs
from tests.integration.outreach_worker.programs.releasing import World


@pytest.fixture(autouse=True)
def _tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that is lost is followed by another at once."""
    monkeypatch.setattr(policies._RETRIES, "initial_interval", timedelta(milliseconds=20))


@pytest.fixture
def world(programs: Programs) -> World:
    return World(programs)


async def test_a_day_is_released_once_though_answers_are_lost_and_its_worker_is(
    world: World,
) -> None:
    """Selected, released and ended twice each, by two workers: one decision, six leads, one run."""
    _, program = await world.begin(ProgramMode.AUTOPILOT)
    lost: set[str] = set()

    def once(step: str) -> None:
        """The first attempt has had its effect, and nobody hears of it."""
        if step not in lost:
            lost.add(step)
            raise OSError(step)

    @activity.defn(name="select_leads")
    async def select_leads(day: ProgramDay) -> LeadsSelected:
        selected = await world.day.select_leads(day)
        once("select")
        return selected

    @activity.defn(name="bring_about")
    async def bring_about(change: DecidedChange) -> str:
        await world.decision.bring_about(change)
        lost.add("released")
        raise OSError("the worker is lost")

    nominal_at = world.programs.clock.now()
    async with world.working(select_leads=select_leads, bring_about=bring_about):
        handle = await world.programs.start(program, nominal_at)
        await world.programs.until(lambda: _is(lost, "released"))
    async with world.working():
        await handle.result()

    (decision,) = await world.decided(program)
    leads = await world.decisions.leads(decision.id)
    (run,) = await world.programs.runs(program)
    assert decision.state is DecisionState.APPLIED
    assert decision.change.after["released"] == 6
    assert await world.released() == sorted((each.lead_id, decision.id) for each in leads)
    assert set(world.api.callers) == {f"program:{program.program_id}"}
    assert (run.state, decision.run_id) == (RunState.COMPLETED, run.run_id)
    assert run.result["selected"] == 6
    assert run.result["unused_plan"] == 2 * 22 - 6


async def _is(lost: set[str], step: str) -> bool:
    return step in lost


async def test_a_paused_campaign_releases_nobody_and_the_run_says_why(world: World) -> None:
    """Its slots stay unused because it does not run, not because its list is empty."""
    campaign, program = await world.begin(ProgramMode.AUTOPILOT)
    await world.campaigns.pause(campaign.id)

    async with world.working():
        await world.run(program)

    (run,) = await world.programs.runs(program)
    assert (run.state, run.result["selected"]) == (RunState.COMPLETED, 0)
    assert run.result["unused_campaign_not_running"] == 44
    assert not await world.released()
    assert not await world.decided(program)


@pytest.mark.parametrize(
    ("mode", "state"),
    [(ProgramMode.DRY_RUN, DecisionState.DRY), (ProgramMode.REVIEW, DecisionState.PROPOSED)],
)
async def test_who_may_not_act_by_itself_decides_and_releases_nobody(
    world: World, mode: ProgramMode, state: DecisionState
) -> None:
    """Six are selected and written down; a sender that does not answer is reported."""
    _, program = await world.begin(mode)
    world.gateway.silent = {"acct_two"}

    async with world.working():
        await world.run(program)

    (decision,) = await world.decided(program)
    (run,) = await world.programs.runs(program)
    assert (decision.state, decision.is_approved) == (state, False)
    assert {each.account_id for each in await world.decisions.leads(decision.id)} == {"acct_one"}
    assert (run.result["senders_read"], run.result["senders_failed"]) == (1, 1)
    assert not await world.released()
    assert not world.api.callers


async def test_of_days_that_are_over_nobody_is_released(world: World) -> None:
    """Filled in or caught up far too late: they collect, and decide nothing."""
    _, program = await world.begin(ProgramMode.AUTOPILOT)

    async with world.working():
        await world.run(program, trigger=RunTrigger.BACKFILL)
        await world.run(program, late=timedelta(days=60))

    runs = await world.programs.runs(program)
    assert [run.state for run in runs] == [RunState.COMPLETED] * 2
    assert not any("selected" in run.result for run in runs)
    filled, late = sorted(runs, key=lambda run: run.trigger is not RunTrigger.BACKFILL)
    assert "unused_day_over" not in filled.result
    # It said nothing, as if the day had been decided.
    assert late.result["unused_day_over"] == 0
    assert not await world.decided(program)
    assert not await world.released()


@pytest.mark.lasts(seconds=6)
async def test_what_is_approved_is_released_and_what_is_reverted_is_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody but the keeper asks for it, and it may ask twice; an old proposal expires."""
    monkeypatch.setattr("outreach_worker.decisions.decision_keeper._AWAITED_FOR", timedelta())
    programs = world.programs
    keeper = DecisionKeeper(
        world.decisions, programs.client, programs.clock, task_queue=programs.task_queue
    )
    _, program = await world.begin(ProgramMode.REVIEW)
    _, other = await world.begin(ProgramMode.REVIEW)

    async def kept(state: DecisionState) -> bool:
        await keeper.keep()
        await keeper.keep()
        return (await world.decisions.get(decision.id)).state is state

    async with world.working():
        await world.run(program)
        await world.run(other)
        (decision,), (unanswered,) = await world.decided(program), await world.decided(other)
        in_time = decision.created_at + timedelta(hours=1)
        await world.decisions.approve(decision.id, by="user_ann", now=in_time)
        await programs.until(lambda: kept(DecisionState.APPLIED))
        released = await world.released()
        now = programs.clock.now()
        await world.decisions.revert(decision.id, by="user_ann", now=now)
        await programs.until(lambda: kept(DecisionState.REVERTED))
        # Two virtual days are two seconds.
        await programs.until(lambda: _expired(world, keeper, unanswered.id))

    assert len(released) == 6
    assert {release_id for _, release_id in released} == {decision.id}
    assert not await world.released()


async def _expired(world: World, keeper: DecisionKeeper, decision_id: str) -> bool:
    await keeper.keep()
    return (await world.decisions.get(decision_id)).state is DecisionState.EXPIRED


@pytest.mark.parametrize("end", ["pause", "delete", "dry_run", "cancel"])
async def test_what_waits_for_campaign_api_is_not_released_once_somebody_has_stopped_it(
    world: World, end: str
) -> None:
    """Selected in AUTOPILOT while the service is away; when it is back nobody enters by it."""
    _, program = await world.begin(ProgramMode.AUTOPILOT)
    day = await world.beginning(program)
    selected = await world.day.select_leads(day)

    await world.stop(program, day.run_id, end)
    state = await world.decision.bring_about(DecidedChange(decision_id=selected.decision_id))

    assert (selected.applies, selected.selected) == (True, 6)
    assert state == DecisionState.SUPERSEDED
    assert not await world.released()


@pytest.mark.parametrize("end", ["pause", "delete", "cancel"])
async def test_a_run_that_was_stopped_on_its_way_selects_nobody(world: World, end: str) -> None:
    """Its program, or itself, after it has begun and before it looks at the list."""
    _, program = await world.begin(ProgramMode.AUTOPILOT)
    day = await world.beginning(program)

    await world.stop(program, day.run_id, end)
    selected = await world.day.select_leads(day)

    assert (selected.decision_id, selected.selected) == ("", 0)
    assert selected.unused == {"program_not_active": 44}
    assert not await world.decided(program)


async def test_a_run_that_comes_to_its_selection_too_late_selects_nobody(world: World) -> None:
    """It had begun in time, and its steps waited: the next day's is due."""
    _, program = await world.begin(ProgramMode.AUTOPILOT)
    day = await world.beginning(program)
    await world.programs.pool.execute(
        "UPDATE runs SET nominal_at = nominal_at - interval '60 days'"
    )

    selected = await world.day.select_leads(day)

    assert (selected.decision_id, selected.selected) == ("", 0)
    assert selected.unused == {"day_over": 44}
