"""A release: which leads may enter the sequence, each with its rank and its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReleaseAnswer(StrEnum):
    """What became of one lead that was to be released."""

    RELEASED = "RELEASED"
    ALREADY_RELEASED = "ALREADY_RELEASED"
    NOT_READY = "NOT_READY"
    HELD = "HELD"
    NOT_FOUND = "NOT_FOUND"
    ACCOUNT_NOT_OF_CAMPAIGN = "ACCOUNT_NOT_OF_CAMPAIGN"


@dataclass(frozen=True, kw_only=True)
class ToRelease:
    """A lead to be released; without an account the rotation gives it one."""

    lead_id: str
    account_id: str = ""
    rank: float | None = None


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a release came to, lead by lead as it was first asked for."""

    id: str
    released_at: datetime
    lead_ids: Sequence[str]
    answers: Sequence[ReleaseAnswer]


@dataclass(frozen=True, kw_only=True)
class LeadStanding:
    """What a lead is as it is to be released."""

    is_ready: bool
    is_held: bool
    is_released: bool


def answer_to(
    lead: ToRelease, standing: LeadStanding | None, account_ids: Sequence[str]
) -> ReleaseAnswer:
    """What becomes of a lead, by how it stands (None: there is no such one) and by who sends."""
    if standing is None:
        return ReleaseAnswer.NOT_FOUND
    if not standing.is_ready:
        return ReleaseAnswer.NOT_READY
    if standing.is_held:
        return ReleaseAnswer.HELD
    if standing.is_released:
        return ReleaseAnswer.ALREADY_RELEASED
    if lead.account_id and lead.account_id not in account_ids:
        return ReleaseAnswer.ACCOUNT_NOT_OF_CAMPAIGN
    return ReleaseAnswer.RELEASED
