"""servicekit.tasks."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest
from servicekit.errors import Unavailable
from servicekit.tasks import ShieldedTasks, ahead, every, kept_up
from structlog.testing import capture_logs


async def test_work_outlives_its_caller() -> None:
    """Who leaves takes nothing of what was begun with them, and `drain` waits for the rest."""
    tasks, go, done = ShieldedTasks(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        done.set()

    caller = asyncio.create_task(tasks.run(work()))
    await asyncio.sleep(0)
    caller.cancel()
    draining = asyncio.create_task(tasks.drain())
    await asyncio.sleep(0)
    assert not draining.done()
    go.set()
    await draining

    assert caller.cancelled()
    assert done.is_set()


async def test_a_failure_that_nobody_waits_for_is_no_loose_end() -> None:
    """What fails after its caller has left does not reach the loop's exception handler."""
    tasks, go, loose = ShieldedTasks(), asyncio.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: loose.append(context))

    async def work() -> None:
        await go.wait()
        raise LookupError("nothing there")

    caller = asyncio.create_task(tasks.run(work()))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait({caller})
    go.set()
    await tasks.drain()
    gc.collect()

    assert loose == []


async def test_the_caller_gets_what_comes_of_it() -> None:
    """A result is returned and an error raised, as if there were no task between."""
    tasks = ShieldedTasks()

    async def works() -> int:
        return 7

    async def fails() -> int:
        raise LookupError("nothing there")

    assert await tasks.run(works()) == 7
    with pytest.raises(LookupError, match="nothing there"):
        await tasks.run(fails())
    await tasks.drain()


async def test_a_job_comes_again_after_it_failed() -> None:
    """One run that fails does not end the others."""
    runs = 0
    enough = asyncio.Event()

    async def job() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise LookupError("nothing there")
        enough.set()

    running = asyncio.create_task(every(timedelta(0), "a job", job))
    await enough.wait()
    running.cancel()

    assert runs >= 2


async def test_what_is_away_is_no_bug_of_the_job() -> None:
    """It is told with its reason and no traceback; a bug of the job's with one."""
    failures: list[Exception] = [Unavailable("The store is away."), ValueError("broken")]
    done = asyncio.Event()

    async def job() -> None:
        if failures:
            raise failures.pop(0)
        done.set()

    with capture_logs() as told:
        running = asyncio.create_task(every(timedelta(0), "a job", job))
        await done.wait()
        running.cancel()

    assert [
        (each["event"], each["log_level"], each.get("reason"), each.get("exc_info"))
        for each in told
    ] == [
        ("job_failed", "warning", "UNAVAILABLE", None),
        ("job_failed", "error", None, True),
    ]


@pytest.mark.parametrize("job", ["kept up", "every"])
async def test_work_that_fails_as_it_is_cancelled_does_not_go_on(job: str) -> None:
    """Whatever takes the place of being cancelled, what is told to end ends."""
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Unavailable("The store is away.") from None

    running = asyncio.create_task(
        kept_up("work", work) if job == "kept up" else every(timedelta(0), "work", work)
    )
    await begun.wait()
    running.cancel()
    async with asyncio.timeout(5):
        await asyncio.wait({running})

    assert running.cancelled() or isinstance(running.exception(), (Unavailable, type(None)))


async def test_the_next_is_made_while_one_is_worked_with() -> None:
    """One ahead and no more; what making it raises comes when it is asked for."""
    made: list[int] = []

    async def numbers() -> AsyncGenerator[int, None]:
        for number in range(3):
            made.append(number)
            yield number
        raise LookupError("no more")

    worked = []

    async def work() -> None:
        async for number in ahead(numbers()):
            await asyncio.sleep(0)
            worked.append((number, len(made)))

    with pytest.raises(LookupError):
        await work()

    assert worked == [(0, 2), (1, 3), (2, 3)]


async def test_who_leaves_early_leaves_nothing_behind() -> None:
    """What is being made is cancelled, and its own clearing up has been done."""
    cleared = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            cleared.append(True)

    async with aclosing(ahead(numbers())) as found:
        async for _ in found:
            await asyncio.sleep(0)
            break

    assert cleared == [True]
    assert asyncio.all_tasks() == {asyncio.current_task()}
