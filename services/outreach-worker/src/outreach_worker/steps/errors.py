"""Why a step is not performed now, or not at all."""

from servicekit.errors import FailedPrecondition, Internal, NotYet

from outreach_worker.steps.results import ACTION_CANCELLED, EFFECT, STEP_FAILED, TEXT_MISSING

ACCOUNT_PARKED = "ACCOUNT_PARKED"
CANNOT_ACT = frozenset({ACCOUNT_PARKED, "ACCOUNT_REMOVED"})
"""Why an account performs nothing, be it for a while or for good."""


class StepUndecided(Internal):
    """The gateway refused for a reason that is not the step's; somebody has to look."""


class ActionOnTheWire(NotYet):
    """The action can no longer be called off, and its answer has not come."""

    reason = "IN_FLIGHT"


class ActionCalledOff(FailedPrecondition):
    """Somebody has called the action off; what is true of it is to be recorded."""

    reason = ACTION_CANCELLED


class AccountParked(NotYet):
    """The account that was to act does not any more: the lead has another, or is to have one."""

    reason = ACCOUNT_PARKED


class TimeOver(FailedPrecondition):
    """Nothing more is done for this lead; `reason` says whose time is over."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.__dict__["reason"] = reason


class StepUnsayable(FailedPrecondition):
    """There is nothing that could be said to this lead; `reason` says why."""

    reason = TEXT_MISSING

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message, metadata={EFFECT: STEP_FAILED})
        self.__dict__["reason"] = reason
