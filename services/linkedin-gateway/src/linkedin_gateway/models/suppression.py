"""People and companies that must not be contacted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuppressionCoverage(StrEnum):
    """Whom a suppression of a person covers."""

    PERSON = "person"
    """The person, whatever they are called: a profile has shown who it is."""
    LOOKUP_WAITS = "lookup_waits"
    """Whoever is called so, until a lookup has shown who that is."""
    NAME_ALONE = "name_alone"
    """Whoever is called so: nobody was found by it."""


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
class ListedSuppression:
    """A suppression, with whom it covers."""

    suppression: Suppression
    coverage: SuppressionCoverage | None
    """None if it names no person, or was added before that was kept."""


@dataclass(frozen=True, kw_only=True)
class SuppressedPerson:
    """An id or a name that a suppression names somebody by: a profile says who that is."""

    organization_id: str
    identifier: str
    key: str
    """The suppression's."""


@dataclass(frozen=True, kw_only=True)
class AskedPerson:
    """Somebody of whom is asked whether they are suppressed."""

    identifier: str
    """In one spelling; empty if nobody at LinkedIn is called so."""
    keys: tuple[str, ...]
    """By which they may be."""
