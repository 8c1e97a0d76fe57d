"""What outreach-worker counts, beside what the SDK counts."""

from automation.runs.run import Run, RunState, RunType
from campaigns.models import CampaignState, LeadState
from campaigns.parking import ParkedBecause
from campaigns.sequences.sequence import StepKind, StepOutcome
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from servicekit.telemetry import metrics
from servicekit.temporal.attempt_metrics import AttemptMetrics

ENDS = (LeadState.COMPLETED, LeadState.REPLIED, LeadState.FAILED, LeadState.STOPPED)
"""States in which a lead has ended."""


class Metrics:
    """One per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.attempts = AttemptMetrics(registry)
        self._of_campaigns_and_leads(registry)
        self._of_what_stands_still(registry)
        self._of_steps(registry)
        self._of_texts(registry)
        self._of_programs(registry)

    def run_ended(self, run: Run) -> None:
        """A run of a program has ended."""
        self.automation_runs.labels(run.type, run.state).inc()
        if run.took is not None:
            self.automation_run_seconds.labels(run.type).observe(run.took.total_seconds())

    def _of_campaigns_and_leads(self, registry: CollectorRegistry) -> None:
        self.campaigns_ended = Counter(
            "campaigns_ended_total", "Campaigns that ended, by how.", ["state"], registry=registry
        )
        metrics.begin(self.campaigns_ended, (CampaignState.COMPLETED, CampaignState.STOPPED))
        self.lead_duration = Histogram(
            "lead_duration_seconds",
            "How long leads took from their beginning to their end, in domain time, by how.",
            ["state"],
            buckets=metrics.WEEKS,
            registry=registry,
        )
        metrics.begin(self.lead_duration, ENDS)
        self.invitation_answers = Counter(
            "invitation_answers_total",
            "Invitations that were accepted, or not within their time.",
            ["answer"],
            registry=registry,
        )
        metrics.begin(self.invitation_answers, ("accepted", "not_accepted"))
        self.leads_admitted = Counter(
            "leads_admitted_total", "Leads whose workflow was started.", registry=registry
        )
        self.leads_ended = Counter(
            "leads_ended_total", "Leads that ended, by how.", ["state"], registry=registry
        )
        metrics.begin(self.leads_ended, ENDS)

    def _of_what_stands_still(self, registry: CollectorRegistry) -> None:
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
        metrics.begin(self.workflows_gone, ("campaign", "lead"), ("started_again", "ended"))
        metrics.begin(self.lead_parkings, ParkedBecause)
        self.leads_parked = Gauge(
            "leads_parked",
            "Leads that a fault of ours keeps where they are, at the last look.",
            registry=registry,
        )
        self.leads_without_workflow = Gauge(
            "leads_without_workflow",
            "Leads whose workflows Temporal may have lost, and whom nobody ends; by rounds.",
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

    def _of_steps(self, registry: CollectorRegistry) -> None:
        self.steps = Counter(
            "steps_total",
            "Steps that ended, by kind and how.",
            ["kind", "outcome"],
            registry=registry,
        )
        performed = (StepOutcome.DONE, StepOutcome.SKIPPED, StepOutcome.FAILED)
        metrics.begin(self.steps, StepKind, performed)
        self.step_lag = Histogram(
            "step_lag_seconds",
            "How long after a step was due its attempt began, real time.",
            buckets=metrics.LAG,
            registry=registry,
        )
        self.reply_lag = Histogram(
            "reply_to_stop_seconds",
            "How long after a person wrote their lead knew it and went no further, real time.",
            buckets=metrics.LAG,
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
        metrics.begin(self.malformed_requests, StepKind)
        self.events_published = Counter(
            "events_published_total",
            "Times that an event was handed to webhook-dispatcher, by type and whether it took it.",
            ["type", "outcome"],
            registry=registry,
        )
        self.oldest_unsent = Gauge(
            "outbox_oldest_seconds",
            "Real time for which the oldest event waits for webhook-dispatcher; 0 if none does.",
            registry=registry,
        )

    def _of_programs(self, registry: CollectorRegistry) -> None:
        self.automation_runs = Counter(
            "automation_runs_total",
            "Runs of programs that ended, by type and how; already_run ones did nothing.",
            ["type", "outcome"],
            registry=registry,
        )
        ends = [state for state in RunState if state is not RunState.RUNNING]
        metrics.begin(self.automation_runs, RunType, (*ends, "already_run"))
        self.automation_run_seconds = Histogram(
            "automation_run_seconds",
            "How long runs of programs took, real time, by type.",
            ["type"],
            buckets=metrics.LAG,
            registry=registry,
        )
        metrics.begin(self.automation_run_seconds, RunType)
        self.automation_overdue = Gauge(
            "automation_run_overdue_seconds",
            "For how long the last daily run that was due is missing, domain time, at most.",
            registry=registry,
        )
        self.trainings_elsewhere = Gauge(
            "trainings_elsewhere",
            "1 where models are learned by whoever serves the task queue of trainings, else 0.",
            registry=registry,
        )

    def _of_texts(self, registry: CollectorRegistry) -> None:
        self.texts_written = Counter(
            "texts_written_total",
            "Texts asked of the writer, by kind of step and what came of it.",
            ["kind", "outcome"],
            registry=registry,
        )
        self.writer_seconds = Histogram(
            "writer_duration_seconds",
            "How long the writer took for one text, real time.",
            buckets=metrics.RPC,
            registry=registry,
        )
