"""Whether this process can do its work, and if not, what is missing."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from servicekit.telemetry import logs

Check = Callable[[], Awaitable[object]]
"""Raises when its dependency is away; what it returns does not matter."""

ANSWERS_WITHIN = timedelta(seconds=2)
"""How long a check is waited for, all of them at once: who asks waits a little longer."""
_NOTED_WITHIN = timedelta(milliseconds=200)
"""How much longer than the checks notes are waited for; a later one comes into the next report."""

OK = "ok"
UNKNOWN = "no answer yet"
STARTING = "starting"
DRAINING = "draining"

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class Report:
    """What every check said: `ok`, or what failed."""

    checks: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)
    """What people should know, although the work goes on without it; the last that each said."""

    @property
    def ready(self) -> bool:
        return all(said == OK for said in self.checks.values())


class Readiness:
    """Named checks, asked together and at most once per `fresh_for`.

    Names given at once are not ready ("starting") until their check is added, so that
    the port for probes can answer before anything else is up.
    """

    def __init__(
        self,
        *expected: str,
        fresh_for: timedelta = timedelta(seconds=1),
        timeout: timedelta = ANSWERS_WITHIN,
    ) -> None:
        self._checks: dict[str, Check | None] = dict.fromkeys(expected)
        self._notes: dict[str, Check] = {}
        self._noted: dict[str, str] = {}
        self._noting: dict[str, asyncio.Task[str]] = {}
        self._fresh_for = fresh_for.total_seconds()
        self._timeout = timeout.total_seconds()
        self._draining = False
        self._report: Report | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    def add(self, name: str, check: Check) -> None:
        """Ask `check` from now on."""
        self._checks[name] = check
        self._report = None

    def note(self, name: str, check: Check) -> None:
        """Ask `check` too; what it says is shown and does not decide, nor any more if it did."""
        self._checks.pop(name, None)
        self._notes[name] = check
        self._report = None

    def drain(self) -> None:
        """Not ready from now on: the process is going."""
        self._draining = True
        self._report = None

    async def report(self) -> Report:
        """What every check says now, or said a moment ago."""
        async with self._asking:
            if self._report is None or time.monotonic() - self._asked_at > self._fresh_for:
                before, self._report = self._report, await self._ask()
                self._asked_at = time.monotonic()
                _tell(before, self._report)
            return self._report

    async def _ask(self) -> Report:
        for name, check in self._notes.items():
            if name not in self._noting:
                self._noting[name] = asyncio.create_task(self._said(check))
        checks = await self._all(self._checks)
        await self._take_notes()
        if self._draining:
            checks["process"] = DRAINING
        return Report(checks, {name: self._noted.get(name, UNKNOWN) for name in self._notes})

    async def _take_notes(self) -> None:
        """What has been said by now: whoever decides nothing is not waited for either."""
        if self._noting:
            await asyncio.wait(self._noting.values(), timeout=_NOTED_WITHIN.total_seconds())
        for name, asked in [*self._noting.items()]:
            if asked.done():
                self._noted[name] = asked.result()
                del self._noting[name]

    async def _all(self, checks: Mapping[str, Check | None]) -> dict[str, str]:
        asked = dict(checks)
        said = await asyncio.gather(*(self._said(check) for check in asked.values()))
        return dict(zip(asked, said, strict=True))

    async def _said(self, check: Check | None) -> str:
        if check is None:
            return STARTING
        try:
            async with asyncio.timeout(self._timeout):
                await check()
        except TimeoutError:
            return f"no answer within {self._timeout:g} s"
        except Exception as error:  # noqa: BLE001 - any failure of a check is its answer
            return f"{type(error).__name__}: {error}"
        return OK


def _tell(before: Report | None, now: Report) -> None:
    """Log when readiness changes, not each time it is asked."""
    if before is not None and before.ready != now.ready:
        log.info("readiness_changed", ready=now.ready, checks=dict(now.checks))
    if before is not None and before.notes != now.notes:
        log.info("readiness_noted", notes=dict(now.notes))
