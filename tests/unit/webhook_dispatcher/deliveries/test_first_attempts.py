"""What a process tries at once, it tries once: a chain of one subject, and what is published."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from webhook_dispatcher.deliveries import first_attempts as first_attempts_module
from webhook_dispatcher.deliveries.attempts import AttemptResult
from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.models import DeliveryState, Dispatch

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHAIN = [Dispatch(f"dlv_{n}", f"evt_{n}", "ep_1", NOON, numbered=True) for n in range(4)]


class Attempts:
    """Each delivery is followed by the next one, and each is told of as it begins."""

    def __init__(self) -> None:
        self.made = Counter[str]()
        self.begun: dict[str, asyncio.Event] = {each.delivery_id: asyncio.Event() for each in CHAIN}
        self.may_end: dict[str, asyncio.Event] = {
            each.delivery_id: asyncio.Event() for each in CHAIN
        }

    async def make(self, delivery_id: str) -> AttemptResult:
        self.made[delivery_id] += 1
        self.begun[delivery_id].set()
        await self.may_end[delivery_id].wait()
        place = [each.delivery_id for each in CHAIN].index(delivery_id)
        following = CHAIN[place + 1] if place + 1 < len(CHAIN) else None
        return AttemptResult(state=DeliveryState.DELIVERED, next=following)


def first_attempts(attempts: Any) -> FirstAttempts:
    no_workflows: Any = None
    return FirstAttempts(attempts, no_workflows, at_once=40, grace=timedelta(seconds=5))


async def test_what_a_chain_makes_is_not_begun_beside_it() -> None:
    """Whoever publishes sees that its turn has come as soon as the one before it has ended."""
    attempts = Attempts()
    async with first_attempts(attempts) as first:
        assert first.begin(CHAIN[0])
        await attempts.begun["dlv_0"].wait()
        attempts.may_end["dlv_0"].set()
        await attempts.begun["dlv_1"].wait()

        assert first.makes(CHAIN[1])
        assert first.begin(CHAIN[1])
        for may_end in attempts.may_end.values():
            may_end.set()

    assert attempts.made == {each.delivery_id: 1 for each in CHAIN}
    assert not any(first.makes(each) for each in CHAIN)


async def test_a_chain_ends_where_another_has_begun() -> None:
    """What was begun as it was published is not made by the end of the one before it as well."""
    attempts = Attempts()
    async with first_attempts(attempts) as first:
        assert first.begin(CHAIN[0])
        assert first.begin(CHAIN[1])
        for may_end in attempts.may_end.values():
            may_end.set()

    assert attempts.made == {each.delivery_id: 1 for each in CHAIN}


async def test_room_that_comes_while_a_workflow_is_started_is_taken() -> None:
    """Who had no room is called before that is noted: it is made at once, and once."""
    noted, may_go_on = asyncio.Event(), asyncio.Event()

    class CrowdedOnce:
        made = 0

        async def make(self, _delivery_id: str) -> AttemptResult:
            self.made += 1
            if self.made == 1:
                return AttemptResult(
                    state=DeliveryState.PENDING, crowded=True, retry_after=timedelta(seconds=20)
                )
            return AttemptResult(state=DeliveryState.DELIVERED)

    class Workflows:
        async def start(self, *_: Any, **__: Any) -> None:
            noted.set()
            await may_go_on.wait()

    attempts, workflows = CrowdedOnce(), Workflows()
    made: Any = (attempts, workflows)
    async with FirstAttempts(*made, at_once=40, grace=timedelta(seconds=5)) as first:
        assert first.begin(CHAIN[0])
        await noted.wait()
        assert first.begin(CHAIN[0])
        may_go_on.set()

    assert attempts.made == 2


class Counted:
    """Attempts that take until they may end, and how many were under way at once."""

    def __init__(self) -> None:
        self.under_way, self.most, self.made = 0, 0, Counter[str]()
        self.may_end = asyncio.Event()

    async def make(self, delivery_id: str) -> AttemptResult:
        self.made[delivery_id] += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.may_end.wait()
        await asyncio.sleep(0)
        self.under_way -= 1
        return AttemptResult(state=DeliveryState.DELIVERED)


class HandedOver(list[str]):
    def hand_over(self, dispatch: Dispatch) -> None:
        self.append(dispatch.delivery_id)


def burst(count: int) -> list[Dispatch]:
    return [Dispatch(f"dlv_b{n}", f"evt_b{n}", "ep_1", NOON) for n in range(count)]


async def test_a_burst_costs_no_workflows() -> None:
    """Four fifths of sixty events went to workflows, and took twenty times as long."""
    attempts, handed_over = Counted(), HandedOver()
    made: Any = (attempts, handed_over)
    async with FirstAttempts(*made, at_once=40, grace=timedelta(seconds=5)) as first:
        assert all(first.begin(each) for each in burst(60))
        assert all(first.begin(each) and first.keeps(each) for each in burst(60))
        attempts.may_end.set()
        while any(first.keeps(each) for each in burst(60)):  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0)

    assert attempts.made == {each.delivery_id: 1 for each in burst(60)}
    assert (attempts.most, handed_over) == (10, [])


async def test_who_waits_too_long_has_a_workflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that hangs keeps none of its own from being looked after."""
    monkeypatch.setattr(first_attempts_module, "_PATIENCE", 0.05)
    attempts, handed_over = Counted(), HandedOver()
    made: Any = (attempts, handed_over)
    async with FirstAttempts(*made, at_once=40, grace=timedelta(seconds=5)) as first:
        assert [first.begin(each) for each in burst(511)] == [True] * 510 + [False]
        async with asyncio.timeout(20):
            while len(handed_over) < 500:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
        attempts.may_end.set()

    assert attempts.made == {each.delivery_id: 1 for each in burst(10)}
    assert handed_over == [each.delivery_id for each in burst(510)[10:]]


async def test_who_waits_at_the_end_has_a_workflow() -> None:
    """A process that leaves takes nothing along."""
    attempts, handed_over = Counted(), HandedOver()
    made: Any = (attempts, handed_over)
    async with FirstAttempts(*made, at_once=40, grace=timedelta(seconds=5)) as first:
        assert all(first.begin(each) for each in burst(12))
        attempts.may_end.set()

    assert handed_over == ["dlv_b10", "dlv_b11"]
