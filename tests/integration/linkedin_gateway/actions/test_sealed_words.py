"""What profiles say of people lies sealed, and is told to who asks for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from linkedin_gateway.storage.reseal import empty
from linkedin_gateway.storage.sealed_columns import SEALED
from outreach.linkedin.v1 import person_pb2
from servicekit.sealing.rotation import DataKeyRotation

from tests.fakes.sealing import FIRST, SECOND, sealing, sealing_by

HEADLINE = "Keeper of pangolins"
_ROWS = "SELECT profiles::text || people::text FROM profiles JOIN people USING (person_id)"
_IN_CLEAR = """
WITH seen AS (UPDATE profiles SET first_name = 'Zephyrine', headline = 'Bestiarist')
UPDATE people SET last_name = 'Vogelsang'
"""
_TO_BE_READ = """
WITH old AS (UPDATE profiles SET read_at = read_at - interval '2 days')
UPDATE person_aliases SET shown = false
"""


def known(house: Any) -> None:
    house.world.people.add("ada", seen_in="test", headline=HEADLINE, first_name="Zephyrine")


async def asked(house: Any) -> person_pb2.Profile:
    return await house.resolve("ada")


async def lies(house: Any, word: str) -> bool:
    """Whether a word stands in what is kept, also as bytes."""
    rows = await house.pool.fetch(_ROWS)
    assert rows
    return any(word in each[0] or word.encode().hex() in each[0] for each in rows)


@pytest.mark.parametrize("on", [True, False])
async def test_words_of_profiles_lie_nowhere(open_house: Callable[..., Any], *, on: bool) -> None:
    """A name and a headline are told a second time without being read again; in clear they lie."""
    async with open_house(seal=sealing(on=on)) as house:
        known(house)
        first, second = await asked(house), await asked(house)
        lie = [await lies(house, word) for word in (HEADLINE, "Zephyrine")]

    assert (first.headline, second.headline) == (HEADLINE, HEADLINE)
    assert (first.first_name, first) == ("Zephyrine", second)
    assert lie == [not on, not on]


async def test_a_visit_keeps_what_it_saw(open_house: Callable[..., Any]) -> None:
    """Whoever asks after it is told without another reading."""
    async with open_house(seal=sealing()) as house:
        known(house)
        await house.perform(house.request("visit_profile", "ada"))
        row = await house.pool.fetchrow("SELECT person_id FROM profiles")
        words = await house.gateway.repositories.profiles.words(house.account, row["person_id"])

    assert (words.first_name, words.headline) == ("Zephyrine", HEADLINE)


async def test_words_that_do_not_open_are_read_again(open_house: Callable[..., Any]) -> None:
    """A lost key costs a reading, and hands out nothing that is empty."""
    keys, unreadable = [FIRST], list[str]()
    async with open_house(seal=sealing_by(keys, on_unreadable=unreadable.append)) as house:
        known(house)
        await asked(house)
        keys[:] = [SECOND]
        again, after = await asked(house), await asked(house)

    assert (again.headline, after.headline) == (HEADLINE, HEADLINE)
    assert any(why.startswith("profiles.words: the wrapping key") for why in unreadable)


async def test_words_are_sealed_by_another_key(open_house: Callable[..., Any]) -> None:
    """A rotation finds them, and they open by the key that came after."""
    async with open_house(seal=sealing()) as house:
        known(house)
        first = await asked(house)
        pool = house.pool.across("a test changes the keys of all")
        rotated = await DataKeyRotation(pool, sealing(), SEALED).rotate(
            older_than=timedelta(0), kept=timedelta(0)
        )
        second = await asked(house)

    assert (rotated.unreadable, rotated.left) == (0, 0)
    assert rotated.sealed
    assert second == first


async def test_what_lay_in_clear_is_emptied(open_house: Callable[..., Any]) -> None:
    """The columns of the release before, for each row once; what is sealed stays."""
    async with open_house(seal=sealing()) as house:
        known(house)
        await asked(house)
        await house.pool.execute(_IN_CLEAR)
        lay = await lies(house, "Bestiarist"), await lies(house, "Vogelsang")
        across = house.pool.across("a test empties what is of all")
        emptied = await empty(across), await empty(across)
        lie = await lies(house, "Bestiarist"), await lies(house, "Vogelsang")
        words = await asked(house)

    assert (lay, lie) == ((True, True), (False, False))
    assert emptied == (2, 0)
    assert words.headline == HEADLINE


@pytest.mark.parametrize("on", [True, False])
async def test_a_reading_empties_what_lay_in_clear(
    open_house: Callable[..., Any], *, on: bool
) -> None:
    """What a release before kept of somebody goes as it is sealed, unless that still reads it."""
    async with open_house(seal=sealing(on=on)) as house:
        known(house)
        await asked(house)
        await house.pool.execute(_IN_CLEAR)
        await house.pool.execute(_TO_BE_READ)
        await asked(house)
        lie = await lies(house, "Bestiarist"), await lies(house, "Vogelsang")

    assert lie == (not on, False)
