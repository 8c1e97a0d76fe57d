"""servicekit.telemetry.loops."""

import asyncio
from datetime import timedelta

from prometheus_client import CollectorRegistry
from servicekit.errors import Unavailable
from servicekit.tasks import every, kept_up
from servicekit.telemetry.loops import STEADY, Loops, tell_loops


class Told:
    """Loops on a clock of the test's, and what a scrape says of one of them."""

    def __init__(self) -> None:
        self.at = 1_000.0
        self.loops = Loops(lambda: self.at)
        self.registry = CollectorRegistry()
        self.registry.register(self.loops)

    def age(self, name: str) -> float | None:
        return self.registry.get_sample_value("loop_success_age_seconds", {"loop": name})


def test_a_loop_is_told_of_before_it_failed() -> None:
    """It begins at nought, so that its first failure is an increase."""
    told = Told()

    told.loops.begun("a job", interval=10.0)

    labels = {"loop": "a job"}
    assert told.registry.get_sample_value("loop_failures_total", labels) == 0.0
    assert told.registry.get_sample_value("loop_interval_seconds", labels) == 10.0
    assert told.age("a job") == 0.0


def test_a_job_is_as_old_as_its_last_success() -> None:
    """Whether it fails or hangs: neither is a success."""
    told = Told()
    told.loops.begun("a job", interval=10.0)
    told.at += 30
    told.loops.succeeded("a job")

    told.at += 20
    told.loops.failed("a job")

    assert told.age("a job") == 20.0
    assert told.registry.get_sample_value("loop_failures_total", {"loop": "a job"}) == 1.0


def test_what_just_goes_on_is_well_until_it_fails() -> None:
    """It tells of no success; it is taken to work again once it has gone on for a while."""
    told = Told()
    told.loops.begun("listening")
    told.at += 5_000
    well = told.age("listening")

    told.loops.failed("listening")
    told.at += 10
    told.loops.begun("listening")
    told.loops.failed("listening")
    told.at += 10
    told.loops.begun("listening")
    failing = told.age("listening")
    told.at += STEADY + 1

    assert (well, failing, told.age("listening")) == (0.0, 20.0, 0.0)


def test_of_what_is_not_wanted_any_more_nothing_is_due() -> None:
    """A loop may last as long as what it is there for, and come again; there may be two at once."""
    told = Told()
    told.loops.begun("while it lasts", interval=0.1)
    told.at += 1
    told.loops.begun("while it lasts", interval=0.1)
    told.loops.ended("while it lasts")
    told.at += 1
    goes_on = told.age("while it lasts")

    told.loops.ended("while it lasts")
    told.at += 5_000
    ended = told.age("while it lasts")
    told.loops.begun("while it lasts", interval=0.1)
    told.at += 2

    assert (goes_on, ended, told.age("while it lasts")) == (2.0, 0.0, 2.0)


async def test_a_job_that_is_cancelled_has_ended() -> None:
    """Nobody is told for ever after that it is not done, as of a stop that took a second."""
    registry, done = CollectorRegistry(), asyncio.Event()

    async def job() -> None:
        done.set()

    async def process() -> None:
        tell_loops(registry)
        jobs = asyncio.create_task(every(timedelta(hours=1), "a job", job))
        await done.wait()
        jobs.cancel()
        await asyncio.wait({jobs})

    await asyncio.create_task(process())
    await asyncio.sleep(0.01)

    labels = {"loop": "a job"}
    assert registry.get_sample_value("loop_success_age_seconds", labels) == 0.0
    assert registry.get_sample_value("loop_interval_seconds", labels) == 0.0


async def test_every_loop_of_a_process_is_counted() -> None:
    """Jobs and what is kept up, each failure once, under the name that its log has."""
    registry, enough = CollectorRegistry(), asyncio.Event()
    failures: list[Exception] = [Unavailable("The store is away."), ValueError("broken")]

    async def job() -> None:
        if failures:
            raise failures.pop()
        enough.set()

    async def work() -> str:
        if not enough.is_set():
            await enough.wait()
            raise Unavailable("The store is away.")
        return "done"

    async def process() -> str:
        tell_loops(registry)
        jobs = asyncio.create_task(every(timedelta(0), "a job", job))
        try:
            return await kept_up("work", work)
        finally:
            jobs.cancel()

    assert await asyncio.create_task(process()) == "done"
    counted = {
        name: registry.get_sample_value("loop_failures_total", {"loop": name})
        for name in ("a job", "work")
    }
    assert counted == {"a job": 2.0, "work": 1.0}


async def test_where_nobody_has_said_nothing_is_counted() -> None:
    """A loop of a test, or of a command, needs no registry."""

    async def work() -> int:
        return 7

    assert await kept_up("work", work) == 7
