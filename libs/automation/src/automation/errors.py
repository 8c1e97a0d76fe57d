"""What can be wrong with a request about programs and their runs."""

from servicekit.errors import AlreadyExists, FailedPrecondition, NotFound


class ProgramNotFound(NotFound):
    """There is no such program."""

    reason = "PROGRAM_NOT_FOUND"


class RunNotFound(NotFound):
    """There is no such run."""

    reason = "RUN_NOT_FOUND"


class CampaignHasProgram(AlreadyExists):
    """The campaign has a program already; two would release the same people."""

    reason = "CAMPAIGN_HAS_PROGRAM"


class ProgramDeleted(FailedPrecondition):
    """The program is deleted."""

    reason = "PROGRAM_DELETED"


class CampaignAdmitsAll(FailedPrecondition):
    """The campaign admits whoever is ready; have it admit released leads alone first."""

    reason = "CAMPAIGN_ADMITS_ALL"


class ProgramPaused(FailedPrecondition):
    """The program is paused; resume it first."""

    reason = "PROGRAM_PAUSED"


class ProgramActsNoMore(FailedPrecondition):
    """The program may not do this by itself any more: its mode was changed."""

    reason = "PROGRAM_MODE_CHANGED"


class DecisionLapsed(FailedPrecondition):
    """What the program had approved by itself could not be done on its day."""

    reason = "DECISION_LAPSED"


class RunEnded(FailedPrecondition):
    """The run has ended."""

    reason = "RUN_ENDED"
