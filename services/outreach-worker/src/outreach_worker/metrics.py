"""What outreach-worker counts, beside what the SDK counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics


class Metrics:
    """One per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leads_admitted = Counter(
            "leads_admitted_total", "Leads whose workflow was started.", registry=registry
        )
        self.leads_ended = Counter(
            "leads_ended_total", "Leads that ended, by how.", ["state"], registry=registry
        )
        self.workflows_gone = Counter(
            "workflows_gone_total",
            "Workflows that were ended or deleted from outside, by kind and what became of it.",
            ["workflow", "outcome"],
            registry=registry,
        )
        self.lead_parkings = Counter(
            "lead_parkings_total",
            "Leads that a fault of ours stopped, by which kind of fault.",
            ["because"],
            registry=registry,
        )
        self.leads_parked = Gauge(
            "leads_parked",
            "Leads that a fault of ours keeps where they are, at the last look.",
            registry=registry,
        )
        self.campaigns_stalled = Gauge(
            "campaigns_stalled",
            "Campaigns whose own workflow a fault of ours keeps from going on, at the last look.",
            registry=registry,
        )
        self.activity_bugs = Counter(
            "activity_bugs_total",
            "Attempts of activities that raised what belongs to no class of errors, by activity.",
            ["activity"],
            registry=registry,
        )
        self.steps = Counter(
            "steps_total",
            "Steps that ended, by kind and how.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.steps_postponed = Counter(
            "steps_postponed_total",
            "Times that the gateway had a step wait or could not be reached, by kind and reason.",
            ["kind", "reason"],
            registry=registry,
        )
        self.malformed_requests = Counter(
            "malformed_requests_total",
            "Steps that failed because of our own request; each one is a bug.",
            ["kind"],
            registry=registry,
        )
        self.events_published = Counter(
            "events_published_total",
            "Events handed to webhook-dispatcher, by type and outcome.",
            ["type", "outcome"],
            registry=registry,
        )
        self.texts_written = Counter(
            "texts_written_total",
            "Texts asked of the writer, by kind of step and what came of it.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.writer_seconds = Histogram(
            "writer_duration_seconds",
            "How long the writer took for one text.",
            buckets=metrics.RPC,
            registry=registry,
        )
