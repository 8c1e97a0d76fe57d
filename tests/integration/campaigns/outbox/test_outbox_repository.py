"""campaigns.outbox: numbers without gaps, and each subject in one pair of hands."""

import asyncio
import contextvars
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaigns.outbox import outbox_repository
from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.outbox.taken_events import Postponement
from servicekit.postgres.listener import Listener
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import IN_CLEAR, SEAL

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = "SELECT subject, number, event_id, state, body FROM outbox ORDER BY subject, number"


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    return new_database(("campaign", "campaigns"))


@pytest.fixture
async def pool(url: str) -> AsyncIterator[Pool]:
    async with connect_pool(url, "campaign") as pool:
        yield pool


async def write(
    outbox: OutboxRepository, subject: str, event_id: str, *, organization_id: str = "org_1"
) -> bool:
    return await outbox.write(
        organization_id,
        subject,
        event_id,
        lambda number: OutboxEvent(
            organization_id=organization_id,
            subject=subject,
            number=number,
            event_id=event_id,
            type="lead.started",
            occurred_at=NOON,
            body=f"{subject}/{number}".encode(),
            trace="",
        ),
    )


async def take(outbox: OutboxRepository) -> list[tuple[str, int]]:
    """Take what there is, and say that it was sent."""
    async with outbox.take(subjects=10, of_each=10, lasts=MINUTE) as taken:
        if not taken.events:
            return []
        await taken.sent(taken.events)
        return [(event.subject, event.number) for event in taken.events]


async def test_an_event_is_written_once(pool: Pool) -> None:
    """An activity that is tried again writes nothing, also when the first was sent already."""
    outbox = OutboxRepository(pool, SEAL)
    assert await write(outbox, "lead_1", "evt_1")
    assert not await write(outbox, "lead_1", "evt_1")
    await take(outbox)

    assert not await write(outbox, "lead_1", "evt_1")
    assert await write(outbox, "lead_1", "evt_2")
    assert await write(outbox, "lead_1", "evt_1", organization_id="org_2")

    assert [row["number"] for row in await pool.fetch(ROWS)] == [1, 1, 2]
    assert [row["body"] for row in await pool.fetch(ROWS) if row["state"] == "sent"] == [b""]


async def test_what_did_not_happen_is_not_told(pool: Pool) -> None:
    """With its transaction an event is gone, and its number is the next one's."""
    outbox = OutboxRepository(pool, SEAL)
    with suppress(ZeroDivisionError):
        async with outbox.transaction():
            await write(outbox, "lead_1", "evt_1")
            raise ZeroDivisionError

    await write(outbox, "lead_1", "evt_2")

    assert [tuple(row)[:3] for row in await pool.fetch(ROWS)] == [("lead_1", 1, "evt_2")]


async def test_numbers_have_no_gaps_and_come_in_the_order_of_commits(pool: Pool) -> None:
    """Whoever sees a number sees every one before it, however many write and fail at once."""
    outbox = OutboxRepository(pool, SEAL)
    dice, seen = random.Random(7), defaultdict[str, list[int]](list)

    async def writes(n: int) -> None:
        with suppress(ZeroDivisionError):
            async with outbox.transaction():
                await write(outbox, f"lead_{n % 5}", f"evt_{n}")
                await pool.fetchval("SELECT pg_sleep($1)", dice.random() / 200)
                if n % 7 == 0:
                    raise ZeroDivisionError

    async def relays() -> None:
        for subject, number in await take(outbox):
            seen[subject].append(number)

    writing = asyncio.gather(*(writes(n) for n in range(200)))
    while not writing.done():
        await asyncio.gather(relays(), relays(), relays())
    await relays()
    while await pool.fetchval("SELECT count(*) FROM outbox WHERE state = 'unsent'"):
        await relays()

    rows = await pool.fetch(ROWS)
    assert len(rows) == 200 - len(range(0, 200, 7))
    for subject, numbers in seen.items():
        assert numbers == list(range(1, len(numbers) + 1)), subject


async def test_a_subject_is_in_one_pair_of_hands(pool: Pool) -> None:
    """Who comes second gets other subjects, and none of what is behind the first one's."""
    outbox = OutboxRepository(pool, SEAL)
    for n in range(3):
        await write(outbox, "lead_1", f"evt_1{n}")
    await write(outbox, "lead_2", "evt_2")

    async with outbox.take(subjects=1, of_each=2, lasts=MINUTE) as taken:
        others = await asyncio.create_task(take(outbox))
        first = [(event.subject, event.number) for event in taken.events]
        await taken.sent(taken.events)

    assert first == [("lead_1", 1), ("lead_1", 2)]
    assert others == [("lead_2", 1)]
    assert await take(outbox) == [("lead_1", 3)]


