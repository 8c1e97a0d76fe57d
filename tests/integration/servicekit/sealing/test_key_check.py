"""A process with other keys than its schema's does not begin."""

import base64
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.sealing.data_keys import CREATE, IN_USE, INDEX, keys_of, wrap_anew
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.key_check import KeyNotes, begin_check_anew, check_keys
from servicekit.sealing.rotation import DataKeyRotation, SealedRows
from servicekit.sealing.seal import Seal, SealedColumn
from servicekit.sealing.wrapping_keys import KeyLost
from servicekit.settings import SealingSettings, SettingsRefused

from tests.fakes.sealing import FIRST, SECOND, sealing, sealing_by

SETTINGS = SealingSettings()
PEOPLE = [f"person {number}" for number in range(20)]
THIRD = base64.urlsafe_b64encode(b"\x03" * 32).decode()
OTHER_HASHES = Seal(sealing().keys, KeyedHashes(b"\x08" * 32))


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(), "public", max_size=2) as pool:
        await pool.execute(CREATE)
        await pool.execute(f"CREATE UNIQUE INDEX {IN_USE} ON {INDEX}")
        yield pool


async def refused(pool: Pool, seal: Seal) -> Sequence[str]:
    """The settings that a process with this seal refuses to begin with."""
    try:
        await check_keys(pool, seal, SETTINGS)
    except SettingsRefused as refusals:
        return [each.setting for each in refusals.refusals]
    return ()


async def test_other_keys_are_refused(pool: Pool) -> None:
    """Whoever begins first says which they are; each that differs is named by its setting."""
    assert await refused(pool, sealing(FIRST)) == ()

    assert await refused(pool, sealing(FIRST)) == ()
    assert await refused(pool, OTHER_HASHES) == [SETTINGS.name_of("sealing_hash_key")]
    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(SECOND, FIRST)) == ()


async def test_a_changed_wrapping_key_is_the_schemas(pool: Pool) -> None:
    """Once all is wrapped anew the old one is refused, and the new one alone will do."""
    await check_keys(pool, sealing(FIRST), SETTINGS)
    await wrap_anew(pool, sealing(SECOND, FIRST))

    assert await refused(pool, sealing(SECOND)) == ()
    assert await refused(pool, sealing(FIRST)) == [SETTINGS.name_of("sealing_keys")]


async def test_who_was_killed_between_two_pages_leaves_both_keys(pool: Pool) -> None:
    """The new key alone would do after the first page, and all keys of the others were lost."""
    await check_keys(pool, sealing(FIRST), SETTINGS)
    await keys_of(pool, sealing(FIRST), "org_1", PEOPLE)

    class Killed(Exception):
        pass

    class OnePage:
        """The database of a process that is killed as it asks for the second page."""

        pages = 0

        async def fetch(self, query: str, *args: object) -> Sequence[object]:
            self.pages += 1
            if self.pages > 1:
                raise Killed
            return await pool.fetch(query, *args)

        async def execute(self, query: str, *args: object) -> str:
            return await pool.execute(query, *args)

    both = sealing(SECOND, FIRST)
    with pytest.raises(Killed):
        await wrap_anew(OnePage(), both, at_once=7)

    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await wrap_anew(pool, both) == len(PEOPLE) - 7
    assert await refused(pool, sealing(SECOND)) == ()


async def test_who_has_lost_one_keeps_the_keys_of_before(pool: Pool) -> None:
    """What could be wrapped anew is; that one was lost tells of nobody who needs no other key."""
    await check_keys(pool, sealing(FIRST), SETTINGS)
    await keys_of(pool, sealing(FIRST), "org_1", PEOPLE)
    await keys_of(pool, sealing(THIRD), "org_1", ["of a key that is lost"])

    with pytest.raises(KeyLost):
        await wrap_anew(pool, sealing(SECOND, FIRST))

    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(SECOND, FIRST)) == ()


