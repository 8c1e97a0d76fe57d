"""Every kind waits on one account at once: what is told is what comes, and nobody asks in vain."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import WRITES
from linkedin_gateway.models import HOUR, ActionRequest, ActionState, Kind
from linkedin_gateway.pace.ranking import priority
from linkedin_gateway.pace.snapshot import GapRange, PaceRules

from tests.contracts.ledger import LEASE, asked
from tests.fakes.callers import Callers
from tests.fakes.memory_ledger import MemoryLedger

LONGEST = GapRange().longest
STEADY = PaceRules(gap=GapRange(shortest=LONGEST, longest=LONGEST))
"""Each pause is the longest: then nothing is left to chance."""

mixes = st.dictionaries(st.sampled_from(sorted(WRITES)), st.integers(1, 12), min_size=2)
seeds = st.integers(0, 2**32)


def callers_by(rules: PaceRules) -> Callers:
    return Callers(ledger=MemoryLedger(rules=rules, lease=LEASE))


def mixed(mix: dict[Kind, int], *, campaigns: int = 1) -> list[ActionRequest]:
    """So many of each kind, each of a lead of its own, dealt to campaigns."""
    kinds = [kind for kind, actions in mix.items() for _ in range(actions)]
    return [
        asked(
            number,
            kind=kind,
            campaign_id=f"camp_{number % campaigns}",
            action_id=f"camp_{number % campaigns}/{number:04}/{kind.value}",
        )
        for number, kind in enumerate(kinds)
    ]


async def explained(callers: Callers, requests: list[ActionRequest]) -> dict[str, datetime]:
    """When each that waits goes, as it is explained now."""
    ends: dict[str, datetime] = {}
    for request in requests:
        row = await callers.ledger.read(request.key)
        if row is not None and row.state is ActionState.QUEUED:
            last = (await callers.ledger.explain(request.key, now=callers.now))[-1]
            assert last.free_at is not None
            ends[request.action_id] = last.free_at
    return ends


async def told(callers: Callers, requests: list[ActionRequest]) -> dict[str, datetime]:
    """The turn that each was told last."""
    rows = [await callers.ledger.read(request.key) for request in requests]
    waiting = [row for row in rows if row is not None and row.state is ActionState.QUEUED]
    return {row.action_id: row.turn_at for row in waiting if row.turn_at is not None}


def went(callers: Callers) -> dict[str, datetime]:
    return {request.action_id: at for at, request in callers.sent}


@settings(max_examples=15, deadline=None)
@given(mixes, seeds)
async def test_told_is_explained_and_comes(mix: dict[Kind, int], seed: int) -> None:
    """Who asks behind all who are ahead is told what is explained, and goes right then, each once.

    Whatever the pauses draw: turns are told as far apart as the longest.
    """
    callers, requests = callers_by(PaceRules()), mixed(mix)
    Random(seed).shuffle(requests)
    requests.sort(key=lambda request: priority(request, replied=False))
    for request in requests:
        await callers.join(request)
    promised, explanation = await told(callers, requests), await explained(callers, requests)

    await callers.run()

    real = went(callers)
    assert explanation == promised == {action_id: real[action_id] for action_id in promised}
    assert callers.wake_ups == len(promised)


@settings(max_examples=15, deadline=None)
@given(mixes, seeds, st.integers(1, 3))
async def test_explained_comes_whatever_the_order_of_asking(
    mix: dict[Kind, int], seed: int, campaigns: int
) -> None:
    """Worse ranked ones who asked first were told sooner: what is explained now is what comes."""
    callers, requests = callers_by(STEADY), mixed(mix, campaigns=campaigns)
    Random(seed).shuffle(requests)
    for request in requests:
        await callers.join(request)
    explanation = await explained(callers, requests)

    await callers.run()

    real = went(callers)
    assert explanation == {action_id: real[action_id] for action_id in explanation}


@settings(max_examples=15, deadline=None)
@given(mixes, seeds, st.integers(1, 3), st.sampled_from([STEADY, PaceRules()]))
async def test_two_asks_for_each_that_goes(
    mix: dict[Kind, int], seed: int, campaigns: int, rules: PaceRules
) -> None:
    """In whatever order they asked first, they come at most twice on average until they go."""
    callers, requests = callers_by(rules), mixed(mix, campaigns=campaigns)
    Random(seed).shuffle(requests)
    for request in requests:
        await callers.join(request)

    await callers.run()

    assert len(callers.sent) == len(requests)
    assert callers.wake_ups <= 2 * len(requests)


async def test_others_do_not_share_one_turn() -> None:
    """Forty reactions behind sixty visits are told forty turns; once it was one and the same."""
    callers = callers_by(PaceRules())
    requests = mixed({Kind.VISIT: 60, Kind.REACTION: 40})
    for request in requests:
        await callers.join(request)

    promised = sorted((await told(callers, requests)).values())

    assert len(promised) == 99
    assert all(later - sooner >= LONGEST for sooner, later in pairwise(promised))


async def test_a_message_is_not_kept_by_visits() -> None:
    """An answer that joins a hundred visits goes next, and each of them is moved once at most."""
    callers = callers_by(STEADY)
    for request in mixed({Kind.VISIT: 100}):
        await callers.join(request)
    message = asked(900, kind=Kind.MESSAGE)
    await callers.join(message)

    await callers.run()

    first, second = (request.action_id for _, request in callers.sent[:2])
    assert message.action_id in {first, second}
    assert callers.wake_ups <= 2 * 101


async def test_budgets_are_shared_by_two_kinds() -> None:
    """Messages and InMails draw on one budget: told turns keep it together."""
    callers = callers_by(PaceRules())
    requests = mixed({Kind.MESSAGE: 30, Kind.INMAIL: 15})
    for request in requests:
        await callers.join(request)

    await callers.run()

    sent = [at for at, _ in callers.sent]
    for sooner, later in zip(sent, sent[10:], strict=False):
        assert later - sooner >= HOUR
    assert callers.wake_ups <= 1.1 * len(requests)


@pytest.mark.lasts(seconds=20)
async def test_a_hundred_of_a_kind_among_others_are_estimated() -> None:
    """Of five hundred in all, those far away hear turns that come about when they go."""
    callers = callers_by(PaceRules())
    requests = mixed({Kind.VISIT: 250, Kind.REACTION: 120, Kind.INVITATION: 80, Kind.MESSAGE: 50})
    for request in requests:
        await callers.join(request)

    await callers.run()

    assert len(callers.sent) == len(requests)
    assert callers.wake_ups <= 2 * len(requests)


def test_the_steady_pause_is_the_longest() -> None:
    """The rules of the laws above differ from the usual ones in nothing else."""
    assert replace(STEADY, gap=GapRange()) == PaceRules()
