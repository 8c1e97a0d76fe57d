"""campaigns.outbox: what is said of an event while somebody else has its row locked."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from campaigns.outbox import taken_events
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.outbox.taken_events import Postponement, TakenEvents
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.outbox.test_outbox_repository import DAY, MINUTE, write

WAITS = """
SELECT count(*) > 0 FROM pg_stat_activity
 WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
STATES = "SELECT subject, number, state, postponements FROM outbox ORDER BY subject, number"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(("campaign", "campaigns")), "campaign") as pool:
        yield pool


@pytest.fixture
async def outbox(pool: Pool) -> OutboxRepository:
    """Two events of one lead, and one of another."""
    outbox = OutboxRepository(pool, SEAL)
    for event_id, subject in (("evt_1", "lead_1"), ("evt_2", "lead_1"), ("evt_3", "lead_2")):
        await write(outbox, subject, event_id)
    return outbox


@asynccontextmanager
async def locked(pool: Pool) -> AsyncIterator[None]:
    """As whoever seals rows anew has them, for as long as that takes."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(
            "SELECT FROM outbox WHERE subject = 'lead_1' AND number = 1 FOR NO KEY UPDATE"
        )
        yield


@asynccontextmanager
async def locked_behind(pool: Pool) -> AsyncIterator[None]:
    """One that is not the first of its subject."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetch(
            "SELECT FROM outbox WHERE subject = 'lead_1' AND number = 2 FOR NO KEY UPDATE"
        )
        yield


async def states(pool: Pool) -> list[str]:
    return [row["state"] for row in await pool.fetch(STATES)]


async def postponed(taken: TakenEvents, *, times: int = 30) -> Postponement:
    return await taken.postponed(taken.events[0], first=MINUTE, longest=DAY, times=times)


async def test_who_is_locked_was_not_postponed_too_often(
    pool: Pool, outbox: OutboxRepository
) -> None:
    """It was set aside for ever at its first failure. It stands until the time is over."""
    async with outbox.take(subjects=1, of_each=2, lasts=MINUTE) as taken, locked(pool):
        told = await postponed(taken)

    assert told is Postponement.NOT_OURS
    assert {(row["state"], row["postponements"]) for row in await pool.fetch(STATES)} == {
        ("unsent", 0)
    }
    async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as taken:
        assert [event.subject for event in taken.events] == ["lead_2"]
    await pool.execute("UPDATE outbox SET taken_until = now()")
    async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        assert await postponed(taken) is Postponement.POSTPONED


async def test_who_is_locked_behind_holds_up_nobody(pool: Pool, outbox: OutboxRepository) -> None:
    """Whoever took waited for it, and with them every subject; none behind it comes before it."""
    await write(outbox, "lead_1", "evt_4")

    async with locked_behind(pool), asyncio.timeout(5):
        async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as taken:
            found = [(event.subject, event.number) for event in taken.events]
            await taken.sent(taken.events)
        async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as none:
            assert not none.events

    assert sorted(found) == [("lead_1", 1), ("lead_2", 1)]
    async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as taken:
        assert [event.number for event in taken.events] == [2, 3]


async def test_who_was_removed_was_not_postponed_too_often(
    pool: Pool, outbox: OutboxRepository
) -> None:
    """Nor is it refused: there is nothing to look at."""
    async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        await pool.execute("DELETE FROM outbox WHERE subject = 'lead_1'")

        assert await postponed(taken, times=0) is Postponement.NOT_OURS
        assert not await taken.refused(taken.events[0], reason="INTERNAL")


async def test_who_is_locked_is_not_refused(pool: Pool, outbox: OutboxRepository) -> None:
    """Whoever says so is told: it comes again, and is refused then."""
    async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        async with locked(pool):
            assert not await taken.refused(taken.events[0], reason="INVALID_FIELDS")
        assert await taken.refused(taken.events[0], reason="INVALID_FIELDS")

    assert await states(pool) == ["refused", "unsent", "unsent"]


async def test_what_was_sent_while_it_was_locked_was_sent(
    pool: Pool, outbox: OutboxRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its subject stood for a minute, and it was sent again. Whoever locks it is waited for."""
    monkeypatch.setattr(taken_events, "_WAIT_FOR_LOCKS", "SET LOCAL lock_timeout = '20s'")
    taking = outbox.take(subjects=9, of_each=9, lasts=MINUTE)
    taken = await taking.__aenter__()
    async with asyncio.timeout(30):
        async with locked(pool):
            await taken.sent(taken.events)
            before = await states(pool)
            ending = asyncio.create_task(taking.__aexit__(None, None, None))
            while not await pool.fetchval(WAITS):  # noqa: ASYNC110 - nobody says that it waits
                await asyncio.sleep(0.01)
        await ending

    assert before == ["unsent", "sent", "sent"]
    assert await states(pool) == ["sent"] * 3


async def test_nobody_is_waited_for_long(pool: Pool, outbox: OutboxRepository) -> None:
    """What stays locked is sent again when its time is over, and its subject stands until then."""
    async with (
        AsyncExitStack() as others,
        asyncio.timeout(20),
        outbox.take(subjects=9, of_each=9, lasts=MINUTE) as taken,
    ):
        await others.enter_async_context(locked(pool))
        await taken.sent(taken.events[:1])
        await taken.sent(taken.events[2:])
    async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as again:
        assert not again.events

    assert await states(pool) == ["unsent", "unsent", "sent"]
    await pool.execute("UPDATE outbox SET taken_until = now()")
    async with outbox.take(subjects=9, of_each=9, lasts=MINUTE) as again:
        assert [(event.subject, event.number) for event in again.events] == [
            ("lead_1", 1),
            ("lead_1", 2),
        ]
