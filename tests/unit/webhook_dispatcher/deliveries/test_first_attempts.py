"""What a process tries at once, it tries once: a chain of one subject, and what is published."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from webhook_dispatcher.deliveries.attempts import AttemptResult
from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.deliveries.retry_schedule import LONGEST_WAIT, RetrySchedule
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.limits.waiting_room import MOST_OF_ONE, MOST_OF_ORGANIZATION
from webhook_dispatcher.metrics import Metrics
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
    no_workflows: Any = HandedOver()
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
        handed_over = ()

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
    handed_over = ()

    def hand_over(self, *dispatches: Dispatch) -> None:
        self.extend(each.delivery_id for each in dispatches)


def burst(count: int, *, endpoint: str = "ep_1", organization: str = "") -> list[Dispatch]:
    return [
        Dispatch(f"dlv_{of}{n}", f"evt_{of}{n}", endpoint, NOON, organization_id=organization)
        for of in ("b" if endpoint == "ep_1" else endpoint,)
        for n in range(count)
    ]


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


async def test_who_waits_too_long_has_a_workflow() -> None:
    """An endpoint that hangs keeps none of its own from being looked after."""
    attempts, handed_over = Counted(), HandedOver()
    made: Any = (attempts, handed_over)
    grace, patience = timedelta(seconds=5), timedelta(seconds=0.05)
    async with FirstAttempts(*made, at_once=40, grace=grace, patience=patience) as first:
        taken = 10 + MOST_OF_ONE
        assert [first.begin(each) for each in burst(taken + 1)] == [True] * taken + [False]
        async with asyncio.timeout(20):
            while len(handed_over) < MOST_OF_ONE:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.01)
        attempts.may_end.set()

    assert attempts.made == {each.delivery_id: 1 for each in burst(10)}
    assert handed_over == [each.delivery_id for each in burst(taken)[10:]]


async def test_who_waits_for_one_that_answers_needs_no_workflow() -> None:
    """A burst of 1,500 went to workflows after five seconds, and took twenty-four."""

    class Slow(Counted):
        async def make(self, delivery_id: str) -> AttemptResult:
            self.made[delivery_id] += 1
            await asyncio.sleep(0.02)
            return AttemptResult(state=DeliveryState.DELIVERED)

    attempts, handed_over = Slow(), HandedOver()
    made: Any = (attempts, handed_over)
    grace, patience = timedelta(seconds=5), timedelta(seconds=0.5)
    async with FirstAttempts(*made, at_once=8, grace=grace, patience=patience) as first:
        assert all(first.begin(each) for each in burst(150))
        async with asyncio.timeout(20):
            while any(first.keeps(each) for each in burst(150)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    assert attempts.made == {each.delivery_id: 1 for each in burst(150)}
    assert handed_over == []


async def test_nobody_waits_for_ever() -> None:
    """An endpoint that answers slowly has what waits for it looked after in the end."""

    class OneAfterTheOther(Counted):
        async def make(self, delivery_id: str) -> AttemptResult:
            self.made[delivery_id] += 1
            await asyncio.sleep(0.04)
            return AttemptResult(state=DeliveryState.DELIVERED)

    attempts, handed_over = OneAfterTheOther(), HandedOver()
    made: Any = (attempts, handed_over)
    waits = {"patience": timedelta(seconds=0.6), "longest_wait": timedelta(seconds=1)}
    async with FirstAttempts(*made, at_once=4, grace=timedelta(seconds=5), **waits) as first:
        assert all(first.begin(each) for each in burst(100))
        async with asyncio.timeout(20):
            while any(first.keeps(each) for each in burst(100)):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    assert set(attempts.made) | set(handed_over) == {each.delivery_id for each in burst(100)}
    assert len(attempts.made) > 2
    assert len(handed_over) > 50


async def test_who_waits_at_the_end_has_a_workflow() -> None:
    """A process that leaves takes nothing along."""
    attempts, handed_over = Counted(), HandedOver()
    made: Any = (attempts, handed_over)
    async with FirstAttempts(*made, at_once=40, grace=timedelta(seconds=5)) as first:
        assert all(first.begin(each) for each in burst(12))
        attempts.may_end.set()

    assert handed_over == ["dlv_b10", "dlv_b11"]


CLOCK = Clock.real_time()


class Workflows:
    """Temporal and the rows, as the starter of workflows sees them."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.looked_before: list[datetime] = []
        self.looked = asyncio.Event()

    async def start_workflow(self, _run: Any, given: Any, **_: Any) -> None:
        await asyncio.sleep(0)
        self.started.append(given.delivery_id)

    async def workflows_started(self, *_: Any, **__: Any) -> None:
        pass

    async def orphaned(self, *, before: datetime, **_: Any) -> list[Dispatch]:
        self.looked_before.append(before)
        return []

    async def probes(self, **_: Any) -> list[Dispatch]:
        return []

    async def lapse_kept(self, **_: Any) -> int:
        return 0

    async def drop_left(self, *, before: datetime, **_: Any) -> int:
        self.looked_before.append(before)
        return 0

    async def unseen(self, **_: Any) -> list[Dispatch]:
        self.looked.set()
        return []

    def starter(self) -> WorkflowStarter:
        temporal: Any = self
        return WorkflowStarter(
            temporal,
            temporal=temporal,
            retries=RetrySchedule(CLOCK),
            metrics=Metrics(CollectorRegistry()),
            clock=CLOCK,
        )


