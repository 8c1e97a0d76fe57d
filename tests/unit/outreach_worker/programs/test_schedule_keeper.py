"""What cannot be done of one program keeps nothing of the others."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from automation.programs.program import Program, ProgramState, new_settings
from outreach_worker.metrics import Metrics
from outreach_worker.programs.schedule_keeper import ScheduleKeeper
from prometheus_client import CollectorRegistry
from servicekit.clock import Clock
from temporalio.service import RPCError, RPCStatusCode

NOW = datetime.now(UTC)
REFUSED = RPCError("no such time zone", RPCStatusCode.INVALID_ARGUMENT, b"")


def program(name: str) -> Program:
    return Program(
        organization_id="org_1",
        program_id=name,
        campaign_id=f"camp_{name}",
        state=ProgramState.ACTIVE,
        settings=new_settings("Spring", time_zone="UTC"),
        created_at=NOW,
        updated_at=NOW,
    )


@dataclass
class Temporal:
    """Lists one schedule that is nobody's; refuses what it is told to."""

    refuses: Collection[str]
    done: list[str] = field(default_factory=list)

    async def listed(self) -> Mapping[str, Any]:
        if "list" in self.refuses:
            raise REFUSED
        return {"orphan": object()}

    def differing(self, of: Program, _: Mapping[str, Any]) -> Sequence[str]:
        return [of.program_id]

    def ids_of(self, of: Program) -> Collection[str]:
        return {of.program_id}

    async def put(self, of: Program) -> None:
        self._do(of.program_id)

    async def remove(self, id_: str) -> None:
        self._do(id_)

    async def close(self) -> None:
        self._do("lost")

    def _do(self, what: str) -> None:
        if what in self.refuses:
            raise REFUSED
        self.done.append(what)


@dataclass
class Rows:
    """Three programs, none of which has run."""

    looked: int = 0

    async def scheduled(self, *, after: str, limit: int) -> Sequence[Program]:
        return [program(name) for name in "abc" if name > after][:limit]

    async def newest(self, *_: Any, **__: Any) -> Mapping[str, datetime]:
        self.looked += 1
        return {}


@pytest.mark.parametrize(
    ("refuses", "done"),
    [
        ({"a"}, ["b", "c", "orphan", "lost"]),
        ({"orphan"}, ["a", "b", "c", "lost"]),
        ({"lost"}, ["a", "b", "c", "orphan"]),
        ({"list"}, ["lost"]),
    ],
)
async def test_one_that_is_refused_stops_nobody_else(
    refuses: Collection[str], done: Sequence[str]
) -> None:
    """A zone that the server does not know, say: the rest is kept, and the failure is raised."""
    temporal, rows = Temporal(refuses), Rows()
    given = cast("Any", temporal)
    keeper = ScheduleKeeper(
        given,
        cast("Any", rows),
        cast("Any", rows),
        given,
        metrics=Metrics(CollectorRegistry()),
        clock=Clock.real_time(),
    )

    with pytest.raises(RPCError):
        await keeper.keep()

    assert temporal.done == done
    assert rows.looked == 1
