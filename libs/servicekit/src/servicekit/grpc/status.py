"""An error as `google.rpc.Status`, which is how it crosses gRPC, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any, Final

import grpc
from google.protobuf import duration_pb2
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from servicekit.errors import (
    AlreadyExists,
    DeadlineExceeded,
    EtagMismatch,
    FailedPrecondition,
    FieldViolation,
    Internal,
    InvalidArgument,
    MessageTooLarge,
    NotFound,
    NotYet,
    OutcomeUnknown,
    PermissionDenied,
    QuotaViolation,
    RemoteError,
    ServiceError,
    Unauthenticated,
    Unavailable,
)

DOMAIN = "outreach"
"""The `ErrorInfo.domain` of every error these services make."""

FAILURES: Final = frozenset(
    {
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)
"""Codes by which a call has failed; the others refuse it, or have it wait."""

STATUS_METADATA_KEY = "grpc-status-details-bin"
PUSHBACK_METADATA_KEY = "grpc-retry-pushback-ms"
"""What gRPC's own repeats heed: after how many milliseconds, or never if that is negative."""

_LONGEST_PUSHBACK = timedelta(seconds=2)
"""A longer wait is for the caller to plan: within a call it would only use its time up."""

# HTTP/2 peers refuse header blocks over 8 KiB unless told otherwise, and what a client then
# sees is RESOURCE_EXHAUSTED: "wait". The message goes alone too, a byte of it as three at worst;
# the status in base64, three bytes of it as four.
_MAX_STATUS_BYTES = 4 * 1024
_MAX_MESSAGE_BYTES = 600
_MAX_METADATA_BYTES = 1024
_MAX_VALUE_BYTES = 1024
"""Of one entry: the fields that a list is filtered by are told whole, with their values."""
_MAX_TEXT_BYTES = 300