async def test_who_dies_leaves_it_unsent(pool: Pool) -> None:
    """What was taken and not said to be sent is taken again."""
    outbox = OutboxRepository(pool, SEAL)
    await write(outbox, "lead_1", "evt_1")
    with suppress(ZeroDivisionError):
        async with outbox.take(subjects=1, of_each=1, lasts=MINUTE):
            raise ZeroDivisionError

    assert await take(outbox) == [("lead_1", 1)]


async def test_who_dies_for_good_leaves_it_for_a_while(pool: Pool) -> None:
    """Nobody gives back what it had: it is anybody's when the time is over, and in order."""
    outbox = OutboxRepository(pool, SEAL)
    for n in (1, 2, 3):
        await write(outbox, "lead_1", f"evt_{n}")
    dead = outbox.take(subjects=1, of_each=2, lasts=MINUTE)
    taken = await dead.__aenter__()
    assert await take(outbox) == []

    await pool.execute("UPDATE outbox SET taken_until = now() WHERE taken_until IS NOT NULL")
    again = await take(outbox)

    assert again == [("lead_1", 1), ("lead_1", 2), ("lead_1", 3)]
    # It was not dead after all: what it says changes nothing, and is told to it.
    assert await taken.ours(taken.events) == []
    await taken.refused(taken.events[0], reason="INVALID_FIELDS")
    assert [row["state"] for row in await pool.fetch(ROWS)] == ["sent"] * 3


async def test_who_removes_a_lead_waits_for_nobody(pool: Pool) -> None:
    """Its rows go at once, though somebody is sending them; what comes of that changes nothing.

    It waited for as long as the calls took.
    """
    outbox = OutboxRepository(pool, SEAL)
    for n in (1, 2):
        await write(outbox, "lead_1", f"evt_{n}")
    await write(outbox, "lead_2", "evt_3")
    async with outbox.take(subjects=10, of_each=10, lasts=MINUTE) as taken:
        async with asyncio.timeout(5):
            await pool.execute("DELETE FROM outbox WHERE subject = 'lead_1'")
        left = await taken.ours(taken.events)
        await taken.sent(taken.events)

    assert [(each.subject, each.number) for each in left] == [("lead_2", 1)]
    assert [tuple(row)[:2] for row in await pool.fetch(ROWS)] == [("lead_2", 1)]


async def test_who_sends_waits_for_nobody_who_removes(pool: Pool) -> None:
    """A lead that is being removed is passed over, from its first event on."""
    outbox = OutboxRepository(pool, SEAL)
    for n in (1, 2):
        await write(outbox, "lead_1", f"evt_{n}")
    await write(outbox, "lead_2", "evt_3")
    async with outbox.take(subjects=10, of_each=10, lasts=MINUTE) as taken, outbox.transaction():
        await pool.execute("DELETE FROM outbox WHERE subject = 'lead_1'")

        async def told() -> None:
            await taken.sent(taken.events)

        async with asyncio.timeout(5):
            await asyncio.create_task(told(), context=contextvars.Context())
            others = await asyncio.create_task(take(outbox), context=contextvars.Context())

    assert others == []
    rows = await pool.fetch(ROWS)
    assert [(row["subject"], row["state"]) for row in rows] == [("lead_2", "sent")]


async def test_those_of_some_organizations_are_left(pool: Pool) -> None:
    """Whoever is slow to be taken rests, and others do not."""
    outbox = OutboxRepository(pool, SEAL)
    await write(outbox, "lead_1", "evt_1")
    await write(outbox, "lead_2", "evt_2", organization_id="org_2")

    async with outbox.take(subjects=9, of_each=9, lasts=MINUTE, without=["org_1"]) as taken:
        assert [each.organization_id for each in taken.events] == ["org_2"]


async def test_what_was_sent_long_ago_is_dropped(pool: Pool, monkeypatch: Any) -> None:
    """Some at a time, until none is left; what is unsent stays however old it is."""
    monkeypatch.setattr(outbox_repository, "_FORGOTTEN_AT_ONCE", 2)
    outbox = OutboxRepository(pool, SEAL)
    for n in range(5):
        await write(outbox, "lead_1", f"evt_{n}")
    await take(outbox)
    await write(outbox, "lead_1", "evt_5")
    await pool.execute("UPDATE outbox SET written_at = now() - interval '40 days'")
    await pool.execute("UPDATE outbox SET ended_at = now() - interval '31 days' WHERE number < 5")

    await outbox.forget(older_than=timedelta(days=30))

    assert [(row["number"], row["state"]) for row in await pool.fetch(ROWS)] == [
        (5, "sent"),
        (6, "unsent"),
    ]


