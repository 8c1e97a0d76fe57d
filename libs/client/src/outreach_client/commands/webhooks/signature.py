"""Whether a webhook is ours and fresh, as its receiver finds out."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
_VERSION = "v1,"


class NotVerified(ValueError):
    """It is not, and why."""


def verify(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime | None) -> None:
    """Check a request by an endpoint's secret (`whsec_…`); `now` is None for one of any age.

    Raises `NotVerified` with the reason.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, sent_at = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split(" ")
    except KeyError as error:
        raise NotVerified(f"there is no {error.args[0]} header") from error
    if not sent_at.isdecimal() or len(sent_at) > len(str(2**53)):
        raise NotVerified("webhook-timestamp is no number of seconds")
    age = None if now is None else abs(now.timestamp() - int(sent_at))
    if age is not None and age > TOLERANCE.total_seconds():
        raise NotVerified(f"it was sent {age:.0f} s from now, which is more than {TOLERANCE}")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise NotVerified("the secret is no base64") from error
    content = f"{event_id}.{sent_at}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256))
    ours = [each.removeprefix(_VERSION) for each in signatures if each.startswith(_VERSION)]
    if not any(hmac.compare_digest(each.encode(), expected) for each in ours):
        raise NotVerified("no signature of it is made by this secret over this body")
