"""What the activities of a program's run answer, where its history is recorded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from automation.reports.contracts import AskedReport, MadeReport
from outreach_worker.decisions.contracts import DecidedChange, DecisionActivitiesContract
from outreach_worker.programs.contracts import (
    Beginning,
    BeginRun,
    BegunRun,
    EndRun,
    OutcomesCollected,
    ProgramDay,
    RunActivitiesContract,
)
from outreach_worker.programs.day_contracts import (
    DayActivitiesContract,
    LeadsSelected,
    SendersRead,
)
from outreach_worker.programs.review_contracts import (
    ReviewActivitiesContract,
    Reviewed,
    ReviewedProgram,
)
from outreach_worker.reports.contracts import ReportActivitiesContract
from outreach_worker.training.contracts import (
    FittingActivitiesContract,
    Learned,
    SuccessionActivitiesContract,
)
from temporalio import activity
from temporalio.exceptions import ApplicationError


@dataclass(frozen=True, kw_only=True)
class ProgramStory(
    RunActivitiesContract,
    DayActivitiesContract,
    ReviewActivitiesContract,
    DecisionActivitiesContract,
    ReportActivitiesContract,
    FittingActivitiesContract,
    SuccessionActivitiesContract,
):
    """A day, or a week, of a program whose campaign has three leads.

    `stops` and `decides` are the decisions that its guardrails and its experiments lead to.
    """

    beginning: Beginning = Beginning.BEGUN
    fails: bool = False
    stops: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    selected: LeadsSelected | None = None
    """None: the day is over, and nobody is looked at."""
    ended: list[EndRun] = field(default_factory=list)
    reports: list[AskedReport] = field(default_factory=list)

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker is given."""
        return [
            self.begin_run,
            self.collect_outcomes,
            self.end_run,
            self.check_guardrails,
            self.judge_experiments,
            self.bring_about,
            self.read_senders,
            self.select_leads,
            self.make_report,
            self.fit_model,
            self.decide_champion,
        ]

    @activity.defn(name="begin_run")
    async def begin_run(self, begin: BeginRun) -> BegunRun:
        return BegunRun(
            beginning=self.beginning,
            run_id="run_1",
            day=begin.nominal_at.date().isoformat(),
            current=self.selected is not None,
        )

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(self, day: ProgramDay) -> OutcomesCollected:
        if self.fails:
            raise ApplicationError(day.run_id, type="Nothing", non_retryable=True)
        return OutcomesCollected(by_state={"ready": 2, "running": 1}, funnel={"invited": 1})

    @activity.defn(name="read_senders")
    async def read_senders(self, day: ProgramDay) -> SendersRead:
        return SendersRead(read=2, failed={day.program_id: "UNAVAILABLE"})

    @activity.defn(name="select_leads")
    async def select_leads(self, day: ProgramDay) -> LeadsSelected:
        assert self.selected is not None, day.day
        return self.selected

    @activity.defn(name="make_report")
    async def make_report(self, asked: AskedReport) -> MadeReport:
        self.reports.append(asked)
        return MadeReport(report_id="rep_1")

    @activity.defn(name="end_run")
    async def end_run(self, end: EndRun) -> None:
        self.ended.append(end)

    @activity.defn(name="check_guardrails")
    async def check_guardrails(self, program: ReviewedProgram) -> Reviewed:
        if self.fails:
            raise ApplicationError(program.run_id, type="Nothing", non_retryable=True)
        return Reviewed(decided={"pause_sender": len(self.stops)}, awaited=self.stops)

    @activity.defn(name="judge_experiments")
    async def judge_experiments(self, _: ReviewedProgram) -> Reviewed:
        return Reviewed(decided={"split_after_verdict": len(self.decides)}, awaited=self.decides)

    @activity.defn(name="fit_model")
    async def fit_model(self, program: ReviewedProgram) -> Learned:
        if self.fails:
            raise ApplicationError(program.run_id, type="Nothing", non_retryable=True)
        return Learned(model_id="mdl_1", verdict="promotable", matured=400, accepted=130)

    @activity.defn(name="decide_champion")
    async def decide_champion(self, _: ReviewedProgram) -> Reviewed:
        return Reviewed(decided={"promote_model": len(self.decides)}, awaited=self.decides)

    @activity.defn(name="bring_about")
    async def bring_about(self, _: DecidedChange) -> str:
        return "applied"
