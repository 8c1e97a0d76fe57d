"""servicekit.temporal.attempt_metrics."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry
from servicekit.errors import Internal, NotFound, NotYet, OutcomeUnknown, Unavailable
from servicekit.temporal.attempt_metrics import AttemptMetrics, AttemptOutcome, outcome_of
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, AttemptOutcome.DONE),
        (NotYet(), AttemptOutcome.WAIT),
        (ApplicationError("", category=ApplicationErrorCategory.BENIGN), AttemptOutcome.WAIT),
        (Unavailable(), AttemptOutcome.AWAY),
        (OutcomeUnknown(), AttemptOutcome.AWAY),
        (NotFound(), AttemptOutcome.REFUSED),
        (ApplicationError(""), AttemptOutcome.REFUSED),
        (Internal(), AttemptOutcome.BUG),
        (KeyError(), AttemptOutcome.BUG),
        (asyncio.CancelledError(), AttemptOutcome.CANCELLED),
    ],
)
def test_an_attempt_is_judged_by_its_error(
    error: BaseException | None, outcome: AttemptOutcome
) -> None:
    """A wait is no error, an outage is none of ours, and what nobody foresaw is a bug."""
    assert outcome_of(error) is outcome


def test_an_activity_that_was_seen_once_has_every_outcome() -> None:
    """Its first error is an increase from nought."""
    registry = CollectorRegistry()

    AttemptMetrics(registry).ended("perform_step", None)

    bugs = {"activity": "perform_step", "outcome": "bug"}
    assert registry.get_sample_value("activity_attempts_total", bugs) == 0
