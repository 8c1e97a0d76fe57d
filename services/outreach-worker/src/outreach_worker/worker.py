"""Which workflows and activities run here."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from automation.runs.contracts import TRAINING_QUEUE
from campaigns.workflow.contracts import TASK_QUEUE
from servicekit.clock import Clock
from servicekit.temporal import plugin
from servicekit.temporal.attempt_metrics import AttemptMetrics
from servicekit.temporal.bugs import BugPolicy
from servicekit.temporal.worker import run_worker
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker

from outreach_worker.automation_composition import ProgramActivities
from outreach_worker.campaigns.activities import CampaignActivities
from outreach_worker.campaigns.control_activities import CampaignControlActivities
from outreach_worker.campaigns.wake_activities import WakeActivities
from outreach_worker.campaigns.workflow import CampaignWorkflow
from outreach_worker.decisions.workflow import ApplyDecisionWorkflow
from outreach_worker.events.activities import EventActivities
from outreach_worker.leads.activities import LeadActivities
from outreach_worker.leads.late_answer import LateAnswerWorkflow
from outreach_worker.leads.parking_activities import ParkingActivities
from outreach_worker.leads.revision_activities import RevisionActivities
from outreach_worker.leads.workflow import LeadWorkflow
from outreach_worker.optimisation.workflow import WeeklyReviewWorkflow
from outreach_worker.programs.workflow import DailyProgramWorkflow
from outreach_worker.reports.workflow import MakeReportWorkflow
from outreach_worker.settings import Settings
from outreach_worker.steps.activities import LinkedInActivities
from outreach_worker.training.activities import FittingActivities
from outreach_worker.training.workflow import TrainModelWorkflow

WORKFLOWS = (
    CampaignWorkflow,
    LeadWorkflow,
    LateAnswerWorkflow,
    DailyProgramWorkflow,
    WeeklyReviewWorkflow,
    TrainModelWorkflow,
    ApplyDecisionWorkflow,
    MakeReportWorkflow,
)

PURE_MODULES = (
    "automation",
    "campaigns",
    "outreach_worker.campaigns.contracts",
    "outreach_worker.campaigns.publications",
    "outreach_worker.campaigns.waking",
    "outreach_worker.deadlines",
    "outreach_worker.decisions.contracts",
    "outreach_worker.events.contracts",
    "outreach_worker.leads.contracts",
    "outreach_worker.leads.state",
    "outreach_worker.leads.plan",
    "outreach_worker.leads.revision_switch",
    "outreach_worker.leads.lead_status",
    "outreach_worker.leads.run",
    "outreach_worker.leads.walk",
    "outreach_worker.policies",
    "outreach_worker.programs.contracts",
    "outreach_worker.programs.day_contracts",
    "outreach_worker.programs.frame",
    "outreach_worker.programs.looks",
    "outreach_worker.programs.review_contracts",
    "outreach_worker.reports.contracts",
    "outreach_worker.leads.parking_contracts",
    "outreach_worker.leads.revision_contracts",
    "outreach_worker.steps.contracts",
    "outreach_worker.training.contracts",
    "outreach_worker.workflow_clock",
)
"""What workflows import, and the sandbox need not load anew for each of them."""


@dataclass(frozen=True, kw_only=True)
class Activities:
    """One object per kind of activity, with what it needs."""

    campaign: CampaignActivities
    lead: LeadActivities
    linkedin: LinkedInActivities
    event: EventActivities
    revision: RevisionActivities
    parking: ParkingActivities
    control: CampaignControlActivities
    wake: WakeActivities
    program: ProgramActivities

    def all(self) -> list[Callable[..., Any]]:
        return [
            self.campaign.admit_leads,
            self.campaign.stop_ready_leads,
            self.campaign.call_off_leads,
            self.campaign.end_campaign,
            self.campaign.signal_revision,
            self.lead.begin_lead,
            self.lead.record_answer,
            self.lead.record_reply,
            self.lead.record_owner_message,
            self.lead.finish_lead,
            self.linkedin.perform_step,
            self.linkedin.call_off_step,
            self.linkedin.take_back_step,
            self.event.publish_event,
            self.revision.compare_revision,
            self.revision.adopt_revision,
            self.parking.park_lead,
            self.parking.unpark_lead,
            self.control.pause_campaign,
            self.control.resume_campaign,
            self.control.stop_campaign,
            self.wake.wake_leads,
            *self.program.all(),
        ]


def new_plugin(
    clock: Clock, *, bug_policy: BugPolicy | None = None, metrics: AttemptMetrics | None = None
) -> SimplePlugin:
    """What the client, the worker and a replayer share."""
    return plugin.new_plugin(
        clock,
        passthrough_modules=PURE_MODULES,
        name="outreach-worker",
        bug_policy=bug_policy,
        metrics=metrics,
    )


def worker(
    client: Client,
    activities: Activities,
    settings: Settings,
    *,
    on_failure: Callable[[BaseException], object] | None = None,
    task_queue: str = TASK_QUEUE,
) -> AbstractAsyncContextManager[Worker]:
    """Polls while the block runs; workflows and activities share it, so that tasks are eager."""
    return run_worker(
        client,
        task_queue,
        workflows=WORKFLOWS,
        activities=activities.all(),
        max_concurrent_activities=settings.max_concurrent_activities,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
        max_cached_workflows=settings.max_cached_workflows,
        pollers=settings.pollers,
        grace=settings.shutdown_grace,
        on_failure=on_failure,
    )


def fitted(activities: FittingActivities) -> list[Callable[..., Any]]:
    """What the queue of trainings is asked for."""
    return [activities.fit_model]


def training_worker(
    client: Client,
    activities: FittingActivities,
    settings: Settings,
    *,
    on_failure: Callable[[BaseException], object] | None = None,
) -> AbstractAsyncContextManager[Worker]:
    """Polls the queue of trainings alone; one model at a time, whose child takes a processor."""
    return run_worker(
        client,
        TRAINING_QUEUE,
        workflows=(),
        activities=fitted(activities),
        max_concurrent_activities=1,
        # The least that the SDK takes, also of a worker without workflows.
        pollers=2,
        grace=settings.shutdown_grace,
        on_failure=on_failure,
    )
