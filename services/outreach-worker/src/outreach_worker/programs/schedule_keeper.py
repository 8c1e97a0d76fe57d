"""Has Temporal's schedules be what the rows of programs say, whatever became of them there."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta

from automation.programs.program import Program, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.programs.schedule import LOOKED_BACK, last_due
from automation.programs.temporal_schedules import Listed, ProgramSchedules
from automation.runs.run import RunType
from automation.runs.run_repository import RunRepository
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry import logs
from temporalio.service import RPCError

from outreach_worker.metrics import Metrics
from outreach_worker.programs.lost_runs import LostRuns

EVERY = timedelta(seconds=20)
"""Real time: what is deleted by hand is back within a minute."""
_PAGE = 500

log = logs.get_logger(__name__)


class ScheduleKeeper:
    """The rows are the truth. Another who does the same at the same time changes nothing."""

    def __init__(
        self,
        schedules: ProgramSchedules,
        programs: ProgramRepository,
        runs: RunRepository,
        lost: LostRuns,
        *,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._schedules = schedules
        self._programs = programs
        self._runs = runs
        self._lost = lost
        self._metrics = metrics
        self._clock = clock

    async def keep(self) -> None:
        """Mend what differs, end runs that are lost, and note how long one is missing.

        What cannot be done of one thing keeps nothing of the others: the first failure is raised
        once everything was tried, and the next time does it all.
        """
        # First what there is: whatever is listed had its row before.
        listed: Mapping[str, Listed] | None = None
        failed: list[Exception | None] = []
        try:
            listed = await self._schedules.listed()
        except RPCError as error:
            failed.append(error)
        programs = await self._live()
        if listed is not None:
            failed += await self._mend(programs, listed)
        failed.append(await _tried(self._lost.close()))
        failed.append(await _tried(self._note_overdue(programs)))
        first = next(filter(None, failed), None)
        if first is not None:
            raise first

    async def _mend(
        self, programs: Sequence[Program], listed: Mapping[str, Listed]
    ) -> Sequence[Exception | None]:
        failed = [
            await self._put(program)
            for program in programs
            if self._schedules.differing(program, listed)
        ]
        wanted = {each for program in programs for each in self._schedules.ids_of(program)}
        for orphan in listed.keys() - wanted:
            failed.append(await _tried(self._schedules.remove(orphan)))
            log.info("schedule_removed", schedule_id=orphan)
        return failed

    async def _put(self, program: Program) -> Exception | None:
        failure = await _tried(self._schedules.put(program))
        if failure is None:
            log.info("schedules_mended", program_id=program.program_id)
        else:
            # For example a time zone that the server does not know.
            log.warning("schedules_differ", program_id=program.program_id, why=str(failure))
        return failure

    async def _live(self) -> Sequence[Program]:
        found: list[Program] = []
        after = ""
        while page := await self._programs.scheduled(after=after, limit=_PAGE):
            found += page
            after = page[-1].program_id
        return found

    async def _note_overdue(self, programs: Sequence[Program]) -> None:
        now = self._clock.now()
        active = [each for each in programs if each.state is ProgramState.ACTIVE]
        of = [(each.organization_id, each.program_id) for each in active]
        newest = await self._runs.newest(of, RunType.DAILY, since=now - LOOKED_BACK)
        overdue = [_overdue(each, newest.get(each.program_id), now) for each in active]
        self._metrics.automation_overdue.set(max(overdue, default=timedelta()).total_seconds())


async def _tried(work: Awaitable[object]) -> Exception | None:
    """What kept it from being done: the database or Temporal is away, or refuses it."""
    try:
        await work
    except (RPCError, ServiceError) as error:
        return error
    return None


def _overdue(program: Program, newest: datetime | None, now: datetime) -> timedelta:
    """For how long the last run that was due is missing; no time if it is not."""
    due = last_due(program.settings.timetable, now=now)
    # What was due before it was made, changed or resumed is nobody's to run.
    if due is None or due < program.updated_at or (newest is not None and newest >= due):
        return timedelta()
    return now - due
