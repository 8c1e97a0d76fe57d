"""What the dispatcher keeps: endpoints, events, deliveries and their attempts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

SEQUENCE_WEBHOOK = "sequence.webhook"
"""The one event type that goes only to the endpoint it names."""


class DeliveryState(StrEnum):
    """Where a delivery is; only a pending one moves."""

    PENDING = "pending"
    DELIVERED = "delivered"
    LAPSED = "lapsed"
    DROPPED = "dropped"


class DisableReason(StrEnum):
    """Why nothing is delivered to an endpoint."""

    REQUESTED = "requested"
    GONE = "gone"
    """It answered 410 Gone."""
    FAILING = "failing"
    """Nothing but failure, for days."""


class SignatureScheme(StrEnum):
    """How a signature that is not ours is written."""

    HMAC_SHA256_HEX = "hmac_sha256_hex"
    HMAC_SHA256_BASE64 = "hmac_sha256_base64"


READ_PER_MINUTE = 60
"""What Slack takes, and more than anybody reads."""


class Channel(StrEnum):
    """By what an endpoint's events come."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    """An incoming webhook of Slack, or of what takes the same."""
    EMAIL = "email"

    @property
    def for_people(self) -> bool:
        """Whether somebody reads what comes."""
        match self:
            case Channel.SLACK | Channel.EMAIL:
                return True
            case Channel.WEBHOOK:
                return False
            case _:
                assert_never(self)

    def most_per_minute(self, asked: int) -> int:
        """How much is sent a minute at the most where so much is asked for; 0 for all there is."""
        if not self.for_people:
            return asked
        return min(asked or READ_PER_MINUTE, READ_PER_MINUTE)


class SmtpSecurity(StrEnum):
    """How the connection to the server for mails is kept to itself."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class PayloadForm(StrEnum):
    """What a webhook says of an event."""

    WITH_LEAD = "with_lead"
    IDS = "ids"
    """Of what it is about the ids, and nothing of a person."""
    LEAD_RECORD = "lead_record"
    """As receivers of an older system read it; of events about a lead."""


@dataclass(frozen=True, kw_only=True)
class LegacySignature:
    """A signature beside ours, as the receiver knew it from another sender."""

    header: str
    scheme: SignatureScheme
    prefix: str = ""
    sealed_secret: bytes = field(default=b"", repr=False)
    """What it is made by; empty: by the endpoint's own secret, as customers keep that."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address at which a customer listens."""

    id: str
    organization_id: str
    url: str
    event_types: tuple[str, ...] = ()
    """What it receives, `lead.*` for all of a kind; empty: everything but `SEQUENCE_WEBHOOK`."""
    campaign_ids: tuple[str, ...] = ()
    """Only what is about these; empty: about all, and about none."""
    account_ids: tuple[str, ...] = ()
    """Only what is about these, or leads given to them; empty: about all, and about none."""
    builder_webhook_id: str = ""
    description: str = ""
    header_names: tuple[str, ...] = ()
    """The headers that the customer has us send along."""
    sealed_headers: bytes = field(default=b"", repr=False)
    """Their names and values; empty if there are none."""
    max_per_minute: int = 0
    """How many POSTs a minute it is sent; 0: as many as there are."""
    max_concurrency: int = 0
    """How many POSTs are under way to it from one process; 0: its share."""
    legacy_signature: LegacySignature | None = None
    channel: Channel = Channel.WEBHOOK
    payload_form: PayloadForm = PayloadForm.WITH_LEAD
    created_at: datetime
    disabled_at: datetime | None = None
    """Since when nothing is delivered."""
    disable_reason: DisableReason | None = None
    old_secrets_until: datetime | None = None
    """Until when secrets from before a rotation sign as well."""
    updated_at: datetime | None = None
    """When anything of it last changed; None before it is kept."""
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    updated_by: str = ""
    """Who edited it last."""
    deleted_at: datetime | None = None
    purge_at: datetime | None = None
    """Until when it can come back; None of one that is not deleted."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, as its receivers will read it."""

    id: str
    organization_id: str
    type: str
    payload: str
    """The JSON text that is signed and sent, the same at every attempt."""
    sealed_payload: bytes | None = None
    """What is kept instead of it; None for what is kept as it is."""
    occurred_at: datetime
    campaign_id: str = ""
    """What it is about, as far as endpoints and lists ask for it; empty if it is about none."""
    lead_id: str = ""
    account_id: str = ""
    only_to: str = ""
    """The one endpoint that it is for; empty for all that listen."""
    subject: str = ""
    """Whose events its number counts; empty if it has none."""
    number: int = 0
    """Which one it is of its subject's, from 1 on; 0 if it has none."""
    digest: bytes = b""
    """Of all that was published, to know the same from another under its id."""
    trace: str = ""
    """The `traceparent` of what made it happen; empty if nothing was traced."""


@dataclass(frozen=True, kw_only=True)
class PublishedEvent:
    """An event as it was published."""

    id: str
    organization_id: str
    type: str
    occurred_at: datetime
    published_at: datetime
    campaign_id: str
    lead_id: str
    account_id: str
    subject: str = ""
    """Whose events its number counts; empty if it has none."""
    number: int = 0
    payload: str = ""
    """What is sent; empty where it is not told, or kept no more."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint."""

    id: str
    event_id: str
    event_type: str
    endpoint_id: str
    campaign_id: str = ""
    """What the event is about; empty if it is about none."""
    lead_id: str = ""
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
    numbered: bool = False
    """Whether it keeps an order with others of its subject."""
    organization_id: str = ""


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
    request_headers: Mapping[str, str] = field(default_factory=dict)
    """What it was sent with; of what a customer has us send along, the names."""
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_excerpt: str = ""
    """How the body of the answer began, in what people can read of it."""
