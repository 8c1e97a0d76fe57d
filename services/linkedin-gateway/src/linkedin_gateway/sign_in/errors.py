"""What Unipile's refusals mean while an owner signs in, by (status, type). Pure."""

from __future__ import annotations

from typing import Final

from servicekit.errors import ServiceError

from linkedin_gateway.errors import (
    AccountRestricted,
    CheckpointAnswerWrong,
    CheckpointExpired,
    CheckpointUnsolvable,
    CredentialsRefused,
    MemberConnectedAlready,
    ProviderUnavailable,
)

_REFUSALS: Final[dict[str, type[ServiceError]]] = {
    "invalid_credentials": CredentialsRefused,
    "expired_credentials": CredentialsRefused,
    "wrong_account": CredentialsRefused,
    "account_mismatch": CredentialsRefused,
    "session_mismatch": CredentialsRefused,
    "unknown_authentication_context": CredentialsRefused,
    "disconnected_account": CredentialsRefused,
    "invalid_checkpoint_solution": CheckpointAnswerWrong,
    "captcha_not_supported": CheckpointUnsolvable,
    "checkpoint_error": CheckpointUnsolvable,
    "account_restricted": AccountRestricted,
    "action_required": AccountRestricted,
    "already_exists": MemberConnectedAlready,
    "invalid_parameters": CredentialsRefused,
}
_OVER: Final = frozenset(
    {
        "request_timeout",
        "authentication_intent_error",
        "operation_canceled",
        "resource_not_found",
        "expired_link",
    }
)
"""Types by which Unipile says that it no longer knows the checkpoint."""

SOLVABLE: Final = frozenset(
    {"2FA", "OTP", "IN_APP_VALIDATION", "PHONE_REGISTER", "CONTRACT_CHOOSER"}
)
"""Checkpoints that an owner can pass here; a captcha is not among them."""

SENT_AGAIN: Final = frozenset({"2FA", "OTP", "IN_APP_VALIDATION"})
"""Checkpoints for which LinkedIn sends the owner something: a code, or a question in its app."""


def refusal(error_type: str, *, solving: bool) -> ServiceError:
    """What the caller is told; `solving` when a checkpoint was being answered."""
    if solving and error_type in _OVER:
        return CheckpointExpired()
    return _REFUSALS.get(error_type, ProviderUnavailable)()


def instruction(kind: str, source: str, options: tuple[tuple[str, str], ...]) -> str:
    """One sentence for the owner."""
    match kind:
        case "2FA":
            where = "the authenticator app" if source == "APP" else "the text message"
            return f"Enter the code from {where}."
        case "OTP":
            return "Enter the code that LinkedIn has sent by e-mail or text message."
        case "IN_APP_VALIDATION":
            return "Confirm the sign-in in LinkedIn's app, then ask again without a code."
        case "PHONE_REGISTER":
            return "Enter a phone number as (+33)0612345678."
        case "CONTRACT_CHOOSER":
            named = ", ".join(f"{option} ({name})" for option, name in options)
            return f"Enter the id of the contract to use: {named}."
    return ""
