"""Askers are answered together, each by its own answer."""

import asyncio
from collections.abc import Sequence

import pytest
from servicekit.errors import Unavailable
from servicekit.postgres.errors import DatabaseBusy
from webhook_dispatcher.limits.batches import Batches


class Answers:
    """Answers with what it is asked, ten times as much; it remembers what came together."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.fails: dict[int, Exception] = {}

    async def __call__(self, asked: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(asked))
        self.asked.set()
        await self.may_answer.wait()
        for each in asked:
            if each in self.fails:
                raise self.fails[each]
        return [10 * each for each in asked]


async def test_who_comes_at_once_is_answered_together() -> None:
    """Each gets its own answer, in as few batches as there are rooms for."""
    answers = Answers()
    batches = Batches(answers, most=4)

    told = await asyncio.gather(*(batches.ask(each) for each in range(10)))

    assert told == [10 * each for each in range(10)]
    assert answers.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


async def test_who_comes_meanwhile_is_in_the_next() -> None:
    """While a batch is under way, those that come wait for it, and then go together."""
    answers = Answers()
    answers.may_answer.clear()
    batches = Batches(answers, most=4)
    first = asyncio.create_task(batches.ask(1))
    await answers.asked.wait()

    others = [asyncio.create_task(batches.ask(each)) for each in (2, 3)]
    await asyncio.sleep(0)
    answers.may_answer.set()

    assert await asyncio.gather(first, *others) == [10, 20, 30]
    assert answers.batches == [[1], [2, 3]]


async def test_one_that_is_held_up_holds_up_nobody_else() -> None:
    """A lock that somebody else has is waited for by those alone who asked with it."""
    answers = Answers()
    answers.may_answer.clear()
    batches = Batches(answers, most=4)
    held_up = asyncio.create_task(batches.ask(1))
    await answers.asked.wait()

    answers.asked.clear()
    async with asyncio.timeout(5):
        other = asyncio.create_task(batches.ask(2))
        await answers.asked.wait()
        answers.may_answer.set()

        assert await asyncio.gather(held_up, other) == [10, 20]


@pytest.mark.parametrize("error", [ValueError("of its own"), DatabaseBusy()])
async def test_one_fails_by_itself(error: Exception) -> None:
    """What one asks for fails nobody who was asked with it, a lock waited for in vain included."""
    answers = Answers()
    answers.fails[2] = error
    batches = Batches(answers, most=4)

    told = await asyncio.gather(*(batches.ask(each) for each in range(4)), return_exceptions=True)

    assert told == [0, 10, error, 30]


async def test_what_is_away_is_away_for_all() -> None:
    """Nobody asks again, one by one, what does not answer."""
    answers = Answers()
    answers.fails[2] = away = Unavailable("the database is away")
    batches = Batches(answers, most=4)

    told = await asyncio.gather(*(batches.ask(each) for each in range(4)), return_exceptions=True)

    assert told == [away] * 4
    assert len(answers.batches) == 1


async def test_who_finds_no_connection_is_told_at_once() -> None:
    """Fifty that were asked with them do not ask for fifty connections more."""
    answers = Answers()
    answers.fails[2] = busy = DatabaseBusy()
    busy.__cause__ = TimeoutError()
    batches = Batches(answers, most=4)

    told = await asyncio.gather(*(batches.ask(each) for each in range(4)), return_exceptions=True)

    assert told == [busy] * 4
    assert len(answers.batches) == 1


async def test_who_has_left_is_not_asked_for() -> None:
    """A caller who was cancelled before its batch costs nothing, and fails nobody."""
    answers = Answers()
    answers.may_answer.clear()
    batches = Batches(answers, most=4)
    first = asyncio.create_task(batches.ask(1))
    await answers.asked.wait()
    leaves, stays = (asyncio.create_task(batches.ask(each)) for each in (2, 3))
    await asyncio.sleep(0)
    leaves.cancel()
    answers.may_answer.set()

    assert await asyncio.gather(first, stays) == [10, 30]
    assert answers.batches == [[1], [3]]
