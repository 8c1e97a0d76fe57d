"""What an error of the gateway means for a step and its lead. Pure.

The class of an error is known by its type, its reason and its `effect`, never
by its text:

    NotYet                             wait         the same request, later
    Unavailable, OutcomeUnknown, ...   transient    the same request, with backoff
    FailedPrecondition, step_failed    the step has failed; the sequence goes on
    FailedPrecondition, lead_failed    the lead has failed
    InvalidArgument                    ours: the step has failed, and an error is logged
"""

from dataclasses import dataclass, replace

from campaigns.models import StepExecution, StepState
from campaigns.sequences.sequence import StepOutcome
from campaigns.sequences.time_limits import TIME_OVER
from servicekit.errors import FailedPrecondition, InvalidArgument, ServiceError

from outreach_worker.steps.contracts import OWNER_WROTE, STEP_SKIPPED

EFFECT = "effect"
STEP_FAILED = "step_failed"
LEAD_FAILED = "lead_failed"

ACTION_CANCELLED = "ACTION_CANCELLED"
ALREADY_INVITED = "ALREADY_INVITED"
ALREADY_REPLIED = "ALREADY_REPLIED"
ALREADY_SO = "ALREADY_SO"
COMMENTS_DISABLED = "COMMENTS_DISABLED"
MALFORMED_REQUEST = "MALFORMED_REQUEST"
NOTHING_TO_WITHDRAW = "NOTHING_TO_WITHDRAW"
NO_POSTS = "NO_POSTS"
OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
SENT_AS_MESSAGE = "SENT_AS_MESSAGE"
TEXT_MISSING = "TEXT_MISSING"

_SKIPPED = frozenset(
    {ALREADY_REPLIED, OWNER_WROTE, ACTION_CANCELLED, NOTHING_TO_WITHDRAW, STEP_SKIPPED, *TIME_OVER}
)
"""Not performed, and nothing is wrong."""

_LEAD_FAILED = frozenset(
    {
        "PERSON_NOT_FOUND",
        "PERSON_UNREACHABLE",
        "PERSON_SUPPRESSED",
        "TARGET_MISMATCH",
        "DUPLICATE_PERSON",
        "PERSON_IN_ANOTHER_CAMPAIGN",
        "PERSON_RESPONDED_BEFORE",
    }
)
"""End the lead even where a gateway forgot to say so."""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """How a step ended."""

    outcome: StepOutcome
    reason: str
    detail: str = ""
    lead_failed: bool = False
    ours: bool = False


def not_performed(reason: str, detail: str = "") -> StepResult:
    """The result of a step that was not performed for this reason."""
    outcome = StepOutcome.SKIPPED if reason in _SKIPPED else StepOutcome.FAILED
    return StepResult(
        outcome=outcome,
        reason=reason,
        detail=detail,
        lead_failed=reason in _LEAD_FAILED,
        ours=reason == MALFORMED_REQUEST,
    )


def result_of(error: ServiceError) -> StepResult | None:
    """The result that an error stands for; None if the request may yet succeed."""
    if isinstance(error, InvalidArgument):
        return StepResult(
            outcome=StepOutcome.FAILED, reason=MALFORMED_REQUEST, detail=error.message, ours=True
        )
    if not isinstance(error, FailedPrecondition):
        return None
    result = not_performed(error.reason, error.message)
    if error.metadata.get(EFFECT) == LEAD_FAILED and not result.lead_failed:
        return StepResult(
            outcome=StepOutcome.FAILED, reason=error.reason, detail=error.message, lead_failed=True
        )
    return result


def by_colleague(result: StepResult, *, invited: bool) -> StepResult:
    """The result of an invitation; `invited` says whether the lead was invited by its own.

    A person whom a colleague has invited is a colleague's: what is drawn for who did not
    accept would be said to somebody who was not asked. A second invitation of the lead's own
    is a step that has failed.
    """
    if result.reason != ALREADY_INVITED or invited:
        return result
    return replace(result, lead_failed=True)


def result_that_stands(row: StepExecution, *, invited: bool) -> StepResult:
    """The result of a step by its row, which outlives whoever recorded it.

    `invited` as for `by_colleague`. Whoever fails a lead says so by the reason.
    """
    if row.state is StepState.DONE:
        return StepResult(outcome=StepOutcome.DONE, reason=row.reason, detail=row.detail)
    result = by_colleague(not_performed(row.reason, row.detail), invited=invited)
    skipped = row.state is StepState.SKIPPED
    return replace(result, outcome=StepOutcome.SKIPPED if skipped else StepOutcome.FAILED)


def after_posts(result: StepResult, *, performed: int, posts: int) -> StepResult:
    """The result of a step of several posts of which some were performed.

    One post is what the step is for: it is done, unless what stopped it ends the lead. The
    reason says what stopped it, and the detail how far it came, and who stopped it.
    """
    if performed == 0:
        return result
    outcome = result.outcome if result.lead_failed else StepOutcome.DONE
    who = f": {result.detail}" if result.reason == STEP_SKIPPED and result.detail else ""
    detail = f"{performed} of {posts} posts; then {result.reason}{who}"
    return replace(result, outcome=outcome, detail=detail)