def to_status(error: ServiceError, domain: str = DOMAIN) -> status_pb2.Status:
    """The error as `google.rpc.Status`, its texts shortened so that it fits into a trailer."""
    number, _ = error.code.value
    message = shortened(error.message, _MAX_MESSAGE_BYTES)
    status = status_pb2.Status(code=number, message=message)
    info = error_details_pb2.ErrorInfo(
        reason=error.reason, domain=domain, metadata=_bounded(error.metadata)
    )
    status.details.add().Pack(info)
    if error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromTimedelta(max(error.retry_after, timedelta(0)))
        status.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    if error.quota:
        quota_failure = error_details_pb2.QuotaFailure()
        _fill(quota_failure.violations, map(_quota_violation, error.quota), _room(status) // 2)
        status.details.add().Pack(quota_failure)
    if error.violations:
        bad_request = error_details_pb2.BadRequest()
        _fill(bad_request.field_violations, map(_field_violation, error.violations), _room(status))
        status.details.add().Pack(bad_request)
    return status


def pushback(error: ServiceError) -> tuple[tuple[str, str], ...]:
    """When gRPC itself may make the call again, as metadata: at `retry_after`, if that is soon.

    Nothing where the error leaves it to the caller's own pauses, as where something is away.
    """
    wait = error.retry_after
    if wait is None and not isinstance(error, NotYet):
        return ()
    soon = wait is not None and wait <= _LONGEST_PUSHBACK
    milliseconds = ceil(wait / timedelta(milliseconds=1)) if wait is not None and soon else -1
    return ((PUSHBACK_METADATA_KEY, str(milliseconds)),)


def shortened(text: str, most: int) -> str:
    """A text of at most so many bytes in UTF-8, with an ellipsis where something was left out."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= most:
        return encoded.decode()
    return encoded[: most - 3].decode(errors="ignore") + "…"


def _bounded(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """As many entries, first come first, as there is room for."""
    bounded: dict[str, str] = {}
    room = _MAX_METADATA_BYTES
    for name, value in metadata.items():
        name = shortened(name, _MAX_TEXT_BYTES)  # noqa: PLW2901
        value = shortened(value, _MAX_VALUE_BYTES)  # noqa: PLW2901
        room -= len(name.encode()) + len(value.encode())
        if room < 0:
            break
        bounded[name] = value
    return bounded


def _room(status: status_pb2.Status) -> int:
    size: int = status.ByteSize()
    return _MAX_STATUS_BYTES - size


def _fill(into: Any, violations: Iterable[Message], room: int) -> None:
    """As many violations, first come first, as fit in `room` bytes, and one in any case."""
    for wrong in violations:
        room -= wrong.ByteSize() + 4
        if room < 0 and into:
            return
        into.append(wrong)


def _quota_violation(used_up: QuotaViolation) -> Message:
    violation: Message = error_details_pb2.QuotaFailure.Violation(
        subject=shortened(used_up.subject, _MAX_TEXT_BYTES),
        description=shortened(used_up.description, _MAX_TEXT_BYTES),
    )
    return violation


def _field_violation(wrong: FieldViolation) -> Message:
    violation: Message = error_details_pb2.BadRequest.FieldViolation(
        field=shortened(wrong.field, _MAX_TEXT_BYTES),
        description=shortened(wrong.description, _MAX_TEXT_BYTES),
        reason=wrong.reason,
    )
    return violation


_CLASS_BY_CODE: Mapping[grpc.StatusCode, type[ServiceError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.OUT_OF_RANGE: InvalidArgument,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.RESOURCE_EXHAUSTED: NotYet,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Unavailable,
    grpc.StatusCode.ABORTED: OutcomeUnknown,
}


def _remote(kind: type[ServiceError]) -> type[RemoteError]:
    """The class that is both `kind` and a `RemoteError`."""
    return type(f"Remote{kind.__name__}", (RemoteError, kind), {"__doc__": kind.__doc__})


_REMOTE_BY_CLASS = {
    kind: _remote(kind)
    for kind in {*_CLASS_BY_CODE.values(), EtagMismatch, Internal, MessageTooLarge}
}


_CUT_OFF = "Internal error from Core"
"""What gRPC says by itself where a call ended while a piece of a stream was sent: what the server
said of it is lost."""


def from_rpc_error(error: grpc.aio.AioRpcError) -> ServiceError:
    """The error of the tree that a failed call stands for.

    It is a `RemoteError` of the class its code says. Its reason is the remote one, or
    the name of the code when the server gave none (a proxy, a deadline, no server). Who is told to
    wait by a server of ours is told why and until when; without either it is gRPC itself, of a
    message that is too large. A stream that ended in the middle of a piece is `Unavailable`.
    """
    kind = _REMOTE_BY_CLASS[_CLASS_BY_CODE.get(error.code(), Internal)]
    details = _details(error)
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and not details.reason:
        kind, details.reason = _REMOTE_BY_CLASS[MessageTooLarge], MessageTooLarge.reason
    if error.code() is grpc.StatusCode.ABORTED and details.reason == EtagMismatch.reason:
        kind = _REMOTE_BY_CLASS[EtagMismatch]
    if error.code() is grpc.StatusCode.INTERNAL and error.details() == _CUT_OFF:
        kind, details.reason = _REMOTE_BY_CLASS[Unavailable], Unavailable.reason
    translated = kind(error.details() or error.code().name, **details.arguments)
    # An instance's reason shadows its class's: the class is ours, the reason the server's.
    translated.__dict__["reason"] = details.reason or error.code().name
    translated.__dict__["domain"] = details.domain
    return translated


@dataclass
class _Details:
    reason: str
    domain: str
    arguments: dict[str, Any]


def _details(error: grpc.aio.AioRpcError) -> _Details:
    details = _Details("", "", {})
    for packed in _status(error).details:
        if packed.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            packed.Unpack(info)
            details.reason, details.domain = info.reason, info.domain
            details.arguments["metadata"] = dict(info.metadata)
        elif packed.Is(error_details_pb2.RetryInfo.DESCRIPTOR):
            retry = error_details_pb2.RetryInfo()
            packed.Unpack(retry)
            details.arguments["retry_after"] = retry.retry_delay.ToTimedelta()
        elif packed.Is(error_details_pb2.QuotaFailure.DESCRIPTOR):
            failure = error_details_pb2.QuotaFailure()
            packed.Unpack(failure)
            details.arguments["quota"] = [
                QuotaViolation(used_up.subject, used_up.description)
                for used_up in failure.violations
            ]
        elif packed.Is(error_details_pb2.BadRequest.DESCRIPTOR):
            bad_request = error_details_pb2.BadRequest()
            packed.Unpack(bad_request)
            details.arguments["violations"] = [
                FieldViolation(wrong.field, wrong.description, wrong.reason)
                for wrong in bad_request.field_violations
            ]
    return details


def _status(error: grpc.aio.AioRpcError) -> status_pb2.Status:
    """The status sent along, or an empty one: a trailer may be absent or broken."""
    for key, value in error.trailing_metadata() or ():
        if key == STATUS_METADATA_KEY and isinstance(value, bytes):
            try:
                return status_pb2.Status.FromString(value)
            except DecodeError:
                break
    return status_pb2.Status()
