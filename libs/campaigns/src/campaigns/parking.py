"""Why a lead stands still although nothing of its own is in its way. Pure."""

from enum import StrEnum
from typing import assert_never


class ParkedBecause(StrEnum):
    """What kind of fault of ours stopped a lead."""

    ACTIVITY_FAILED = "ACTIVITY_FAILED"
    WORKFLOW_TASK_FAILING = "WORKFLOW_TASK_FAILING"


def why_parked(because: ParkedBecause, activity: str) -> str:
    """In a sentence for a person."""
    match because:
        case ParkedBecause.ACTIVITY_FAILED:
            return (
                f"A fault of ours in {activity} has stopped the lead; once that is mended it can be"
                " sent on from where it stands."
            )
        case ParkedBecause.WORKFLOW_TASK_FAILING:
            return (
                "The lead's workflow fails because of a fault of ours; it goes on by itself once"
                " that is mended."
            )
        case _:
            assert_never(because)
