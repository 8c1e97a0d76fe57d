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

REPLAY = """
    INSERT INTO replays (replay_id, organization_id, request_id, endpoint_id, start_at, end_at,
                         event_types, campaign_ids, failed_only, max_per_minute, state, after_time,
                         after_id, next_step_at, created_at, finished_at)
    VALUES ($1, 'org_test', $1, $2, now(), now(), '{}', '{}', false, 1, $3, now(), '',
            now() + interval '1 day', now() - interval '1 year', $4)
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


async def test_replays_that_ended_long_ago_are_forgotten(dispatcher: Any, receiver: Any) -> None:
    """As attempts are; one that goes on stays, however old it is."""
    created = await dispatcher.create(receiver.url)
    async with postgres.connect_pool(dispatcher.database_url, "webhook") as pool:
        for replay_id, state, age in (
            ("old", "done", 91),
            ("young", "done", 89),
            ("on", "running", 91),
        ):
            ended = None if state == "running" else FAST.now() - timedelta(days=age)
            await pool.execute(REPLAY, replay_id, created.endpoint.endpoint_id, state, ended)

        await forget(pool, attempts=timedelta(days=90))
        left = await pool.fetch("SELECT replay_id FROM replays ORDER BY replay_id")

    assert [row["replay_id"] for row in left] == ["on", "young"]
