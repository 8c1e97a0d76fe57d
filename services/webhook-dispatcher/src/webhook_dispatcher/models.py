"""What the dispatcher keeps: endpoints, events, deliveries and their attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SEQUENCE_WEBHOOK = "sequence.webhook"
"""The one event type that goes only to the endpoint it names."""


class DeliveryState(StrEnum):
    """Where a delivery is; only a pending one moves."""

    PENDING = "pending"
    DELIVERED = "delivered"
    LAPSED = "lapsed"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address at which a customer listens."""

    id: str
    organization_id: str
    url: str
    event_types: tuple[str, ...] = ()
    """What it receives; empty means everything except `SEQUENCE_WEBHOOK`."""
    builder_webhook_id: str = ""
    description: str = ""
    created_at: datetime
    disabled_at: datetime | None = None
    """Since when nothing is delivered, because it answered 410 Gone."""
    updated_at: datetime | None = None
    """When anything of it last changed; None before it is kept."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, as its receivers will read it."""

    id: str
    organization_id: str
    type: str
    payload: str
    """The JSON text that is signed and sent, the same at every attempt."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: str
    event_id: str
    event_type: str
    endpoint_id: str
    state: DeliveryState
    attempts: int = 0
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Dispatch:
    """A delivery that publishing an event led to."""

    delivery_id: str
    event_id: str
    endpoint_id: str
    created_at: datetime
    state: DeliveryState = DeliveryState.PENDING


@dataclass(frozen=True)
class Publication:
    """An event's deliveries, and whether it was published just now."""

    dispatches: Sequence[Dispatch]
    fresh: bool


class AttemptOutcome(StrEnum):
    """How a POST ended, as it is counted."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    FORBIDDEN = "forbidden"
    """The address may not be called, so it was not."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One POST of a delivery."""

    number: int
    attempted_at: datetime
    latency: timedelta
    status_code: int = 0
    """The HTTP status; 0 if there was no answer."""
    error: str = ""
    """Why it failed, for people; empty if it did not."""
