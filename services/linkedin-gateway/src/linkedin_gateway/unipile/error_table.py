"""What each of Unipile's errors means for us, by (status, type) and never by its text. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from linkedin_gateway.models import Kind


class ErrorClass(StrEnum):
    """What an error says about what to do."""

    CONFIGURATION = "configuration"
    """Our key or address is wrong: nothing goes, people are told."""
    ACCOUNT = "account"
    """The account needs its owner: it is parked."""
    THROTTLE = "throttle"
    """LinkedIn asks the account to slow down: the kind cools down."""
    ALREADY_SO = "already_so"
    ALREADY_CONNECTED = "already_connected"
    INVITED_RECENTLY = "invited_recently"
    """Pending or withdrawn lately; the profile tells which."""
    NOT_FOUND = "not_found"
    """The person, the post or the account itself; a look at the account tells which."""
    STEP_FAILED = "step_failed"
    LEAD_FAILED = "lead_failed"
    MALFORMED = "malformed"
    """Our mistake; never blamed on the lead."""
    NOT_EXECUTED = "not_executed"
    """It certainly did not happen: the same again, later."""
    INDETERMINATE = "indeterminate"
    """It may have happened: a write is looked up before it is sent again."""


@dataclass(frozen=True)
class Meaning:
    """A class, and the reason it is told with."""

    error_class: ErrorClass
    reason: str = ""
    known: bool = True
    perhaps_person: bool = False
    """Said of accounts, and by some of one person: the person's profile tells which."""
    perhaps_received: bool = False
    """Said of whom the account has invited, and of who has invited the account."""
    perhaps_email: bool = False
    """Said of whom nobody may invite, and of whom may be invited with their e-mail address."""


_C = ErrorClass
_DISCONNECTED = Meaning(_C.ACCOUNT, "disconnected")
_RESTRICTED = Meaning(_C.ACCOUNT, "restricted")
_THROTTLE = Meaning(_C.THROTTLE, "COOLING_DOWN")
_FEATURE = Meaning(_C.STEP_FAILED, "FEATURE_NOT_SUBSCRIBED")
_REFUSED = Meaning(_C.STEP_FAILED, "REFUSED_BY_LINKEDIN")
_UNREACHABLE = Meaning(_C.LEAD_FAILED, "PERSON_UNREACHABLE")
_NOT_CONNECTED = Meaning(_C.STEP_FAILED, "NOT_CONNECTED")
_MALFORMED = Meaning(_C.MALFORMED, "MALFORMED_REQUEST")
_ALREADY_SO = Meaning(_C.ALREADY_SO)
_NOT_FOUND = Meaning(_C.NOT_FOUND, "PERSON_NOT_FOUND")
_NOT_EXECUTED = Meaning(_C.NOT_EXECUTED, "PROVIDER_UNAVAILABLE")
_INDETERMINATE = Meaning(_C.INDETERMINATE, "PROVIDER_UNAVAILABLE")


def _each(status: int, meaning: Meaning, *types: str) -> dict[tuple[int, str], Meaning]:
    return {(status, name): meaning for name in types}


