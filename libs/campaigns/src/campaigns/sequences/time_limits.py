"""When a lead is over whatever is still to come, by its campaign. Pure.

Without a setting there is no such moment: see ADR 0060.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.models import CampaignSettings, Lead

CAMPAIGN_TIME_OVER = "CAMPAIGN_TIME_OVER"
"""Why a lead ends, or never begins, once its campaign's end has come."""
LEAD_TIME_OVER = "LEAD_TIME_OVER"
"""Why a lead ends that has been in the sequence for as long as it may."""
TIME_OVER = frozenset({CAMPAIGN_TIME_OVER, LEAD_TIME_OVER})


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """A moment from which on nothing more is done for a lead, and why."""

    at: datetime
    reason: str


def time_limit(
    *, end_at: datetime | None, longest: timedelta | None, begun_at: datetime | None
) -> TimeLimit | None:
    """The earlier of a campaign's end and a lead's longest time since it began; None without."""
    limits = []
    if end_at is not None:
        limits.append(TimeLimit(at=end_at, reason=CAMPAIGN_TIME_OVER))
    if longest is not None and begun_at is not None:
        limits.append(TimeLimit(at=begun_at + longest, reason=LEAD_TIME_OVER))
    return min(limits, key=lambda each: each.at, default=None)


def limit_of(settings: CampaignSettings, lead: Lead) -> TimeLimit | None:
    """The limit of a lead that has begun, or is to begin at a known moment."""
    return time_limit(
        end_at=settings.end_at,
        longest=settings.max_lead_duration,
        begun_at=lead.started_at or lead.start_at,
    )


def ends_before_start(settings: CampaignSettings) -> bool:
    """Whether nobody can ever begin: the end comes no later than the start."""
    start_at, end_at = settings.start_at, settings.end_at
    return start_at is not None and end_at is not None and end_at <= start_at
