"""What can be wrong with a request about decisions."""

from servicekit.errors import FailedPrecondition, NotFound


class DecisionNotFound(NotFound):
    """There is no such decision."""

    reason = "DECISION_NOT_FOUND"


class DecisionNotProposed(FailedPrecondition):
    """Only a decision that waits for an answer, and has not expired, is approved or rejected."""

    reason = "DECISION_NOT_PROPOSED"


class NobodyFits(FailedPrecondition):
    """Of the leads of a release none fits any more: each of them says why."""

    reason = "NOBODY_FITS"


class DecisionNotRevertible(FailedPrecondition):
    """Only a decision that took effect in the last 30 days is taken back."""

    reason = "DECISION_NOT_REVERTIBLE"
