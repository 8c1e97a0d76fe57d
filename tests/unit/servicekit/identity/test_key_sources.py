"""servicekit.identity.key_sources: new keys are noticed, and whoever tells them may be away."""

import asyncio
from datetime import timedelta

import pytest
from servicekit.errors import Unavailable
from servicekit.identity.key_sources import FirstOf, Keys, ToldKeys


class Teller:
    """Tells keys, on a clock of its own; `may_answer` holds answers back."""

    def __init__(self) -> None:
        self.keys: Keys = {"one": "first"}
        self.asked = 0
        self.now = 0.0
        self.away = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asking = asyncio.Event()

    async def ask(self) -> Keys:
        self.asked += 1
        keys = self.keys
        self.asking.set()
        await self.may_answer.wait()
        if self.away:
            raise Unavailable
        return keys

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def told(self) -> ToldKeys:
        return ToldKeys(
            self.ask,
            least_pause=timedelta(seconds=1),
            fresh_for=timedelta(seconds=60),
            monotonic=lambda: self.now,
            sleep=self.sleep,
        )


@pytest.fixture
def teller() -> Teller:
    return Teller()


async def test_keys_are_asked_for_once(teller: Teller) -> None:
    """However many come with them; what is known is not asked for again."""
    keys = teller.told()

    found = await asyncio.gather(*(keys.find("one") for _ in range(50)))

    assert found == ["first"] * 50
    assert teller.asked == 1


async def test_a_new_key_is_noticed_at_once(teller: Teller) -> None:
    """By the first token that names it."""
    keys = teller.told()
    await keys.find("one")
    teller.keys = {"one": "first", "two": "second"}

    assert await keys.find("two") == "second"


async def test_made_up_ids_do_not_flood_whoever_tells(teller: Teller) -> None:
    """A thousand that nobody has: no more than one question a second."""
    keys = teller.told()

    for number in range(1000):
        assert await keys.find(f"made-up-{number}") is None
    assert await keys.find("x" * 129) is None

    assert teller.asked <= teller.now + 1


async def test_a_key_that_came_while_one_was_asked_is_asked_for_again(teller: Teller) -> None:
    """What was answered before there was the key says nothing about it."""
    keys = teller.told()
    teller.may_answer.clear()
    early = asyncio.create_task(keys.find("one"))
    await teller.asking.wait()
    teller.keys = {"one": "first", "two": "second"}
    late = asyncio.create_task(keys.find("two"))
    await asyncio.sleep(0)
    teller.may_answer.set()

    assert (await early, await late) == ("first", "second")


async def test_without_an_answer_what_was_told_last_is_believed(teller: Teller) -> None:
    """Also when it is old; a key that was never told is not known meanwhile."""
    keys = teller.told()
    await keys.find("one")
    teller.away = True
    teller.now += 3600

    assert await keys.find("one") == "first"
    assert await keys.find("two") is None


async def test_a_key_that_is_told_no_more_is_believed_no_more(teller: Teller) -> None:
    """After the time for which it is fresh, and one question that nobody waits for."""
    keys = teller.told()
    await keys.find("one")
    teller.keys = {"two": "second"}
    teller.now += 61

    assert await keys.find("one") == "first"
    await keys.find("two")
    assert await keys.find("one") is None


async def test_a_key_that_stays_is_the_same_one(teller: Teller) -> None:
    """So tokens that were verified by it need not be verified again."""
    first = ["a key"]
    teller.keys = {"one": first}
    keys = teller.told()
    await keys.find("one")
    teller.keys = {"one": ["a key"], "two": "second"}
    await keys.find("two")
    same = await keys.find("one")
    teller.keys = {"one": ["another key under its name"], "three": "third"}
    await keys.find("three")

    assert same is first
    assert await keys.find("one") == ["another key under its name"]


async def test_the_first_source_that_has_a_key_gives_it(teller: Teller) -> None:
    """Others are asked only for what it does not have."""
    other = Teller()
    other.keys = {"one": "another", "two": "second"}
    both = FirstOf([teller.told(), other.told()])

    assert await both.find("one") == "first"
    assert other.asked == 0
    assert await both.find("two") == "second"
    assert await both.find("three") is None
