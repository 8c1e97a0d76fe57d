"""How fast what is old is forgotten, row by row, beside who publishes."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from webhook_dispatcher.events.retention import Retention
from webhook_dispatcher.metrics import Metrics

EVENTS: Final = 30_000
"""As many that are forgotten, and as many of which the body is; each was delivered at once."""
_ENDPOINT = """
INSERT INTO endpoints (endpoint_id, organization_id, request_id, url, event_types, description,
                       secret, created_at, disabled_at)
VALUES ('ep_old', 'org_old', 'old', 'https://example.com/', '{}', '', '', now(), now())
"""
_FILL = """
WITH event AS (
    INSERT INTO events (organization_id, event_id, type, payload, published_at, occurred_at,
                        subject, number)
    SELECT 'org_old', $1 || n, 'step.completed', repeat('x', $2), now() - $3::interval, now(),
           $1 || n / 10, n % 10 + 1
      FROM generate_series(1, $4::int) AS n
 RETURNING organization_id, event_id
), delivery AS (
    INSERT INTO deliveries (delivery_id, organization_id, event_id, event_type, endpoint_id, state,
                            attempts, created_at, ended_at)
    SELECT event_id, organization_id, event_id, 'step.completed', 'ep_old', 'delivered', 1,
           now() - $3::interval, now() - $3::interval
      FROM event
 RETURNING organization_id, delivery_id
)
INSERT INTO attempts (organization_id, delivery_id, number, attempted_at, latency, status_code,
                      error)
SELECT organization_id, delivery_id, 1, now() - $3::interval, interval '20 ms', 204, ''
  FROM delivery
"""
_BODY_AGE, _AGE = timedelta(days=30), timedelta(days=90)
_LONGER = timedelta(days=10)


async def fill(pool: Pool) -> None:
    """Events that are to be forgotten, and events of which the body is."""
    await pool.execute(_ENDPOINT)
    await pool.execute(_FILL, "evt_old_", 0, _AGE + _LONGER, EVENTS, timeout=600)
    await pool.execute(_FILL, "evt_body_", 1000, _BODY_AGE + _LONGER, EVENTS, timeout=600)
    await pool.execute("ANALYZE events, deliveries, attempts")


async def forgotten_per_second(pool: Pool) -> float:
    """Forget them as the dispatcher does; events and bodies together, in a second."""
    retention = Retention(
        pool,
        bodies=_BODY_AGE,
        attempts=_AGE,
        metrics=Metrics(CollectorRegistry()),
        clock=Clock.real_time(),
    )
    began = time.monotonic()
    await retention.forget()
    return 2 * EVENTS / (time.monotonic() - began)
