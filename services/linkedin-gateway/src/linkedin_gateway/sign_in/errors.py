"""What Unipile's refusals mean while an owner signs in, by their type. Pure."""

from __future__ import annotations

from typing import Final

from servicekit.errors import ServiceError

from linkedin_gateway.errors import (
    AccountRestricted,
    AccountUnknownToProvider,
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
    # The account that is to be connected again was removed there.
    "resource_not_found": AccountUnknownToProvider,
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


def refusal(error_type: str, *, solving: bool) -> ServiceError:
    """The error that the caller gets; `solving` when a checkpoint was being answered."""
    if solving and error_type in _OVER:
        return CheckpointExpired()
    return _REFUSALS.get(error_type, ProviderUnavailable)()
