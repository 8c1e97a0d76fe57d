"""What can be wrong with a call to this service, beyond what `campaigns.errors` knows.

Names of reasons are those of `outreach.common.v1.ErrorReason`, without the prefix.
"""

from collections.abc import Iterable

from campaigns.sequences.diagnostics import Violation
from servicekit.errors import (
    BadInput,
    DeadlineExceeded,
    FailedPrecondition,
    FieldViolation,
    NotFound,
    Unavailable,
)

SEQUENCE = "sequence_json"
"""The field of a request that holds what the builder exported."""


HOURS_NEVER_MEET = "HOURS_NEVER_MEET"
ENDS_BEFORE_START = "The campaign would end before it starts."


class InvalidFields(BadInput):
    """One or more fields are wrong; each violation names one."""

    reason = "INVALID_FIELDS"


class ServiceUnavailable(Unavailable):
    """Another service that this one needs cannot be reached."""

    reason = "SERVICE_UNAVAILABLE"


class ServiceKeyRefused(Unavailable):
    """Another service does not accept the key of this one, or does not let it do this."""

    reason = "SERVICE_KEY_REFUSED"


class ServiceTimedOut(DeadlineExceeded):
    """Another service that this one needs has not answered in time; it may have done it."""

    reason = "SERVICE_TIMED_OUT"


class EmailsUnread(Unavailable):
    """Leads of an earlier release are made ready to be found by e-mail; this call did some."""

    reason = "EMAILS_UNREAD"


class ShuttingDown(Unavailable):
    """This replica is going away; call again and another one answers."""

    reason = "SERVICE_UNAVAILABLE"


def required(field: str) -> FieldViolation:
    """The violation of a field that is missing."""
    return FieldViolation(field, "This field is required.", "FIELD_REQUIRED")


def invalid(field: str, description: str) -> FieldViolation:
    """The violation of a field whose value is not allowed."""
    return FieldViolation(field, description, "FIELD_INVALID")


def sequence_violations(violations: Iterable[Violation]) -> list[FieldViolation]:
    """Violations whose paths lead into the builder's JSON, as violations of the request."""
    return [
        FieldViolation(
            f"{SEQUENCE}.{wrong.field}" if wrong.field else SEQUENCE,
            wrong.description,
            wrong.reason,
        )
        for wrong in violations
    ]


class WorkflowNotFound(NotFound):
    """There is no such workflow, or Temporal keeps it no longer."""

    reason = "WORKFLOW_NOT_FOUND"


class SearchAttributesMissing(FailedPrecondition):
    """The namespace at Temporal does not know the attributes by which workflows are listed."""

    reason = "SEARCH_ATTRIBUTES_MISSING"


class WorkflowNotRunning(FailedPrecondition):
    """The run of the workflow has ended."""

    reason = "WORKFLOW_NOT_RUNNING"


class WorkflowNotFailing(FailedPrecondition):
    """Nothing of the run waits for another attempt."""

    reason = "WORKFLOW_NOT_FAILING"


class WorkflowTaskFailing(FailedPrecondition):
    """The workflow's own code fails; it goes on by itself once that is mended."""

    reason = "WORKFLOW_TASK_FAILING"


class WorkflowNotStoppable(FailedPrecondition):
    """Only workflows of campaigns and leads are ended by hand."""

    reason = "WORKFLOW_NOT_STOPPABLE"
