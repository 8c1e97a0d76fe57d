"""Ids of events name messages: none of them lies in clear."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from linkedin_gateway.outbox import linkedin_events
from linkedin_gateway.outbox.linkedin_events import About, Lead, OutboxEvent
from linkedin_gateway.outbox.outbox_repository import OutboxRepository, append
from linkedin_gateway.outbox.sealed_events import sealed
from linkedin_gateway.storage.sealed_columns import EVENT, hash_event_ids
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.sealing import sealed_values

from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.conftest import ORGANIZATION, SCHEMA

NOW = datetime(2026, 3, 2, tzinfo=UTC)
SEAL = sealing()
REPLY = linkedin_events.reply_received(
    About(organization_id=ORGANIZATION, account_id="acct_1", at=NOW),
    provider_id="ACoAdaExample",
    chat_id="chat-of-ada",
    message_id="message-of-ada",
    told_as="message-of-ada/edited",
    text="Hi",
    automatic=False,
    suppression_id="",
    leads=[Lead(campaign_id="camp_1", lead_id="lead_1")],
)
OF_ACCOUNT = linkedin_events.account_reconnected(
    About(organization_id=ORGANIZATION, account_id="acct_1", at=NOW)
)


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, SCHEMA[0]) as pool:
        yield pool


async def put(pool: Pool, *events: OutboxEvent, again: bool = False) -> None:
    """As this release keeps them."""
    async with pool.acquire() as connection, connection.transaction():
        kept = [await sealed(connection, SEAL, each, person_id="per_1") for each in events]
        await append(connection, kept, now=NOW, again=again)


async def put_before(pool: Pool, event: OutboxEvent) -> None:
    """As the release before kept it: sealed, under the id that it is told by."""
    async with pool.acquire() as connection, connection.transaction():
        subject = SEAL.hashed(ORGANIZATION, "person", "per_1")
        body = await sealed_values.sealed(
            connection, SEAL, EVENT, ORGANIZATION, event.event_id, event.body, subject=subject
        )
        await connection.execute(
            "INSERT INTO outbox (event_id, event, created_at, organization_id)"
            " VALUES ($1, $2, $3, $4)",
            event.event_id,
            body,
            NOW,
            ORGANIZATION,
        )


async def told(pool: Pool) -> Sequence[bytes]:
    async with OutboxRepository(pool, SEAL).batch(10) as batch:
        assert batch is not None
        assert not batch.unopened
        return [each.body for each in batch.events]


async def ids(pool: Pool) -> list[str]:
    return [row["event_id"] for row in await pool.fetch("SELECT event_id FROM outbox")]


async def test_it_is_kept_by_a_hash_and_told_by_its_id(pool: Pool) -> None:
    """What is told has its own id, and what is kept twice is there once."""
    await put(pool, REPLY)
    await put(pool, REPLY)

    (kept,) = await ids(pool)
    assert kept.startswith("reply/acct_1/~")
    assert "ada" not in kept
    assert await told(pool) == [REPLY.body]


@pytest.mark.parametrize("again", [False, True])
async def test_what_the_release_before_kept_is_not_kept_twice(pool: Pool, *, again: bool) -> None:
    """Both releases are at work for a while; whoever replays it has it once, too."""
    await put_before(pool, REPLY)

    await put(pool, REPLY, again=again)

    assert await told(pool) == [REPLY.body]


async def test_rows_of_before_are_hashed(pool: Pool) -> None:
    """They are read as they are, and once the job has been there by a hash; accounts' stay."""
    await put_before(pool, REPLY)
    async with pool.acquire() as connection:
        await append(connection, [OF_ACCOUNT], now=NOW + timedelta(hours=1))
    before = await told(pool)

    changed = [await hash_event_ids(pool, SEAL) for _ in range(2)]

    assert changed == [1, 0]
    assert before == await told(pool) == [REPLY.body, OF_ACCOUNT.body]
    assert not any("ada" in each for each in await ids(pool))
    assert OF_ACCOUNT.event_id in await ids(pool)


async def test_one_that_both_releases_kept_stays_once(pool: Pool) -> None:
    """The one of before goes: what is there by a hash is the same."""
    await put(pool, REPLY)
    await put_before(pool, REPLY)

    assert await hash_event_ids(pool, SEAL) == 1

    assert await told(pool) == [REPLY.body]
