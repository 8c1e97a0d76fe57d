"""Activities that raise what nobody foresaw: how often they did, and what then.

Attempts are no measure: a wait for a turn is one too. What counts is carried from attempt to
attempt in the activity's heartbeat, so that neither another worker nor a restart forgets it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from opentelemetry import trace
from temporalio import activity
from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.service import RPCError

from servicekit.errors import Internal, RemoteError, ServiceError

ACTIVITY_BUG = "ACTIVITY_BUG"
"""The type of the failure by which an activity ends for good because of a bug."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """An attempt that ended in a bug, and the how manieth of its activity it was."""

    activity: str
    workflow_type: str
    workflow_id: str
    times: int
    trace_id: str
    error: BaseException


class BugPolicy(Protocol):
    """What becomes of activities with a bug."""

    def is_bug(self, info: activity.Info, error: BaseException) -> bool:
        """Whether nobody foresaw it: `is_bug`, and what this activity must not be refused."""
        ...

    async def raised(self, bug: Bug) -> bool:
        """Hear of it; True if the activity ends with it, False if it is tried again."""
        ...

    async def ended(self, info: activity.Info) -> None:
        """Hear of an activity that came to its end."""
        ...


@dataclass(frozen=True, kw_only=True)
class EndedByBug:
    """What a workflow learns of an activity that a bug has ended."""

    activity: str
    trace_id: str
    reason: str = ""
    """Of an error that was foreseen, though not there: its reason; of any other what it is."""


def first_of(error: BaseException) -> BaseException:
    """The error itself, or what counts of those that tasks of a group raised: a bug if one is."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = [first_of(each) for each in error.exceptions]
    return next((each for each in leaves if is_bug(each)), leaves[0])


def is_bug(error: BaseException) -> bool:
    """Whether it is a fault of ours: no refusal, no wait, nothing that is away for a while.

    INTERNAL counts where a service of ours has said so; a proxy's own may be an outage.
    """
    if isinstance(error, RemoteError):
        return isinstance(error, Internal) and bool(error.domain)
    if isinstance(error, ServiceError):
        return isinstance(error, Internal)
    return isinstance(error, Exception) and not isinstance(error, (FailureError, RPCError))


def trace_of_attempt() -> str:
    """The trace that the attempt belongs to; without tracing, an id for the log alone."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else uuid.uuid4().hex


def ended_by(bug: Bug) -> ApplicationError:
    """The failure that ends the activity; what it says is withheld, the log has it."""
    return ApplicationError(
        "An activity ended because of a bug; the log has it under its trace.",
        bug.activity,
        bug.trace_id,
        type=ACTIVITY_BUG,
        non_retryable=True,
    )


def bug_in(error: ActivityError) -> EndedByBug | None:
    """The bug by which an activity ended, if it was one. For workflows."""
    cause = error.cause
    if not isinstance(cause, ApplicationError) or cause.type != ACTIVITY_BUG:
        return None
    name, trace_id = cause.details
    ended_with = cause.cause
    reason = ended_with.type if isinstance(ended_with, ApplicationError) else None
    return EndedByBug(activity=name, trace_id=trace_id, reason=reason or "")
