"""What each error of Unipile means: one case per type of the reference."""

import pytest
from linkedin_gateway.models import Kind
from linkedin_gateway.unipile.error_table import MEANINGS, ErrorClass, meaning

EXPECTED = {
    "malformed": """
        400 invalid_parameters | 400 missing_parameters | 400 malformed_request | 400 invalid_url
        400 unescaped_characters | 400 invalid_request | 400 limit_too_high | 400 invalid_action
        400 invalid_label | 415 unsupported_media_type | 422 invalid_reply_subject
        422 invalid_headers | 422 send_as_denied | 422 invalid_folder | 422 invalid_thread
        422 limit_too_high""",
    "configuration": "401 missing_credentials",
    "account": """
        401 wrong_account | 401 invalid_credentials | 401 expired_credentials
        401 invalid_checkpoint_solution | 401 checkpoint_error | 401 disconnected_account
        401 disconnected_feature | 401 expired_link | 401 captcha_not_supported
        401 invalid_credentials_but_valid_account_imap | 401 invalid_imap_configuration
        401 invalid_smtp_configuration | 401 invalid_proxy_credentials | 403 account_restricted
        403 account_mismatch | 403 unknown_authentication_context | 403 session_mismatch
        403 action_required | 407 proxy_auth_error | 422 unauthorized | 422 sender_rejected
        422 ip_rejected_by_server | 422 account_configuration_error
        422 realtime_client_not_initialized""",
    "step_failed": """
        400 too_many_characters | 400 content_too_large | 401 insufficient_privileges
        401 multiple_sessions | 403 insufficient_permissions | 403 feature_not_subscribed
        403 subscription_required | 403 resource_access_restricted | 422 invalid_account
        422 no_connection_with_recipient | 422 unprocessable_entity | 422 invalid_message
        422 invalid_post | 422 not_allowed_inmail | 422 insufficient_credits
        422 cannot_invite_attendee | 422 parent_mail_not_found | 422 cant_send_message
        422 payment_error | 422 comments_disabled | 422 insufficient_job_slot
        501 feature_not_implemented""",
    "lead_failed": """
        422 invalid_recipient | 422 blocked_recipient | 422 user_unreachable
        422 recipient_rejected""",
    "not_found": "404 resource_not_found | 404 invalid_resource_identifier",
    "already_so": "409 already_exists | 422 action_already_performed",
    "already_connected": "422 already_connected",
    "invited_recently": "422 already_invited_recently",
    "throttle": """
        422 cannot_resend_yet | 422 cannot_resend_within_24hrs | 422 limit_exceeded
        422 connection_limit_reached | 429 too_many_requests""",
    "not_executed": """
        409 operation_canceled | 422 provider_unreachable | 425 auth_in_progress
        503 no_client_session | 503 no_channel | 503 no_handler""",
    "indeterminate": """
        408 request_timeout | 500 unexpected_error | 500 provider_error
        500 authentication_intent_error | 502 proxy_error | 503 network_down
        503 service_unavailable | 504 request_timeout""",
}
CASES = [
    (int(status), name, ErrorClass(expected))
    for expected, text in EXPECTED.items()
    for case in text.replace("\n", "|").split("|")
    if case.strip()
    for status, name in [case.split()]
]


@pytest.mark.parametrize(("status", "error_type", "expected"), CASES)
def test_each_type(status: int, error_type: str, expected: ErrorClass) -> None:
    """The class follows from status and type alone."""
    found = meaning(status, error_type)

    assert found.error_class is expected
    assert found.known


def test_every_type_is_listed_here() -> None:
    """A type added to the table needs a case of its own."""
    assert {(status, error_type) for status, error_type, _ in CASES} == set(MEANINGS)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ErrorClass.MALFORMED),
        (401, ErrorClass.ACCOUNT),
        (403, ErrorClass.STEP_FAILED),
        (404, ErrorClass.NOT_FOUND),
        (418, ErrorClass.MALFORMED),
        (422, ErrorClass.STEP_FAILED),
        (429, ErrorClass.THROTTLE),
        (500, ErrorClass.INDETERMINATE),
        (502, ErrorClass.INDETERMINATE),
        (503, ErrorClass.INDETERMINATE),
        (599, ErrorClass.INDETERMINATE),
    ],
)
def test_unknown_types(status: int, expected: ErrorClass) -> None:
    """A type nobody has heard of is judged by its status, and marked for people to see."""
    found = meaning(status, "something_new")

    assert found.error_class is expected
    assert not found.known


def test_locked_profiles_are_not_unreachable_people() -> None:
    """The same word means less on some routes: no posts, or merely not connected."""
    assert meaning(422, "invalid_recipient", Kind.POST_LIST).reason == "NO_POSTS"
    assert meaning(422, "invalid_recipient", Kind.MESSAGE).reason == "NOT_CONNECTED"
    assert meaning(422, "invalid_recipient", Kind.INVITATION).reason == "PERSON_UNREACHABLE"
