"""Writes the records that no transaction of a call takes along: many in one, in their order."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from servicekit.backoff import Backoff
from servicekit.errors import ServiceError, Unavailable
from servicekit.telemetry import logs

from identity.audit.metrics import Metrics
from identity.audit.record import Act

MOST_WAITING = 10_000
"""Records that wait for the database; whatever is to be recorded beyond them is refused."""
_AT_ONCE = 500
_PATIENCE = timedelta(seconds=2)
"""How long a refusal waits to be recorded before it is answered all the same."""

log = logs.get_logger(__name__)


class AuditUnavailable(Unavailable):
    """What cannot be recorded for the moment is not done."""

    reason = "AUDIT_UNAVAILABLE"


class Store(Protocol):
    """Where records are kept."""

    async def append(self, acts: Sequence[Act], *, again: bool) -> None:
        """Write them in a transaction of their own; `again` if they may be there already."""


class Appender:
    """A queue in front of the store; while one batch is written the next one gathers."""

    def __init__(self, store: Store, metrics: Metrics, *, patience: timedelta = _PATIENCE) -> None:
        self._store = store
        self._patience = patience.total_seconds()
        self._waiting: deque[tuple[Act, asyncio.Future[None]]] = deque()
        self._filled = asyncio.Event()
        self._again = False
        self._because = ""
        """Why nothing could be written the last time, in a sentence; empty while it can."""
        self._metrics = metrics
        metrics.waiting.set_function(lambda: len(self._waiting))

    async def append(self, act: Act) -> None:
        """Return once it is written; raises `AuditUnavailable` where that is not soon."""
        written = self._put(act)
        try:
            async with asyncio.timeout(self._patience):
                await asyncio.shield(written)
        except TimeoutError as error:
            raise self._unavailable() from error

    async def append_soon(self, act: Act) -> None:
        """Return once it is written, or when patience ends; it is written later then.

        Raises `AuditUnavailable` when too many wait already.
        """
        written = self._put(act)
        await asyncio.wait({written}, timeout=self._patience)

    def keep(self, act: Act) -> None:
        """Have it written, without waiting; where too many wait it is in the log alone."""
        try:
            self._put(act)
        except AuditUnavailable:
            self._metrics.lost.inc()
            log.error("audit_record_lost", rpc=act.rpc, outcome=act.outcome, code=act.code)  # noqa: TRY400 - its fields say it

    async def write(self) -> None:
        """Write what comes, for ever; what the database does not take yet is tried again."""
        backoff = Backoff()
        while True:
            await self._filled.wait()
            try:
                await self._write_batch()
            except ServiceError as error:
                self._because = error.message
                log.warning("audit_not_written", why=error.reason, records=len(self._waiting))
                await backoff.wait()
            except Exception:
                # A schema that is not migrated yet, say. Nothing is told meanwhile; holds go on.
                log.exception("audit_not_written", records=len(self._waiting))
                await backoff.wait()
            else:
                self._because = ""
                backoff.reset()

    async def drain(self) -> None:
        """Write what waits, at the end of a process; what cannot be written is logged."""
        while self._waiting:
            try:
                await self._write_batch()
            except ServiceError:
                log.exception("audit_records_lost", records=len(self._waiting))
                self._metrics.lost.inc(len(self._waiting))
                return

    def _put(self, act: Act) -> asyncio.Future[None]:
        if len(self._waiting) >= MOST_WAITING:
            raise self._unavailable()
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((act, written))
        self._filled.set()
        return written

    def _unavailable(self) -> AuditUnavailable:
        return AuditUnavailable(f"{inspect.getdoc(AuditUnavailable)} {self._because}".rstrip())

    async def _write_batch(self) -> None:
        batch = [self._waiting[place] for place in range(min(_AT_ONCE, len(self._waiting)))]
        if batch:
            # Until it is known to be written it may be written.
            again, self._again = self._again, True
            await self._store.append([act for act, _ in batch], again=again)
            self._again = False
        for _, written in batch:
            self._waiting.popleft()
            if not written.done():
                written.set_result(None)
        if not self._waiting:
            self._filled.clear()
