"""servicekit.temporal.plugin: errors of our tree as Temporal's failures."""

from datetime import UTC, datetime, timedelta

import pytest
from servicekit import errors
from servicekit.clock import Clock
from servicekit.temporal.plugin import ActivityInterceptor, to_application_error
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor

FAST = Clock(datetime(2026, 1, 1, tzinfo=UTC), 100.0)


def test_waits_are_divided_by_the_clocks_speed() -> None:
    """Temporal sleeps in real time, and such a failure is no reason to worry."""
    failure = to_application_error(errors.NotYet(retry_after=timedelta(hours=1)), FAST)

    assert failure.next_retry_delay == timedelta(seconds=36)
    assert failure.category == ApplicationErrorCategory.BENIGN
    assert not failure.non_retryable


def test_a_wait_of_nothing_is_still_the_errors_own() -> None:
    """Zero would mean the activity's own backoff, which grows with every wait."""
    failure = to_application_error(errors.NotYet(retry_after=timedelta(0)), FAST)

    assert failure.next_retry_delay == timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("error", "retried"),
    [
        (errors.Unavailable(), True),
        (errors.OutcomeUnknown(), True),
        (errors.Internal(), True),
        (errors.NotFound(), False),
        (errors.FailedPrecondition(), False),
        (errors.PermissionDenied(), False),
    ],
)
def test_the_class_decides_about_retries(error: errors.ServiceError, *, retried: bool) -> None:
    """And the reason is the type of the failure."""
    failure = to_application_error(error, FAST)

    assert failure.non_retryable is not retried
    assert failure.type == error.reason
    assert failure.next_retry_delay is None


class Raising(ActivityInboundInterceptor):
    """An activity that raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def execute_activity(self, input: object) -> None:  # noqa: A002 - the SDK's name
        del input
        raise self._error


@pytest.mark.parametrize(
    ("error", "bugs"),
    [
        (KeyError("n4"), ["unknown"]),
        (ValueError(), ["unknown"]),
        (errors.Unavailable(), []),
        (errors.NotFound(), []),
        (errors.NotYet(retry_after=timedelta(hours=1)), []),
        (ApplicationError("a wait"), []),
        (CancelledError(), []),
        (RPCError("away", RPCStatusCode.UNAVAILABLE, b""), []),
    ],
)
async def test_what_nobody_foresaw_is_heard_of(error: Exception, bugs: list[str]) -> None:
    """A bug was retried for ever in silence; what has a class is no bug."""
    heard: list[str] = []
    interceptor = ActivityInterceptor(FAST, on_bug=heard.append)
    inbound = interceptor.intercept_activity(Raising(error))

    with pytest.raises(type(error) if bugs else Exception):
        await ActivityEnvironment().run(inbound.execute_activity, None)

    assert heard == bugs
