"""Events of LinkedIn for campaign-api, as protos. With `convert`, all that knows these."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb

from linkedin_gateway.models import Account

LEADS_PER_EVENT = 500
WOKEN_AT_ONCE = 250
"""The most leads of one account that are woken at once when something is over, the best-ranked.
Until the others come by themselves (seven and a half hours after they learnt that nobody knows
when) no more could go: one a pause of two minutes."""


@dataclass(frozen=True, kw_only=True, order=True)
class Lead:
    """A lead of a campaign."""

    campaign_id: str
    lead_id: str


class LeadOwner(Protocol):
    """Whoever knows which leads have ended."""

    async def running(self, organization_id: str, leads: Collection[Lead]) -> Collection[Lead]:
        """Those that have not ended; raises a `ServiceError` when that cannot be told."""


@dataclass(frozen=True, kw_only=True)
class OutboxEvent:
    """One event, ready to be published.

    `told_id` is its id where it is kept by another: a release before kept it by that.
    """

    event_id: str
    organization_id: str
    body: bytes
    told_id: str = ""


@dataclass(frozen=True, kw_only=True)
class About:
    """Which account an event concerns, and when it happened."""

    organization_id: str
    account_id: str
    at: datetime

    @classmethod
    def of(cls, account: Account, at: datetime) -> About:
        """An event that concerns this account."""
        return cls(organization_id=account.organization_id, account_id=account.account_id, at=at)


def invitation_accepted(
    about: About, *, action_id: str, provider_id: str, leads: Iterable[Lead]
) -> OutboxEvent:
    """An invitation was accepted; published once, however often that is noticed."""
    event = _event(about, f"accepted/{about.account_id}/{action_id}", leads)
    event.invitation_accepted.provider_id = provider_id
    return _serialized(event)


def reply_received(
    about: About,
    *,
    provider_id: str,
    chat_id: str,
    message_id: str,
    told_as: str,
    text: str,
    automatic: bool,
    suppression_id: str,
    leads: Iterable[Lead],
) -> OutboxEvent:
    """The person wrote to the account, or a machine for them; published once as `told_as`."""
    event = _event(about, f"reply/{about.account_id}/{told_as}", leads)
    event.reply_received.provider_id = provider_id
    event.reply_received.chat_id = chat_id
    event.reply_received.message_id = message_id
    event.reply_received.text = text
    event.reply_received.automatic = automatic
    event.reply_received.suppression_id = suppression_id
    return _serialized(event)


def owner_wrote(
    about: About,
    *,
    provider_id: str,
    chat_id: str,
    message_id: str,
    told_as: str,
    leads: Iterable[Lead],
) -> OutboxEvent:
    """The account's owner wrote to the person by hand; published once as `told_as`."""
    event = _event(about, f"owner/{about.account_id}/{told_as}", leads)
    event.owner_wrote.provider_id = provider_id
    event.owner_wrote.chat_id = chat_id
    event.owner_wrote.message_id = message_id
    return _serialized(event)


def account_disconnected(about: About, *, reason: str) -> OutboxEvent:
    """The account cannot act."""
    event = _event(about, f"disconnected/{about.account_id}/{about.at.isoformat()}", ())
    event.account_disconnected.reason = reason
    return _serialized(event)


def account_reconnected(about: About) -> OutboxEvent:
    """The account can act again."""
    event = _event(about, f"reconnected/{about.account_id}/{about.at.isoformat()}", ())
    event.account_reconnected.SetInParent()
    return _serialized(event)


def account_cooling_down(about: About, *, kind: str, cause: str, until: datetime) -> OutboxEvent:
    """LinkedIn asked the account to slow down with one kind of action."""
    event_id = f"cooling/{about.account_id}/{kind}/{about.at.isoformat()}"
    event = _event(about, event_id, ())
    event.account_cooling_down.action = kind
    event.account_cooling_down.cause = cause
    event.account_cooling_down.end_time.FromDatetime(until)
    return _serialized(event)


def account_cooled_down(about: About, *, kind: str) -> OutboxEvent:
    """The account may go on with that kind."""
    event_id = f"cooled/{about.account_id}/{kind}/{about.at.isoformat()}"
    event = _event(about, event_id, ())
    event.account_cooled_down.action = kind
    return _serialized(event)


def actions_freed(about: About, *, cause: str, leads: Sequence[Lead]) -> list[OutboxEvent]:
    """Something that actions of these leads waited for is over; one event per 500 leads."""
    events = []
    for number, start in enumerate(range(0, len(leads), LEADS_PER_EVENT)):
        chunk = leads[start : start + LEADS_PER_EVENT]
        event_id = f"freed/{about.account_id}/{about.at.isoformat()}/{cause}/{number}"
        event = _event(about, event_id, chunk)
        event.actions_freed.cause = cause
        events.append(_serialized(event))
    return events


def parsed(body: bytes) -> pb.LinkedInEvent:
    """An event as campaign-api gets it."""
    return pb.LinkedInEvent.FromString(body)


def _event(about: About, event_id: str, leads: Iterable[Lead]) -> pb.LinkedInEvent:
    occurred = Timestamp()
    occurred.FromDatetime(about.at)
    return pb.LinkedInEvent(
        event_id=event_id,
        organization_id=about.organization_id,
        account_id=about.account_id,
        occur_time=occurred,
        leads=[pb.LeadRef(campaign_id=lead.campaign_id, lead_id=lead.lead_id) for lead in leads],
    )


def _serialized(event: pb.LinkedInEvent) -> OutboxEvent:
    return OutboxEvent(
        event_id=event.event_id,
        organization_id=event.organization_id,
        body=event.SerializeToString(),
    )
