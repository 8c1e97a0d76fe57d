"""The table of errors, row by row."""

import pytest
from campaigns.sequences.sequence import StepOutcome
from outreach_worker.steps.results import StepResult, after_posts, not_performed, result_of
from servicekit.errors import (
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    NotYet,
    OutcomeUnknown,
    PermissionDenied,
    ServiceError,
    Unauthenticated,
    Unavailable,
)

from tests.fakes.gateway import refusal


@pytest.mark.parametrize(
    "error",
    [NotYet(), Unavailable(), OutcomeUnknown(), Unauthenticated(), NotFound(), PermissionDenied()],
)
def test_what_may_yet_succeed_is_no_result(error: ServiceError) -> None:
    """Lesson 11: a wait or an outage is never taken for a failure."""
    assert result_of(error) is None


@pytest.mark.parametrize(
    "reason",
    [
        "NO_POSTS",
        "COMMENTS_DISABLED",
        "NOT_CONNECTED",
        "INVITED_TOO_RECENTLY",
        "ALREADY_INVITED",
        "INMAIL_NOT_ALLOWED",
        "INMAIL_CREDITS_EXHAUSTED",
        "FEATURE_NOT_SUBSCRIBED",
        "OUTCOME_UNKNOWN",
        "REFUSED_BY_LINKEDIN",
        "MESSAGE_TOO_LONG",
    ],
)
def test_a_failed_step_keeps_the_lead(reason: str) -> None:
    """Lesson 11: a step that failed for good is that and no more; the lead goes on."""
    result = result_of(refusal(reason))

    assert result == StepResult(
        outcome=StepOutcome.FAILED, reason=reason, detail=reason.lower(), lead_failed=False
    )


@pytest.mark.parametrize(
    "reason", ["PERSON_NOT_FOUND", "PERSON_UNREACHABLE", "PERSON_SUPPRESSED", "TARGET_MISMATCH"]
)
@pytest.mark.parametrize("effect", ["lead_failed", "step_failed"])
def test_an_unreachable_person_ends_the_lead(reason: str, effect: str) -> None:
    """Nobody goes on contacting a person who does not exist or must not be contacted."""
    result = result_of(refusal(reason, effect=effect))

    assert result is not None
    assert (result.outcome, result.reason, result.lead_failed) == (StepOutcome.FAILED, reason, True)


def test_the_effect_decides_for_reasons_that_are_new() -> None:
    """A reason this worker does not know yet still ends the lead if the gateway says so."""
    result = result_of(refusal("SOMETHING_NEW", effect="lead_failed"))

    assert result is not None
    assert result.lead_failed


@pytest.mark.parametrize("reason", ["ALREADY_REPLIED", "ACTION_CANCELLED", "NOTHING_TO_WITHDRAW"])
def test_nothing_wrong_is_skipped(reason: str) -> None:
    """What was not wanted any more is skipped, not failed."""
    assert not_performed(reason).outcome is StepOutcome.SKIPPED


@pytest.mark.parametrize(
    "error", [refusal("MALFORMED_REQUEST"), InvalidArgument("no text")], ids=["told", "refused"]
)
def test_our_mistakes_are_ours(error: ServiceError) -> None:
    """A malformed request fails the step, is never blamed on the lead, and is told to us."""
    result = result_of(error)

    assert result is not None
    assert (result.reason, result.ours, result.lead_failed) == ("MALFORMED_REQUEST", True, False)


def test_one_post_is_enough() -> None:
    """After a first post, running out of posts is a success that says how far it came."""
    result = after_posts(not_performed("NO_POSTS"), performed=2, posts=5)

    assert (result.outcome, result.reason) == (StepOutcome.DONE, "NO_POSTS")
    assert result.detail == "2 of 5 posts; then NO_POSTS"


def test_no_post_is_not_enough() -> None:
    """Without a first post the step has failed."""
    result = not_performed("NO_POSTS")

    assert after_posts(result, performed=0, posts=5) == result


def test_a_failed_lead_fails_even_after_a_post() -> None:
    """What ends the lead is not hidden by what was performed before."""
    result = not_performed("PERSON_UNREACHABLE")

    after = after_posts(result, performed=1, posts=5)

    assert (after.outcome, after.reason, after.lead_failed) == (
        StepOutcome.FAILED,
        "PERSON_UNREACHABLE",
        True,
    )
    assert after.detail == "1 of 5 posts; then PERSON_UNREACHABLE"


def test_a_plain_refusal_is_a_failed_step() -> None:
    """A refusal without an effect is read by its reason."""
    error = FailedPrecondition("no")

    result = result_of(error)

    assert result is not None
    assert (result.outcome, result.lead_failed) == (StepOutcome.FAILED, False)
