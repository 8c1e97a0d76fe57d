"""Stand-ins for the workflows: they keep the contracts and remember what they were told."""

from dataclasses import dataclass
from datetime import timedelta

from automation.reports.contracts import AskedReport, MadeReport, MakeReportContract
from automation.runs.contracts import DailyProgramContract, RunInput, RunOutcome, RunResult
from campaigns.models import LeadState
from campaigns.workflow.contracts import (
    PERFORM_STEP,
    UPDATE_WORKFLOW,
    AskAnew,
    CampaignContract,
    CampaignInput,
    CampaignResult,
    EndLead,
    InvitationAccepted,
    LeadContract,
    LeadInput,
    LeadResult,
    OwnerWrote,
    ReplyReceived,
    SkipStep,
    StopCampaign,
    UpdateWorkflow,
)
from campaigns.workflow.late_answer_contracts import LateAnswer, LateAnswerContract
from temporalio import workflow
from temporalio.exceptions import ApplicationError


@dataclass(frozen=True)
class Told:
    """One signal."""

    signal: str
    event_id: str = ""
    text: str = ""


@workflow.defn(name="Campaign")
class StandInCampaign(CampaignContract):
    """Runs until it is stopped."""

    def __init__(self) -> None:
        self._told: list[str] = []
        self._stopped = False

    @workflow.run
    async def run(self, campaign: CampaignInput) -> CampaignResult:  # noqa: ARG002 - the contract's
        await workflow.wait_condition(lambda: self._stopped)
        return CampaignResult(state="stopped")

    @workflow.signal
    async def pause(self) -> None:
        self._told.append("pause")

    @workflow.signal
    async def resume(self) -> None:
        self._told.append("resume")

    @workflow.signal
    async def stop(self, stop: StopCampaign) -> None:
        self._told.append(f"stop({stop.complete_current_executions})")
        self._stopped = True

    @workflow.signal
    async def room_freed(self) -> None:
        self._told.append("room_freed")

    @workflow.signal
    async def leads_added(self) -> None:
        self._told.append("leads_added")

    @workflow.signal(name=UPDATE_WORKFLOW)
    async def update_workflow(self, update: UpdateWorkflow | None = None) -> None:  # noqa: ARG002 - the contract's
        self._told.append("update")

    @workflow.signal
    async def ask_anew(self, ask: AskAnew) -> None:
        moving = f", to {ask.moving_to}" if ask.moving_to else ""
        self._told.append(f"ask_anew({ask.within_seconds:g}{moving})")

    @workflow.query
    def told(self) -> list[str]:
        return self._told


@workflow.defn(name="Lead")
class StandInLead(LeadContract):
    """Runs until the person replies."""

    def __init__(self) -> None:
        self._told: list[Told] = []
        self._replied = False

    @workflow.run
    async def run(self, lead: LeadInput) -> LeadResult:  # noqa: ARG002 - the contract's
        await workflow.wait_condition(lambda: self._replied)
        return LeadResult(state=LeadState.REPLIED)

    @workflow.signal
    async def invitation_accepted(self, accepted: InvitationAccepted) -> None:
        self._told.append(Told("invitation_accepted", accepted.event_id))

    @workflow.signal
    async def reply_received(self, reply: ReplyReceived) -> None:
        self._told.append(Told("reply_received", reply.event_id, reply.text))
        self._replied = True

    @workflow.signal
    async def owner_wrote(self, wrote: OwnerWrote) -> None:
        self._told.append(Told("owner_wrote", wrote.event_id, wrote.message_id))

    @workflow.signal
    async def retry(self) -> None:
        self._told.append(Told("retry"))

    @workflow.signal
    async def skip_step(self, skip: SkipStep) -> None:
        self._told.append(Told("skip_step", skip.step_id, skip.by))

    @workflow.signal
    async def end(self, end: EndLead) -> None:
        self._told.append(Told("end", text=end.reason))

    @workflow.query
    def told(self) -> list[Told]:
        return self._told


@workflow.defn(name="WaitingLead")
class WaitingLead:
    """A lead that performs one step."""

    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(PERFORM_STEP, start_to_close_timeout=timedelta(minutes=1))


@workflow.defn(name="LateAnswer")
class StandInLateAnswer(LateAnswerContract):
    """Remembers what it was started with."""

    def __init__(self) -> None:
        self._answer: LateAnswer | None = None

    @workflow.run
    async def run(self, answer: LateAnswer) -> None:
        self._answer = answer

    @workflow.query
    def answer(self) -> LateAnswer | None:
        return self._answer


@workflow.defn(name="DailyProgram")
class StandInDailyProgram(DailyProgramContract):
    """Goes on until it is cancelled."""

    @workflow.run
    async def run(self, asked: RunInput) -> RunResult:  # noqa: ARG002 - the contract's
        await workflow.wait_condition(lambda: False)
        return RunResult(outcome=RunOutcome.COMPLETED)


MADE_REPORT = "rep_made"
REPORT_FAILURES: dict[str, ApplicationError | None] = {}
"""By program what making its report fails of; None of one that is never done."""


@workflow.defn(name="MakeReport")
class StandInMakeReport(MakeReportContract):
    """Counts nothing; whoever wants a report keeps one under this id."""

    @workflow.run
    async def run(self, asked: AskedReport) -> MadeReport:
        if asked.program_id in REPORT_FAILURES:
            failure = REPORT_FAILURES[asked.program_id]
            if failure is not None:
                raise failure
            await workflow.wait_condition(lambda: False)
        return MadeReport(report_id=MADE_REPORT)
