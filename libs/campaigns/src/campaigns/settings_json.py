"""A campaign's settings as JSON, for its row. Pure.

A field that is added later takes the default of `CampaignSettings` in rows written before. Whoever
edits a row keeps what they do not know: the release behind theirs may have written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from campaigns.answers import AutomaticReplies, OwnerMessages, ReplyScope
from campaigns.models import (
    DEFAULT_AUTOMATIC_REPLY_WAIT,
    CampaignSettings,
    LeadAdmission,
    ParkedSenders,
    SendingWindow,
)

LEFT_OUT_IF_NONE = ("end_at", "max_lead_duration_seconds", "admission", "keep_open")
"""Taken out of a row before it is edited; all others are written each time."""


def settings_to_json(settings: CampaignSettings) -> dict[str, Any]:
    window, longest = settings.sending_window, settings.max_lead_duration
    # Only if there are any: what a campaign without them is called stays the same.
    limits: dict[str, Any] = {}
    if settings.end_at is not None:
        limits["end_at"] = settings.end_at.isoformat()
    if longest is not None:
        limits["max_lead_duration_seconds"] = longest.total_seconds()
    if settings.admission is not LeadAdmission.AUTOMATIC:
        limits["admission"] = settings.admission
    if settings.keep_open:
        limits["keep_open"] = True
    return {
        **limits,
        "max_concurrent_leads": settings.max_concurrent_leads,
        "lead_processing_delay_seconds": settings.lead_processing_delay.total_seconds(),
        "leads_per_day": settings.leads_per_day,
        "start_at": settings.start_at.isoformat() if settings.start_at else None,
        "continue_after_reply": settings.continue_after_reply,
        "contact_responders": settings.contact_responders,
        "reply_scope": settings.reply_scope,
        "automatic_replies": settings.automatic_replies,
        "automatic_reply_wait_seconds": settings.automatic_reply_wait.total_seconds(),
        "parked_senders": settings.parked_senders,
        "owner_messages": settings.owner_messages,
        "leave_received_invitations": settings.leave_received_invitations,
        "sending_window": window
        and {
            "time_zone": window.time_zone,
            "weekdays": list(window.weekdays),
            "opens": window.opens.isoformat("minutes"),
            "closes": window.closes.isoformat("minutes"),
        },
    }


def settings_from_json(stored: Mapping[str, Any]) -> CampaignSettings:
    window, end_at = stored["sending_window"], stored.get("end_at")
    longest = stored.get("max_lead_duration_seconds")
    return CampaignSettings(
        end_at=datetime.fromisoformat(end_at) if end_at else None,
        max_lead_duration=None if longest is None else timedelta(seconds=longest),
        admission=LeadAdmission(stored.get("admission", LeadAdmission.AUTOMATIC)),
        keep_open=stored.get("keep_open", False),
        max_concurrent_leads=stored["max_concurrent_leads"],
        lead_processing_delay=timedelta(seconds=stored["lead_processing_delay_seconds"]),
        leads_per_day=stored["leads_per_day"],
        start_at=datetime.fromisoformat(stored["start_at"]) if stored["start_at"] else None,
        continue_after_reply=stored["continue_after_reply"],
        contact_responders=stored.get("contact_responders", False),
        reply_scope=ReplyScope(stored.get("reply_scope", ReplyScope.CAMPAIGN)),
        automatic_replies=AutomaticReplies(stored.get("automatic_replies", AutomaticReplies.END)),
        automatic_reply_wait=timedelta(
            seconds=stored.get(
                "automatic_reply_wait_seconds", DEFAULT_AUTOMATIC_REPLY_WAIT.total_seconds()
            )
        ),
        parked_senders=ParkedSenders(stored.get("parked_senders", ParkedSenders.MOVE)),
        leave_received_invitations=stored.get("leave_received_invitations", False),
        owner_messages=OwnerMessages(stored.get("owner_messages", OwnerMessages.END)),
        sending_window=window
        and SendingWindow(
            time_zone=window["time_zone"],
            weekdays=tuple(window["weekdays"]),
            opens=time.fromisoformat(window["opens"]),
            closes=time.fromisoformat(window["closes"]),
        ),
    )