async def test_whoever_leaves_the_room_has_a_workflow() -> None:
    """More than two hundred that left together were found half a minute later, by a look.

    Also where the process ends: it waits for what it has handed over.
    """
    workflows, grace = Workflows(), timedelta(seconds=20)
    attempts: Any = Counted()
    async with FirstAttempts(attempts, workflows.starter(), at_once=40, grace=grace) as first:
        assert all(first.begin(each) for each in burst(500))
        attempts.may_end.set()

    assert set(workflows.started) == {each.delivery_id for each in burst(500)[10:]}


async def test_nobody_looks_for_what_may_wait_here() -> None:
    """What had waited for its room was found by another process, and posted by both."""
    workflows = Workflows()
    looks = asyncio.create_task(workflows.starter().adopt_orphans())
    await workflows.looked.wait()
    looks.cancel()
    ago = [CLOCK.now() - before for before in workflows.looked_before]

    assert len(ago) == 2
    assert all(each >= RetrySchedule(CLOCK).attempt_timeout + LONGEST_WAIT for each in ago)


async def test_one_timer_looks_after_the_room() -> None:
    """Each time the room filled anew another one began, and none of them ended."""
    loop, timers = asyncio.get_running_loop(), list[Any]()
    call_later = loop.call_later

    def counted(delay: float, callback: Any, *args: Any, **context: Any) -> asyncio.TimerHandle:
        timers.append(callback)
        return call_later(delay, callback, *args, **context)

    attempts: Any = Counted()
    workflows: Any = HandedOver()
    async with FirstAttempts(attempts, workflows, at_once=40, grace=timedelta(seconds=5)) as first:
        loop.call_later = counted  # type: ignore[method-assign]
        for _ in range(20):
            assert all(first.begin(each) for each in burst(11))
            attempts.may_end.set()
            while any(first.keeps(each) for each in burst(11)):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
            attempts.may_end.clear()
        loop.call_later = call_later  # type: ignore[method-assign]

    assert len(timers) == 1


async def test_who_hangs_leaves_room_for_other_organizations() -> None:
    """Four endpoints of one filled all places, and the waiting room: others waited behind them.

    Where there is no place because of others nobody waits: that is the workflows' at once.
    """
    attempts: Any = Counted()
    workflows: Any = HandedOver()
    async with FirstAttempts(attempts, workflows, at_once=40, grace=timedelta(seconds=5)) as first:
        waiting = [
            first.begin(each)
            for n in range(8)
            for each in burst(1000, endpoint=f"ep_h{n}", organization="org_hangs")
        ]
        others = [
            first.begin(each)
            for n in range(3)
            for each in burst(10, endpoint=f"ep_o{n}", organization=f"org_{n}")
        ]
        places = attempts.under_way
        attempts.may_end.set()

    assert sum(waiting) == 30 + MOST_OF_ORGANIZATION
    assert others == [True] * 10 + [False] * 20
    assert places <= 40
