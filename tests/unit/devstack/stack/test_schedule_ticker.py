"""devstack.stack.temporal: schedules that run in virtual time, filled in where one is due."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from automation.programs.temporal_schedules import TICKED
from devstack.stack.temporal import ScheduleTicker
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesResponse

DAILY, OTHER = "program/prog_1/daily", "program/prog_2/daily"


@dataclass
class Schedules:
    """Temporal's, as lists and backfills have them; each is due at every noon."""

    note_by_id: dict[str, str]
    namespace: str = "default"
    asked: int = 0
    """How often for a calendar."""
    filled_in: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    sent: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """What it has not looked at yet: of each schedule the last, as Temporal has it."""

    async def list_schedules(self) -> AsyncIterator[Any]:
        async def listed() -> AsyncIterator[Any]:
            for schedule_id, note in self.note_by_id.items():
                state = SimpleNamespace(note=note)
                yield SimpleNamespace(id=schedule_id, schedule=SimpleNamespace(state=state))

        return listed()

    @property
    def workflow_service(self) -> Any:
        async def matching(request: Any, **_: timedelta) -> Any:
            self.asked += 1
            since, until = (
                each.ToDatetime(tzinfo=UTC) for each in (request.start_time, request.end_time)
            )
            noons = (
                since.replace(hour=12, microsecond=0) + timedelta(days=day) for day in range(100)
            )
            answer = ListScheduleMatchingTimesResponse()
            for each in noons:
                if since <= each < until:
                    answer.start_time.add().FromDatetime(each)
            return answer

        return SimpleNamespace(list_schedule_matching_times=matching)

    def get_schedule_handle(self, schedule_id: str) -> Any:
        async def backfill(due: Any) -> None:
            self.sent[schedule_id] = (due.start_at, due.end_at)

        async def describe() -> None:
            self.filled_in.append((schedule_id, *self.sent.pop(schedule_id)))

        return SimpleNamespace(backfill=backfill, describe=describe)

    def ranges(self, schedule_id: str) -> list[tuple[datetime, datetime]]:
        return [(since, until) for of, since, until in self.filled_in if of == schedule_id]


@dataclass
class Days:
    """A clock that is put on by hand."""

    moment: datetime = datetime(2027, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def pass_one(self, ticker: ScheduleTicker, schedules: Schedules) -> None:
        await self.go_by(timedelta(days=1), ticker, schedules)

    async def go_by(self, time: timedelta, ticker: ScheduleTicker, schedules: Schedules) -> None:
        self.moment += time
        await ticker.tick(schedules)  # type: ignore[arg-type]


async def test_what_a_list_leaves_out_is_filled_in_later() -> None:
    """Lists are a moment late: no day of a schedule is lost, and none is filled in twice."""
    days, schedules = Days(), Schedules({DAILY: TICKED, OTHER: TICKED})
    ticker = ScheduleTicker(None, days)  # type: ignore[arg-type]
    for _ in range(2):
        await days.pass_one(ticker, schedules)
    late = schedules.note_by_id.pop(DAILY)
    await days.pass_one(ticker, schedules)
    schedules.note_by_id[DAILY] = late
    for _ in range(2):
        await days.pass_one(ticker, schedules)

    for schedule_id, times in ((DAILY, 4), (OTHER, 5)):
        ranges = schedules.ranges(schedule_id)
        assert len(ranges) == times
        assert all(before[1] == after[0] for before, after in pairwise(ranges))
        assert ranges[-1][1] - ranges[0][0] == timedelta(days=5)


async def test_a_pause_is_not_caught_up_with() -> None:
    """What was due while a program was paused is over once it goes on."""
    days, schedules = Days(), Schedules({DAILY: TICKED})
    ticker = ScheduleTicker(None, days)  # type: ignore[arg-type]
    await days.pass_one(ticker, schedules)
    schedules.note_by_id[DAILY] = "paused by the program"
    await days.pass_one(ticker, schedules)
    schedules.note_by_id[DAILY] = TICKED
    await days.pass_one(ticker, schedules)

    first, second = schedules.ranges(DAILY)
    assert second[0] - first[1] == timedelta(days=1)


async def test_only_what_is_due_is_filled_in() -> None:
    """A backfill costs Temporal as much where it finds nothing: the calendar is asked ahead."""
    days, schedules = Days(), Schedules({DAILY: TICKED})
    ticker = ScheduleTicker(None, days)  # type: ignore[arg-type]
    for _ in range(24 * 3):
        await days.go_by(timedelta(hours=1), ticker, schedules)

    assert [until.hour for _, until in schedules.ranges(DAILY)] == [12, 12, 12]
    assert schedules.asked == 1


async def test_a_changed_schedule_has_a_new_calendar() -> None:
    """Its note says what it is made of; and no calendar lasts for ever."""
    days, schedules = Days(), Schedules({DAILY: f"{TICKED}; one"})
    ticker = ScheduleTicker(None, days)  # type: ignore[arg-type]
    await days.pass_one(ticker, schedules)
    schedules.note_by_id[DAILY] = f"{TICKED}; other"
    await days.pass_one(ticker, schedules)
    assert schedules.asked == 2

    for _ in range(70):
        await days.pass_one(ticker, schedules)

    assert schedules.asked == 3
    assert len(schedules.ranges(DAILY)) == 72
