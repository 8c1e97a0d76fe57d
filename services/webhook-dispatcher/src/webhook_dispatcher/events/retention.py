"""How long what was published is kept: its text for a while, that it was sent for longer."""

from datetime import datetime, timedelta

from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.telemetry import logs

from webhook_dispatcher.endpoints.deletion_repository import OLDEST_TO_PURGE, PURGE
from webhook_dispatcher.metrics import FORGOTTEN, Metrics

_SOME = 1000

# What is still being tried is kept until it has ended; what somebody has locked, until the next
# look.
_ENDED = """
    NOT EXISTS (SELECT FROM deliveries
                 WHERE deliveries.organization_id = events.organization_id
                   AND deliveries.event_id = events.event_id AND state = 'pending')
"""
_OLD_BODIES = """
    SELECT organization_id, event_id FROM events
     WHERE published_at < $1 AND {kept} AND {ended}
     ORDER BY published_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
OLD_BODIES = tuple(
    _OLD_BODIES.format(kept=kept, ended=_ENDED)
    for kept in ("payload <> ''", "sealed_payload IS NOT NULL")
)
# Asked once more, by what is committed now that they are locked: who sends an event again locks it
# as well, and may have done so between the look and the lock.
FORGET_BODIES = f"""
    UPDATE events SET payload = '', sealed_payload = NULL
      FROM unnest($1::text[], $2::text[]) AS old (organization_id, event_id)
     WHERE (events.organization_id, events.event_id) = (old.organization_id, old.event_id)
       AND {_ENDED}
 RETURNING true
"""  # noqa: S608 - columns of ours
# Each by an index of those that it is asked of, in their order: the first one answers.
OLDEST = {
    "body": f"""
        SELECT least(
            (SELECT published_at FROM events WHERE payload <> '' AND {_ENDED}
              ORDER BY published_at LIMIT 1),
            (SELECT published_at FROM events WHERE sealed_payload IS NOT NULL AND {_ENDED}
              ORDER BY published_at LIMIT 1))
    """,  # noqa: S608 - columns of ours
    "event": """
        SELECT min(published_at) FROM events WHERE payload = '' AND sealed_payload IS NULL
    """,
    "replay": "SELECT min(finished_at) FROM replays",
    "endpoint": OLDEST_TO_PURGE,
}
FORGET = """
    WITH old AS (
        SELECT organization_id, event_id FROM events
         WHERE published_at < $1 AND payload = '' AND sealed_payload IS NULL
         ORDER BY published_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), delivery AS (
        DELETE FROM deliveries USING old
         WHERE deliveries.organization_id = old.organization_id
           AND deliveries.event_id = old.event_id
     RETURNING delivery_id
    ), attempt AS (
        DELETE FROM attempts USING delivery WHERE attempts.delivery_id = delivery.delivery_id
    )
    DELETE FROM events USING old
     WHERE events.organization_id = old.organization_id AND events.event_id = old.event_id
 RETURNING true
"""
# One that goes on is kept however old it is.
FORGET_REPLAYS = """
    DELETE FROM replays WHERE replay_id IN (
        SELECT replay_id FROM replays WHERE finished_at < $1 ORDER BY finished_at LIMIT $2)
 RETURNING true
"""

log = logs.get_logger(__name__)


class Retention:
    """Forgets what is older than it is kept, some rows at a time; safe to repeat."""

    def __init__(
        self,
        pool: Pool,
        *,
        bodies: timedelta,
        attempts: timedelta,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._attempts = max(bodies, attempts)
        self._bodies = bodies
        self._metrics = metrics
        self._clock = clock

    async def forget(self) -> None:
        """What events said, then that they were sent, and sent again; and who was deleted."""
        now = self._clock.now()
        # Until when an endpoint is kept was said when it was deleted.
        before = dict.fromkeys(FORGOTTEN, now - self._attempts)
        before |= {"body": now - self._bodies, "endpoint": now}
        for what in FORGOTTEN:
            oldest = await self._pool.fetchval(OLDEST[what])
            late = before[what] - oldest if oldest else timedelta(0)
            self._metrics.overdue.labels(what).set(max(0.0, late.total_seconds()))
        bodies = sum([await self._bodies_by(each, before["body"]) for each in OLD_BODIES])
        events = await self._all("event", FORGET, before["event"])
        replays = await self._all("replay", FORGET_REPLAYS, before["replay"])
        if bodies or events or replays:
            log.info("events_forgotten", bodies=bodies, events=events, replays=replays)
        if endpoints := await self._all("endpoint", PURGE, before["endpoint"]):
            log.info("endpoints_purged", number=endpoints)

    async def _bodies_by(self, look: str, before: datetime) -> int:
        forgotten = 0
        while (some := await self._some_bodies(look, before)) is not None:
            forgotten += some
            self._metrics.forgotten.labels("body").inc(some)
        return forgotten

    async def _some_bodies(self, look: str, before: datetime) -> int | None:
        """Forget what some events said, in one transaction; None if there are no more."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(look, before, _SOME)
            if not rows:
                return None
            ids = zip(*(tuple(row) for row in rows), strict=True)
            return len(await connection.fetch(FORGET_BODIES, *map(list, ids)))

    async def _all(self, what: str, statement: str, before: datetime) -> int:
        forgotten = 0
        while rows := await self._pool.fetch(statement, before, _SOME):
            forgotten += len(rows)
            self._metrics.forgotten.labels(what).inc(len(rows))
        return forgotten
