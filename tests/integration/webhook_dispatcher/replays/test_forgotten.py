"""What is sent again is not forgotten at the same moment, nor sent again once it is."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.postgres.errors import DatabaseBusy
from servicekit.postgres.pool import Pool, connect_pool
from webhook_dispatcher.errors import EventBodyGone
from webhook_dispatcher.events.retention import FORGET_BODIES, OLD_BODIES, Retention
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.resend_repository import ResendRepository, resend_events

from tests.integration.webhook_dispatcher.conftest import SCHEMA, eventually
from tests.integration.webhook_dispatcher.deliveries.test_limits import DELIVERY, ENDPOINT, EVENT

NOW = datetime.now(UTC)
REPLAY = Replay(
    id="rpl_1",
    organization_id="org_test",
    request_id="r1",
    endpoint_id="ep_1",
    start_at=NOW - timedelta(days=60),
    end_at=NOW,
    failed_only=True,
    max_per_minute=600,
    after_time=NOW - timedelta(days=60),
    created_at=NOW,
)
WAITS = """
    SELECT count(*) > 0 FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
FOUND = "SELECT state, payload FROM deliveries JOIN events USING (organization_id, event_id)"


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(ENDPOINT)
        await pool.execute(EVENT)
        await pool.execute(DELIVERY, "dlv_1")
        await pool.execute("UPDATE deliveries SET state = 'lapsed', ended_at = now()")
        await pool.execute("UPDATE events SET published_at = now() - interval '40 days'")
        yield pool


async def emptied(connection: Any) -> list[Any]:
    """What the next events are whose body goes, in a transaction that stands still then."""
    rows = await connection.fetch(OLD_BODIES[0], NOW - timedelta(days=30), 1000)
    ids = zip(*(tuple(row) for row in rows), strict=True)
    return list(await connection.fetch(FORGET_BODIES, *map(list, ids)))


async def test_what_is_being_forgotten_is_not_sent_again(pool: Pool) -> None:
    """Its delivery was made pending with a body that was empty by then."""
    async with pool.acquire() as forgetting:
        async with forgetting.transaction():
            assert len(await emptied(forgetting)) == 1
            resend = asyncio.create_task(
                ResendRepository(pool).resend("org_test", "dlv_1", now=NOW)
            )
            await eventually(lambda: pool.fetchval(WAITS))
            async with pool.acquire() as stepping, stepping.transaction():
                with pytest.raises(DatabaseBusy):
                    await resend_events(stepping, REPLAY, ["evt_1"], now=NOW)
        with pytest.raises(EventBodyGone):
            await resend
    async with pool.acquire() as stepping, stepping.transaction():
        again = await resend_events(stepping, REPLAY, ["evt_1"], now=NOW)

    assert again == []
    assert tuple(await pool.fetchrow(FOUND) or ()) == ("lapsed", "")


@pytest.mark.parametrize("one", [True, False])
async def test_what_is_being_sent_again_is_not_forgotten(pool: Pool, *, one: bool) -> None:
    """Whoever forgets passes it over, and sees afterwards that it is pending."""
    retention = Retention(
        pool,
        bodies=timedelta(days=30),
        attempts=timedelta(days=90),
        metrics=Metrics(CollectorRegistry()),
        clock=Clock.real_time(),
    )
    async with pool.acquire() as stepping, stepping.transaction():
        if one:
            await ResendRepository(OneConnection(stepping)).resend(  # type: ignore[arg-type]
                "org_test", "dlv_1", now=NOW
            )
        else:
            assert len(await resend_events(stepping, REPLAY, ["evt_1"], now=NOW)) == 1
        await retention.forget()
    await retention.forget()

    assert tuple(await pool.fetchrow(FOUND) or ()) == ("pending", "{}")


class OneConnection:
    """A pool of one connection, which is in a transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def acquire(self) -> Any:
        return self

    async def __aenter__(self) -> Any:
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        pass


async def test_what_was_sent_again_before_it_was_locked_is_not_forgotten(pool: Pool) -> None:
    """The look for what is old said that nothing of it is pending; the lock came after."""
    async with pool.acquire() as forgetting, forgetting.transaction():
        rows = await forgetting.fetch(OLD_BODIES[0], NOW - timedelta(days=30), 1000)
        await pool.execute("UPDATE deliveries SET state = 'pending', ended_at = NULL")
        ids = zip(*(tuple(row) for row in rows), strict=True)
        forgotten = await forgetting.fetch(FORGET_BODIES, *map(list, ids))

    assert (len(rows), forgotten) == (1, [])
