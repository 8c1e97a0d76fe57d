"""Settings of a campaign on the wire; refuses bad values by field."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast

from campaigns.answers import AutomaticReplies, OwnerMessages, ReplyScope
from campaigns.models import (
    DEFAULT_AUTOMATIC_REPLY_WAIT,
    DEFAULT_LEAD_PROCESSING_DELAY,
    DEFAULT_MAX_CONCURRENT_LEADS,
    CampaignSettings,
    LeadAdmission,
    ParkedSenders,
    SendingWindow,
)
from campaigns.sending_hours import too_short
from campaigns.sequences.time_limits import ends_before_start
from outreach.campaign.v1 import campaign_pb2
from outreach.common.v1 import sending_window_pb2
from servicekit.errors import FieldViolation
from servicekit.time_zones import is_time_zone

from campaign_api.clients.sending_windows import window_from_proto
from campaign_api.errors import ENDS_BEFORE_START, HOURS_NEVER_MEET, InvalidFields, invalid

_CHOICES: Mapping[str, Any] = {
    "reply_scope": campaign_pb2.ReplyScope,
    "automatic_replies": campaign_pb2.AutomaticReplies,
    "parked_senders": campaign_pb2.ParkedSenders,
    "owner_messages": campaign_pb2.OwnerMessages,
    "admission": campaign_pb2.Admission,
}
_Choice = TypeVar("_Choice", bound=StrEnum)


def settings_from_proto(
    settings: campaign_pb2.CampaignSettings,
    *,
    field: str = "settings",
    broken: Collection[str] = (),
) -> CampaignSettings:
    """The settings with their defaults; of `broken` ones all defaults.

    Raises `InvalidFields` if nothing can go in their window, or they end before they start.
    """
    if settings.HasField("sending_window"):
        wrong = [*_window_violations(settings.sending_window, f"{field}.sending_window", broken)]
        if wrong:
            raise InvalidFields(wrong)
    if any(each.startswith(f"{field}.") for each in broken):
        return CampaignSettings()
    made = CampaignSettings(
        end_at=settings.end_time.ToDatetime(UTC) if settings.HasField("end_time") else None,
        max_lead_duration=settings.max_lead_duration.ToTimedelta()
        if settings.HasField("max_lead_duration")
        else None,
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
        admission=_chosen(settings, "admission", LeadAdmission.AUTOMATIC),
        keep_open=settings.keep_open,
    )
    if ends_before_start(made):
        raise InvalidFields([invalid(f"{field}.end_time", ENDS_BEFORE_START)])
    return made


def _chosen(settings: campaign_pb2.CampaignSettings, name: str, default: _Choice) -> _Choice:
    """What was chosen; the default where nothing was."""
    number = getattr(settings, name)
    if number == 0:
        return default
    member: str = _CHOICES[name].Name(number).removeprefix(f"{name.upper()}_")
    return type(default)[member]


@lru_cache(maxsize=1024)
def settings_to_proto(settings: CampaignSettings) -> campaign_pb2.CampaignSettings:
    """The settings, made once of equal ones: whoever is given them does not change them."""
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
        admission=campaign_pb2.Admission.Value(f"ADMISSION_{settings.admission.name}"),
        keep_open=settings.keep_open,
    )
    converted.automatic_reply_wait.FromTimedelta(settings.automatic_reply_wait)
    converted.lead_processing_delay.FromTimedelta(settings.lead_processing_delay)
    if settings.end_at is not None:
        converted.end_time.FromDatetime(settings.end_at)
    if settings.max_lead_duration is not None:
        converted.max_lead_duration.FromTimedelta(settings.max_lead_duration)
    if settings.start_at is not None:
        converted.start_time.FromDatetime(settings.start_at)
    if settings.sending_window is not None:
        converted.sending_window.CopyFrom(_window_to_proto(settings.sending_window))
    return converted


def _window_violations(
    window: sending_window_pb2.SendingWindow, field: str, broken: Collection[str]
) -> Iterator[FieldViolation]:
    zone, is_broken = f"{field}.time_zone", any(each.startswith(f"{field}.") for each in broken)
    if zone not in broken and not is_time_zone(window.time_zone):
        yield invalid(zone, "This is not an IANA time zone, for example Europe/Lisbon.")
    elif not is_broken and too_short(window_from_proto(window)):
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
