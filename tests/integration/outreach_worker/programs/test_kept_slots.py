"""What reports are told of a day's slots is what its decision came to, or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from automation.decisions.decision import Decision
from automation.decisions.releases import LOOKS, DecidedMeanwhile
from automation.programs.program import Program, ProgramMode
from automation.selection.reading_repository import SenderReading
from automation.selection.sender_day_repository import SenderDay
from servicekit.errors import NotYet

from tests.integration.outreach_worker.programs.test_day_selection import (
    DAY,
    NOW,
    World,
    program_of,
    world,
)

__all__ = ["world"]

Then = Callable[[], Awaitable[object]]


async def kept(world: World, program: Program) -> dict[str, SenderDay]:
    day = date.fromisoformat(DAY)
    found = await world.sender_days.between("org_north", program.program_id, day, day)
    return {each.account_id: each for each in found}


async def used(world: World, decision: Decision) -> Counter[str]:
    leads = await world.decisions.leads(decision.id)
    return Counter(each.account_id for each in leads)


async def hold(world: World, account_id: str) -> None:
    reading = SenderReading(
        account_id=account_id,
        invitations=0,
        pending=0,
        multiplier=1.0,
        connected=True,
        on_hold=True,
        read_at=NOW,
    )
    await world.readings.keep("org_north", [reading])


def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch, then: Then, *, times: int = 1) -> None:
    """Another program of the organization decides between a look and its decision."""
    record, refused = world.decisions.record, []

    async def after_others(*given: Any, **named: Any) -> Decision:
        if len(refused) < times:
            refused.append(True)
            await then()
            raise DecidedMeanwhile
        return await record(*given, **named)

    monkeypatch.setattr(world.decisions, "record", after_others)


async def suppress_all(world: World) -> None:
    world.suppressions.people |= {f"person-{number}" for number in range(24)}


@pytest.fixture
async def program(world: World) -> Program:
    await world.read()
    return program_of(await world.campaign(24), ProgramMode.AUTOPILOT)


async def test_slots_are_those_of_the_decision_and_of_no_look_before_it(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that another program took meanwhile had three slots that nobody used."""
    meanwhile(world, monkeypatch, lambda: hold(world, "acct_two"))

    decided = await world.decide(program)

    assert decided.decision is not None
    found = await kept(world, program)
    assert {each: day.used for each, day in found.items()} == {"acct_one": 6, "acct_two": 0}
    assert await used(world, decided.decision) == Counter({"acct_one": 6})
    assert found["acct_two"].unused == {"on_hold": 0}


async def test_where_nobody_is_left_at_the_second_look_that_is_why(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no decision, so no slot waits for one."""
    meanwhile(world, monkeypatch, lambda: suppress_all(world))

    decided = await world.decide(program)

    assert decided.decision is None
    found = await kept(world, program)
    assert [each.used for each in found.values()] == [0, 0]
    told = sum((Counter(each.unused) for each in found.values()), Counter())
    assert told == decided.day.unused_by_reason()


async def test_of_looks_that_came_to_nothing_nothing_is_kept(
    world: World, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others decide all the time: the next attempt says how the day was."""

    async def nothing() -> None: ...

    meanwhile(world, monkeypatch, nothing, times=LOOKS)

    with pytest.raises(NotYet):
        await world.decide(program)

    assert await kept(world, program) == {}


async def test_a_day_that_is_decided_anew_is_told_by_its_last_decision(
    world: World, program: Program
) -> None:
    """A sender whom that one takes nothing from has used nothing of what the first one took."""
    first = await world.decide(program)
    assert first.decision is not None
    await world.decisions.superseded(first.decision.id, "PROGRAM_PAUSED", now=NOW)
    await hold(world, "acct_two")

    second = await world.decide(program)

    assert second.decision is not None
    found = await kept(world, program)
    assert {each: day.used for each, day in found.items()} == {"acct_one": 6, "acct_two": 0}


async def test_who_takes_nobody_takes_nothing_away_from_a_decision(
    world: World, program: Program
) -> None:
    """Decided, superseded, and looked at again when all must not be contacted."""
    first = await world.decide(program)
    assert first.decision is not None
    before = await kept(world, program)
    await world.decisions.superseded(first.decision.id, "PROGRAM_PAUSED", now=NOW)
    await suppress_all(world)

    second = await world.decide(program)

    assert second.decision is None
    assert await kept(world, program) == before
