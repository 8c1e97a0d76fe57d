"""What the dispatcher signs, any Standard Webhooks receiver verifies."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from webhook_dispatcher.http.signature import secret_from, signed_headers

KEYS = st.binary(min_size=32, max_size=64)
BODIES = st.dictionaries(st.text(), st.text()).map(
    lambda body: json.dumps(body, ensure_ascii=False)
)
EVENT_IDS = st.from_regex(r"[!-~]{1,200}", fullmatch=True)


@given(key=KEYS, event_id=EVENT_IDS, body=BODIES)
def test_round_trip(key: bytes, event_id: str, body: str) -> None:
    """Whatever is signed is verified by the reference library, with the same secret."""
    secret = secret_from(key)

    headers = signed_headers(secret, event_id=event_id, body=body, sent_at=datetime.now(UTC))

    assert Webhook(secret).verify(body, headers) == json.loads(body)


@given(key=KEYS, other=KEYS, body=BODIES)
def test_another_secret_does_not_verify(key: bytes, other: bytes, body: str) -> None:
    """A receiver with another secret refuses the same message."""
    headers = signed_headers(
        secret_from(key), event_id="evt_1", body=body, sent_at=datetime.now(UTC)
    )

    if key != other:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret_from(other)).verify(body, headers)


def test_a_changed_body_does_not_verify() -> None:
    """One changed character breaks the signature."""
    secret = secret_from(b"k" * 32)
    headers = signed_headers(secret, event_id="evt_1", body="{}", sent_at=datetime.now(UTC))

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify("[]", headers)


def test_timestamp_is_whole_seconds() -> None:
    """The timestamp is unix seconds, and the signature covers exactly that text."""
    sent_at = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)

    headers = signed_headers(secret_from(b"k" * 32), event_id="evt_1", body="{}", sent_at=sent_at)

    assert headers["webhook-timestamp"] == "1772366400"


def test_short_keys_are_refused() -> None:
    """A key that is easy to guess never becomes a secret."""
    with pytest.raises(ValueError, match="at least 32"):
        secret_from(b"short")
