"""The schedules of programs at Temporal, which are made from their rows.

Temporal's own clock is the one on the wall. In the sandbox the same schedules are paused, and
whoever runs the sandbox has them fill in the virtual time that has passed: their note says which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from campaigns.workflow.contracts import TASK_QUEUE, SandboxClock
from google.protobuf.timestamp_pb2 import Timestamp
from servicekit.clock import Clock
from servicekit.tables import total
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from automation.programs.program import Program, ProgramState
from automation.programs.schedule import Timetable, clock_time
from automation.runs.contracts import RunInput, schedule_id
from automation.runs.run import RunType

PREFIX = "program/"
TICKED = "in virtual time"
"""How the note begins of a schedule that is paused only because the sandbox has its own time."""
JITTER = timedelta(minutes=30)
_TIMEOUT = timedelta(seconds=10)
_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """How one type of run is scheduled."""

    workflow: str
    overlap: ScheduleOverlapPolicy
    catch_up: timedelta
    """How late what was missed is still run, while nobody was there to run it."""
    longest: timedelta
    """When it ends, whatever is away: the next one is skipped while it goes on."""
    everywhere: bool = True
    """Whether every deployment schedules it; else those that fit models."""


_KINDS: Mapping[RunType, _Kind] = total(
    RunType,
    {
        RunType.DAILY: _Kind(
            workflow="DailyProgram",
            overlap=ScheduleOverlapPolicy.SKIP,
            catch_up=timedelta(hours=6),
            longest=timedelta(hours=12),
        ),
        RunType.WEEKLY: _Kind(
            workflow="WeeklyReview",
            overlap=ScheduleOverlapPolicy.BUFFER_ONE,
            catch_up=timedelta(days=3),
            longest=timedelta(days=3),
        ),
        # Where a deployment has what fits models; else by hand alone.
        RunType.TRAINING: _Kind(
            workflow="TrainModel",
            overlap=ScheduleOverlapPolicy.SKIP,
            catch_up=timedelta(hours=6),
            longest=timedelta(days=1),
            everywhere=False,
        ),
    },
)
CATCH_UP = _KINDS[RunType.DAILY].catch_up
LONGEST: Mapping[RunType, timedelta] = {of: kind.longest for of, kind in _KINDS.items()}
"""On the wall: begun as late as it is caught up, a run still ends before its next one is due."""
WORKFLOW_BY_TYPE: Mapping[RunType, str] = {of: kind.workflow for of, kind in _KINDS.items()}
"""What a schedule starts, by its name at Temporal."""
SCHEDULED: Collection[RunType] = tuple(of for of, kind in _KINDS.items() if kind.everywhere)
"""The types that have a schedule everywhere."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A schedule as Temporal lists it."""

    schedule_id: str
    note: str
    paused: bool


