"""The row of a run: begun by the first who comes, ended once."""

from __future__ import annotations

from automation.programs.program import Program, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.runs.run import Run, RunState, RunTrigger
from automation.runs.run_repository import RunRepository
from campaigns.errors import CampaignNotFound
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.status_repository import StatusRepository
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.decisions.lateness import is_too_late
from outreach_worker.metrics import Metrics
from outreach_worker.programs.contracts import (
    Beginning,
    BeginRun,
    BegunRun,
    EndRun,
    OutcomesCollected,
    ProgramDay,
    RunActivitiesContract,
)

log = logs.get_logger(__name__)


class RunActivities(RunActivitiesContract):
    """Repeating one of them changes nothing."""

    def __init__(
        self,
        programs: ProgramRepository,
        runs: RunRepository,
        statuses: StatusRepository,
        *,
        campaigns: CampaignRepository,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._programs = programs
        self._runs = runs
        self._statuses = statuses
        self._campaigns = campaigns
        self._metrics = metrics
        self._clock = clock

    @activity.defn(name="begin_run")
    async def begin_run(self, begin: BeginRun) -> BegunRun:
        """Be the run of a nominal time, unless another workflow is.

        A workflow that asks again, or that was started again under its id while its row still
        runs, has its own row. The program of a campaign that is no more is deleted.
        """
        program = await self._programs.get(begin.program_id)
        if await self._is_fed_no_more(program):
            deleted, now = ProgramState.DELETED, self._clock.now()
            program = await self._programs.to_state(program.program_id, deleted, now=now)
            log.info("program_deleted_with_its_campaign", program_id=program.program_id)
        if not may_run(program, begin.trigger):
            return BegunRun(beginning=Beginning.NOT_ACTIVE)
        now = self._clock.now()
        day = program.settings.timetable.day_of(begin.nominal_at)
        asked = Run(
            organization_id=program.organization_id,
            run_id=new_id("run"),
            program_id=program.program_id,
            type=begin.type,
            nominal_at=begin.nominal_at,
            nominal_day=day,
            workflow_id=begin.workflow_id,
            trigger=begin.trigger,
            actor=begin.actor,
            started_at=now,
        )
        run = await self._runs.begin(asked)
        is_ours = run.workflow_id == begin.workflow_id and run.state is RunState.RUNNING
        if not is_ours:
            self._metrics.automation_runs.labels(begin.type, Beginning.ALREADY_RUN).inc()
            return BegunRun(beginning=Beginning.ALREADY_RUN, run_id=run.run_id)
        log.info("run_begun", run_id=run.run_id, program_id=run.program_id, type=run.type)
        return BegunRun(
            beginning=Beginning.BEGUN,
            run_id=run.run_id,
            day=day.isoformat(),
            mode=program.settings.mode,
            current=is_current(run, self._clock),
        )

    @activity.defn(name="collect_outcomes")
    async def collect_outcomes(self, day: ProgramDay) -> OutcomesCollected:
        """Count where the leads of the program's campaign stand."""
        program = await self._programs.get(day.program_id)
        counts = await self._statuses.counts(program.campaign_id)
        by_state = {state.value: number for state, number in counts.leads.items()}
        return OutcomesCollected(by_state=by_state, funnel=counts.funnel)

    @activity.defn(name="end_run")
    async def end_run(self, end: EndRun) -> None:
        """Record how it has ended; who has ended before stays as it ended."""
        run = await self._runs.end(
            end.run_id,
            end.nominal_at,
            end.state,
            at=self._clock.now(),
            result=end.counts,
            error=end.error,
        )
        if run is None:
            return
        self._metrics.run_ended(run)
        log.info("run_ended", run_id=run.run_id, state=run.state, failed=run.error)

    async def _is_fed_no_more(self, program: Program) -> bool:
        """Whether its campaign was purged: it can never run again."""
        try:
            return (await self._campaigns.get(program.campaign_id)).purged_at is not None
        except CampaignNotFound:
            return True


def is_current(run: Run, clock: Clock) -> bool:
    """Whether its day is the one that is: who comes later than is caught up only collects."""
    return run.trigger is not RunTrigger.BACKFILL and not is_too_late(run.nominal_at, clock)


def may_run(program: Program, trigger: RunTrigger) -> bool:
    """Whether it may: a paused one does what somebody asks for, and nothing by itself."""
    if program.state is ProgramState.DELETED:
        return False
    return program.state is ProgramState.ACTIVE or trigger is not RunTrigger.SCHEDULE