async def test_a_stale_process_does_not_begin_beside_a_new_key(pool: Pool) -> None:
    """The new key wraps already; who had the old one alone gave people other data keys.

    It is noted by whoever begins with it, and by whoever reads it anew.
    """
    keys = [FIRST]
    running = sealing_by(keys)
    await check_keys(pool, running, SETTINGS)
    notes = KeyNotes(pool, running)
    await notes.note()
    assert await refused(pool, sealing(FIRST)) == ()

    keys[:] = [SECOND, FIRST]
    await notes.note()

    assert await refused(pool, sealing(FIRST)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(FIRST, SECOND)) == ()
    assert await refused(pool, sealing(THIRD, SECOND, FIRST)) == ()
    assert await refused(pool, sealing(SECOND, FIRST)) == [SETTINGS.name_of("sealing_keys")]
    await begin_check_anew(pool, sealing(SECOND, FIRST))
    assert await refused(pool, sealing(SECOND, FIRST)) == ()


async def test_a_key_that_was_lost_long_ago_keeps_nobody_from_beginning(pool: Pool) -> None:
    """One row of one organization kept a whole release from starting."""
    await keys_of(pool, sealing(THIRD), "org_0", ["ada"])
    await keys_of(pool, sealing(FIRST), "org_1", ["bob"])

    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(FIRST)) == ()


async def test_keys_of_the_release_before_say_it(pool: Pool) -> None:
    """It wrote no check: a process by another wrapping key must not write the first one."""
    await keys_of(pool, sealing(FIRST), "org_1", ["ada"])

    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(FIRST)) == ()


async def test_no_change_of_data_keys_takes_it_away(pool: Pool) -> None:
    """It never becomes old: a process with other keys is refused after it as well."""
    await check_keys(pool, sealing(FIRST), SETTINGS)
    await keys_of(pool, sealing(FIRST), "org_1", ["ada"])
    await pool.execute("CREATE TABLE people (organization_id text, id text, name bytea)")
    names = SealedRows(
        place=SealedColumn("public", "people", "name"), key={"id": "text"}, named="people.id"
    )

    done = await DataKeyRotation(pool, sealing(FIRST), [names]).rotate(
        older_than=timedelta(days=-1), kept=timedelta(0)
    )

    assert (done.retired, done.destroyed) == (1, 1)
    assert await refused(pool, OTHER_HASHES) == [SETTINGS.name_of("sealing_hash_key")]


async def test_lost_keys_are_given_up(pool: Pool) -> None:
    """Whoever has lost them says so, and begins with others."""
    await check_keys(pool, sealing(FIRST), SETTINGS)
    await begin_check_anew(pool, sealing(SECOND))

    assert await refused(pool, sealing(SECOND)) == ()
    assert await refused(pool, sealing(FIRST)) == [SETTINGS.name_of("sealing_keys")]


async def test_who_is_killed_as_keys_are_given_up_leaves_none_without_any(pool: Pool) -> None:
    """Between two statements there was no row, and whoever began then said which keys are right."""
    await check_keys(pool, sealing(FIRST), SETTINGS)

    class Killed(Exception):
        pass

    class OneStatement:
        """The database of a process that is killed as it makes the second one."""

        made = 0

        def across(self, _why: str) -> Any:
            return self

        async def execute(self, query: str, *args: object) -> str:
            self.made += 1
            if self.made > 1:
                raise Killed
            return await pool.execute(query, *args)

    database: Any = OneStatement()
    with suppress(Killed):
        await begin_check_anew(database, sealing(SECOND))

    assert await refused(pool, sealing(THIRD)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(SECOND)) == ()


async def test_a_key_in_front_is_noted_again(pool: Pool) -> None:
    """A process that has not read the newer key yet goes on wrapping by the one of before.

    Its row went with the run that wrapped all anew; it comes again within a minute, so that nobody
    begins without that key.
    """
    now = [0.0]
    stale = sealing(FIRST)
    notes = KeyNotes(pool, stale, now=lambda: now[0])
    await check_keys(pool, stale, SETTINGS)
    await notes.note()
    await wrap_anew(pool, sealing(SECOND, FIRST))
    await keys_of(pool, stale, "org_1", ["ada"])

    now[0] = 60.0
    await notes.note()

    assert await refused(pool, sealing(SECOND)) == [SETTINGS.name_of("sealing_keys")]
    assert await refused(pool, sealing(SECOND, FIRST)) == ()
