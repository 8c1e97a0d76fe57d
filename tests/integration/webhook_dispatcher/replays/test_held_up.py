"""A delivery that somebody has locked holds up its own replay alone."""

import asyncio
from typing import Any

import pytest
from servicekit.postgres import pool as postgres

from tests.integration.webhook_dispatcher.conftest import eventually
from tests.integration.webhook_dispatcher.replays.test_replays import (
    ended,
    heard,
    publish_numbered,
    replay,
)

IDS = ["evt_d", "evt_b", "evt_c"]
LOCK = "SELECT FROM deliveries WHERE event_id = 'evt_b' AND endpoint_id = $1 FOR UPDATE"
POSTPONED = "SELECT next_step_at > now() FROM replays WHERE replay_id = $1"


@pytest.mark.lasts(seconds=10)
async def test_one_that_is_locked_holds_up_no_other_replay(dispatcher: Any, receiver: Any) -> None:
    """All replays stood for as long as one transaction did. None of a lead's events is left out."""
    stands, goes = [
        (await dispatcher.create(f"{receiver.url}/{name}")).endpoint.endpoint_id
        for name in ("stands", "goes")
    ]
    await publish_numbered(dispatcher, 1, 2, 3, ids=IDS)
    for event_id in IDS:
        await dispatcher.settled(event_id)
    receiver.received.clear()

    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        async with pool.acquire() as stuck, stuck.transaction():
            await stuck.execute(LOCK, stands)
            waits = await replay(dispatcher, stands)
            async with asyncio.timeout(5):
                done = await ended(dispatcher, await replay(dispatcher, goes))
                await eventually(lambda: pool.fetchval(POSTPONED, waits.replay_id))
        waited = await ended(dispatcher, waits)
    await receiver.heard(6)

    assert done.deliveries == waited.deliveries == 3
    assert heard(receiver) == IDS * 2
