"""Data keys are changed beside whoever writes: nothing is lost, and no old key is needed after."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.sealing.data_keys import CREATE, IN_USE, INDEX, keys_of, wrapped_key
from servicekit.sealing.rotation import _RETIRE, DataKeyRotation, SealedRows
from servicekit.sealing.seal import DataKey, Seal, SealedColumn

from tests.fakes.sealing import FIRST, SECOND, sealing

NAMES = SealedColumn("public", "people", "name")
SEALED = [SealedRows(place=NAMES, key={"id": "text"}, named="people.id")]
NOW, LATER, NEVER = timedelta(0), timedelta(hours=1), timedelta(days=1000)
_PEOPLE = """
CREATE TABLE people (organization_id text NOT NULL, id text PRIMARY KEY, name bytea NOT NULL)
"""
_READ = f"SELECT id, name, {wrapped_key('people', 'name')} AS wrapped FROM people ORDER BY id"
_WRITE = """
INSERT INTO people VALUES ('org_1', $1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name
"""
_MANY = """
INSERT INTO data_keys (organization_id, key_id, subject, wrapped)
SELECT 'org_1', decode(md5(n::text), 'hex'), n::text, '' FROM generate_series(1, 20000) n
"""
_IDS = "SELECT key_id FROM data_keys ORDER BY key_id"
PEOPLE = [f"person {number:02}" for number in range(40)]


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(), "public", max_size=8) as pool:
        await pool.execute(CREATE)
        await pool.execute(f"CREATE UNIQUE INDEX {IN_USE} ON {INDEX}")
        await pool.execute(_PEOPLE)
        yield pool


async def write(pool: Pool, seal: Seal, person: str, key: DataKey) -> None:
    await pool.execute(_WRITE, person, seal.seal(key, NAMES, "org_1", person, person.encode()))


async def written(pool: Pool, seal: Seal, people: Sequence[str] = PEOPLE) -> dict[str, DataKey]:
    keys = await keys_of(pool, seal, "org_1", people)
    for person in people:
        await write(pool, seal, person, keys[person])
    return keys


async def read(pool: Pool, seal: Seal) -> list[str]:
    """Everybody's name; raises where one does not open."""
    return [
        seal.open(NAMES, "org_1", row["id"], row["name"], row["wrapped"]).decode()
        for row in await pool.fetch(_READ)
    ]


def rotation(pool: Pool, seal: Seal, **given: Any) -> DataKeyRotation:
    return DataKeyRotation(pool, seal, SEALED, at_once=7, **given)


async def test_old_keys_are_not_needed_any_more(pool: Pool) -> None:
    """All of them are gone, everything opens by others; who is young enough keeps theirs."""
    seal = sealing()
    await written(pool, seal)
    before = await pool.fetch(_IDS)
    untouched = await rotation(pool, seal).rotate(older_than=NEVER, kept=NOW)

    done = await rotation(pool, seal).rotate(older_than=NOW, kept=NOW)

    assert (untouched.retired, untouched.sealed, untouched.destroyed) == (0, 0, 0)
    assert (done.retired, done.sealed, done.destroyed, done.left) == (40, 40, 40, 0)
    assert not set(before) & set(await pool.fetch(_IDS))
    assert await read(pool, sealing()) == PEOPLE


async def test_a_retired_key_is_kept_for_a_while(pool: Pool) -> None:
    """Of whoever had read it before: what they write by it is found, and it is kept on."""
    seal = sealing()
    keys = await written(pool, seal)
    await rotation(pool, seal).rotate(older_than=NOW, kept=LATER)
    await write(pool, seal, PEOPLE[3], keys[PEOPLE[3]])

    found = await rotation(pool, seal).rotate(older_than=NEVER, kept=LATER)
    done = await rotation(pool, seal).rotate(older_than=NEVER, kept=NOW)

    assert (found.sealed, found.destroyed, found.left) == (1, 0, 40)
    assert (done.sealed, done.destroyed, done.left) == (0, 40, 0)
    assert await read(pool, sealing()) == PEOPLE


async def test_writers_beside_it_lose_nothing(pool: Pool) -> None:
    """They ask for a key and write by it a moment later, while two runs change them."""
    seal, over = sealing(), asyncio.Event()
    writes = count()

    async def writing(people: Sequence[str]) -> None:
        while not over.is_set():
            keys = await keys_of(pool, seal, "org_1", people)
            for person in people:
                await write(pool, seal, person, keys[person])
                next(writes)

    async def changing() -> int:
        runs = [await rotation(pool, seal).rotate(older_than=NOW, kept=LATER) for _ in range(8)]
        return sum(run.sealed for run in runs)

    async def changing_twice() -> int:
        sealed = await asyncio.gather(changing(), changing())
        over.set()
        return sum(sealed)

    await written(pool, seal)
    *_, sealed = await asyncio.gather(
        writing(PEOPLE[:20]), writing(PEOPLE[10:30]), changing_twice()
    )
    last = await rotation(pool, seal).rotate(older_than=NEVER, kept=NOW)

    assert next(writes) > 100
    assert sealed > 40
    assert (last.unreadable, last.left) == (0, 0)
    assert await pool.fetchval("SELECT count(*) FROM data_keys") == 40
    assert await read(pool, sealing()) == PEOPLE


async def test_what_was_written_meanwhile_stays(pool: Pool) -> None:
    """A row that changes between being read and being sealed anew is as its writer left it."""
    seal = sealing()

    class Overtaken(DataKeyRotation):
        async def _values(self, *given: Any) -> Any:
            values = await super()._values(*given)
            (key,) = (await keys_of(pool, seal, "org_1", [PEOPLE[0]])).values()
            sealed = seal.seal(key, NAMES, "org_1", PEOPLE[0], b"another name")
            await pool.execute(_WRITE, PEOPLE[0], sealed)
            return values

    await written(pool, seal)

    await Overtaken(pool, seal, SEALED).rotate(older_than=NOW, kept=NOW)

    assert await read(pool, sealing()) == ["another name", *PEOPLE[1:]]


async def test_a_row_that_is_locked_is_waited_for_by_nobody(pool: Pool) -> None:
    """It is left to the next run, and its key with it."""
    seal = sealing()
    await written(pool, seal)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM people WHERE id = $1 FOR UPDATE", PEOPLE[5])
        first = await rotation(pool, seal).rotate(older_than=NOW, kept=NOW)

    second = await rotation(pool, seal).rotate(older_than=NEVER, kept=NOW)

    assert (first.sealed, first.left) == (39, 1)
    assert (second.sealed, second.destroyed, second.left) == (1, 1, 0)
    assert await read(pool, sealing()) == PEOPLE


async def test_the_next_run_goes_on_where_one_was_killed(pool: Pool) -> None:
    """What was done is not done again."""

    class Killed(DataKeyRotation):
        async def _replaced(self, *given: Any) -> int:
            pages.append(await super()._replaced(*given))
            if len(pages) == 3:
                raise ConnectionAbortedError
            return pages[-1]

    seal, pages = sealing(), list[int]()
    await written(pool, seal)
    with pytest.raises(ConnectionAbortedError):
        await Killed(pool, seal, SEALED, at_once=7).rotate(older_than=NOW, kept=NOW)

    done = await rotation(pool, seal).rotate(older_than=LATER, kept=NOW)

    assert (done.retired, done.sealed, done.left) == (0, 40 - sum(pages), 0)
    assert await read(pool, sealing()) == PEOPLE


async def test_who_is_forgotten_meanwhile_stays_so(pool: Pool) -> None:
    """Their keys are destroyed between being read and being used: nothing opens it again."""

    class Overtaken(DataKeyRotation):
        async def _replaced(self, *given: Any) -> int:
            await pool.execute("DELETE FROM data_keys WHERE subject = $1", PEOPLE[0])
            return await super()._replaced(*given)

    seal = sealing()
    await written(pool, seal)

    done = await Overtaken(pool, seal, SEALED).rotate(older_than=NOW, kept=NOW)

    assert done.sealed == 39
    first, *others = await pool.fetch(_READ)
    assert (first["id"], first["wrapped"]) == (PEOPLE[0], None)
    assert all(row["wrapped"] for row in others)


async def test_what_does_not_open_keeps_its_key(pool: Pool) -> None:
    """Its wrapping key is lost: nothing is done to it, and once that is back all of it opens."""
    await written(pool, sealing(FIRST), PEOPLE[:3])
    await written(pool, sealing(SECOND), PEOPLE[3:])
    lost: list[str] = []

    done = await rotation(pool, sealing(SECOND, on_unreadable=lost.append)).rotate(
        older_than=NOW, kept=NOW
    )
    again = await rotation(pool, sealing(SECOND, FIRST)).rotate(older_than=NEVER, kept=NOW)

    assert (done.sealed, done.unreadable, done.left) == (37, 3, 3)
    assert lost
    assert (again.sealed, again.unreadable, again.left) == (3, 0, 0)
    assert await read(pool, sealing(SECOND, FIRST)) == PEOPLE


async def test_keys_are_retired_in_one_reading(pool: Pool) -> None:
    """Each few hundred read all keys that there are: of a million people, three thousand times."""
    await pool.execute(_MANY)
    await pool.execute("ANALYZE data_keys")
    made_before = datetime.now(UTC)

    plan = await pool.fetch(f"EXPLAIN {_RETIRE}", made_before, 300, "org_1", b"\x40" * 16)

    lines = [each[0] for each in plan]
    assert any("Index Scan using data_keys_pkey" in line for line in lines)
    assert not any("Sort Key: data_keys" in line or "Seq Scan" in line for line in lines)
