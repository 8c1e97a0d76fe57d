"""Which leads may begin now, and when the next ones may. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
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

    `leads` are to be started now. `running` counts them in; `ready` are those still waiting,
    of whom `unreleased` wait until somebody releases them. `next_at` is when admission is
    worth trying again if only time stands in the way, otherwise None. By `look_by` the list is
    to be looked at again whatever happens: then nobody is admitted any more.
    """

    leads: tuple[AdmittedLead, ...] = ()
    running: int = 0
    ready: int = 0
    unreleased: int = 0
    next_at: datetime | None = None
    look_by: datetime | None = None

    @property
    def admissible(self) -> int:
        """How many of those that wait enter as soon as there is room and time."""
        return self.ready - self.unreleased


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


class AdmissionRule(StrEnum):
    """What keeps a lead of the list from entering the sequence."""

    START_DATE = "START_DATE"
    END_DATE = "END_DATE"
    SENDING_DAYS = "SENDING_DAYS"
    LEADS_PER_DAY = "LEADS_PER_DAY"
    ROOM = "ROOM"
    NOT_RELEASED = "NOT_RELEASED"


@dataclass(frozen=True, kw_only=True)
class Line:
    """Where a campaign's list stands: what its next admission depends on."""

    running: int
    started_today: int
    last_start_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How many leads may enter now, and what keeps the one after them.

    The first of them starts at `starts_at`, the others follow one after the other. `until` is
    when the rule lets go; None where that depends on other leads.
    """

    room: int
    starts_at: datetime
    rule: AdmissionRule
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a lead of the list waits for; `rule` is None if nothing keeps it."""

    rule: AdmissionRule | None
    until: datetime | None


def opening(settings: CampaignSettings, line: Line, now: datetime) -> Opening:
    """What admission lets in now. Whoever admits and whoever explains asks here."""
    starts_at = now
    if line.last_start_at is not None:
        starts_at = max(now, line.last_start_at + settings.lead_processing_delay)

    def bound(room: int, rule: AdmissionRule, until: datetime | None) -> Opening:
        in_time = _starts_in_time(settings, starts_at)
        if in_time is not None and in_time < room:
            room, rule, until = in_time, AdmissionRule.END_DATE, settings.end_at
        return Opening(room=room, starts_at=starts_at, rule=rule, until=until)

    if is_over(settings, now):
        return bound(0, AdmissionRule.END_DATE, None)
    if settings.start_at is not None and now < settings.start_at:
        return bound(0, AdmissionRule.START_DATE, _sending_from(settings, settings.start_at))
    today = day_of(settings, now)
    if not today.sends:
        return bound(0, AdmissionRule.SENDING_DAYS, _sending_from(settings, today.ends_at))
    room = max(settings.max_concurrent_leads - line.running, 0)
    left_today = max(settings.leads_per_day - line.started_today, 0)
    if settings.leads_per_day and left_today <= room:
        tomorrow = _sending_from(settings, today.ends_at)
        return bound(left_today, AdmissionRule.LEADS_PER_DAY, tomorrow)
    return bound(room, AdmissionRule.ROOM, None)


def _starts_in_time(settings: CampaignSettings, starts_at: datetime) -> int | None:
    """How many leads, one after the other, start before the campaign's end; None for all."""
    if settings.end_at is None:
        return None
    if starts_at >= settings.end_at:
        return 0
    delay = settings.lead_processing_delay
    return -((starts_at - settings.end_at) // delay) if delay else None


def unreleased_place(settings: CampaignSettings, now: datetime) -> Place:
    """What a lead waits for that enters once it is released; nobody knows when that is."""
    if is_over(settings, now):
        return Place(rule=AdmissionRule.END_DATE, until=None)
    return Place(rule=AdmissionRule.NOT_RELEASED, until=None)


def place_of(settings: CampaignSettings, line: Line, *, ahead: int, now: datetime) -> Place:
    """What the lead waits for that has `ahead` others of the line before it.

    A moment holds if no lead before it is held back, taken out or joined by others; where
    leads in the sequence must end first nobody knows it. Whose moment would come after the
    campaign's end waits for that.
    """
    place = _place_of(settings, line, ahead=ahead, now=now)
    if place.until is not None and is_over(settings, place.until):
        return Place(rule=AdmissionRule.END_DATE, until=settings.end_at)
    return place


def is_over(settings: CampaignSettings, moment: datetime) -> bool:
    """Whether the campaign's end has come by then."""
    return settings.end_at is not None and moment >= settings.end_at


def stays_open(settings: CampaignSettings, moment: datetime) -> bool:
    """Whether the campaign waits for more once nobody of it is left."""
    return settings.keep_open and not is_over(settings, moment)


def _place_of(settings: CampaignSettings, line: Line, *, ahead: int, now: datetime) -> Place:
    """By going from one opening to the next, each with those who have entered before it."""
    opened = opening(settings, line, now)
    if ahead < opened.room:
        return Place(rule=None, until=opened.starts_at + settings.lead_processing_delay * ahead)
    while True:
        ahead -= opened.room
        line = _entered(settings, line, opened)
        bound = opening(settings, line, now) if opened.room else opened
        if bound.until is None or is_over(settings, bound.until):
            return Place(rule=bound.rule, until=bound.until)
        if day_of(settings, bound.until) != day_of(settings, now):
            line = replace(line, started_today=0)
        now = bound.until
        opened = opening(settings, line, now)
        if ahead < opened.room:
            return Place(rule=bound.rule, until=now)


def _entered(settings: CampaignSettings, line: Line, opened: Opening) -> Line:
    """The line once all have entered for whom there is room."""
    if not opened.room:
        return line
    return Line(
        running=line.running + opened.room,
        started_today=line.started_today + opened.room,
        last_start_at=opened.starts_at + settings.lead_processing_delay * (opened.room - 1),
    )


def _sending_from(settings: CampaignSettings, moment: datetime) -> datetime:
    """The first moment from this one on that lies in a day that sends."""
    if day_of(settings, moment).sends:
        return moment
    following = day_of(settings, day_of(settings, moment).ends_at)
    while not following.sends:
        following = day_of(settings, following.ends_at)
    return following.begins_at
