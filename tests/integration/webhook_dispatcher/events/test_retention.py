"""What was published is forgotten in time: what it said first, then that it was."""

from datetime import timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from webhook_dispatcher.events.retention import Retention
from webhook_dispatcher.metrics import Metrics

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
    """Bodies, then all of it; what is young, and what is still being tried, stays.

    One that somebody has locked is not waited for. It is told what is forgotten, and how late.
    """
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

        async with pool.acquire() as stuck, stuck.transaction():
            await stuck.execute("SELECT FROM events WHERE event_id = $1 FOR UPDATE", old)
            await forget(pool, attempts=timedelta(days=90))
            locked = await pool.fetchrow(COUNTS)
        late = await forget(pool, attempts=timedelta(days=90))
        bodies = await pool.fetchrow(COUNTS)
        none = await forget(pool, attempts=timedelta(days=30))
        all_of_it = await pool.fetchrow(COUNTS)

    assert tuple(locked) == (3, 3, 3, 3)
    assert tuple(bodies) == (3, 2, 3, 3)
    assert tuple(all_of_it) == (2, 2, 2, 2)
    ten_days = timedelta(days=10).total_seconds()
    assert ten_days < told(late, "overdue_seconds", "body") < ten_days * 1.1
    assert told(late, "overdue_seconds", "event") == 0
    assert ten_days < told(none, "overdue_seconds", "event") < ten_days * 1.1
    assert told(late, "total", "body") == told(none, "total", "event") == 1


async def forget(pool: Any, *, attempts: timedelta, clock: Clock = FAST) -> CollectorRegistry:
    registry = CollectorRegistry()
    await Retention(
        pool,
        bodies=timedelta(days=30),
        attempts=attempts,
        metrics=Metrics(registry),
        clock=clock,
    ).forget()
    return registry


def told(registry: CollectorRegistry, metric: str, what: str) -> float:
    of = "forgotten" if metric == "total" else "forgetting"
    return registry.get_sample_value(f"webhook_{of}_{metric}", {"kind": what}) or 0.0


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
