"""What this service counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics

from webhook_dispatcher.models import DeliveryState

ATTEMPT_OUTCOMES = ("accepted", "refused", "unanswered", "forbidden")


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
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
        self.attempts = Counter(
            "webhook_delivery_attempts_total",
            "POSTs to customers, by how they ended.",
            ["outcome"],
            registry=registry,
        )
        self.attempt_duration = Histogram(
            "webhook_delivery_attempt_duration_seconds",
            "How long a POST took, until its answer or until it was given up.",
            buckets=metrics.RPC,
            registry=registry,
        )
        self.handed_over = Counter(
            "webhook_deliveries_handed_over_total",
            "Deliveries given to a workflow: their first attempt failed, or there was no room.",
            registry=registry,
        )
        self.starts_owed = Gauge(
            "webhook_delivery_starts_owed",
            "1 while deliveries are known to be in nobody's hands: Temporal is away.",
            registry=registry,
        )
        for outcome in ATTEMPT_OUTCOMES:
            self.attempts.labels(outcome)
        for state in DeliveryState:
            if state is not DeliveryState.PENDING:
                self.deliveries.labels(state)
