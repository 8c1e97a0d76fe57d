"""Every way a call can be refused, known by its type and never by its text.

    ServiceError
    ├── InvalidArgument       the request can never be right      never retried
    │   └── BadInput          ... and these fields say why
    ├── NotFound              there is no such thing              never retried
    ├── AlreadyExists         there is one already                never retried
    ├── FailedPrecondition    not in this state                   never retried
    ├── EtagMismatch          it was changed since it was read    never retried
    ├── PermissionDenied      not by this caller                  never retried
    ├── Unauthenticated       by whom? (our credentials to mend)  retried
    ├── NotYet                the same request, `retry_after`     retried
    ├── Unavailable           a dependency is away                retried
    │   └── DeadlineExceeded  no answer in time: slow, not away   retried
    ├── OutcomeUnknown        it may have happened: look it up    retried
    └── Internal              a bug; the message is withheld      retried
        └── MessageTooLarge   ... of whoever sent so much         retried

Subclasses name a `reason`; their docstring is the default message. An error
crosses gRPC (`servicekit.grpc.status`) and is the same class again on the other side,
where it is a `RemoteError` too and carries the remote reason.
"""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import grpc


@dataclass(frozen=True)
class FieldViolation:
    """One field that is wrong, by its path in the request."""

    field: str
    description: str
    reason: str = ""


@dataclass(frozen=True)
class QuotaViolation:
    """One limit that is used up, and whose it is."""

    subject: str
    description: str


class ServiceError(Exception):
    """Base of the tree; never raised itself."""

    code: ClassVar[grpc.StatusCode]
    reason: ClassVar[str]
    retried: ClassVar[bool] = False
    """Whether the same request may succeed later."""

    def __init__(
        self,
        message: str = "",
        *,
        retry_after: timedelta | None = None,
        violations: Iterable[FieldViolation] = (),
        quota: Iterable[QuotaViolation] = (),
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.message = message or inspect.getdoc(type(self)) or ""
        super().__init__(self.message)
        self.retry_after = retry_after
        self.violations: Sequence[FieldViolation] = tuple(violations)
        self.quota: Sequence[QuotaViolation] = tuple(quota)
        self.metadata: Mapping[str, str] = dict(metadata or {})


class InvalidArgument(ServiceError):
    """The request is not valid."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "INVALID_ARGUMENT"


class BadInput(InvalidArgument):
    """The request has invalid fields."""

    reason = "INVALID_FIELDS"

    def __init__(
        self,
        violations: Iterable[FieldViolation],
        message: str = "",
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        violations = tuple(violations)
        summary = "; ".join(
            f"{wrong.field}: {wrong.description}" if wrong.field else wrong.description
            for wrong in violations
        )
        super().__init__(message or summary, violations=violations, metadata=metadata)


class NotFound(ServiceError):
    """There is no such thing."""

    code = grpc.StatusCode.NOT_FOUND
    reason = "NOT_FOUND"


class AlreadyExists(ServiceError):
    """There is one already."""

    code = grpc.StatusCode.ALREADY_EXISTS
    reason = "ALREADY_EXISTS"


class FailedPrecondition(ServiceError):
    """This cannot be done in the present state."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "FAILED_PRECONDITION"


class EtagMismatch(ServiceError):
    """It was changed since it was read: read it again, and decide again."""

    code = grpc.StatusCode.ABORTED
    reason = "ETAG_MISMATCH"


class PermissionDenied(ServiceError):
    """The caller may not do this."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "PERMISSION_DENIED"


class Unauthenticated(ServiceError):
    """The call carries no valid credentials."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "UNAUTHENTICATED"
    retried = True


class NotYet(ServiceError):
    """Not yet: the same request may go after `retry_after`."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "NOT_YET"
    retried = True


class Unavailable(ServiceError):
    """A dependency is away for the moment."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "UNAVAILABLE"
    retried = True


class DeadlineExceeded(Unavailable):
    """No answer came in time; what was asked for may have been done all the same."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class OutcomeUnknown(ServiceError):
    """The answer was lost: it may have happened, and is looked up before it is done again.

    Its code is ABORTED ("retry at a higher level"): UNKNOWN is what any broken server
    answers, and DEADLINE_EXCEEDED is told by whoever gave up waiting, not by who did it.
    """

    code = grpc.StatusCode.ABORTED
    reason = "OUTCOME_UNKNOWN"
    retried = True


class Internal(ServiceError):
    """Something went wrong on our side."""

    code = grpc.StatusCode.INTERNAL
    reason = "INTERNAL"
    retried = True


class MessageTooLarge(Internal):
    """A message is larger than its receiver takes: a bug, which no waiting mends."""

    reason = "MESSAGE_TOO_LARGE"


class RemoteError(ServiceError):
    """Mixed into every error that came over gRPC; `reason` is the remote one."""

    domain: str = ""
