"""What of an endpoint is kept encrypted: its secret, the headers it is sent, a legacy secret."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from webhook_dispatcher.endpoints.endpoint_edit import EndpointEdit
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.secret_box import SecretBox
from webhook_dispatcher.models import Endpoint


class Sealing:
    """Seals and opens; of what cannot be opened, `SecretUnreadable` is raised."""

    def __init__(self, box: SecretBox) -> None:
        self._box = box

    def secret(self, secret: str, *, of: Endpoint) -> bytes:
        """A secret that signs, as it is kept."""
        return self._box.seal(secret, of=_of(of.organization_id, of.id, "secret"))

    def opened(self, sealed: bytes, *, of: Endpoint) -> str:
        """A secret that signs, as its customer keeps it."""
        return self._box.open(sealed, of=_of(of.organization_id, of.id, "secret"))

    def sealed(self, edit: EndpointEdit, *, of: Endpoint) -> EndpointEdit:
        """An edit whose changes have what is secret as it is kept."""
        changes = dict(edit.changes)
        if edit.headers is not None:
            changes["header_names"] = tuple(edit.headers)
            changes["sealed_headers"] = self._headers(edit.headers, of)
        legacy = changes.get("legacy_signature")
        if legacy is not None and edit.legacy_secret:
            name = _of(of.organization_id, of.id, "legacy")
            sealed = self._box.seal(edit.legacy_secret, of=name)
            changes["legacy_signature"] = replace(legacy, sealed_secret=sealed)
        return replace(edit, changes=changes, headers=None, legacy_secret="")

    def _headers(self, headers: Mapping[str, str], of: Endpoint) -> bytes:
        if not headers:
            return b""
        return self._box.seal(json.dumps(headers), of=_of(of.organization_id, of.id, "headers"))

    def told(self, endpoint: Endpoint) -> tuple[Any, ...]:
        """What its customer asked for, to be compared: sealed twice, the same differs."""
        legacy, ids = endpoint.legacy_signature, (endpoint.organization_id, endpoint.id)
        return (
            endpoint.url,
            endpoint.event_types,
            endpoint.campaign_ids,
            endpoint.account_ids,
            endpoint.builder_webhook_id,
            endpoint.description,
            self._opened_headers(endpoint.sealed_headers, *ids),
            endpoint.max_per_minute,
            endpoint.max_concurrency,
            None
            if legacy is None
            else (
                legacy.header,
                legacy.scheme,
                legacy.prefix,
                self._opened_legacy(legacy.sealed_secret, *ids),
            ),
            endpoint.channel,
            endpoint.payload_form,
        )

    def secrets_of(self, signing: Signing, *, now: datetime) -> Sequence[str]:
        """The secrets that sign now, the newest first."""
        name = _of(signing.organization_id, signing.endpoint_id, "secret")
        old = [secret for secret, until in signing.old_secrets if until > now]
        return [self._box.open(secret, of=name) for secret in (signing.secret, *old)]

    def headers_of(self, signing: Signing) -> Mapping[str, str]:
        """The headers that a customer has us send along."""
        ids = signing.organization_id, signing.endpoint_id
        return self._opened_headers(signing.sealed_headers, *ids)

    def legacy_secret_of(self, signing: Signing) -> str:
        """What a legacy signature is made by; empty if by the endpoint's own secret."""
        legacy = signing.legacy_signature
        ids = signing.organization_id, signing.endpoint_id
        return "" if legacy is None else self._opened_legacy(legacy.sealed_secret, *ids)

    def anew(self, signing: Signing) -> Signing | None:
        """What is sealed, by the newest key; None if it is by now."""
        legacy = signing.legacy_signature
        kept = [signing.secret, *(secret for secret, _ in signing.old_secrets)]
        others = [signing.sealed_headers, b"" if legacy is None else legacy.sealed_secret]
        if all(self._box.is_newest(each) for each in (*kept, *filter(None, others))):
            return None
        ids = signing.organization_id, signing.endpoint_id
        return replace(
            signing,
            secret=self._anew(signing.secret, *ids, "secret"),
            old_secrets=[
                (self._anew(secret, *ids, "secret"), until) for secret, until in signing.old_secrets
            ],
            sealed_headers=self._anew(signing.sealed_headers, *ids, "headers"),
            legacy_signature=None
            if legacy is None
            else replace(legacy, sealed_secret=self._anew(legacy.sealed_secret, *ids, "legacy")),
        )

    def _anew(self, sealed: bytes, organization_id: str, endpoint_id: str, which: str) -> bytes:
        name = _of(organization_id, endpoint_id, which)
        return self._box.seal(self._box.open(sealed, of=name), of=name) if sealed else b""

    def _opened_headers(
        self, sealed: bytes, organization_id: str, endpoint_id: str
    ) -> Mapping[str, str]:
        if not sealed:
            return {}
        opened = self._box.open(sealed, of=_of(organization_id, endpoint_id, "headers"))
        return cast("Mapping[str, str]", json.loads(opened))

    def _opened_legacy(self, sealed: bytes, organization_id: str, endpoint_id: str) -> str:
        if not sealed:
            return ""
        return self._box.open(sealed, of=_of(organization_id, endpoint_id, "legacy"))


def _of(organization_id: str, endpoint_id: str, which: str) -> str:
    """Whose and which secret it is, as it is sealed in."""
    return f"{organization_id}/{endpoint_id}/{which}"
