"""Stops that are in force until they are lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldScope(StrEnum):
    """What a hold covers."""

    CAMPAIGN = "campaign"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    EVERYTHING = "everything"
    KIND = "kind"


@dataclass(frozen=True, kw_only=True)
class OnTheWire:
    """Writes that had begun when a stop came into force; they end by themselves."""

    actions: int = 0
    action_ids: tuple[str, ...] = ()
    """The first hundred, the ones that may last longest at the front."""
    until: datetime | None = None
    """Until when they may last at most."""


@dataclass(frozen=True, kw_only=True)
class HoldChange:
    """A hold that was put or lifted."""

    number: int
    scope: HoldScope
    subject_id: str
    lifted: bool
    reason: str
    caller: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stop that is in force until it is lifted."""

    scope: HoldScope
    subject_id: str
    reason: str
    created_at: datetime
