"""How this service refuses, beside what `servicekit.errors` has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from servicekit.errors import (
    AlreadyExists,
    BadInput,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    NotYet,
    QuotaViolation,
    Unavailable,
)

from linkedin_gateway.models.action import Effect


class ActionMustWait(NotYet):
    """The action must wait; its reason says for what, `retry_after` for how long."""

    def __init__(
        self,
        reason: str,
        message: str,
        *,
        retry_after: timedelta,
        quota: Iterable[QuotaViolation] = (),
    ) -> None:
        super().__init__(message, retry_after=retry_after, quota=quota)
        # An instance's reason shadows its class's: there are ten kinds of waiting.
        self.__dict__["reason"] = reason


class ActionFailed(FailedPrecondition):
    """The action will never be performed; its reason says why, `effect` what that ends."""

    def __init__(self, reason: str, message: str, *, effect: Effect) -> None:
        super().__init__(message, metadata={"effect": effect.value})
        self.__dict__["reason"] = reason
        self.effect = effect


class ActionIdReused(InvalidArgument):
    """The action id was used before for another action."""

    reason = "ACTION_ID_REUSED"


class InvalidFields(BadInput):
    """One or more fields are wrong; each violation names one."""

    reason = "INVALID_FIELDS"


class LeadUnknown(NotFound):
    """There is no such lead in a campaign of this organization, or it has ended."""

    reason = "LEAD_NOT_FOUND"


class CampaignUnknown(NotFound):
    """There is no such campaign of this organization that has acted."""

    reason = "CAMPAIGN_NOT_FOUND"


class AccountNotFound(NotFound):
    """There is no such account in this organization."""

    reason = "ACCOUNT_NOT_FOUND"


class AccountUnknownToProvider(NotFound):
    """Unipile knows no such account."""

    reason = "ACCOUNT_UNKNOWN_TO_PROVIDER"


class AccountInUse(FailedPrecondition):
    """Actions of campaigns wait on the account; say `park` to remove it all the same."""

    reason = "ACCOUNT_IN_USE"


class AccountRestricted(FailedPrecondition):
    """LinkedIn restricts the account; its owner must act there."""

    reason = "ACCOUNT_RESTRICTED"


class CredentialsRefused(FailedPrecondition):
    """LinkedIn did not take the credentials."""

    reason = "CREDENTIALS_REFUSED"


class CheckpointUnsolvable(FailedPrecondition):
    """The checkpoint cannot be solved here; use a connect link."""

    reason = "CHECKPOINT_UNSOLVABLE"


class CheckpointAnswerWrong(FailedPrecondition):
    """The answer to the checkpoint was wrong; it can be tried again."""

    reason = "CHECKPOINT_ANSWER_WRONG"


class CheckpointNotFound(NotFound):
    """There is no such checkpoint; begin again."""

    reason = "CHECKPOINT_NOT_FOUND"


class CheckpointExpired(FailedPrecondition):
    """The checkpoint is over; begin again."""

    reason = "CHECKPOINT_EXPIRED"


class MemberConnectedAlready(AlreadyExists):
    """This LinkedIn member is connected already; connect that account again instead."""

    reason = "ALREADY_EXISTS"


class MemberNotAccepted(FailedPrecondition):
    """This LinkedIn member cannot be connected to this organization."""

    reason = "MEMBER_NOT_ACCEPTED"


class NotReachableFromOutside(FailedPrecondition):
    """Unipile cannot call this gateway: LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL is not set."""

    reason = "FAILED_PRECONDITION"


class ProviderUnavailable(Unavailable):
    """Unipile cannot be reached, or failed."""

    reason = "PROVIDER_UNAVAILABLE"


class StopNotInForce(Unavailable):
    """A stop is not in force yet; what is in its way is said. To repeat the call is to wait on."""

    reason = "STOP_NOT_IN_FORCE"

    def __init__(self, *, written: bool, in_the_way: str) -> None:
        state = (
            "It is written down, and no decision that begins now overlooks it; one that began"
            " before is not over"
            if written
            else "It could not be written down yet"
        )
        whose = in_the_way or "what was in its way is over"
        super().__init__(
            f"{state}: {whose}.",
            metadata={"written": str(written).lower(), "in_the_way": in_the_way},
        )


class HoldSubjectUnknown(NotFound):
    """Nothing is known here of what is to be held, so that the hold would stop nothing."""

    reason = "HOLD_SUBJECT_UNKNOWN"


class HoldNotFound(NotFound):
    """There is no such hold."""

    reason = "HOLD_NOT_FOUND"


class ActionNotFound(NotFound):
    """There is no such action in the ledger."""

    reason = "ACTION_NOT_FOUND"


class SuppressionNotFound(NotFound):
    """There is no such suppression."""

    reason = "SUPPRESSION_NOT_FOUND"


class TooManySuppressedIds(FailedPrecondition):
    """Too many people are named by ids that are not looked up yet; name them by their address."""

    reason = "TOO_MANY_SUPPRESSED_IDS"


class SuppressionListUnreadable(InvalidArgument):
    """The list of suppressions cannot be read as a table."""

    reason = "SUPPRESSION_LIST_UNREADABLE"


MESSAGES = {
    "NO_POSTS": "The person has no post that fits.",
    "COMMENTS_DISABLED": "The post does not take comments.",
    "NOT_CONNECTED": "The person is not connected to the account.",
    "ALREADY_INVITED": "Somebody of the organization has invited the person already.",
    "INVITED_TOO_RECENTLY": "The person was invited too recently to be invited again.",
    "INVITED_BY_PERSON": "The person has invited the account, which is left as it is.",
    "EMAIL_MISSING": "LinkedIn refused; it may ask for an e-mail address that is not known.",
    "INMAIL_NOT_ALLOWED": "The person takes no InMail from this account.",
    "INMAIL_CREDITS_EXHAUSTED": "The account has no InMail credit left.",
    "FEATURE_NOT_SUBSCRIBED": "The account's LinkedIn plan does not include this.",
    "OUTCOME_UNKNOWN": "Whether the action landed cannot be told; it is never sent again.",
    "REFUSED_BY_LINKEDIN": "LinkedIn refused the action for this person.",
    "MALFORMED_REQUEST": "Our request was malformed; nothing is wrong with the lead.",
    "MESSAGE_TOO_LONG": "The text does not fit into what this account may send.",
    "ALREADY_REPLIED": "The person has written since the lead was first touched.",
    "OWNER_WROTE": "The account's owner has written to the person by hand.",
    "ACTION_CANCELLED": "The action was cancelled before it was performed.",
    "PERSON_NOT_FOUND": "No person has this profile address.",
    "PERSON_UNREACHABLE": "The person cannot be reached by this account.",
    "PERSON_SUPPRESSED": "The person must not be contacted: a suppression is in force.",
    "DUPLICATE_PERSON": "Another lead of the campaign is the same person, and came first.",
    "PERSON_IN_ANOTHER_CAMPAIGN": "Another campaign of the organization works on the person.",
    "PERSON_RESPONDED_BEFORE": "The person has accepted or answered somebody of the organization.",
    "TARGET_MISMATCH": "The person found is not the lead that the action was asked for.",
}
"""What an action that will never be performed is told with, by reason."""

LEAD_REASONS = frozenset(
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
"""Reasons that end the lead; the others end the step."""


def effect_of(reason: str) -> Effect:
    """What a refusal with this reason ends."""
    return Effect.LEAD_FAILED if reason in LEAD_REASONS else Effect.STEP_FAILED


def action_failed(reason: str, message: str = "", *, effect: Effect | None = None) -> ActionFailed:
    """The refusal that a reason stands for."""
    return ActionFailed(
        reason, message or MESSAGES.get(reason, reason), effect=effect or effect_of(reason)
    )
