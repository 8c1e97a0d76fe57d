"""SQL on endpoints that fail.

    healthy ──failure──▶ failing ──10 in a row──▶ circuit open ──5 days──▶ disabled
       ▲                    │                          │
       └──────success───────┴─────────a probe lands────┘

While a circuit is open one event is sent at a time, ever less often; the others wait, unsent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from webhook_dispatcher.deliveries.retry_schedule import LONGEST_PROBE

OPENS_AFTER = 10
"""Failures in a row."""
# Others that were under way when it opened are no probes.
FAILED = Statement(f"""
    INSERT INTO endpoint_health AS health
           (organization_id, endpoint_id, failing_since, failures)
    SELECT organization_id, endpoint_id, :now, 1 FROM endpoints WHERE endpoint_id = :endpoint_id
        ON CONFLICT (organization_id, endpoint_id) DO UPDATE
       SET failures = health.failures + 1,
           probe_at = CASE
               WHEN health.probe_at IS NOT NULL THEN health.probe_at
               WHEN health.failures + 1 >= {OPENS_AFTER} THEN :now + :first_probe::interval END
 RETURNING failing_since, failures, probe_at
""")
# One that is to come later than any can be was so before the database's clock was set back.
PROBE_IS_DUE = f"""
    (probe_at <= :now OR probe_at > :now::timestamptz + interval '{2 * LONGEST_PROBE}')
"""
CLAIM_PROBE = Statement(f"""
    UPDATE endpoint_health
       SET probes = probes + 1,
           probe_at = :now + least(:first_probe::interval * power(2, least(probes + 1, 20)),
                                   :longest_probe::interval)
     WHERE endpoint_id = :endpoint_id AND {PROBE_IS_DUE}
 RETURNING true
""")
SUCCEEDED = """
    DELETE FROM endpoint_health WHERE endpoint_id = $1 RETURNING probe_at IS NOT NULL
"""
OPEN_CIRCUITS = "SELECT count(*) FROM endpoint_health WHERE probe_at IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class EndpointHealth:
    """How an endpoint fails."""

    failing_since: datetime
    failures: int
    """In a row."""
    probe_at: datetime | None
    """When one event is sent again; None while all are."""

    @property
    def just_opened(self) -> bool:
        return self.failures == OPENS_AFTER


class EndpointHealthRepository:
    """Of every organization; `first_probe` and `longest_probe` are how long a circuit is open."""

    def __init__(self, pool: Pool, *, first_probe: timedelta, longest_probe: timedelta) -> None:
        self._pool = pool
        self._probes = {"first_probe": first_probe, "longest_probe": longest_probe}

    async def failed(self, endpoint_id: str, *, now: datetime) -> EndpointHealth | None:
        """Count a failure; None if there is no such endpoint."""
        given = FAILED.given(
            endpoint_id=endpoint_id, now=now, first_probe=self._probes["first_probe"]
        )
        row = await self._pool.fetchrow(FAILED.sql, *given)
        return None if row is None else EndpointHealth(**row)

    async def claim_probe(self, endpoint_id: str, *, now: datetime) -> bool:
        """Whether the caller is the one that may send now, though the circuit is open."""
        given = CLAIM_PROBE.given(endpoint_id=endpoint_id, now=now, **self._probes)
        return bool(await self._pool.fetchval(CLAIM_PROBE.sql, *given))

    async def succeeded(self, endpoint_id: str) -> bool:
        """It does not fail any more; whether its circuit was open."""
        return bool(await self._pool.fetchval(SUCCEEDED, endpoint_id))

    async def open_circuits(self) -> int:
        """How many endpoints get one event at a time."""
        return int(await self._pool.fetchval(OPEN_CIRCUITS) or 0)
