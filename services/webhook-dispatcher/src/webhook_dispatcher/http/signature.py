"""Standard Webhooks signatures: made here, verified by whoever receives."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from standardwebhooks import Webhook

from webhook_dispatcher.http.sent_headers import ID, SIGNATURE, TIMESTAMP
from webhook_dispatcher.models import SignatureScheme

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of every secret
SECRET_BYTES = 32


def secret_from(key: bytes) -> str:
    """A key as customers keep it: `whsec_` and base 64; raises `ValueError` if it is short."""
    if len(key) < SECRET_BYTES:
        raise ValueError(f"a secret has at least {SECRET_BYTES} bytes")
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signed_headers(
    secrets: Sequence[str], *, event_id: str, body: str, sent_at: datetime
) -> dict[str, str]:
    """The three headers by which a receiver knows that `body` is ours and fresh.

    Each secret signs, the newest first. `sent_at` is the real time of the attempt: receivers refuse
    what is minutes old.
    """
    whole_second = datetime.fromtimestamp(int(sent_at.timestamp()), UTC)
    return {
        ID: event_id,
        TIMESTAMP: str(int(whole_second.timestamp())),
        SIGNATURE: " ".join(Webhook(each).sign(event_id, whole_second, body) for each in secrets),
    }


def legacy_signature(secret: str, *, scheme: SignatureScheme, prefix: str, body: str) -> str:
    """The value of a header by which receivers know a body that were made for another sender."""
    digest = hmac.digest(secret.encode(), body.encode(), hashlib.sha256)
    match scheme:
        case SignatureScheme.HMAC_SHA256_HEX:
            return prefix + digest.hex()
        case SignatureScheme.HMAC_SHA256_BASE64:
            return prefix + base64.b64encode(digest).decode()
        case _:
            assert_never(scheme)
