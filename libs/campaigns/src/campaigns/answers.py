"""What an answer means to a campaign: whose leads it ends, and what is none. Pure."""

from enum import StrEnum
from typing import assert_never


class ReplyScope(StrEnum):
    """Whose leads a reply ends: this one, the person's in every campaign, all of the company."""

    CAMPAIGN = "campaign"
    ORGANIZATION = "organization"
    COMPANY = "company"


class AutomaticReplies(StrEnum):
    """What an out-of-office note or the like means for a sequence."""

    END = "end"
    IGNORE = "ignore"
    WAIT = "wait"

    @property
    def ends(self) -> bool:
        """Whether one counts as a reply, which ends the sequence."""
        match self:
            case AutomaticReplies.END:
                return True
            case AutomaticReplies.IGNORE | AutomaticReplies.WAIT:
                return False
            case _:
                assert_never(self)


class OwnerMessages(StrEnum):
    """What becomes of a lead to whom the account's owner writes by hand."""

    END = "end"
    PAUSE_UNTIL_ANSWERED = "pause_until_answered"
    CONTINUE = "continue"

    @property
    def ends(self) -> bool:
        """Whether one ends the lead."""
        match self:
            case OwnerMessages.END:
                return True
            case OwnerMessages.PAUSE_UNTIL_ANSWERED | OwnerMessages.CONTINUE:
                return False
            case _:
                assert_never(self)

    @property
    def pauses(self) -> bool:
        """Whether the lead waits until the person has answered one."""
        match self:
            case OwnerMessages.PAUSE_UNTIL_ANSWERED:
                return True
            case OwnerMessages.END | OwnerMessages.CONTINUE:
                return False
            case _:
                assert_never(self)
