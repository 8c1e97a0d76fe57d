"""Standard Webhooks signatures: made here, verified by whoever receives."""

import base64
from datetime import UTC, datetime

from standardwebhooks import Webhook

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every secret
SECRET_BYTES = 32


def secret_from(key: bytes) -> str:
    """A key as customers keep it: `whsec_` and base 64; raises `ValueError` if it is short."""
    if len(key) < SECRET_BYTES:
        raise ValueError(f"a secret has at least {SECRET_BYTES} bytes")
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signed_headers(secret: str, *, event_id: str, body: str, sent_at: datetime) -> dict[str, str]:
    """The three headers by which a receiver knows that `body` is ours and fresh.

    `sent_at` is the real time of the attempt: receivers refuse what is minutes old.
    """
    whole_second = datetime.fromtimestamp(int(sent_at.timestamp()), UTC)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(whole_second.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, whole_second, body),
    }
