"""People and companies that must not be contacted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Somebody who must not be contacted: a person, or all of a domain or company."""

    suppression_id: str
    organization_id: str
    subject: str
    key: str
    """By what it is compared; see `suppression_keys`."""
    label: str
    """What people read; of a person only as much as tells the entry from others."""
    reason: str
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SuppressedId:
    """An id of the provider that a suppression names somebody by: a profile says who that is."""

    organization_id: str
    identifier: str
    key: str
    """The suppression's."""
