"""What campaign-api takes long over is published once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.linkedin_events import OutboxEvent
from linkedin_gateway.outbox.outbox_repository import OutboxRepository, append
from linkedin_gateway.outbox.relay import OutboxRelay
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres

from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.conftest import ORGANIZATION, SCHEMA

NOW = datetime(2026, 3, 2, tzinfo=UTC)
MOMENT = timedelta(milliseconds=500)
EVENT = OutboxEvent(organization_id=ORGANIZATION, event_id="e", body=b"e")


async def test_publishing_may_take_longer_than_other_transactions(gateway_url: str) -> None:
    """The database ends transactions in which nothing is said; not the relay's while it waits for
    an answer, or the same events would be published again for ever."""
    published: list[bytes] = []
    async with postgres.connect_pool(gateway_url, SCHEMA[0]) as pool, pool.acquire() as connection:
        await append(connection, [EVENT], now=NOW)
    async with postgres.connect_pool(gateway_url, SCHEMA[0], idle_timeout=MOMENT) as pool:

        async def publish(bodies: Sequence[bytes], /) -> None:
            published.extend(bodies)
            await pool.fetchval("SELECT pg_sleep($1)", 2 * MOMENT.total_seconds())

        relay = OutboxRelay(
            OutboxRepository(pool, sealing()),
            publish,
            Metrics(CollectorRegistry()),
            Clock.real_time(),
        )
        for _ in range(2):
            assert await relay.relay_batch()

    assert published == [b"e"]
