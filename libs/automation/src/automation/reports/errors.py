"""What can be wrong with a request about reports."""

from servicekit.errors import FailedPrecondition, NotFound


class ReportNotFound(NotFound):
    """There is no such report."""

    reason = "REPORT_NOT_FOUND"


class ReportNotMade(FailedPrecondition):
    """The report could not be counted, or somebody ended that at Temporal: `cause` says of what."""

    reason = "REPORT_NOT_MADE"
