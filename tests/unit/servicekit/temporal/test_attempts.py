"""servicekit.temporal.attempts: what only ever runs out of time is bounded, outages are not."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servicekit.clock import Clock
from servicekit.errors import NotYet
from servicekit.tasks import answered_outside
from servicekit.temporal.attempts import UNCOUNTED, begun_at, come_to
from servicekit.temporal.bugs import ACTIVITY_BUG, Bug, is_bug
from servicekit.temporal.plugin import ActivityInterceptor
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor

CLOCK = Clock(datetime(2026, 1, 1, tzinfo=UTC), 1.0)
SHORT = timedelta(milliseconds=50)
MOST = 3


class Policy:
    """Ends an activity with its third bug."""

    def __init__(self) -> None:
        self.bugs: list[Bug] = []

    def is_bug(self, _info: activity.Info, error: BaseException) -> bool:
        return is_bug(error)

    async def raised(self, bug: Bug) -> bool:
        self.bugs.append(bug)
        return bug.times >= MOST

    async def ended(self, info: activity.Info) -> None:
        pass


class Running(ActivityInboundInterceptor):
    """An activity that does this."""

    def __init__(self, run: Callable[[], Awaitable[Any]]) -> None:
        self._run = run

    async def execute_activity(self, input: object) -> Any:  # noqa: A002 - the SDK's name
        del input
        return await self._run()


class Attempts:
    """Attempts of one activity, one after the other, as a server hands their heartbeats on."""

    def __init__(self, *, first: int = 1, within: timedelta = SHORT) -> None:
        self.policy = Policy()
        self._next, self._within = first, within
        self._beaten: list[Any] = []

    async def run(self, run: Callable[[], Awaitable[Any]], *, times: int = 1) -> ApplicationError:
        """How the last of them failed, as the server is told."""
        for _ in range(times):
            environment = ActivityEnvironment()
            environment.info = replace(
                environment.info,
                attempt=self._next,
                heartbeat_details=self._beaten,
                start_to_close_timeout=self._within,
            )
            environment.on_heartbeat = self._beat
            interceptor = ActivityInterceptor(CLOCK, bug_policy=self.policy)
            inbound = interceptor.intercept_activity(Running(run))
            self._next += 1
            with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
                await environment.run(inbound.execute_activity, None)
        failure = raised.value
        if isinstance(failure, ApplicationError):
            return failure
        return ApplicationError("", type=type(failure).__name__)

    def died(self) -> None:
        """An attempt began, and its worker died."""
        before = Beats(self._beaten)
        self._beaten = [before.bugs, before.unheard + 1] if self._next > UNCOUNTED else []
        self._next += 1

    def _beat(self, *details: Any) -> None:
        self._beaten = list(details)


class Beats:
    def __init__(self, details: list[Any]) -> None:
        self.bugs, self.unheard = [*details, 0, 0][:2]


async def never() -> None:
    await asyncio.Event().wait()


async def unanswered() -> None:
    with answered_outside():
        await never()


async def waits() -> None:
    raise NotYet(retry_after=timedelta(hours=1))


async def test_what_never_comes_to_an_end_ends_as_a_bug() -> None:
    """Each attempt timed out at the server, which tried again for ever: nobody heard of it."""
    attempts = Attempts()

    failure = await attempts.run(never, times=MOST)

    assert [bug.times for bug in attempts.policy.bugs] == [1, 2, 3]
    assert (failure.type, failure.non_retryable) == (ACTIVITY_BUG, True)


async def test_a_wait_for_an_answer_that_never_comes_is_an_outage() -> None:
    """As long as it lasts: a database that takes connections and says nothing ends no lead."""
    attempts = Attempts(within=timedelta(seconds=1.2))

    failure = await attempts.run(unanswered)

    assert not attempts.policy.bugs
    assert (failure.type, failure.non_retryable) == ("DEADLINE_EXCEEDED", False)


async def test_a_loop_that_gets_its_answers_is_a_bug() -> None:
    """Nearly all of its time goes into answers, each of them quick: nobody else is at fault."""

    async def loops() -> None:
        while True:
            with answered_outside():
                await asyncio.sleep(0.01)

    attempts = Attempts()

    await attempts.run(loops)

    assert len(attempts.policy.bugs) == 1


async def test_what_kills_its_worker_ends_as_a_bug() -> None:
    """A poisoned activity killed one worker after the other, for ever."""
    attempts = Attempts(first=UNCOUNTED + 1)
    for _ in range(MOST):
        attempts.died()

    failure = await attempts.run(waits)

    assert failure.type == ACTIVITY_BUG
    assert attempts.policy.bugs[-1].times == MOST


async def test_workers_that_die_now_and_then_are_no_bug() -> None:
    """A lead that waits for months sees many deployments; each attempt in between is heard of."""
    attempts = Attempts(first=UNCOUNTED + 1)
    for _ in range(2 * MOST):
        attempts.died()
        failure = await attempts.run(waits)

    assert failure.type == "NOT_YET"
    assert {bug.times for bug in attempts.policy.bugs} == {1}


async def test_a_few_attempts_cost_no_word() -> None:
    """Nearly every activity ends within some attempts; each heartbeat would be a call."""
    attempts = Attempts()

    await attempts.run(waits, times=UNCOUNTED)

    assert not attempts._beaten


async def test_what_comes_further_is_no_bug() -> None:
    """A campaign of many leads was eight times noted as stalled while it went through them."""
    attempts, places = Attempts(), [begun_at()]

    async def goes_on() -> None:
        places.append(begun_at())
        come_to(f"lead {len(places):03}")
        await never()

    failure = await attempts.run(goes_on, times=3 * UNCOUNTED)

    assert failure.type == "NOT_YET"
    assert attempts.policy.bugs == []
    assert places[1:4] == ["", "lead 002", "lead 003"]


async def test_who_says_the_same_place_again_stands_still() -> None:
    """The first of them has come there, the others have not; and the bugs before still count."""
    attempts = Attempts()

    async def stands_still() -> None:
        come_to("lead 001")
        await never()

    failure = await attempts.run(stands_still, times=1 + MOST)

    assert failure.type == ACTIVITY_BUG
    assert len(attempts.policy.bugs) == MOST


async def test_a_bug_on_the_way_keeps_the_place() -> None:
    """The next attempt goes on behind what is done."""
    attempts, places = Attempts(), [""]

    async def fails() -> None:
        places.append(begun_at())
        come_to(f"lead {len(places):03}")
        raise KeyError

    await attempts.run(fails, times=2)

    assert places[1:] == ["", "lead 002"]
