"""Contracts of the workflows: names, ids, inputs, results and signals. No bodies.

campaign-api starts and signals through these classes; outreach-worker
implements them. Durations in messages are whole or fractional seconds, because
the default converter does not carry `timedelta`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from temporalio import workflow

from campaigns.models import LeadState

TASK_QUEUE = "outreach"
STOPPED_WITH_CAMPAIGN = "CAMPAIGN_STOPPED"
"""Why a lead's workflow is cancelled by its campaign, and ends."""
WORKFLOW_CANCELLED = "WORKFLOW_CANCELLED"
"""Why it ends if somebody else cancels it, at Temporal."""

PERFORM_STEP = "perform_step"
"""The activity in which a lead waits for its turn at the gateway; `workflow/wake.py` resets it."""


UPDATE_WORKFLOW = "updateWorkflow"
"""The signal by which campaigns and leads hear of another revision."""


def no_body() -> NoReturn:
    """The body of what a contract declares; raises `NotImplementedError` where that is run."""
    raise NotImplementedError


def campaign_workflow_id(campaign_id: str) -> str:
    """One campaign, one workflow: starting twice is starting once."""
    return f"campaign/{campaign_id}"


def lead_workflow_id(campaign_id: str, lead_id: str) -> str:
    """One lead, one workflow: starting twice is starting once."""
    return f"lead/{campaign_id}/{lead_id}"


@dataclass(frozen=True, kw_only=True)
class SandboxClock:
    """The virtual clock of the sandbox, as `servicekit.clock.Clock` defines it."""

    epoch: datetime
    speed: float


@dataclass(frozen=True, kw_only=True)
class CampaignInput:
    """What a campaign needs to admit its leads.

    `started` tells a run that continues another that the campaign's beginning
    has been published; `paused` and `stopping` carry over what was signalled,
    `rounds` and `admitted` what was counted.
    """

    campaign_id: str
    clock: SandboxClock | None = None
    started: bool = False
    paused: bool = False
    stopping: bool = False
    complete_current_executions: bool = True
    rounds: int = 0
    admitted: int = 0


@dataclass(frozen=True, kw_only=True)
class StopCampaign:
    """End the campaign; with or without letting its leads finish. `reason` is for people."""

    complete_current_executions: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class UpdateWorkflow:
    """Go on with another revision of the sequence; empty means the campaign's present one."""

    revision_id: str = ""


@dataclass(frozen=True, kw_only=True)
class CampaignResult:
    """How the campaign ended: `completed` or `stopped`."""

    state: str


@dataclass(frozen=True, kw_only=True)
class CampaignProgress:
    """What a campaign's workflow knows: what it was told, and its last look at the list."""

    campaign_id: str
    state: str
    running: int
    ready: int
    next_look_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class WorkflowMetrics:
    """What a workflow has cost and done so far; `counts` by what was done."""

    history_events: int
    history_bytes: int
    unpublished_events: int
    counts: dict[str, int]


@workflow.defn(name="Campaign")
class CampaignContract:
    """Admits leads page by page, never more than the campaign allows at once.

    The signals and queries with a name of their own are for operators: they do
    from Temporal's UI or command line what the RPCs do.
    """

    @workflow.run
    async def run(self, campaign: CampaignInput) -> CampaignResult:
        """Until every lead has ended or the campaign is stopped."""
        no_body()

    @workflow.signal
    async def pause(self) -> None:
        """Admit no lead until resumed."""

    @workflow.signal
    async def resume(self) -> None:
        """Admit leads again."""

    @workflow.signal
    async def stop(self, stop: StopCampaign) -> None:
        """Admit no lead any more, and end."""

    @workflow.signal
    async def room_freed(self) -> None:
        """A lead has ended while the campaign was waiting for room."""

    @workflow.signal
    async def leads_added(self) -> None:
        """The list has grown."""

    @workflow.signal(name="pauseCampaign")
    async def pause_campaign(self, reason: str = "") -> None:
        """Pause the campaign, as PauseCampaign does."""

    @workflow.signal(name="resumeCampaign")
    async def resume_campaign(self) -> None:
        """Resume the campaign, as ResumeCampaign does."""

    @workflow.signal(name="stopCampaign")
    async def stop_campaign(self, stop: StopCampaign | None = None) -> None:
        """Stop the campaign, as StopCampaign does; by default its leads are called off."""

    @workflow.signal(name=UPDATE_WORKFLOW)
    async def update_workflow(self, update: UpdateWorkflow | None = None) -> None:
        """Signal the leads in the sequence its present revision, and look at the list."""

    @workflow.query(name="getCampaignStatus")
    def campaign_status(self) -> CampaignProgress:
        """Where the campaign's workflow stands."""
        no_body()

    @workflow.query(name="getWorkflowMetrics")
    def metrics(self) -> WorkflowMetrics:
        """What it has cost and done so far."""
        no_body()


@dataclass(frozen=True, kw_only=True)
class LeadInput:
    """Who walks through what; ids only, the rows have the rest.

    `indexed` says that the namespace knows our search attributes.
    """

    campaign_id: str
    lead_id: str
    clock: SandboxClock | None = None
    indexed: bool = False


@dataclass(frozen=True, kw_only=True)
class LeadResult:
    """How the lead ended."""

    state: LeadState
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted:
    """The person is connected to the account since `at` (domain time)."""

    event_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReplyReceived:
    """The person wrote at `at` (domain time), or a machine for them (`automatic`)."""

    event_id: str
    at: datetime
    text: str = ""
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnerWrote:
    """The account's owner wrote to the person by hand, at `at` (domain time)."""

    event_id: str
    at: datetime
    chat_id: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class EndLead:
    """Somebody replied elsewhere, which ends this lead too; `reason` says who."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class LeadProgress:
    """Where a lead is: its step and what it waits for (`delay`, `turn`, `answer`, or nothing).

    `reply` is what it waits for after the account's owner has written by hand, `retry` while it
    is parked.

    `until` is when that is over, where the lead itself decides it (domain time).
    """

    campaign_id: str
    lead_id: str
    state: str
    step_id: str = ""
    kind: str = ""
    waits_for: str = ""
    until: datetime | None = None
    path: tuple[str, ...] = ()
    accepted: bool = False
    replied: bool = False


@workflow.defn(name="Lead")
class LeadContract:
    """Walks one lead through the compiled sequence."""

    @workflow.run
    async def run(self, lead: LeadInput) -> LeadResult:
        """Until the path ends, the person replies, or the lead cannot go on."""
        no_body()

    @workflow.signal
    async def invitation_accepted(self, accepted: InvitationAccepted) -> None:
        """The invitation was accepted."""

    @workflow.signal
    async def reply_received(self, reply: ReplyReceived) -> None:
        """The person wrote."""

    @workflow.signal
    async def owner_wrote(self, wrote: OwnerWrote) -> None:
        """The account's owner wrote to the person by hand."""

    @workflow.signal
    async def end(self, end: EndLead) -> None:
        """End the sequence at once."""

    @workflow.signal
    async def retry(self) -> None:
        """Go on from where a bug has stopped it; nothing if it is not parked."""

    @workflow.signal(name=UPDATE_WORKFLOW)
    async def update_workflow(self, update: UpdateWorkflow | None = None) -> None:
        """Go on with another revision, unless the lead is past the change."""

    @workflow.query(name="getLeadStatus")
    def lead_status(self) -> LeadProgress:
        """Where the lead is."""
        no_body()

    @workflow.query(name="getWorkflowMetrics")
    def metrics(self) -> WorkflowMetrics:
        """What the workflow has cost and done so far."""
        no_body()
