"""servicekit.temporal.plugin: errors of our tree as Temporal's failures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from servicekit import errors
from servicekit.clock import Clock
from servicekit.temporal.bugs import ACTIVITY_BUG, Bug, is_bug
from servicekit.temporal.plugin import ActivityInterceptor, to_application_error
from temporalio import activity
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


class Heard:
    """A policy that lets an activity end with its third bug."""

    def __init__(self) -> None:
        self.bugs: list[Bug] = []
        self.ended_types: list[str] = []

    def is_bug(self, _info: activity.Info, error: BaseException) -> bool:
        return is_bug(error)

    async def raised(self, bug: Bug) -> bool:
        self.bugs.append(bug)
        return bug.times >= 3

    async def ended(self, info: activity.Info) -> None:
        self.ended_types.append(info.activity_type)


class RemoteInternal(errors.RemoteError, errors.Internal):
    """A bug of another service, or a proxy's answer."""

    def __init__(self, domain: str) -> None:
        super().__init__()
        self.__dict__["domain"] = domain


@pytest.mark.parametrize(
    ("error", "bug"),
    [
        (KeyError("n4"), True),
        (ValueError(), True),
        (errors.Internal(), True),
        (TimeoutError(), True),
        (RemoteInternal("outreach"), True),
        (ExceptionGroup("several", [errors.Unavailable(), KeyError("n4")]), True),
        (RemoteInternal(""), False),
        (ExceptionGroup("several", [errors.Unavailable(), errors.Unavailable()]), False),
        (errors.Unavailable(), False),
        (errors.NotFound(), False),
        (errors.NotYet(retry_after=timedelta(hours=1)), False),
        (errors.OutcomeUnknown(), False),
        (ApplicationError("a wait"), False),
        (CancelledError(), False),
        (RPCError("away", RPCStatusCode.UNAVAILABLE, b""), False),
    ],
)
async def test_only_a_fault_of_ours_is_a_bug(error: Exception, *, bug: bool) -> None:
    """It was retried for ever in silence; refusals, waits and outages are retried as they were."""
    heard = Heard()
    inbound = ActivityInterceptor(FAST, bug_policy=heard).intercept_activity(Raising(error))

    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        await ActivityEnvironment().run(inbound.execute_activity, None)

    assert [each.times for each in heard.bugs] == [1] * bug
    assert getattr(raised.value, "type", "") != ACTIVITY_BUG


@pytest.mark.parametrize(
    ("error", "is_over"),
    [
        (errors.NotFound(), True),
        (errors.Unavailable(), False),
        (errors.Internal(), False),
        (KeyError("n4"), False),
    ],
)
async def test_what_is_refused_for_good_is_over(error: Exception, *, is_over: bool) -> None:
    """A pause that a bug had stalled was refused in the end: its campaign said for ever that it
    stalls.
    """
    heard = Heard()
    inbound = ActivityInterceptor(FAST, bug_policy=heard).intercept_activity(Raising(error))

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it is
        await ActivityEnvironment().run(inbound.execute_activity, None)

    assert bool(heard.ended_types) == is_over


@pytest.mark.parametrize(("before", "ends"), [(0, False), (1, False), (2, True)])
async def test_an_activity_ends_with_the_bug_that_the_policy_says(
    before: int, *, ends: bool
) -> None:
    """Counted are bugs, not attempts; the failure names the activity and where the log has it."""
    heard, environment = Heard(), ActivityEnvironment()
    environment.info = replace(environment.info, attempt=40, heartbeat_details=[before])
    beats: list[Any] = []
    environment.on_heartbeat = lambda *details: beats.append(details)
    inbound = ActivityInterceptor(FAST, bug_policy=heard).intercept_activity(
        Raising(KeyError("n4"))
    )

    with pytest.raises(Exception) as raised:  # noqa: PT011 - which one is the question
        await environment.run(inbound.execute_activity, None)

    assert beats == [(before, 1), (before + 1,)]
    assert isinstance(raised.value, ApplicationError) == ends
    if isinstance(raised.value, ApplicationError):
        (bug,) = heard.bugs
        assert raised.value.type == ACTIVITY_BUG
        assert raised.value.non_retryable
        assert raised.value.details == ("unknown", bug.trace_id)
