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
from campaigns.workflow.progress import CampaignProgress, LeadProgress, WorkflowMetrics

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
class UntoldEvent:
    """What happened to a campaign, and was not published yet when its run ended."""

    type: str
    at: datetime
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class CampaignInput:
    """What a campaign needs to admit its leads.

    `started` tells a run that continues another that the campaign's beginning
    has been published; `paused` and `stopping` carry over what was signalled,
    `rounds` and `admitted` what was counted, `untold` what is still to be published.
    """

    campaign_id: str
    clock: SandboxClock | None = None
    started: bool = False
    paused: bool = False
    stopping: bool = False
    complete_current_executions: bool = True
    rounds: int = 0
    admitted: int = 0
    untold: tuple[UntoldEvent, ...] = ()


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
class AskAnew:
    """Have what waits for its turn asked for again, each at some moment within real seconds.

    Of every lead, or of those alone that are to go on from the account `moving_to`.
    """

    within_seconds: float = 0.0
    moving_to: str = ""


@dataclass(frozen=True, kw_only=True)
class CampaignResult:
    """How the campaign ended: `completed` or `stopped`."""

    state: str


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

    @workflow.signal
    async def ask_anew(self, ask: AskAnew) -> None:
        """Have the leads in the sequence ask again for what waits for its turn."""

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
    """The person wrote at `at` (domain time), or a machine for them (`automatic`).

    With a `suppression_id` they asked for no further contact, and it was made of that.
    What they wrote is a row, by `event_id`. Signals of the release before had it in `text`,
    `chat_id` and `message_id`; nothing sends these any more.
    """

    event_id: str
    at: datetime
    text: str = ""
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False
    suppression_id: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnerWrote:
    """The account's owner wrote to the person by hand, at `at` (domain time).

    Where they did is a row, by `event_id`; `chat_id` and `message_id` are of the release before.
    """

    event_id: str
    at: datetime
    chat_id: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class EndLead:
    """Somebody replied elsewhere, which ends this lead too; `reason` says who."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class SkipStep:
    """Leave a step out where the lead waits at it; `by` is who asked for that."""

    step_id: str
    by: str = ""


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

    @workflow.signal
    async def skip_step(self, skip: SkipStep) -> None:
        """Go on with the step behind this one; nothing if the lead does not come to it next."""

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
