"""Why a lead stands still although nothing of its own is in its way. Pure."""

from enum import StrEnum
from typing import Self, assert_never


class ParkedBecause(StrEnum):
    """What kind of fault of ours stopped a lead."""

    ACTIVITY_FAILED = "ACTIVITY_FAILED"
    PERSON_UNREADABLE = "PERSON_UNREADABLE"
    TEXT_UNREADABLE = "TEXT_UNREADABLE"
    WORKFLOW_TASK_FAILING = "WORKFLOW_TASK_FAILING"

    @classmethod
    def of(cls, reason: str) -> Self:
        """Why a lead is parked whose activity has ended for this reason."""
        named = {cls.PERSON_UNREADABLE, cls.TEXT_UNREADABLE}
        return next((each for each in cls if each in named and each == reason), cls.ACTIVITY_FAILED)

    @property
    def sent_on_by_hand(self) -> bool:
        """Whether the lead stands until somebody sends it on."""
        match self:
            case (
                ParkedBecause.ACTIVITY_FAILED
                | ParkedBecause.PERSON_UNREADABLE
                | ParkedBecause.TEXT_UNREADABLE
            ):
                return True
            case ParkedBecause.WORKFLOW_TASK_FAILING:
                return False
            case _:
                assert_never(self)


def why_parked(because: ParkedBecause, activity: str) -> str:
    """In a sentence for a person."""
    match because:
        case ParkedBecause.ACTIVITY_FAILED:
            return (
                f"A fault of ours in {activity} has stopped the lead; once that is mended it can be"
                " sent on from where it stands."
            )
        case ParkedBecause.PERSON_UNREADABLE:
            return (
                f"What is known of the person does not open in {activity}; once its key is back the"
                " lead can be sent on from where it stands."
            )
        case ParkedBecause.TEXT_UNREADABLE:
            return (
                f"What is to be said to the person does not open in {activity}; once its key is"
                " back the lead can be sent on from where it stands."
            )
        case ParkedBecause.WORKFLOW_TASK_FAILING:
            return (
                "The lead's workflow fails because of a fault of ours; it goes on by itself once"
                " that is mended."
            )
        case _:
            assert_never(because)
