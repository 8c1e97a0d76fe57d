"""The headers of a request to an endpoint: by whom it is signed, and what is sent along."""

from collections.abc import Mapping

from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.sealing import Sealing
from webhook_dispatcher.http.signature import legacy_signature, signed_headers

REDACTED = "***"


class RequestHeaders:
    def __init__(self, sealing: Sealing, *, clock: DatabaseClock) -> None:
        self._sealing = sealing
        self._clock = clock

    def of(self, signing: Signing, *, event_id: str, body: str) -> dict[str, str]:
        """What a body is sent with.

        Raises `SecretUnreadable` when it cannot be signed, and `ValueError` for a secret that is
        none.
        """
        secrets = self._sealing.secrets_of(signing, now=self._clock.now())
        headers = dict(self._sealing.headers_of(signing))
        legacy = signing.legacy_signature
        if legacy is not None:
            secret = self._sealing.legacy_secret_of(signing) or secrets[0]
            headers[legacy.header] = legacy_signature(
                secret, scheme=legacy.scheme, prefix=legacy.prefix, body=body
            )
        sent_at = self._clock.real_now()
        return headers | signed_headers(secrets, event_id=event_id, body=body, sent_at=sent_at)


def redacted(headers: Mapping[str, str], *, signing: Signing | None) -> dict[str, str]:
    """Headers as they are told: of those that a customer has us send along, the names alone."""
    legacy = None if signing is None else signing.legacy_signature
    shown = {"webhook-id", "webhook-timestamp", "webhook-signature"}
    if legacy is not None:
        shown.add(legacy.header)
    return {name: value if name in shown else REDACTED for name, value in headers.items()}
