"""What was published is forgotten in time: what it said first, then that it was."""

from datetime import timedelta
from typing import Any

from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from webhook_dispatcher.events.retention import Retention

from tests.integration.webhook_dispatcher.conftest import FAST

COUNTS = """
    SELECT (SELECT count(*) FROM events) AS events,
           (SELECT count(*) FROM events
             WHERE payload <> '' OR sealed_payload IS NOT NULL) AS bodies,
           (SELECT count(*) FROM deliveries) AS deliveries,
           (SELECT count(*) FROM attempts) AS attempts
"""


async def test_what_is_old_is_forgotten(dispatcher: Any, receiver: Any) -> None:
    """Bodies, then all of it; what is young, and what is still being tried, stays."""
    await dispatcher.create(receiver.url)
    old, tried, young = [await dispatcher.publish() for _ in range(3)]
    for event_id in (old, tried, young):
        await dispatcher.settled(event_id)
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        age = (
            "UPDATE events SET published_at = published_at - $1::interval WHERE event_id = ANY ($2)"
        )
        await pool.execute(age, timedelta(days=40), [old, tried])
        await pool.execute(
            "UPDATE deliveries SET state = 'pending', ended_at = NULL WHERE event_id = $1", tried
        )

        await forget(pool, attempts=timedelta(days=90))
        bodies = await pool.fetchrow(COUNTS)
        await forget(pool, attempts=timedelta(days=30))
        all_of_it = await pool.fetchrow(COUNTS)

    assert tuple(bodies) == (3, 2, 3, 3)
    assert tuple(all_of_it) == (2, 2, 2, 2)


async def forget(pool: Any, *, attempts: timedelta, clock: Clock = FAST) -> None:
    await Retention(pool, bodies=timedelta(days=30), attempts=attempts, clock=clock).forget()
