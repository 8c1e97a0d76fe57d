"""Data keys as they lie in a schema: one in use for each person, wrapped, and wrapped anew."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from servicekit.credentials.secrets import Secret
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.sealing.data_keys import CREATE, IN_USE, INDEX, keys_of, wrap_anew, wrapped_key
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal, SealedColumn, ValueUnreadable
from servicekit.sealing.wrapping_keys import KeyLost, KeysOfSettings

FIRST, SECOND = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))
NAMES = SealedColumn("public", "people", "name")
_PEOPLE = """
CREATE TABLE people (organization_id text NOT NULL, id text PRIMARY KEY, name bytea NOT NULL)
"""
_READ = f"SELECT id, name, {wrapped_key('people', 'name')} AS wrapped FROM people ORDER BY id"
PEOPLE = [f"person {number}" for number in range(40)]


def sealing(keys: str = FIRST) -> Seal:
    return Seal(KeysOfSettings(Secret.of(keys)), KeyedHashes(b"\x07" * 32))


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(), "public", max_size=8) as pool:
        await pool.execute(CREATE)
        await pool.execute(f"CREATE UNIQUE INDEX {IN_USE} ON {INDEX}")
        await pool.execute(_PEOPLE)
        yield pool


async def kept(pool: Pool, seal: Seal) -> None:
    """Everybody's name, sealed by their own key."""
    keys = await keys_of(pool, seal, "org_1", PEOPLE)
    rows = [
        ("org_1", person, seal.seal(keys[person], NAMES, "org_1", person, person.encode()))
        for person in PEOPLE
    ]
    await pool.executemany("INSERT INTO people VALUES ($1, $2, $3)", rows)


async def told(pool: Pool, seal: Seal) -> list[str]:
    return [
        seal.open(NAMES, "org_1", row["id"], row["name"], row["wrapped"]).decode()
        for row in await pool.fetch(_READ)
    ]


async def test_whoever_asks_at_once_gets_the_same_key(pool: Pool) -> None:
    """Of eight that make a person's first key one is kept, and all seal by that."""
    seal = sealing()

    asked = await asyncio.gather(
        *(keys_of(pool, seal, "org_1", ["ada", "bob", ""]) for _ in range(8))
    )

    ids = {tuple(found[each].id for each in ("ada", "bob", "")) for found in asked}
    assert len(ids) == 1
    assert await pool.fetchval("SELECT count(*) FROM data_keys") == 3


class Counting:
    """A pool that notes what it is asked."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.asked = 0

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]:
        self.asked += 1
        return await self._pool.fetch(query, *args)

    async def execute(self, query: str, *args: Any) -> str:
        self.asked += 1
        return await self._pool.execute(query, *args)


class Overtaken(Counting):
    """A pool beside which somebody makes a key, and another one retires it."""

    async def fetch(self, query: str, *args: Any) -> Sequence[Any]:
        if self.asked == 1:
            await keys_of(self._pool, sealing(), "org_1", ["ada"])
        elif self.asked == 2:
            await self._pool.execute("UPDATE data_keys SET retired_at = now()")
        return await super().fetch(query, *args)


async def test_a_key_that_is_retired_meanwhile_is_followed_by_another(pool: Pool) -> None:
    """Whoever found it made by somebody else, and then gone, is given one that is in use."""
    found = await keys_of(Overtaken(pool), sealing(), "org_1", ["ada"])

    in_use = await pool.fetchval("SELECT key_id FROM data_keys WHERE retired_at IS NULL")
    assert found["ada"].id == in_use


async def test_keys_are_made_by_two_questions(pool: Pool) -> None:
    """What was made is not asked for again; of whom there are keys, one question finds them."""
    making, finding = Counting(pool), Counting(pool)
    made = await keys_of(making, sealing(), "org_1", PEOPLE)
    found = await keys_of(finding, sealing(), "org_1", PEOPLE)

    assert (making.asked, finding.asked) == (2, 1)
    assert {each: key.id for each, key in made.items()} == {
        each: key.id for each, key in found.items()
    }


async def test_a_page_is_opened_by_one_question(pool: Pool) -> None:
    """Each row brings its own key."""
    await kept(pool, sealing())

    assert await told(pool, sealing()) == sorted(PEOPLE)


async def test_no_row_is_touched_when_the_wrapping_key_changes(pool: Pool) -> None:
    """Afterwards the old key is not needed; again there is nothing to do."""
    await kept(pool, sealing())
    before = await pool.fetch("SELECT id, name, xmin::text FROM people ORDER BY id")

    both = sealing(f"{SECOND},{FIRST}")
    assert await wrap_anew(pool, both, at_once=7) == len(PEOPLE)

    assert await wrap_anew(pool, both) == 0
    assert await pool.fetch("SELECT id, name, xmin::text FROM people ORDER BY id") == before
    assert await told(pool, sealing(SECOND)) == sorted(PEOPLE)


async def test_a_lost_wrapping_key_is_named_and_the_others_are_wrapped(pool: Pool) -> None:
    """One data key whose wrapping key is gone holds up no other, and seals nothing any more."""
    await keys_of(pool, sealing(SECOND), "org_0", ["ada"])
    await kept(pool, sealing(FIRST))
    third = base64.urlsafe_b64encode(b"\x03" * 32).decode()
    now = sealing(f"{third},{FIRST}")

    with pytest.raises(KeyLost, match="is not configured"):
        await wrap_anew(pool, now, at_once=7)

    assert await told(pool, sealing(third)) == sorted(PEOPLE)
    with pytest.raises(ValueUnreadable):
        await keys_of(pool, now, "org_0", ["ada"])


async def test_a_key_that_was_given_to_somebody_else_seals_nothing(pool: Pool) -> None:
    """Whoever swaps two people's keys in the table is told of; no value is sealed by them."""
    seal = sealing()
    await keys_of(pool, seal, "org_1", ["ada", "bob"])
    await pool.execute("UPDATE data_keys SET subject = 'x' WHERE subject = 'ada'")
    await pool.execute("UPDATE data_keys SET subject = 'ada' WHERE subject = 'bob'")

    with pytest.raises(ValueUnreadable, match="another person's"):
        await keys_of(pool, seal, "org_1", ["ada"])


async def test_a_destroyed_key_leaves_one_person_unreadable(pool: Pool) -> None:
    """The others are read as before."""
    await kept(pool, sealing())
    await pool.execute("DELETE FROM data_keys WHERE subject = $1", PEOPLE[0])
    seal, lost = sealing(), []

    for row in await pool.fetch(_READ):
        try:
            seal.open(NAMES, "org_1", row["id"], row["name"], row["wrapped"])
        except ValueUnreadable:
            lost.append(row["id"])

    assert lost == [PEOPLE[0]]
