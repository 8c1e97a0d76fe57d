"""What becomes of an endpoint that fails: it is spared, and in the end given up and told of."""

from datetime import datetime
from typing import Protocol

from servicekit.clock import Clock
from servicekit.postgres.connection import one_transaction
from servicekit.postgres.pool import Pool
from servicekit.telemetry import logs

from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails
from webhook_dispatcher.deliveries.health_repository import EndpointHealthRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.http.sender import Answer
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import DisableReason

log = logs.get_logger(__name__)


class Announcer(Protocol):
    """Who tells an organization's other endpoints."""

    async def disabled(
        self,
        organization_id: str,
        endpoint_id: str,
        *,
        reason: DisableReason,
        failing_since: datetime,
        at: datetime,
    ) -> None:
        """An endpoint was disabled, though nobody asked for it."""


class EndpointFailures:
    """Counts failures in a row, by every process together; one success ends the row."""

    def __init__(
        self,
        pool: Pool,
        health: EndpointHealthRepository,
        endpoints: EndpointRepository,
        announcements: Announcer,
        *,
        retries: RetrySchedule,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._health = health
        self._endpoints = endpoints
        self._announcements = announcements
        self._retries = retries
        self._metrics = metrics
        self._clock = clock

    async def spared(self, details: DeliveryDetails) -> bool:
        """Whether nothing is sent now: its circuit is open, and another event is the probe."""
        if not details.circuit_open:
            return False
        return not await self._health.claim_probe(details.endpoint_id, now=self._clock.now())

    async def note(self, details: DeliveryDetails, answer: Answer) -> bool:
        """Count what an attempt came to; whether the endpoint is back, after it was spared."""
        if answer.accepted:
            # Who is healthy costs no statement.
            return details.failing and await self._health.succeeded(details.endpoint_id)
        now = self._clock.now()
        if answer.gone:
            await self._disable(details, DisableReason.GONE, since=now, now=now)
            return False
        health = await self._health.failed(details.endpoint_id, now=now)
        if health is None:
            return False
        if health.just_opened:
            self._metrics.circuits_opened.inc()
            log.warning("endpoint_spared", endpoint_id=details.endpoint_id)
        failed_for = self._clock.real(now - health.failing_since)
        if health.probe_at is not None and failed_for >= self._retries.disable_after:
            await self._disable(details, DisableReason.FAILING, since=health.failing_since, now=now)
        return False

    async def _disable(
        self, details: DeliveryDetails, because: DisableReason, *, since: datetime, now: datetime
    ) -> None:
        """Disable it and tell the organization's other endpoints, in one transaction."""
        async with one_transaction(self._pool):
            organization_id = await self._endpoints.disable(
                details.endpoint_id, reason=because, now=now
            )
            if organization_id is None:
                return
            await self._announcements.disabled(
                organization_id, details.endpoint_id, reason=because, failing_since=since, at=now
            )
        self._metrics.endpoints_disabled.labels(because).inc()
        log.warning("endpoint_disabled", endpoint_id=details.endpoint_id, because=because)
