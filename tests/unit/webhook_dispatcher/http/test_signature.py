"""What the dispatcher signs, any Standard Webhooks receiver verifies."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from webhook_dispatcher.http.signature import legacy_signature, secret_from, signed_headers
from webhook_dispatcher.models import SignatureScheme

KEYS = st.binary(min_size=32, max_size=64)
BODIES = st.dictionaries(st.text(), st.text()).map(
    lambda body: json.dumps(body, ensure_ascii=False)
)
EVENT_IDS = st.from_regex(r"[!-~]{1,200}", fullmatch=True)


@pytest.mark.lasts(seconds=5)
@given(key=KEYS, event_id=EVENT_IDS, body=BODIES)
def test_round_trip(key: bytes, event_id: str, body: str) -> None:
    """Whatever is signed is verified by the reference library, with the same secret."""
    secret = secret_from(key)

    headers = signed_headers([secret], event_id=event_id, body=body, sent_at=datetime.now(UTC))

    assert Webhook(secret).verify(body, headers) == json.loads(body)


@pytest.mark.lasts(seconds=5)
@given(key=KEYS, other=KEYS, body=BODIES)
def test_another_secret_does_not_verify(key: bytes, other: bytes, body: str) -> None:
    """A receiver with another secret refuses the same message."""
    headers = signed_headers(
        [secret_from(key)], event_id="evt_1", body=body, sent_at=datetime.now(UTC)
    )

    if key != other:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret_from(other)).verify(body, headers)


def test_a_changed_body_does_not_verify() -> None:
    """One changed character breaks the signature."""
    secret = secret_from(b"k" * 32)
    headers = signed_headers([secret], event_id="evt_1", body="{}", sent_at=datetime.now(UTC))

    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify("[]", headers)


@pytest.mark.lasts(seconds=5)
@given(keys=st.lists(KEYS, min_size=2, max_size=4, unique=True), body=BODIES)
def test_every_secret_that_signs_verifies(keys: list[bytes], body: str) -> None:
    """While secrets overlap, who has any one of them verifies the same message."""
    secrets = [secret_from(key) for key in keys]

    headers = signed_headers(secrets, event_id="evt_1", body=body, sent_at=datetime.now(UTC))

    for secret in secrets:
        assert Webhook(secret).verify(body, headers) == json.loads(body)


def test_the_specifications_vector() -> None:
    """The one example that the specification's reference implementations are tested by."""
    headers = signed_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        body='{"test": 2432232314}',
        sent_at=datetime.fromtimestamp(1614265330, UTC),
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        # The example of RFC 4231, 4.3: key "Jefe".
        (
            SignatureScheme.HMAC_SHA256_HEX,
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (SignatureScheme.HMAC_SHA256_BASE64, "sha256=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
    ],
)
def test_a_legacy_signature(scheme: SignatureScheme, value: str) -> None:
    """It is what receivers of other senders reckon themselves."""
    body = "what do ya want for nothing?"

    assert legacy_signature("Jefe", scheme=scheme, prefix="sha256=", body=body) == value


def test_timestamp_is_whole_seconds() -> None:
    """The timestamp is unix seconds, and the signature covers exactly that text."""
    sent_at = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)

    headers = signed_headers([secret_from(b"k" * 32)], event_id="evt_1", body="{}", sent_at=sent_at)

    assert headers["webhook-timestamp"] == "1772366400"


def test_short_keys_are_refused() -> None:
    """A key that is easy to guess never becomes a secret."""
    with pytest.raises(ValueError, match="at least 32"):
        secret_from(b"short")
