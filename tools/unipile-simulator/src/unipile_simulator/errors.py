"""What Unipile says when it says no: one exception, and the catalogue of its types."""

from __future__ import annotations

from typing import Any

_BY_STATUS: dict[int, str] = {
    400: "invalid_parameters missing_parameters malformed_request content_too_large invalid_url "
    "too_many_characters unescaped_characters limit_too_high invalid_action invalid_label "
    "invalid_request",
    401: "missing_credentials multiple_sessions wrong_account invalid_credentials "
    "expired_credentials invalid_checkpoint_solution checkpoint_error insufficient_privileges "
    "disconnected_account disconnected_feature expired_link captcha_not_supported "
    "invalid_proxy_credentials invalid_credentials_but_valid_account_imap "
    "invalid_imap_configuration invalid_smtp_configuration",
    403: "insufficient_permissions account_restricted account_mismatch "
    "unknown_authentication_context session_mismatch feature_not_subscribed "
    "subscription_required resource_access_restricted action_required",
    404: "resource_not_found invalid_resource_identifier",
    407: "proxy_auth_error",
    409: "already_exists operation_canceled",
    415: "unsupported_media_type",
    422: "invalid_account invalid_recipient no_connection_with_recipient blocked_recipient "
    "user_unreachable unprocessable_entity action_already_performed invalid_message invalid_post "
    "not_allowed_inmail insufficient_credits cannot_resend_yet cannot_resend_within_24hrs "
    "limit_exceeded already_invited_recently cannot_invite_attendee parent_mail_not_found "
    "invalid_reply_subject invalid_headers send_as_denied invalid_folder invalid_thread "
    "unauthorized sender_rejected recipient_rejected ip_rejected_by_server provider_unreachable "
    "account_configuration_error cant_send_message realtime_client_not_initialized "
    "already_connected payment_error connection_limit_reached comments_disabled "
    "insufficient_job_slot",
    425: "auth_in_progress",
    429: "too_many_requests",
    500: "unexpected_error provider_error authentication_intent_error",
    501: "feature_not_implemented",
    502: "proxy_error",
    503: "no_client_session no_channel no_handler network_down service_unavailable",
    504: "request_timeout",
}
STATUS_BY_TYPE: dict[str, int] = {
    name: status for status, names in _BY_STATUS.items() for name in names.split()
}
ALSO_AT: dict[int, tuple[str, ...]] = {408: ("request_timeout",), 422: ("limit_too_high",)}
"""Types that some routes answer with another status as well."""
_TITLES: dict[str, str] = {
    "resource_not_found": "Resource not found.",
    "invalid_recipient": "Recipient cannot be reached",
    "request_timeout": "Request timed out",
    "already_invited_recently": "Should delay new invitation to this recipient",
}
_DETAILS: dict[str, str] = {
    "disconnected_account": "The account appears to be disconnected from the provider service.",
    "missing_credentials": "The X-API-KEY header is missing or does not match.",
    "invalid_recipient": "The recipient cannot be reached: check that the id is valid "
    "and that the profile is not locked.",
    "no_connection_with_recipient": "The recipient is not a first degree connection.",
    "already_invited_recently": "An invitation has already been sent recently to this recipient.",
    "cannot_resend_yet": "You have reached a temporary provider limit. Try again later.",
    "too_many_requests": "The provider cannot accept any more requests at the moment.",
    "no_client_session": "No client session is currently running.",
    "network_down": "The network is down on the server side.",
    "request_timeout": "The request timed out. It may have been processed.",
    "provider_error": "The provider is experiencing operational problems.",
}


class Refusal(Exception):
    """A request ends here, with Unipile's error body."""

    def __init__(
        self,
        name: str,
        detail: str | None = None,
        *,
        status: int | None = None,
        title: str | None = None,
    ) -> None:
        super().__init__(name)
        self.name = name
        self.status = STATUS_BY_TYPE[name] if status is None else status
        self.title = title or _TITLES.get(name) or name.replace("_", " ").capitalize()
        self.detail = detail or _DETAILS.get(name)

    @property
    def type(self) -> str:
        """The `type` of the body."""
        return f"errors/{self.name}"

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        body: dict[str, Any] = {"status": self.status, "type": self.type, "title": self.title}
        if self.detail:
            body["detail"] = self.detail
        return body


def invalid(detail: str) -> Refusal:
    """A parameter is missing or has a bad value."""
    return Refusal("invalid_parameters", detail)


def not_found(noun: str) -> Refusal:
    """404, with the detail the real thing gives: `User not found`."""
    return Refusal("resource_not_found", f"{noun} not found")
