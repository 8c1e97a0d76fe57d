"""What every call of a server leaves in the audit."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Protocol

import grpc
from servicekit.auth import TokenEnded, known_caller
from servicekit.errors import ServiceError
from servicekit.grpc.calls import NOTHING, OPEN_SERVICES, Around, Call, Layer
from servicekit.postgres.companions import accompanied_by
from servicekit.rehearsals.rehearsal import only_asks
from servicekit.telemetry import logs

from identity.audit.calls.declared import Declared, DeclaredOf
from identity.audit.calls.draft import Draft, Writing, by_itself
from identity.audit.calls.strangers import Strangers
from identity.audit.record import Act, Outcome

_REFUSED = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
_LEFT_OPEN = (
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.UNKNOWN,
)
"""A change that ended so may have changed something."""
ONLY_ASKED = "VALIDATE_ONLY"
"""The reason of what was answered, and changed nothing as it was asked to."""

log = logs.get_logger(__name__)


class Appending(Protocol):
    """Where records go that no transaction of the call has taken along."""

    async def append(self, act: Act) -> None:
        """Return once it is written; raises `AuditUnavailable` where it cannot be."""

    async def append_soon(self, act: Act) -> None:
        """Return once it is written, or after a moment; it is written then, too."""

    def keep(self, act: Act) -> None:
        """Have it written, without waiting."""


def audited(
    appending: Appending,
    *,
    writing: Writing,
    declared_of: DeclaredOf,
    service: str,
    strangers: Strangers,
) -> Layer:
    """One record of each change, each refusal and each read of a person's data.

    A change is recorded in its own transaction; one that wrote nothing here, and a read, before
    it is answered, so that nothing is told or done that cannot be recorded. A refusal is
    answered although it cannot be recorded yet. What only asks what a change would do is recorded
    as a read is, and says so (`ONLY_ASKED`). Of what `strangers` are refused no more is recorded
    than they admit, whoever comes however often. Stands around the layer that says who calls.
    """

    def layer(call: Call) -> Around:
        if call.method.startswith(OPEN_SERVICES):
            return NOTHING
        declared = declared_of(call.method)
        draft = Draft(call, declared, service=service, writing=writing)
        recorded = _Recorded(call, draft, declared, appending, strangers)
        if declared.changes:
            accompanied_by(draft)
        if declared.reads:
            call.before_answer = recorded.done
        return recorded

    return layer


class _Recorded:
    """A call whose end is in the audit."""

    __slots__ = ("_appending", "_call", "_declared", "_draft", "_strangers")

    def __init__(
        self,
        call: Call,
        draft: Draft,
        declared: Declared,
        appending: Appending,
        strangers: Strangers,
    ) -> None:
        self._call = call
        self._draft = draft
        self._declared = declared
        self._appending = appending
        self._strangers = strangers

    async def __aenter__(self) -> None:
        """What it writes takes its record along already."""

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        declared = self._declared
        try:
            if error is not None:
                await self.failed(error, changes=declared.changes)
            elif declared.changes or declared.reads:
                await self.done()
        finally:
            self._draft.close()

    async def done(self) -> None:
        """It is about to be answered."""
        if self._draft.recorded or self._draft.stands_elsewhere:
            return
        self._draft.wrote_nothing()
        reason = ONLY_ASKED if only_asks(self._call.request) else ""
        await self._appending.append(self._draft.act(Outcome.DONE, "OK", reason))
        self._draft.note_recorded()

    async def failed(self, error: BaseException, *, changes: bool) -> None:
        """It is about to be refused; what it has changed before stands recorded."""
        # Whose token has ended was told nothing that they might not hear.
        ended = isinstance(error, TokenEnded)
        changes = changes and not (self._draft.stands_elsewhere or only_asks(self._call.request))
        if self._draft.recorded or (ended and not changes):
            return
        code, reason = _code(error)
        alone = by_itself(known_caller())
        outcome = Outcome.UNKNOWN if ended else _outcome(code, changes=changes, alone=alone)
        if outcome is None or (
            self._draft.of_a_stranger and not self._strangers.admit(self._draft.address)
        ):
            return
        act = self._draft.act(outcome, code.name, reason)
        if outcome is Outcome.DENIED:
            await self._appending.append_soon(act)
        else:
            self._appending.keep(act)


def _outcome(code: grpc.StatusCode, *, changes: bool, alone: bool) -> Outcome | None:
    """What a failure is to the audit; None for nothing."""
    if code in _REFUSED or (code is grpc.StatusCode.NOT_FOUND and not alone):
        return Outcome.DENIED
    if changes and code in _LEFT_OPEN:
        return Outcome.UNKNOWN
    return None


def _code(error: BaseException) -> tuple[grpc.StatusCode, str]:
    if isinstance(error, ServiceError):
        return error.code, error.reason
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return grpc.StatusCode.CANCELLED, ""
    return grpc.StatusCode.INTERNAL, ""
