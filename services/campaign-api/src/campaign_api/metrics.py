"""What campaign-api counts, beside what every rpc is counted by."""

from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics


class ImportedRows(Protocol):
    """Counts of a list that was read."""

    imported: int
    released: int
    duplicates: int
    rejected: int


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
            "How long it took to read a lead list into its campaign, real time.",
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
        self.lead_watchers = Gauge(
            "campaign_lead_watchers", "Open WatchLeads streams.", registry=registry
        )
        self._reachable = Gauge(
            "dependency_reachable",
            "1 while the connection to another service stands or is idle, else 0.",
            ["dependency"],
            registry=registry,
        )

    def count_rows(self, result: "ImportedRows") -> None:
        """What became of the rows of a list."""
        self.rows.labels("imported").inc(result.imported)
        self.rows.labels("released").inc(result.released)
        self.rows.labels("duplicate").inc(result.duplicates)
        self.rows.labels("rejected").inc(result.rejected)

    def tell_reachable(self, dependency: str, reachable: Callable[[], bool]) -> None:
        """Ask `reachable` whenever metrics are read."""
        self._reachable.labels(dependency).set_function(lambda: float(reachable()))