async def test_what_is_postponed_holds_up_its_subject_alone(pool: Pool) -> None:
    """Others go on; it and what is behind it come again later."""
    outbox = OutboxRepository(pool, SEAL)
    for event_id, subject in (("evt_1", "lead_1"), ("evt_2", "lead_1"), ("evt_3", "lead_2")):
        await write(outbox, subject, event_id)
    async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        (event,) = taken.events
        told = await taken.postponed(event, first=timedelta(hours=1), longest=DAY, times=1)

    assert told is Postponement.POSTPONED
    assert (event.subject, event.number) == ("lead_1", 1)
    assert await take(outbox) == [("lead_2", 1)]
    assert await outbox.oldest() > timedelta()
    await pool.execute("UPDATE outbox SET not_before = now()")
    assert await take(outbox) == [("lead_1", 1), ("lead_1", 2)]
    assert await outbox.oldest() == timedelta()


async def test_it_is_postponed_ever_longer_and_not_for_ever(pool: Pool) -> None:
    """Twice as long each time, up to the longest; then whoever sends is told so."""
    outbox = OutboxRepository(pool, SEAL)
    await write(outbox, "lead_1", "evt_1")
    told, waits = Postponement.POSTPONED, []
    while told is Postponement.POSTPONED:
        async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
            told = await taken.postponed(taken.events[0], first=MINUTE, longest=DAY, times=13)
        waits.append(await pool.fetchval("SELECT not_before - now() FROM outbox"))
        await pool.execute("UPDATE outbox SET not_before = now()")

    assert told is Postponement.TIMES_OVER
    minutes = [round(wait / MINUTE) for wait in waits[:-1]]
    assert minutes == [2**n for n in range(11)] + [24 * 60] * 2


async def test_what_is_refused_makes_way(pool: Pool) -> None:
    """It is kept with its reason; what is behind it goes on."""
    outbox = OutboxRepository(pool, SEAL)
    for event_id in ("evt_1", "evt_2"):
        await write(outbox, "lead_1", event_id)
    async with outbox.take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        await taken.refused(taken.events[0], reason="INVALID_FIELDS")

    assert await take(outbox) == [("lead_1", 2)]
    refused = await pool.fetchrow("SELECT reason, body FROM outbox WHERE state = 'refused'")
    assert refused is not None
    assert refused["reason"] == "INVALID_FIELDS"
    assert refused["body"]


@pytest.mark.parametrize("seal", [SEAL, IN_CLEAR])
async def test_what_is_said_lies_sealed(pool: Pool, seal: Seal) -> None:
    """Until it is sent, as it was written; with sealing off it lies in clear, and is sent too."""
    await write(OutboxRepository(pool, seal), "lead_1", "evt_1")
    lies = await pool.fetchval("SELECT body FROM outbox")

    async with OutboxRepository(pool, SEAL).take(subjects=1, of_each=1, lasts=MINUTE) as taken:
        bodies = [event.body for event in taken.events]

    assert (b"lead_1/1" in lies) is not seal.on
    assert bodies == [b"lead_1/1"]


async def test_what_does_not_open_waits_with_what_is_behind_it(pool: Pool) -> None:
    """Others go; once the body is back where it belongs, all of it goes in order."""
    outbox = OutboxRepository(pool, SEAL)
    for subject, event_id in (("lead_1", "evt_1"), ("lead_1", "evt_2"), ("lead_2", "evt_3")):
        await write(outbox, subject, event_id)
    body = await pool.fetchval("SELECT body FROM outbox WHERE event_id = 'evt_1'")
    await pool.execute(
        "UPDATE outbox SET body = (SELECT body FROM outbox WHERE event_id = 'evt_3')"
        " WHERE event_id = 'evt_1'"
    )

    first, second = await take(outbox), await take(outbox)
    await pool.execute("UPDATE outbox SET body = $1 WHERE event_id = 'evt_1'", body)
    await pool.execute("UPDATE outbox SET taken_until = now()")

    assert (first, second) == ([("lead_2", 1)], [])
    assert await take(outbox) == [("lead_1", 1), ("lead_1", 2)]


async def test_whoever_writes_wakes(url: str, pool: Pool) -> None:
    """With the commit, not before: who is woken finds it."""
    outbox = OutboxRepository(pool, SEAL)
    async with Listener(url, "outbox_written") as listener, asyncio.timeout(20):
        assert (await anext(listener)).missed

        await write(outbox, "lead_1", "evt_1")

        assert not (await anext(listener)).missed
    assert await take(outbox) == [("lead_1", 1)]
