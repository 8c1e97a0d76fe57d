"""What this service counts."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics

from webhook_dispatcher.models import AttemptOutcome, DeliveryState, DisableReason

FORGOTTEN: Final = ("body", "event", "replay", "endpoint")
"""What is forgotten when it has been kept for long enough; an event goes with its attempts.

Of an endpoint that was deleted all but its ids.
"""


class Metrics:
    """One per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._of_deliveries(registry)
        self._of_attempts(registry)
        self._of_endpoints(registry)
        self._of_what_is_kept(registry)

    def _of_deliveries(self, registry: CollectorRegistry) -> None:
        self.events = Counter(
            "webhook_events_published_total",
            "Events published, by type; one published again is not counted again.",
            ["type"],
            registry=registry,
        )
        self.deliveries = Counter(
            "webhook_deliveries_total",
            "Deliveries that ended, by how.",
            ["state"],
            registry=registry,
        )
        self.workflows_started = Counter(
            "webhook_delivery_workflows_started_total",
            "Deliveries given to a workflow: their first attempt failed, or there was no room.",
            registry=registry,
        )
        self.orphaned = Gauge(
            "webhook_deliveries_orphaned",
            "1 while deliveries are known to wait for a workflow: Temporal is away.",
            registry=registry,
        )
        ended = [state for state in DeliveryState if state is not DeliveryState.PENDING]
        metrics.begin(self.deliveries, ended)

    def _of_attempts(self, registry: CollectorRegistry) -> None:
        self.attempts = Counter(
            "webhook_delivery_attempts_total",
            "POSTs to customers, by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self.attempt_duration = Histogram(
            "webhook_delivery_attempt_duration_seconds",
            "How long a POST took until its answer or until it was given up, real time.",
            buckets=metrics.RPC,
            registry=registry,
        )
        self.first_attempt_lag = Histogram(
            "webhook_first_attempt_lag_seconds",
            "How long after an event was published it was posted first, real time.",
            buckets=metrics.LAG,
            registry=registry,
        )
        metrics.begin(self.attempts, AttemptOutcome)

    def _of_endpoints(self, registry: CollectorRegistry) -> None:
        self.circuits_opened = Counter(
            "webhook_circuits_opened_total",
            "Endpoints that failed so often in a row that they get one event at a time.",
            registry=registry,
        )
        self.endpoints_disabled = Counter(
            "webhook_endpoints_disabled_total",
            "Endpoints that were disabled though nobody asked for it, by why.",
            ["because"],
            registry=registry,
        )
        metrics.begin(self.endpoints_disabled, (DisableReason.GONE, DisableReason.FAILING))

    def _of_what_is_kept(self, registry: CollectorRegistry) -> None:
        self.forgotten = Counter(
            "webhook_forgotten_total",
            "What was forgotten because it had been kept for long enough, by what it is.",
            ["kind"],
            registry=registry,
        )
        self.overdue = Gauge(
            "webhook_forgetting_overdue_seconds",
            "By how much the oldest is kept for too long, as of the last look, domain time.",
            ["kind"],
            registry=registry,
        )
        metrics.begin(self.forgotten, FORGOTTEN)
