"""What a lead is told of its turn, and when it really goes: on a calm campaign and a crowded one.

`TOLD_LEADS` says how many leads; `make told` measures 300 of each and prints the errors.
"""

import heapq
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from outreach.common.v1 import sending_window_pb2
from outreach.linkedin.v1 import action_pb2, action_service_pb2
from servicekit.errors import NotYet

LEADS = int(os.environ.get("TOLD_LEADS", "24"))
DAY = 86400.0
CALM = DAY / 10
"""Between two leads of a calm campaign; those of a crowded one come at once."""
OFFICE = sending_window_pb2.SendingWindow(time_zone="Europe/Berlin", opens="09:00", closes="17:30")
SLACK = 1.0
"""Seconds: moments on the wire are whole microseconds, waits are not."""


@dataclass
class Told:
    """What was told of one action when it was asked for first, and what came."""

    at: float
    reason: str
    went_at: float = 0.0
    since: list[tuple[float, str, float]] = field(default_factory=list)
    """Each wait that was told: when, why, and until when."""

    @property
    def error(self) -> float:
        """Seconds by which it went later than told; less than none if it went sooner."""
        return self.went_at - self.at


class Leads:
    """Leads who are visited and then invited, by callers who come when they are told to."""

    def __init__(self, house: Any) -> None:
        self._house = house
        self._due: list[tuple[float, int, action_service_pb2.PerformActionRequest]] = []
        self._numbers = count()
        self.told: dict[str, Told] = {}
        self.done = 0

    def add(self, at: float, kind: str, lead: str) -> None:
        asked = self._house.request(kind, lead, sending_window=OFFICE)
        heapq.heappush(self._due, (at, next(self._numbers), asked))

    async def run(self) -> None:
        clock = self._house.clock
        while self._due:
            at, number, asked = heapq.heappop(self._due)
            clock.advance(max(0.0, at - clock.now()))
            try:
                await self._house.stubs.actions.PerformAction(asked)
            except NotYet as wait:
                later = clock.now() + (wait.retry_after or timedelta()).total_seconds()
                await self._listen(asked)
                heapq.heappush(self._due, (later, number, asked))
            else:
                self._went(asked)

    async def _listen(self, asked: action_service_pb2.PerformActionRequest) -> None:
        """What anybody who asks is told now."""
        explained = await self._house.stubs.actions.ExplainAction(
            action_service_pb2.ExplainActionRequest(
                organization_id=asked.organization_id, action_id=asked.action_id
            )
        )
        until = latest(explained.obstacles)
        told = self.told.setdefault(asked.action_id, Told(at=until, reason=explained.action.reason))
        told.since.append((self._house.clock.now(), explained.action.reason, until))

    def _went(self, asked: action_service_pb2.PerformActionRequest) -> None:
        now = self._house.clock.now()
        self.done += 1
        if asked.action_id in self.told:
            self.told[asked.action_id].went_at = now
        if asked.WhichOneof("action") == "visit_profile":
            self.add(now + DAY, "send_invitation", asked.person.public_identifier)


def latest(obstacles: Sequence[action_pb2.Obstacle]) -> float:
    """When all of them are out of the way."""
    ends = [each.free_time.ToDatetime(UTC) for each in obstacles if each.HasField("free_time")]
    assert len(ends) == len(obstacles) > 0, "a wait without a known end"
    return max(datetime.timestamp(end) for end in ends)


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("crowded", [False, True], ids=["calm", "crowded"])
async def test_nobody_goes_later_than_told_without_a_reason(
    open_house: Callable[..., Any], *, crowded: bool
) -> None:
    """Who went later was told a new moment with its reason by then; the errors are printed."""
    async with open_house() as house:
        await house.pool.execute("UPDATE accounts SET created_at = created_at - interval '2 years'")
        leads, began = Leads(house), house.clock.now()
        for number in range(LEADS):
            leads.add(began + number * (SLACK if crowded else CALM), "visit_profile", f"p-{number}")

        await leads.run()

        assert leads.done == 2 * LEADS
        for action_id, told in leads.told.items():
            if told.error > SLACK:
                assert_told_anew(action_id, told)
        record("crowded" if crowded else "calm", [*leads.told.values()])


def assert_told_anew(action_id: str, told: Told) -> None:
    """Whenever a moment that was told came without the action going, another one was told."""
    for (_, _, until), (at, reason, later) in zip(told.since, told.since[1:], strict=False):
        assert reason, action_id
        assert at <= until + SLACK, f"{action_id} was left alone after its moment"
        assert later > at, f"{action_id} was told a moment that has passed"
    assert told.went_at <= told.since[-1][2] + SLACK, f"{action_id} went later than told last"


def record(name: str, told: Sequence[Told]) -> None:
    """Write down the errors, when many leads were asked for."""
    if "TOLD_LEADS" not in os.environ:
        return
    errors = sorted(abs(each.error) / 60 for each in told)
    waits = sorted((each.went_at - each.since[0][0]) / 3600 for each in told)
    deciles = quantiles(errors, n=10) if len(errors) > 1 else [0.0] * 9
    figures = {
        "campaign": name,
        "leads": LEADS,
        "waited": len(told),
        "median_wait_hours": round(waits[len(waits) // 2], 1) if waits else 0,
        "exact": sum(each < 1 for each in errors),
        "later": sum(each.error > SLACK for each in told),
        "median_error_minutes": round(deciles[4], 1),
        "p90_error_minutes": round(deciles[8], 1),
    }
    Path("build").mkdir(exist_ok=True)
    with Path("build/told.jsonl").open("a") as file:
        file.write(json.dumps(figures) + "\n")
