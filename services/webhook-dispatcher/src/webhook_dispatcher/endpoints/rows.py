"""Endpoints as rows: their columns, and what is read from them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from servicekit.postgres.columns import Columns, Row, column

from webhook_dispatcher.models import (
    Channel,
    DisableReason,
    Endpoint,
    LegacySignature,
    PayloadForm,
    SignatureScheme,
)


def _listed(name: str) -> Any:
    return lambda endpoint: list(getattr(endpoint, name))


def _legacy(endpoint: Endpoint) -> Mapping[str, str] | None:
    legacy = endpoint.legacy_signature
    if legacy is None:
        return None
    return {"header": legacy.header, "scheme": legacy.scheme, "prefix": legacy.prefix}


def _legacy_secret(endpoint: Endpoint) -> bytes:
    legacy = endpoint.legacy_signature
    return b"" if legacy is None else legacy.sealed_secret


EDITED: Columns[Endpoint] = Columns(
    column("url"),
    column("event_types", "text[]", write=_listed("event_types")),
    column("campaign_ids", "text[]", write=_listed("campaign_ids")),
    column("account_ids", "text[]", write=_listed("account_ids")),
    column("description"),
    column("header_names", "text[]", write=_listed("header_names")),
    column("sealed_headers", "bytea"),
    column("max_per_minute", "integer"),
    column("max_concurrency", "integer"),
    column("legacy_signature", "jsonb", write=_legacy),
    column("legacy_secret", "bytea", write=_legacy_secret),
    column("payload_form"),
)
"""What an edit changes."""
MADE: Columns[Endpoint] = EDITED | Columns(
    column("endpoint_id", write=lambda endpoint: endpoint.id),
    column("organization_id"),
    column("builder_webhook_id", write=lambda endpoint: endpoint.builder_webhook_id or None),
    column("created_at", "timestamptz"),
    column("channel"),
    column("created_by"),
)
"""What an endpoint is made of, beside what is kept with it."""
ENDPOINT_COLUMNS = (
    f"{MADE}, disabled_at, disable_reason, old_secrets_until, updated_at, updated_by, deleted_at,"
    " purge_at"
)
KEPT = "secret IS NOT NULL"
"""Of an endpoint that is there, or can come back: whoever is purged has no secret any more."""
SIGNING_COLUMNS = (
    "secret, old_secrets, endpoints.old_secrets_until, sealed_headers, legacy_signature,"
    " legacy_secret"
)
"""What a request to an endpoint is signed by; it takes its ids as well."""


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What a request to an endpoint is signed by and sent along with, encrypted."""

    organization_id: str
    endpoint_id: str
    secret: bytes = field(repr=False)
    old_secrets: Sequence[tuple[bytes, datetime]] = field(default=(), repr=False)
    """Those of before, each until when it signs; the newest first."""
    sealed_headers: bytes = field(default=b"", repr=False)
    legacy_signature: LegacySignature | None = None


def endpoint_of(row: Row) -> Endpoint:
    """An endpoint from its row."""
    reason = row["disable_reason"]
    return Endpoint(
        id=row["endpoint_id"],
        organization_id=row["organization_id"],
        url=row["url"],
        event_types=tuple(row["event_types"]),
        campaign_ids=tuple(row["campaign_ids"]),
        account_ids=tuple(row["account_ids"]),
        builder_webhook_id=row["builder_webhook_id"] or "",
        description=row["description"],
        header_names=tuple(row["header_names"]),
        sealed_headers=row["sealed_headers"],
        max_per_minute=row["max_per_minute"],
        max_concurrency=row["max_concurrency"],
        legacy_signature=_legacy_of(row),
        channel=Channel(row["channel"]),
        payload_form=PayloadForm(row["payload_form"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        disable_reason=DisableReason(reason) if reason else None,
        old_secrets_until=max(row["old_secrets_until"], default=None),
        updated_at=row["updated_at"],
        created_by=row["created_by"],
        updated_by=row["updated_by"],
        deleted_at=row["deleted_at"],
        purge_at=row["purge_at"],
    )


def signing_of(row: Row) -> Signing:
    """What a request is signed by, from a row that has a secret."""
    return Signing(
        organization_id=row["organization_id"],
        endpoint_id=row["endpoint_id"],
        secret=row["secret"],
        old_secrets=tuple(zip(row["old_secrets"], row["old_secrets_until"], strict=True)),
        sealed_headers=row["sealed_headers"],
        legacy_signature=_legacy_of(row),
    )


def _legacy_of(row: Row) -> LegacySignature | None:
    kept = row["legacy_signature"]
    if kept is None:
        return None
    return LegacySignature(
        header=kept["header"],
        scheme=SignatureScheme(kept["scheme"]),
        prefix=kept["prefix"],
        sealed_secret=row["legacy_secret"],
    )
