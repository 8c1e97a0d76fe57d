"""What Unipile's refusals mean while an owner signs in."""

import pytest
from linkedin_gateway.sign_in.errors import refusal
from linkedin_gateway.unipile.error_table import MEANINGS
from servicekit.errors import FailedPrecondition, Unavailable


@pytest.mark.parametrize(
    ("error_type", "reason"),
    [
        ("invalid_credentials", "CREDENTIALS_REFUSED"),
        ("expired_credentials", "CREDENTIALS_REFUSED"),
        ("account_mismatch", "CREDENTIALS_REFUSED"),
        ("invalid_checkpoint_solution", "CHECKPOINT_ANSWER_WRONG"),
        ("captcha_not_supported", "CHECKPOINT_UNSOLVABLE"),
        ("checkpoint_error", "CHECKPOINT_UNSOLVABLE"),
        ("account_restricted", "ACCOUNT_RESTRICTED"),
        ("action_required", "ACCOUNT_RESTRICTED"),
        ("already_exists", "ALREADY_EXISTS"),
        ("resource_not_found", "ACCOUNT_UNKNOWN_TO_PROVIDER"),
        ("missing_credentials", "PROVIDER_UNAVAILABLE"),
        ("proxy_auth_error", "PROVIDER_UNAVAILABLE"),
        ("auth_in_progress", "PROVIDER_UNAVAILABLE"),
        ("unexpected_error", "PROVIDER_UNAVAILABLE"),
        ("something_new", "PROVIDER_UNAVAILABLE"),
        ("", "PROVIDER_UNAVAILABLE"),
    ],
)
def test_each_type(error_type: str, reason: str) -> None:
    """An owner's mistake, LinkedIn's refusal and an outage are told apart."""
    assert refusal(error_type, solving=False).reason == reason


@pytest.mark.parametrize(
    "error_type", ["request_timeout", "authentication_intent_error", "operation_canceled"]
)
def test_over_only_when_it_was_answered(error_type: str) -> None:
    """A checkpoint that Unipile forgot is over; the same while signing in is an outage."""
    assert refusal(error_type, solving=True).reason == "CHECKPOINT_EXPIRED"
    assert refusal(error_type, solving=False).reason == "PROVIDER_UNAVAILABLE"


@pytest.mark.parametrize("error_type", sorted({name for _, name in MEANINGS}))
def test_no_type_is_a_bug_of_ours(error_type: str) -> None:
    """Whatever Unipile says while signing in, the caller is told something to act upon."""
    for solving in (True, False):
        told = refusal(error_type, solving=solving)
        assert isinstance(told, FailedPrecondition | Unavailable) or told.reason in {
            "ALREADY_EXISTS",
            "ACCOUNT_UNKNOWN_TO_PROVIDER",
        }