MEANINGS: Final[dict[tuple[int, str], Meaning]] = {
    **_each(
        400,
        _MALFORMED,
        "invalid_parameters",
        "missing_parameters",
        "malformed_request",
        "invalid_url",
        "unescaped_characters",
        "invalid_request",
        "limit_too_high",
        "invalid_action",
        "invalid_label",
    ),
    **_each(
        400,
        Meaning(_C.STEP_FAILED, "MESSAGE_TOO_LONG"),
        "too_many_characters",
        "content_too_large",
    ),
    **_each(
        401,
        Meaning(_C.CONFIGURATION, "PROVIDER_UNAVAILABLE"),
        "missing_credentials",
    ),
    **_each(
        401,
        _DISCONNECTED,
        "disconnected_account",
        "expired_credentials",
        "invalid_credentials",
        "wrong_account",
        "disconnected_feature",
        "captcha_not_supported",
        "invalid_credentials_but_valid_account_imap",
        "invalid_imap_configuration",
        "invalid_smtp_configuration",
        "expired_link",
        "invalid_proxy_credentials",
    ),
    **_each(401, _RESTRICTED, "checkpoint_error", "invalid_checkpoint_solution"),
    **_each(401, _FEATURE, "insufficient_privileges", "multiple_sessions"),
    **_each(403, _RESTRICTED, "account_restricted", "action_required"),
    **_each(
        403,
        _DISCONNECTED,
        "account_mismatch",
        "unknown_authentication_context",
        "session_mismatch",
    ),
    **_each(
        403,
        _FEATURE,
        "insufficient_permissions",
        "feature_not_subscribed",
        "subscription_required",
        "resource_access_restricted",
    ),
    **_each(404, _NOT_FOUND, "resource_not_found", "invalid_resource_identifier"),
    **_each(407, _DISCONNECTED, "proxy_auth_error"),
    **_each(408, _INDETERMINATE, "request_timeout"),
    **_each(409, _ALREADY_SO, "already_exists"),
    **_each(409, _NOT_EXECUTED, "operation_canceled"),
    **_each(415, _MALFORMED, "unsupported_media_type"),
    **_each(422, _UNREACHABLE, "invalid_recipient", "blocked_recipient", "user_unreachable"),
    **_each(422, _UNREACHABLE, "recipient_rejected"),
    **_each(422, _NOT_CONNECTED, "no_connection_with_recipient"),
    **_each(422, _ALREADY_SO, "action_already_performed"),
    **_each(422, Meaning(_C.ALREADY_CONNECTED), "already_connected"),
    **_each(422, Meaning(_C.INVITED_RECENTLY, perhaps_received=True), "already_invited_recently"),
    **_each(422, replace(_THROTTLE, perhaps_person=True), "cannot_resend_yet"),
    **_each(
        422,
        _THROTTLE,
        "cannot_resend_within_24hrs",
        "limit_exceeded",
        "connection_limit_reached",
    ),
    **_each(422, Meaning(_C.STEP_FAILED, "INMAIL_NOT_ALLOWED"), "not_allowed_inmail"),
    **_each(
        422,
        Meaning(_C.STEP_FAILED, "INMAIL_CREDITS_EXHAUSTED"),
        "insufficient_credits",
    ),
    **_each(422, Meaning(_C.STEP_FAILED, "COMMENTS_DISABLED"), "comments_disabled"),
    **_each(
        422,
        _REFUSED,
        "unprocessable_entity",
        "invalid_message",
        "invalid_post",
        "cant_send_message",
        "insufficient_job_slot",
        "parent_mail_not_found",
    ),
    **_each(422, replace(_REFUSED, perhaps_email=True), "cannot_invite_attendee"),
    **_each(422, _FEATURE, "invalid_account", "payment_error"),
    **_each(
        422,
        _MALFORMED,
        "invalid_reply_subject",
        "invalid_headers",
        "send_as_denied",
        "invalid_folder",
        "invalid_thread",
        "limit_too_high",
    ),
    **_each(
        422,
        _DISCONNECTED,
        "unauthorized",
        "sender_rejected",
        "ip_rejected_by_server",
        "account_configuration_error",
        "realtime_client_not_initialized",
    ),
    **_each(422, _NOT_EXECUTED, "provider_unreachable"),
    **_each(425, _NOT_EXECUTED, "auth_in_progress"),
    **_each(429, _THROTTLE, "too_many_requests"),
    **_each(
        500,
        _INDETERMINATE,
        "unexpected_error",
        "provider_error",
        "authentication_intent_error",
    ),
    **_each(501, _FEATURE, "feature_not_implemented"),
    **_each(502, _INDETERMINATE, "proxy_error"),
    **_each(503, _NOT_EXECUTED, "no_client_session", "no_channel", "no_handler"),
    **_each(503, _INDETERMINATE, "network_down", "service_unavailable"),
    **_each(504, _INDETERMINATE, "request_timeout"),
}
"""Every type of the reference. 503s that name a missing session, channel or handler were
refused at Unipile's door; the other 5xx may have reached LinkedIn."""

_BY_KIND: Final[dict[tuple[str, Kind], Meaning]] = {
    # Some routes say so of people who are merely not connected.
    ("invalid_recipient", Kind.MESSAGE): _NOT_CONNECTED,
    # A locked profile shows no posts; it can still be invited.
    ("invalid_recipient", Kind.POST_LIST): Meaning(_C.STEP_FAILED, "NO_POSTS"),
    ("invalid_recipient", Kind.INMAIL): Meaning(_C.STEP_FAILED, "INMAIL_NOT_ALLOWED"),
}

_BY_STATUS: Final = {
    400: _MALFORMED,
    401: _DISCONNECTED,
    403: _FEATURE,
    404: _NOT_FOUND,
    415: _MALFORMED,
    422: _REFUSED,
    429: _THROTTLE,
    501: _FEATURE,
}
"""For types that are not in the table."""


def meaning(status: int, error_type: str, kind: Kind | None = None) -> Meaning:
    """What an answer that is not 2xx means; `error_type` without its prefix."""
    if kind is not None and (error_type, kind) in _BY_KIND:
        return _BY_KIND[error_type, kind]
    known = MEANINGS.get((status, error_type))
    if known is not None:
        return known
    guess = _BY_STATUS.get(status, _INDETERMINATE if status >= 500 else _MALFORMED)  # noqa: PLR2004
    return Meaning(guess.error_class, guess.reason, known=False)
