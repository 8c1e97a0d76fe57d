"""Releases that are called off, or fail, on real rows: their row and their leads say the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from automation.decisions.decision import Decision, DecisionState
from automation.decisions.kinds import sentence
from automation.programs.program import Program, ProgramMode, ProgramState
from outreach_worker.decisions import released_leads
from outreach_worker.decisions.released_leads import ReleasedLeads
from servicekit.errors import NotYet, PermissionDenied, ServiceError, Unavailable

from tests.integration.outreach_worker.programs.office import Office, opened
from tests.integration.outreach_worker.programs.test_day_selection import NOW

AUTOPILOT = ProgramMode.AUTOPILOT


@pytest.fixture
async def office(new_database: Callable[..., str]) -> AsyncIterator[Office]:
    async with opened(new_database) as made:
        yield made


@dataclass
class Unsteady:
    """campaign-api, of which some calls are refused or lose their answer; each by its number."""

    office: Office
    refusals: dict[int, BaseException] = field(default_factory=dict)
    lost: dict[int, BaseException] = field(default_factory=dict)
    calls: int = 0

    async def ReleaseLeads(self, request: Any) -> Any:  # noqa: N802 - as the rpc is called
        return await self._call(self.office.api.ReleaseLeads, request)

    async def WithdrawLeads(self, request: Any) -> Any:  # noqa: N802
        return await self._call(self.office.api.WithdrawLeads, request)

    async def _call(self, rpc: Callable[[Any], Any], request: Any) -> Any:
        number, self.calls = self.calls, self.calls + 1
        if number in self.refusals:
            raise self.refusals[number]
        answer = await rpc(request)
        if number in self.lost:
            raise self.lost[number]
        return answer


def released_by(office: Office, api: Unsteady) -> ReleasedLeads:
    return ReleasedLeads(
        cast("Any", api), office.decisions, office.fitting, candidates=office.candidates
    )


@dataclass
class Slow:
    """Knows whether to call off, and comes to it when others have gone on."""

    office: Office
    knows: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def reason(self, decision: Decision) -> str:
        why = await self.office.calling_off.reason(decision)
        self.knows.set()
        await self.goes_on.wait()
        return why


async def autopilot(office: Office) -> tuple[Program, Decision]:
    """A program that has approved six by itself."""
    program = await office.program(await office.of_firms(12), mode=AUTOPILOT)
    return program, await office.proposed(program)


async def agrees(office: Office, decision_id: str) -> DecisionState:
    """How it stands; who is released by it is as that says."""
    found = await office.decisions.get(decision_id)
    by_it = await office.campaign_pool.fetchval(
        "SELECT count(*) FROM leads WHERE split_part(release_id, '/', 1) = $1", decision_id
    )
    stays = "released" if found.state is DecisionState.APPLIED else "begun"
    told = found.change.after.get(stays, 0)
    assert by_it == told, (found, by_it)
    return found.state


async def test_what_was_done_meanwhile_is_not_called_off_any_more(office: Office) -> None:
    """Who has read that the program is paused comes to it when another has told the effect."""
    program, decision = await autopilot(office)
    slow = Slow(office)
    late = office.settled_by(released_by(office, Unsteady(office)), slow)
    await office.programs.to_state(program.program_id, ProgramState.PAUSED, now=NOW)
    calling_off = asyncio.create_task(late.settle(decision.id))
    await slow.knows.wait()
    await office.programs.to_state(program.program_id, ProgramState.ACTIVE, now=NOW)

    await office.settlement.settle(decision.id)
    slow.goes_on.set()
    ended = await calling_off

    assert await agrees(office, decision.id) is ended.state is DecisionState.APPLIED
    assert len(await office.released()) == 6


async def test_what_is_on_its_way_comes_too_late_for_what_was_called_off(office: Office) -> None:
    """The release is asked for after the other has taken it back, and its process dies at once."""
    program, decision = await autopilot(office)
    slow = Slow(office)
    late = office.settled_by(released_by(office, Unsteady(office, lost={0: OSError()})), slow)
    releasing = asyncio.create_task(late.settle(decision.id))
    await slow.knows.wait()
    await office.programs.to_state(program.program_id, ProgramState.PAUSED, now=NOW)

    await office.settlement.settle(decision.id)
    slow.goes_on.set()
    with suppress(OSError, NotYet):
        await releasing

    assert await agrees(office, decision.id) is DecisionState.SUPERSEDED


@pytest.fixture
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six leads are three calls."""
    monkeypatch.setattr(released_leads, "_AT_ONCE", 2)


@pytest.mark.usefixtures("_in_parts")
async def test_a_part_that_is_refused_for_good_takes_the_others_back(office: Office) -> None:
    """The row says that it failed, and why; nobody begins by it."""
    _, decision = await autopilot(office)
    api = Unsteady(office, refusals={1: PermissionDenied()})

    ended = await office.settled_by(released_by(office, api), office.calling_off).settle(
        decision.id
    )

    assert (ended.state, ended.failure) == (DecisionState.FAILED, "PERMISSION_DENIED")
    assert await agrees(office, decision.id) is DecisionState.FAILED


@pytest.mark.usefixtures("_in_parts")
async def test_who_has_begun_by_what_is_taken_back_is_told(office: Office) -> None:
    """They go on: the row says how many, whichever way it comes to an end."""
    program, decision = await autopilot(office)
    first, *_ = await office.decisions.leads(decision.id)
    api = Unsteady(office, refusals={1: Unavailable()})
    process = office.settled_by(released_by(office, api), office.calling_off)
    with pytest.raises(Unavailable):
        await process.settle(decision.id)
    await office.campaign_pool.execute(
        "UPDATE leads SET state = 'running' WHERE id = $1", first.lead_id
    )
    await office.programs.to_state(program.program_id, ProgramState.PAUSED, now=NOW)

    ended = await process.settle(decision.id)

    assert await agrees(office, decision.id) is ended.state is DecisionState.SUPERSEDED
    assert ended.change.after["begun"] == 1
    assert "; 1 had begun, and go on" in sentence(ended)


