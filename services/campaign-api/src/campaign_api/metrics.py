"""What campaign-api counts, beside what every rpc is counted by."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics


class Metrics:
    """One per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.campaigns_created = Counter(
            "campaigns_created_total", "Campaigns created.", registry=registry
        )
        self.transitions = Counter(
            "campaign_transitions_total",
            "Campaigns started, paused, resumed and stopped by callers.",
            ["transition"],
            registry=registry,
        )
        self.rows = Counter(
            "lead_rows_total",
            "Rows of lead lists, by what became of them.",
            ["outcome"],
            registry=registry,
        )
        self.import_duration = Histogram(
            "lead_import_duration_seconds",
            "How long the import of a lead list took.",
            buckets=metrics.RPC,
            registry=registry,
        )
        self.linkedin_events = Counter(
            "linkedin_events_total",
            "What LinkedIn told, by kind and what became of it.",
            ["event", "outcome"],
            registry=registry,
        )
        self.watchers = Gauge("campaign_watchers", "Open WatchCampaign streams.", registry=registry)
        self._reachable = Gauge(
            "dependency_reachable",
            "1 while the connection to another service stands or is idle, else 0.",
            ["dependency"],
            registry=registry,
        )

    def tell_reachable(self, dependency: str, reachable: Callable[[], bool]) -> None:
        """Ask `reachable` whenever metrics are read."""
        self._reachable.labels(dependency).set_function(lambda: float(reachable()))
