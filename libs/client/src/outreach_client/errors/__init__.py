"""Refused calls as exceptions: one class for each reason, below one for each kind of refusal.

    try:
        await client.campaigns.start(campaign_id="camp_…")
    except errors.CampaignNotStartable: ...     # by its reason
    except errors.FailedPrecondition: ...       # whatever is not in its state
    except errors.ServiceError as refused:      # whatever was refused
        refused.reason, refused.violations, refused.retry_after, refused.metadata

A reason that this version does not know is raised as its kind. `__init__.pyi` has all of them;
`make client` writes it, and `reasons.py`, from the contract and the services.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from servicekit import errors as tree
from servicekit.errors import (
    AlreadyExists,
    BadInput,
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

from outreach_client.errors.reasons import KIND_BY_REASON, class_name

__all__ = [
    "AlreadyExists",
    "BadInput",
    "DeadlineExceeded",
    "EtagMismatch",
    "FailedPrecondition",
    "FieldViolation",
    "Internal",
    "InvalidArgument",
    "MessageTooLarge",
    "NotFound",
    "NotYet",
    "OutcomeUnknown",
    "PermissionDenied",
    "QuotaViolation",
    "RemoteError",
    "ServiceError",
    "Unauthenticated",
    "Unavailable",
]


def _class_of(reason: str) -> type[ServiceError]:
    kind: type[ServiceError] = getattr(tree, KIND_BY_REASON[reason])
    if kind.reason == reason:
        return kind
    described = {"reason": reason, "__doc__": f"{kind.__name__}, because {reason}."}
    return type(class_name(reason), (kind,), {**described, "__module__": __name__})


_CLASSES = {reason: _class_of(reason) for reason in KIND_BY_REASON}
globals().update({class_name(reason): made for reason, made in _CLASSES.items()})


@contextmanager
def refined() -> Iterator[None]:
    """What is raised inside as the class of its reason; what has none as it is."""
    try:
        yield
    except ServiceError as error:
        made = refinement(error)
        if made is error:
            raise
        raise made from error


def refinement(error: ServiceError) -> ServiceError:
    """The error as the class of its reason, where that is of the kind that came."""
    found = _CLASSES.get(error.reason)
    if found is None or isinstance(error, found) or found.code is not error.code:
        return error
    made: Any = _remote(found).__new__(_remote(found))
    made.__dict__.update(error.__dict__)
    made.args = error.args
    return made  # type: ignore[no-any-return]


_REMOTE: dict[type[ServiceError], type[RemoteError]] = {}


def _remote(found: type[ServiceError]) -> type[RemoteError]:
    """The class that came over the wire, as every error of a call does."""
    if found not in _REMOTE:
        named = {"__doc__": found.__doc__, "__module__": __name__}
        _REMOTE[found] = type(found.__name__, (RemoteError, found), named)
    return _REMOTE[found]
