"""Attempts of activities, counted by how they ended: a wait is no failure."""

import asyncio
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, FailureError
from temporalio.service import RPCError

from servicekit.errors import NotYet, OutcomeUnknown, ServiceError, Unavailable
from servicekit.temporal import bugs


class AttemptOutcome(StrEnum):
    """How an attempt of an activity ended."""

    DONE = "done"
    WAIT = "wait"
    """It is not its turn yet."""
    AWAY = "away"
    """Something that it needs did not answer."""
    REFUSED = "refused"
    """What it asked for is not to be had; trying again changes nothing."""
    BUG = "bug"
    """Nobody foresaw it."""
    CANCELLED = "cancelled"


class AttemptMetrics:
    """One per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "activity_attempts_total",
            "Attempts of activities, by activity and how they ended.",
            ["activity", "outcome"],
            registry=registry,
        )

    def ended(self, activity: str, error: BaseException | None) -> None:
        """Count an attempt that ended, with this error if with one."""
        for outcome in AttemptOutcome:
            self._attempts.labels(activity, outcome.value)
        self._attempts.labels(activity, outcome_of(error).value).inc()


def outcome_of(error: BaseException | None) -> AttemptOutcome:
    """What an attempt comes to that ended with this error."""
    if error is None:
        return AttemptOutcome.DONE
    if isinstance(error, asyncio.CancelledError):
        return AttemptOutcome.CANCELLED
    if isinstance(error, NotYet) or _benign(error):
        return AttemptOutcome.WAIT
    if isinstance(error, (Unavailable, OutcomeUnknown, RPCError)):
        return AttemptOutcome.AWAY
    refused = isinstance(error, (ServiceError, FailureError)) and not bugs.is_bug(error)
    return AttemptOutcome.REFUSED if refused else AttemptOutcome.BUG


def _benign(error: BaseException) -> bool:
    return isinstance(error, ApplicationError) and error.category is ApplicationErrorCategory.BENIGN
