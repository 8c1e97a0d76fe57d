"""What somebody does to programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from automation.errors import CampaignAdmitsAll, ProgramDeleted, RunEnded
from automation.programs.program import Program, ProgramEdit, ProgramMode, ProgramState
from automation.programs.program_repository import ProgramRepository
from automation.programs.schedule import Timetable, hole_of, next_due, past_days, time_text
from automation.programs.temporal_schedules import is_due
from automation.runs.contracts import run_workflow_id
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RunRepository
from automation.training.errors import NobodyFitsModels
from campaigns.errors import CampaignNotFound
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import FieldViolation
from servicekit.postgres.companions import note_created
from servicekit.telemetry import logs

from campaign_api.automation.access import require_control, require_control_of
from campaign_api.automation.temporal import ProgramRuns
from campaign_api.errors import InvalidFields

DEFAULT_DAYS = 14
_DAY = timedelta(days=1)
_CAMPAIGN_FIRST = "The program's campaign is deleted: bring that back first."

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A run that is due."""

    type: RunType
    start_at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The last daily run of a program, and when its day is due next; never of one that rests."""

    last: Run | None = None
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A run that was asked for."""

    nominal_at: datetime
    workflow_id: str


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many runs of days that are over were started, and were there before."""

    started: int
    known: int


class ProgramCommands:
    """Who may is asked before."""

    def __init__(
        self,
        programs: ProgramRepository,
        campaigns: CampaignRepository,
        runs: ProgramRuns,
        clock: Clock,
        *,
        rows: RunRepository,
    ) -> None:
        self._programs = programs
        self._campaigns = campaigns
        self._runs = runs
        self._clock = clock
        self._rows = rows

    async def create(self, program: Program, *, request_id: str, said: str) -> Program:
        """The program, once a request; `said` is that as it came, as one word.

        What it made is found whatever has become of its campaign since. Raises `InvalidFields` for
        a time that does not exist on some day, `CampaignHasProgram`, `RequestIdReused`; and of one
        that may act `PermissionMissing`, and `CampaignAdmitsAll`.
        """
        now = self._clock.now()
        acts = program.settings.mode is not ProgramMode.DRY_RUN
        if acts:
            require_control()
        before = await self._programs.made(program.organization_id, request_id, said=said)
        if before is not None:
            note_created("program_id", before.program_id, anew=False)
            return before
        if acts:
            await self._refuse_without_effect(program)
        refuse_holes(program.settings.timetable, now=now)
        new = replace(program, created_at=now, updated_at=now, created_by=current_principal())
        created = await self._programs.create(new, request_id=request_id, said=said)
        note_created("program_id", created.program_id)
        log.info("program_created", program_id=created.program_id)
        return created

    async def update(self, program: Program, edit: ProgramEdit) -> Program:
        """The program as it is then.

        Raises `PermissionMissing` for one that acts by itself, `InvalidFields` for a time that
        does not exist on some day, `EtagMismatch` and `ProgramDeleted`.
        """
        require_control_of(program)
        timetable = edit.of(program.settings).timetable
        if timetable != program.settings.timetable:
            refuse_holes(timetable, now=self._clock.now(), field="program.")
        # Asked again as its row is locked: it may have been let act by itself in between.
        return await self._edited(program, edit, allowed=require_control_of)

    async def to_mode(self, program: Program, mode: ProgramMode) -> Program:
        """The program with this mode.

        Raises `CampaignAdmitsAll` where what it says would have no effect, and `ProgramDeleted`.
        """
        _refuse_deleted(program)
        if mode is not ProgramMode.DRY_RUN:
            await self._refuse_without_effect(program)
        return await self._edited(program, ProgramEdit(changes={"mode": mode}))

    async def to_state(self, program: Program, state: ProgramState, *, etag: str = "") -> Program:
        """The program in this state; raises `ProgramDeleted` and `EtagMismatch`."""
        changed = await self._programs.to_state(
            program.program_id, state, now=self._clock.now(), etag=etag, by=current_principal()
        )
        log.info("program_changed", program_id=program.program_id, state=state)
        return changed

    async def undelete(self, program: Program) -> Program:
        """The program, back and paused; one that is not deleted as it is.

        Raises `CampaignNotFound` if its campaign is deleted, and `CampaignHasProgram` if that has
        another one by now.
        """
        if program.state is not ProgramState.DELETED:
            return program
        campaign = await self._campaigns.get(program.campaign_id)
        if campaign.deleted_at is not None or campaign.purged_at is not None:
            raise CampaignNotFound(_CAMPAIGN_FIRST, metadata={"campaign_id": campaign.id})
        undeleted = await self._programs.undelete(
            program.program_id, now=self._clock.now(), by=current_principal()
        )
        log.info("program_undeleted", program_id=program.program_id)
        return undeleted

    async def trigger(self, program: Program, of: RunType) -> Begun:
        """A run of the present minute.

        Raises `ProgramDeleted`, `NobodyFitsModels` for a training that would wait for nobody, and
        `TemporalUnavailable`.
        """
        _refuse_deleted(program)
        if of is RunType.TRAINING and not await self._runs.fits_models():
            raise NobodyFitsModels
        nominal_at = self._clock.now().replace(second=0, microsecond=0)
        by = current_principal()
        await self._runs.start(program, of, nominal_at, trigger=RunTrigger.MANUAL, by=by)
        return Begun(
            nominal_at=nominal_at, workflow_id=run_workflow_id(program.program_id, of, nominal_at)
        )

    async def backfill(self, program: Program, *, days: int) -> Filled:
        """Runs of the last days but this one.

        Raises `ProgramDeleted`, and `TemporalUnavailable`.
        """
        _refuse_deleted(program)
        times = past_days(program.settings.timetable, days=days, now=self._clock.now())
        # Temporal forgets a workflow after its retention, the row stays.
        known = await self._rows.standing(
            program.organization_id, program.program_id, RunType.DAILY, times
        )
        missing = [each for each in times if each not in known]
        started = await self._runs.start_several(program, missing, by=current_principal())
        return Filled(started=sum(started), known=len(times) - sum(started))

    async def due(self, program: Program, *, days: int) -> Sequence[Due]:
        """What is due within so many days; nothing of a deleted one.

        Raises `TemporalUnavailable`.
        """
        if program.state is ProgramState.DELETED:
            return []
        now = self._clock.now()
        found = [
            Due(type=of, start_at=each)
            for of in RunType
            if is_due(of, program.settings.timetable)
            for each in await self._runs.due(
                program, of, since=now, until=now + (days or DEFAULT_DAYS) * _DAY
            )
        ]
        return sorted(found, key=lambda each: (each.start_at, each.type))

    async def standings(self, programs: Sequence[Program]) -> Mapping[str, Standing]:
        """How programs of one organization stand, by their ids."""
        if not programs:
            return {}
        now = self._clock.now()
        ids = [each.program_id for each in programs]
        last = await self._rows.last(programs[0].organization_id, ids, RunType.DAILY)
        return {
            each.program_id: Standing(
                last=last.get(each.program_id),
                next_at=next_due(each.settings.timetable, now=now)
                if each.state is ProgramState.ACTIVE
                else None,
            )
            for each in programs
        }

    async def cancel(self, run: Run) -> None:
        """Have a run asked to end; raises `RunEnded`, and `TemporalUnavailable`."""
        if run.state is RunState.CANCELLED:
            return
        if run.state is not RunState.RUNNING:
            raise RunEnded(metadata={"state": run.state.name})
        await self._runs.cancel(run)
        log.info("run_cancelled", run_id=run.run_id)

    async def _refuse_without_effect(self, program: Program) -> None:
        campaign = await self._campaigns.get(program.campaign_id)
        if not campaign.settings.admission.released_only:
            raise CampaignAdmitsAll

    async def _edited(
        self,
        program: Program,
        edit: ProgramEdit,
        *,
        allowed: Callable[[Program], object] = lambda _: None,
    ) -> Program:
        changed = await self._programs.edit(
            program.program_id,
            edit,
            now=self._clock.now(),
            by=current_principal(),
            allowed=allowed,
        )
        log.info("program_edited", program_id=program.program_id)
        return changed


def refuse_holes(timetable: Timetable, *, now: datetime, field: str = "") -> None:
    """Raise `InvalidFields` if a change of clocks leaves out one of the times on some day."""
    hole = hole_of(timetable, now=now)
    if hole is None:
        return
    name = "time_of_day" if hole.minute == timetable.daily_minute else "weekly_review.time"
    told = f"On {hole.day} there is no {time_text(hole.minute)} in {timetable.time_zone}."
    raise InvalidFields([FieldViolation(f"{field}{name}", told, "TIME_DOES_NOT_EXIST")])


def _refuse_deleted(program: Program) -> None:
    if program.state is ProgramState.DELETED:
        raise ProgramDeleted