@pytest.mark.usefixtures("_in_parts")
@pytest.mark.parametrize("error", [Unavailable(), KeyError("a bug")])
async def test_a_part_that_fails_for_now_is_done_with_the_next_attempt(
    office: Office, error: Exception
) -> None:
    """Until then it is approved and awaited; who was released before keeps it."""
    _, decision = await autopilot(office)
    process = office.settled_by(
        released_by(office, Unsteady(office, refusals={1: error})), office.calling_off
    )

    with pytest.raises(type(error)):
        await process.settle(decision.id)
    awaited = await office.decisions.awaited(since=NOW)
    await process.settle(decision.id)

    assert [each.id for each in awaited] == [decision.id]
    assert await agrees(office, decision.id) is DecisionState.APPLIED
    assert len(await office.released()) == 6


@pytest.mark.usefixtures("_in_parts")
@pytest.mark.parametrize("refused", [2, 3, 4])
async def test_what_cannot_be_taken_back_now_is_taken_back_later(
    office: Office, refused: int
) -> None:
    """It is called off until then: nobody brings it about, whatever it was that refused."""
    _, decision = await autopilot(office)
    refusals: dict[int, BaseException] = dict.fromkeys((1, refused), PermissionDenied())
    process = office.settled_by(
        released_by(office, Unsteady(office, refusals=refusals)), office.calling_off
    )

    with pytest.raises(PermissionDenied):
        await process.settle(decision.id)
    (between,) = await office.decisions.awaited(since=NOW)
    ended = await process.settle(decision.id)

    assert (between.state, between.ending) == (DecisionState.PROPOSED, DecisionState.FAILED)
    assert (ended.state, ended.failure) == (DecisionState.FAILED, "PERMISSION_DENIED")
    assert await agrees(office, decision.id) is DecisionState.FAILED


@pytest.mark.usefixtures("_in_parts")
async def test_a_release_is_taken_back_whole_or_stays(office: Office) -> None:
    """A part that is refused is asked again: half of it is nothing that a row could say."""
    _, decision = await autopilot(office)
    await office.settlement.settle(decision.id)
    await office.decisions.revert(decision.id, by="mem_ann", now=NOW)
    api = Unsteady(office, refusals={1: PermissionDenied()})
    process = office.settled_by(released_by(office, api), office.calling_off)

    with pytest.raises(PermissionDenied):
        await process.settle(decision.id)
    between = await office.decisions.get(decision.id)
    await process.settle(decision.id)

    assert between.is_reverting
    assert await agrees(office, decision.id) is DecisionState.REVERTED


@pytest.mark.usefixtures("_in_parts")
@pytest.mark.lasts(seconds=10)
async def test_whatever_is_lost_and_whoever_else_is_at_it_row_and_leads_agree(
    office: Office,
) -> None:
    """Three processes at once, of which each may die at any call, and somebody who pauses."""
    drawn = random.Random(7)
    states = set()
    for _ in range(12):
        program, decision = await autopilot(office)

        def unsteady() -> Unsteady:
            faults: list[BaseException] = [OSError(), Unavailable(), PermissionDenied()]
            return Unsteady(
                office,
                refusals={n: drawn.choice(faults) for n in range(6) if drawn.random() < 0.1},
                lost={n: drawn.choice(faults[:2]) for n in range(6) if drawn.random() < 0.15},
            )

        async def process(api: Unsteady, decision_id: str = decision.id) -> None:
            settlement = office.settled_by(released_by(office, api), office.calling_off)
            for _ in range(3):
                await asyncio.sleep(drawn.random() / 50)
                with suppress(OSError, ServiceError):
                    await settlement.settle(decision_id)

        async def pause(program_id: str = program.program_id) -> None:
            await asyncio.sleep(drawn.random() / 10)
            await office.programs.to_state(program_id, ProgramState.PAUSED, now=NOW)

        await asyncio.gather(*(process(unsteady()) for _ in range(3)), pause())
        await office.settlement.settle(decision.id)

        states.add(await agrees(office, decision.id))
        await office.campaign_pool.execute("UPDATE leads SET state = 'completed'")

    assert states >= {DecisionState.APPLIED, DecisionState.SUPERSEDED}


async def test_who_is_called_off_while_it_is_looked_at_again_releases_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was to be left out is not written down then: without that, everybody would go."""
    program = await office.program(await office.of_firms(12))
    decision = await office.proposed(program)
    await office.decisions.approve(decision.id, by="mem_ann", now=NOW)
    approved = await office.decisions.get(decision.id)
    looked = office.reading.facts_of_release

    async def meanwhile(*given: Any, **named: Any) -> Any:
        found = await looked(*given, **named)
        await office.decisions.call_off(decision.id, DecisionState.SUPERSEDED, "PROGRAM_PAUSED")
        return found

    monkeypatch.setattr(office.reading, "facts_of_release", meanwhile)
    with pytest.raises(NotYet):
        await released_by(office, Unsteady(office)).apply(approved)

    assert await office.released() == {}
    settled = await office.settlement.settle(decision.id)
    assert (settled.state, settled.failure) == (DecisionState.SUPERSEDED, "PROGRAM_PAUSED")
    assert await office.released() == {}