class ProgramSchedules:
    """Made, changed and taken away as the rows of programs say; repeating it changes nothing."""

    def __init__(
        self,
        client_of: Callable[[], Client],
        clock: Clock,
        *,
        task_queue: str = TASK_QUEUE,
        types: Collection[RunType] = SCHEDULED,
    ) -> None:
        self._client_of = client_of
        self._clock = clock
        self._task_queue = task_queue
        self._types = types

    async def listed(self) -> Mapping[str, Listed]:
        """Those of programs that there are, by their ids; a moment late.

        Raises the client's `RPCError` where Temporal is away.
        """
        found: dict[str, Listed] = {}
        async for each in await self._client_of().list_schedules():
            if each.id.startswith(PREFIX) and each.schedule is not None:
                state = each.schedule.state
                found[each.id] = Listed(
                    schedule_id=each.id, note=state.note or "", paused=state.paused
                )
        return found

    def differing(self, program: Program, listed: Mapping[str, Listed]) -> Sequence[RunType]:
        """Of which types there is none, or one that the row does not say."""
        wanted = self._wanted(program)
        return [
            of
            for of, schedule in wanted.items()
            if listed.get(schedule_id(program.program_id, of))
            != Listed(
                schedule_id=schedule_id(program.program_id, of),
                note=schedule.state.note or "",
                paused=schedule.state.paused,
            )
        ]

    def ids_of(self, program: Program) -> Collection[str]:
        """The schedules that a program is to have."""
        return {schedule_id(program.program_id, of) for of in self._wanted(program)}

    async def put(self, program: Program) -> None:
        """Have its schedules be as its row says; raises the client's `RPCError`."""
        wanted = self._wanted(program)
        for of in self._types:
            id_ = schedule_id(program.program_id, of)
            if of in wanted:
                await self._put(id_, wanted[of])
            else:
                await self.remove(id_)

    async def remove(self, id_: str) -> None:
        """Have there be none of this id; raises the client's `RPCError`."""
        try:
            await self._client_of().get_schedule_handle(id_).delete(rpc_timeout=_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def times(
        self, program: Program, of: RunType, *, since: datetime, until: datetime
    ) -> Sequence[datetime]:
        """When it is due by the server's own calendar; raises the client's `RPCError`."""
        id_ = schedule_id(program.program_id, of)
        return await due_times(self._client_of(), id_, since=since, until=until)

    async def _put(self, id_: str, schedule: Schedule) -> None:
        client = self._client_of()
        try:
            await client.create_schedule(id_, schedule, rpc_timeout=_TIMEOUT)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(id_).update(
                lambda _: ScheduleUpdate(schedule=schedule), rpc_timeout=_TIMEOUT
            )

    def _wanted(self, program: Program) -> Mapping[RunType, Schedule]:
        if program.state is ProgramState.DELETED:
            return {}
        times = program.settings.timetable
        return {
            of: self._schedule(program, of, spec)
            for of in self._types
            if (spec := _spec_of(of, times)) is not None
        }

    def _schedule(self, program: Program, of: RunType, spec: ScheduleSpec) -> Schedule:
        kind, sandbox = _KINDS[of], self._clock.sandbox
        if not sandbox:
            spec.jitter = JITTER
        asked = RunInput(
            organization_id=program.organization_id,
            program_id=program.program_id,
            clock=SandboxClock(epoch=self._clock.epoch, speed=self._clock.speed)
            if sandbox
            else None,
        )
        id_ = schedule_id(program.program_id, of)
        active = program.state is ProgramState.ACTIVE
        begin = (TICKED if sandbox else "on the wall") if active else "paused by the program"
        return Schedule(
            action=ScheduleActionStartWorkflow(
                kind.workflow,
                asked,
                id=id_,
                task_queue=self._task_queue,
                execution_timeout=kind.longest,
            ),
            spec=spec,
            policy=SchedulePolicy(overlap=kind.overlap, catchup_window=kind.catch_up),
            state=ScheduleState(
                note=f"{begin}; {_digest(asked, spec, kind, self._task_queue)}",
                paused=sandbox or not active,
            ),
        )


async def due_times(
    client: Client, id_: str, *, since: datetime, until: datetime
) -> Sequence[datetime]:
    """When a schedule is due by the server's own calendar; raises the client's `RPCError`."""
    request = ListScheduleMatchingTimesRequest(
        namespace=client.namespace,
        schedule_id=id_,
        start_time=_timestamp(since),
        end_time=_timestamp(until),
    )
    answer = await client.workflow_service.list_schedule_matching_times(request, timeout=_TIMEOUT)
    return [each.ToDatetime(tzinfo=UTC) for each in answer.start_time]


def is_due(of: RunType, times: Timetable) -> bool:
    """Whether a schedule begins runs of a type, where there is what they take."""
    return _spec_of(of, times) is not None


def _spec_of(of: RunType, times: Timetable) -> ScheduleSpec | None:
    """When runs of a type are due; None where no schedule begins them."""
    match of:
        case RunType.DAILY:
            return _spec(times, times.weekdays, times.daily_minute)
        case RunType.WEEKLY | RunType.TRAINING:
            if times.review_weekday is None:
                return None
            return _spec(times, frozenset({times.review_weekday}), times.review_minute)
        case _:
            assert_never(of)


def _spec(times: Timetable, weekdays: frozenset[int], minute: int) -> ScheduleSpec:
    at = clock_time(minute)
    return ScheduleSpec(
        calendars=[
            ScheduleCalendarSpec(
                hour=[ScheduleRange(at.hour)],
                minute=[ScheduleRange(at.minute)],
                # Temporal's week begins with a Sunday, which is 0.
                day_of_week=[ScheduleRange(day % _DAYS) for day in sorted(weekdays)],
            )
        ],
        time_zone_name=times.time_zone,
    )


def _digest(*parts: object) -> str:
    """What a schedule is made of, as one word: a list of schedules does not tell it whole."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _timestamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made
