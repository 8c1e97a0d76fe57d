"""Which leads may begin now, and when the next ones may. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.models import CampaignSettings

_WHOLE_WEEK = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, kw_only=True)
class AdmittedLead:
    """A lead whose workflow is to be started, and when it may begin."""

    lead_id: str
    start_at: datetime
    account_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What one look at the list came to.

    `leads` are to be started now. `running` counts them in; `ready` are those
    still waiting. `next_at` is when admission is worth trying again if only
    time stands in the way, otherwise None.
    """

    leads: tuple[AdmittedLead, ...] = ()
    running: int = 0
    ready: int = 0
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day of the campaign's zone: its bounds as instants, and whether it sends."""

    begins_at: datetime
    ends_at: datetime
    sends: bool


def day_of(settings: CampaignSettings, now: datetime) -> Day:
    """The local day in which `now` lies; its length follows daylight saving."""
    window = settings.sending_window
    zone = ZoneInfo(window.time_zone if window else "UTC")
    today = now.astimezone(zone).date()
    return Day(
        begins_at=datetime.combine(today, time(), zone),
        ends_at=datetime.combine(today + timedelta(days=1), time(), zone),
        sends=today.isoweekday() in (window.weekdays if window else _WHOLE_WEEK),
    )


def opens_at(settings: CampaignSettings, now: datetime, *, started_today: int) -> datetime | None:
    """When the next lead may be admitted, or None if one may be now.

    The start date, the sending days and the number of leads a day are looked
    at; room among the concurrent leads is not.
    """
    if settings.start_at is not None and now < settings.start_at:
        return settings.start_at
    day = day_of(settings, now)
    full = settings.leads_per_day > 0 and started_today >= settings.leads_per_day
    if day.sends and not full:
        return None
    following = day_of(settings, day.ends_at)
    while not following.sends:
        following = day_of(settings, following.ends_at)
    return following.begins_at
