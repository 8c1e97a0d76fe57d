"""Settings of a campaign on the wire; refuses bad values by field."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar, cast

from campaigns.models import (
    DEFAULT_AUTOMATIC_REPLY_WAIT,
    DEFAULT_LEAD_PROCESSING_DELAY,
    DEFAULT_MAX_CONCURRENT_LEADS,
    AutomaticReplies,
    CampaignSettings,
    OwnerMessages,
    ParkedSenders,
    ReplyScope,
    SendingWindow,
)
from campaigns.sending_hours import too_short
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_pb2
from outreach.common.v1 import sending_window_pb2
from servicekit.errors import FieldViolation
from servicekit.time_zones import is_time_zone

from campaign_api.clients.sending_windows import window_from_proto
from campaign_api.errors import HOURS_NEVER_MEET, InvalidFields, invalid, required

MAX_CONCURRENT_LEADS = 10_000
MAX_LEADS_PER_DAY = 1_000_000
MAX_LEAD_PROCESSING_DELAY = timedelta(days=7)
MAX_AUTOMATIC_REPLY_WAIT = timedelta(days=90)

_CHOICES: Mapping[str, Any] = {
    "reply_scope": campaign_pb2.ReplyScope,
    "automatic_replies": campaign_pb2.AutomaticReplies,
    "parked_senders": campaign_pb2.ParkedSenders,
    "owner_messages": campaign_pb2.OwnerMessages,
}
_Choice = TypeVar("_Choice", bound=StrEnum)

_SUNDAY = 7
_WALL_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
# What both sides can hold: a timestamp ends in 9999, and zones need a day to spare.
_LAST_YEAR = 9998


def settings_from_proto(
    settings: campaign_pb2.CampaignSettings, *, field: str = "settings"
) -> CampaignSettings:
    """The settings with their defaults; raises `InvalidFields` naming all that is wrong."""
    violations = [*_violations(settings, field)]
    if violations:
        raise InvalidFields(violations)
    return CampaignSettings(
        max_concurrent_leads=settings.max_concurrent_leads or DEFAULT_MAX_CONCURRENT_LEADS,
        lead_processing_delay=settings.lead_processing_delay.ToTimedelta()
        if settings.HasField("lead_processing_delay")
        else DEFAULT_LEAD_PROCESSING_DELAY,
        leads_per_day=settings.leads_per_day,
        start_at=settings.start_time.ToDatetime(UTC) if settings.HasField("start_time") else None,
        sending_window=window_from_proto(settings.sending_window)
        if settings.HasField("sending_window")
        else None,
        continue_after_reply=settings.continue_after_reply,
        contact_responders=settings.contact_responders,
        leave_received_invitations=settings.leave_received_invitations,
        reply_scope=_chosen(settings, "reply_scope", ReplyScope.CAMPAIGN),
        automatic_replies=_chosen(settings, "automatic_replies", AutomaticReplies.END),
        automatic_reply_wait=settings.automatic_reply_wait.ToTimedelta()
        if settings.HasField("automatic_reply_wait")
        else DEFAULT_AUTOMATIC_REPLY_WAIT,
        parked_senders=_chosen(settings, "parked_senders", ParkedSenders.MOVE),
        owner_messages=_chosen(settings, "owner_messages", OwnerMessages.END),
    )


def _chosen(settings: campaign_pb2.CampaignSettings, name: str, default: _Choice) -> _Choice:
    """What was chosen; the default where nothing was."""
    number = getattr(settings, name)
    if number == 0:
        return default
    member: str = _CHOICES[name].Name(number).removeprefix(f"{name.upper()}_")
    return type(default)[member]


def settings_to_proto(settings: CampaignSettings) -> campaign_pb2.CampaignSettings:
    converted = campaign_pb2.CampaignSettings(
        max_concurrent_leads=settings.max_concurrent_leads,
        leads_per_day=settings.leads_per_day,
        continue_after_reply=settings.continue_after_reply,
        contact_responders=settings.contact_responders,
        leave_received_invitations=settings.leave_received_invitations,
        reply_scope=campaign_pb2.ReplyScope.Value(f"REPLY_SCOPE_{settings.reply_scope.name}"),
        automatic_replies=campaign_pb2.AutomaticReplies.Value(
            f"AUTOMATIC_REPLIES_{settings.automatic_replies.name}"
        ),
        parked_senders=campaign_pb2.ParkedSenders.Value(
            f"PARKED_SENDERS_{settings.parked_senders.name}"
        ),
        owner_messages=campaign_pb2.OwnerMessages.Value(
            f"OWNER_MESSAGES_{settings.owner_messages.name}"
        ),
    )
    converted.automatic_reply_wait.FromTimedelta(settings.automatic_reply_wait)
    converted.lead_processing_delay.FromTimedelta(settings.lead_processing_delay)
    if settings.start_at is not None:
        converted.start_time.FromDatetime(settings.start_at)
    if settings.sending_window is not None:
        converted.sending_window.CopyFrom(_window_to_proto(settings.sending_window))
    return converted


def _violations(settings: campaign_pb2.CampaignSettings, field: str) -> Iterator[FieldViolation]:
    if not 0 <= settings.max_concurrent_leads <= MAX_CONCURRENT_LEADS:
        yield invalid(
            f"{field}.max_concurrent_leads",
            f"Between 1 and {MAX_CONCURRENT_LEADS} leads can be in the sequence at once.",
        )
    if not _is_delay(settings.lead_processing_delay):
        yield invalid(
            f"{field}.lead_processing_delay", "The delay must be between nothing and 7 days."
        )
    for name, choice in _CHOICES.items():
        if getattr(settings, name) not in choice.values():
            yield invalid(f"{field}.{name}", "There is no such choice.")
    if not _is_wait(settings.automatic_reply_wait):
        yield invalid(
            f"{field}.automatic_reply_wait", "The wait must be between nothing and 90 days."
        )
    if not 0 <= settings.leads_per_day <= MAX_LEADS_PER_DAY:
        yield invalid(
            f"{field}.leads_per_day",
            f"Between 0 (no limit) and {MAX_LEADS_PER_DAY} leads can be started in a day.",
        )
    if settings.HasField("start_time") and _instant(settings.start_time) is None:
        yield invalid(f"{field}.start_time", "This is not a moment of the calendar.")
    if settings.HasField("sending_window"):
        yield from _window_violations(settings.sending_window, f"{field}.sending_window")
        yield from _never_violations(settings.sending_window, f"{field}.sending_window")


def _window_violations(
    window: sending_window_pb2.SendingWindow, field: str
) -> Iterator[FieldViolation]:
    if not window.time_zone:
        yield required(f"{field}.time_zone")
    elif not is_time_zone(window.time_zone):
        yield invalid(
            f"{field}.time_zone", "This is not an IANA time zone, for example Europe/Lisbon."
        )
    for position, weekday in enumerate(window.weekdays):
        if not 1 <= weekday <= _SUNDAY:
            yield invalid(f"{field}.weekdays[{position}]", "This is not a day of the week.")
    for name, value in (("opens", window.opens), ("closes", window.closes)):
        if not value:
            yield required(f"{field}.{name}")
        elif _WALL_CLOCK.fullmatch(value) is None:
            yield invalid(f"{field}.{name}", "The time of day must be written HH:MM.")


def _never_violations(
    window: sending_window_pb2.SendingWindow, field: str
) -> Iterator[FieldViolation]:
    """A window that reads well and in which nothing can go."""
    if not [*_window_violations(window, field)] and too_short(window_from_proto(window)):
        description = (
            "The window never lasts as long as the pause between two actions, so that nothing"
            " would ever go."
        )
        yield FieldViolation(field, description, HOURS_NEVER_MEET)


def _window_to_proto(window: SendingWindow) -> sending_window_pb2.SendingWindow:
    return sending_window_pb2.SendingWindow(
        time_zone=window.time_zone,
        weekdays=[cast("sending_window_pb2.Weekday.ValueType", day) for day in window.weekdays],
        opens=window.opens.isoformat("minutes"),
        closes=window.closes.isoformat("minutes"),
    )


def _is_wait(wait: Duration) -> bool:
    return _is_delay(wait, longest=MAX_AUTOMATIC_REPLY_WAIT)


def _is_delay(delay: Duration, *, longest: timedelta = MAX_LEAD_PROCESSING_DELAY) -> bool:
    try:
        return timedelta() <= delay.ToTimedelta() <= longest
    except (ValueError, OverflowError):
        return False


def _instant(at: Timestamp) -> datetime | None:
    try:
        instant = at.ToDatetime(UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant.year <= _LAST_YEAR else None
