"""Timeouts and retries, one constant or function per kind of activity.

Real time throughout. What waits for a turn is bounded by time, never by a number
of attempts: every wait is an attempt.
"""

from datetime import timedelta
from typing import TypedDict

from servicekit.clock import Clock
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from outreach_worker.deadlines import GATEWAY_DEADLINE

NOTICED_WITHIN = timedelta(seconds=15)
"""How soon the death of a worker in the middle of a call is noticed, and the call made again."""

LONGEST_WAIT = timedelta(days=400)
"""Domain time: the longest that a step may wait for its turn."""

SLOW_CHECK = timedelta(hours=1)
"""Domain time: how often a campaign looks after its leads without being woken."""
LEAST_SLOW_CHECK = timedelta(minutes=1)
"""Real time: never more often than that."""

ROUNDS_PER_RUN = 300
"""Looks at the list in one run of a campaign: some 15 events each, far below 10,000."""
LONGEST_HISTORY = 8_000
"""Events after which a campaign's run ends even while the dispatcher is away."""


class ActivityOptions(TypedDict, total=False):
    """What `execute_activity_method` takes besides the activity and its input."""

    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


_RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=1),
)

ROWS = ActivityOptions(start_to_close_timeout=timedelta(seconds=30), retry_policy=_RETRIES)
"""Reads and writes rows; tried until the database is back."""

CALL_OFF = ActivityOptions(
    start_to_close_timeout=GATEWAY_DEADLINE + timedelta(seconds=30),
    heartbeat_timeout=NOTICED_WITHIN,
    retry_policy=_RETRIES,
)
"""Must come to an end: what became of an action has to be known."""

RUN_STEP = ActivityOptions(
    start_to_close_timeout=timedelta(minutes=2),
    # Before the next day's run is due, whatever is away.
    schedule_to_close_timeout=timedelta(hours=12),
    retry_policy=_RETRIES,
)
"""A step of a program's run, which waits for whatever is away; leads go on meanwhile."""
_KEPT_FOR_REPORTS = timedelta(minutes=30)
_KEPT_FOR_ROWS = timedelta(minutes=10)
"""Of a run's time: Temporal ends it without a word, and a step that is due at its end is lost."""
_LEAST = timedelta(minutes=1)
"""That an activity has, however late it begins."""

FIT = ActivityOptions(
    start_to_close_timeout=timedelta(minutes=20),
    # Where nobody fits models the run fails after so long, and says so.
    schedule_to_close_timeout=timedelta(hours=12),
    heartbeat_timeout=timedelta(seconds=60),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=10), maximum_attempts=2),
)
"""A model is fitted in a child; what the same rows made fail twice they make fail for good."""

PARK = ActivityOptions(
    start_to_close_timeout=GATEWAY_DEADLINE + timedelta(seconds=30), retry_policy=_RETRIES
)
"""Writes a row, and takes back at the gateway what is queued."""

CONTROL = ActivityOptions(
    start_to_close_timeout=GATEWAY_DEADLINE + timedelta(seconds=30), retry_policy=_RETRIES
)
"""An operator's pause, resume or stop."""

PUBLISH = ActivityOptions(
    start_to_close_timeout=timedelta(seconds=30),
    schedule_to_close_timeout=timedelta(days=30),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=10),
    ),
)
"""Runs in the background for as long as the dispatcher may be away."""

ADMISSION = ActivityOptions(
    start_to_close_timeout=timedelta(minutes=10),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=_RETRIES,
)
"""Goes through many leads; beats between batches."""


def coming_to_its_end(clock: Clock) -> ActivityOptions:
    """A step that nobody can call off: what an attempt under way comes to is waited for."""
    return ActivityOptions(
        **waiting_for_turn(clock),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


def waiting_for_turn(clock: Clock) -> ActivityOptions:
    """A step that the gateway performs when its turn comes."""
    return ActivityOptions(
        start_to_close_timeout=GATEWAY_DEADLINE + timedelta(minutes=2),
        heartbeat_timeout=NOTICED_WITHIN,
        # A very fast clock would leave no time to sit out an outage.
        schedule_to_close_timeout=max(clock.real(LONGEST_WAIT), timedelta(hours=6)),
        retry_policy=_RETRIES,
    )


def run_step(left: timedelta | None) -> ActivityOptions:
    """A step of a run that ends in so long; None: nothing ends it. It leaves time to report."""
    return _within(left, but=_KEPT_FOR_REPORTS)


def run_report(left: timedelta | None) -> ActivityOptions:
    """The report of a run that ends in so long; it leaves time to say how the run has ended."""
    return _within(left, but=_KEPT_FOR_ROWS)


def _within(left: timedelta | None, *, but: timedelta) -> ActivityOptions:
    options = ActivityOptions(**RUN_STEP)
    if left is not None:
        longest = options["schedule_to_close_timeout"]
        options["schedule_to_close_timeout"] = min(longest, max(left - but, _LEAST))
    return options


def slow_check(clock: Clock) -> timedelta:
    """How long a campaign sleeps when nothing wakes it."""
    return max(clock.real(SLOW_CHECK), LEAST_SLOW_CHECK)


def parked_unseen(times: int) -> timedelta:
    """How soon what a bug has stopped is tried again where the lead's row cannot say that it has.

    An hour at first, then ever longer up to a day: a history does not grow without bound.
    """
    return timedelta(hours=min(24, 2 ** min(times, 5)))
