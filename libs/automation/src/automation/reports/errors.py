"""What can be wrong with a request about reports."""

from servicekit.errors import NotFound


class ReportNotFound(NotFound):
    """There is no such report."""

    reason = "REPORT_NOT_FOUND"
