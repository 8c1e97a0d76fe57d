"""How long what was published is kept: its text for a while, that it was sent for longer."""

from datetime import timedelta

from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.telemetry import logs

_SOME = 1000

# What is still being tried is kept until it has ended.
_FORGET_BODIES = """
    UPDATE events SET payload = '', sealed_payload = NULL
     WHERE (organization_id, event_id) IN (
        SELECT organization_id, event_id FROM events
         WHERE published_at < $1 AND {kept}
           AND NOT EXISTS (SELECT FROM deliveries
                            WHERE deliveries.organization_id = events.organization_id
                              AND deliveries.event_id = events.event_id AND state = 'pending')
         ORDER BY published_at LIMIT $2)
 RETURNING true
"""
FORGET_BODIES = tuple(
    _FORGET_BODIES.format(kept=kept) for kept in ("payload <> ''", "sealed_payload IS NOT NULL")
)
FORGET = """
    WITH old AS (
        SELECT organization_id, event_id FROM events
         WHERE published_at < $1 AND payload = '' AND sealed_payload IS NULL
         ORDER BY published_at LIMIT $2
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

    def __init__(self, pool: Pool, *, bodies: timedelta, attempts: timedelta, clock: Clock) -> None:
        self._pool = pool
        self._bodies = bodies
        self._attempts = max(bodies, attempts)
        self._clock = clock

    async def forget(self) -> None:
        """What events said, then that they were sent, and sent again."""
        now = self._clock.now()
        bodies = sum([await self._all(each, now - self._bodies) for each in FORGET_BODIES])
        events = await self._all(FORGET, now - self._attempts)
        replays = await self._all(FORGET_REPLAYS, now - self._attempts)
        if bodies or events or replays:
            log.info("events_forgotten", bodies=bodies, events=events, replays=replays)

    async def _all(self, statement: str, before: object) -> int:
        forgotten = 0
        while rows := await self._pool.fetch(statement, before, _SOME):
            forgotten += len(rows)
        return forgotten
