"""The record of one call while it is served: it goes with the first thing that the call writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Protocol, assert_never

from google.protobuf.message import Message
from servicekit.auth import Caller, CallerKind, known_caller
from servicekit.grpc.calls import Call
from servicekit.ids import new_id

from identity.audit.calls.declared import Declared
from identity.audit.record import Act, Outcome

_TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-")
_ID = re.compile(r"[A-Za-z0-9_.:/|+=-]{1,400}")
"""What can be an id; of anything else a digest is kept, for it could be somebody's name."""
_SUBJECT = re.compile(r"[A-Za-z0-9_.:/|+=@-]{1,400}")
"""What an issuer may call a caller by."""


class Writing(Protocol):
    """What a draft needs of whoever keeps records."""

    async def digest(self, connection: Any, noun: str, resource: str, *, whose: str) -> str:
        """The digest of the row that a resource is, as the connection sees it; empty if none.

        `whose` is the organization that the call is about, as far as it says.
        """

    async def append_with(
        self, connection: Any, act: Act, *, noun: str, whose: str, digest_before: str
    ) -> bool:
        """Write a record in the connection's transaction if that has written anything."""


class _State(Enum):
    OPEN = auto()
    WRITING = auto()
    WRITTEN = auto()
    """In a transaction that is not committed yet."""
    RECORDED = auto()
    CLOSED = auto()


class Draft:
    """A companion of the transactions of a call that changes something.

    Of several transactions that write at once, one has the record. Where that is undone the next
    one has it.
    """

    def __init__(self, call: Call, declared: Declared, *, service: str, writing: Writing) -> None:
        self._call = call
        # Of a call that is over gRPC reads it from memory that is freed: the process dies.
        self.address = _address(call.context.peer())
        self._declared = declared
        self._service = service
        self._writing = writing
        self._state = _State.OPEN
        self._connection: Any = None
        self._digest_before: dict[str, str] = {}
        self._created: tuple[str, str] = ("", "")

    @property
    def recorded(self) -> bool:
        """Whether the record stands in the database."""
        return self._state is _State.RECORDED

    @property
    def of_a_stranger(self) -> bool:
        """Whether nobody knows who called: without a token, or for what anybody may use."""
        caller = known_caller()
        return caller is None or not caller.subject

    @property
    def wanted(self) -> bool:
        """Whether a transaction that writes is to have it."""
        return self._state in (_State.OPEN, _State.WRITTEN) and not self.stands_elsewhere

    @property
    def stands_elsewhere(self) -> bool:
        """Whether the rows of what is changed are the record of it, too."""
        caller = known_caller()
        return by_itself(caller) or (self._declared.has_own_row and _is_service(caller))

    async def before_write(self, connection: Any) -> None:
        """Look at what the call is about before it is changed."""
        if self._state is not _State.OPEN:
            return
        noun, resource = self._about()
        if resource in self._digest_before:
            return
        self._state = _State.WRITING
        try:
            self._digest_before[resource] = await self._writing.digest(
                connection, noun, resource, whose=self._whose()
            )
        finally:
            self._state = _State.OPEN

    async def before_commit(self, connection: Any) -> None:
        """Write the record into the transaction, if that has written anything."""
        if self._state is not _State.OPEN:
            return
        noun, resource = self._about()
        self._state = _State.WRITING
        written = False
        try:
            written = await self._writing.append_with(
                connection,
                self.act(Outcome.DONE, "OK"),
                noun=noun,
                whose=self._whose(),
                digest_before=self._digest_before.get(resource, ""),
            )
        finally:
            self._state = _State.WRITTEN if written else _State.OPEN
            self._connection = connection

    def created(self, noun: str, new_id: str) -> None:
        """What the call makes; of several things the first."""
        self._created = self._created if self._created[1] else (noun, new_id)

    def committed(self, connection: Any, *, for_good: bool) -> None:
        """The transaction has ended."""
        if self._state is _State.WRITTEN and connection is self._connection:
            self._state = _State.RECORDED if for_good else _State.OPEN

    def close(self) -> None:
        """The call is over: what it left running writes no record of it."""
        self._state = _State.CLOSED

    def wrote_nothing(self) -> None:
        """The call is over, and no transaction has the record: nothing was made."""
        self._created = ("", "")

    def note_recorded(self) -> None:
        """The record was written otherwise."""
        self._state = _State.RECORDED

    def act(self, outcome: Outcome, code: str, reason: str = "") -> Act:
        """What is known of the call now."""
        call, caller = self._call, known_caller()
        _, resource = self._about()
        subject, actors = _who(caller)
        return Act(
            record_id=new_id("aud"),
            organization_id=_organization(caller, call.request, outcome),
            service=self._service,
            rpc=call.method.lstrip("/"),
            outcome=outcome,
            code=code,
            reason=reason,
            caller_kind=caller.kind.value if caller is not None else "",
            subject=subject,
            actors=actors,
            address=self.address,
            resource=_as_id(resource),
            request_id=_as_id(_text(call.request, "request_id")),
            trace_id=_trace(call.metadata),
        )

    def _about(self) -> tuple[str, str]:
        """The noun and the id of what the call is about."""
        named = self._declared.resource(self._call.request)
        return (self._declared.noun, named) if named else self._created

    def _whose(self) -> str:
        """The organization that the call is about: the one that it names, or the caller's."""
        caller = known_caller()
        named = _text(self._call.request, "organization_id")
        return named or (caller.organization_id if caller is not None else "")


DraftOf = Callable[[Call], Draft]


def by_itself(caller: Caller | None) -> bool:
    """Whether a service of ours does something on nobody's behalf: its own rows record that."""
    return caller is not None and _is_service(caller) and not caller.on_behalf_of


def _is_service(caller: Caller | None) -> bool:
    return caller is not None and caller.kind is CallerKind.SERVICE


def _who(caller: Caller | None) -> tuple[str, tuple[str, ...]]:
    """Who wanted it, and who did it for them."""
    if caller is None:
        return "", ()
    if caller.on_behalf_of:
        return _as_id(caller.on_behalf_of, _SUBJECT), (caller.subject,)
    return _as_id(caller.subject, _SUBJECT), ()


def _organization(caller: Caller | None, request: Message | None, outcome: Outcome) -> str:
    if caller is None:
        return ""
    own = caller.organization_id or caller.for_organization
    match outcome:
        case Outcome.DENIED:
            return own
        case Outcome.UNKNOWN:
            return caller.organization_id or _text(request, "organization_id") or own
        case Outcome.DONE:
            # Where none is named, it is filled in from the row.
            return caller.organization_id or _text(request, "organization_id")
        case _:
            assert_never(outcome)


def _text(message: Message | None, name: str) -> str:
    value = getattr(message, name, "")
    return value if isinstance(value, str) else ""


def _as_id(text: str, form: re.Pattern[str] = _ID) -> str:
    if not text or form.fullmatch(text):
        return text
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _address(peer: str) -> str:
    """`ipv4:10.0.0.1:50432` and `ipv6:%5B::1%5D:50432` without what is the connection's alone."""
    kind, _, rest = peer.partition(":")
    if kind not in ("ipv4", "ipv6"):
        return kind
    return rest.rpartition(":")[0].replace("%5B", "").replace("%5D", "")


def _trace(metadata: Any) -> str:
    found = _TRACE.match(metadata.get("traceparent", ""))
    return found[1] if found else ""
