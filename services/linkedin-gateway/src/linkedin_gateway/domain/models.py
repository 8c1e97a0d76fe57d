"""What the gateway talks about: accounts, actions, people. Frozen values, hardly any behaviour."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import unquote

from linkedin_gateway.domain.caps import Cap
from linkedin_gateway.domain.kinds import Kind
from linkedin_gateway.domain.working_hours import WorkingHours


class Tier(StrEnum):
    """The LinkedIn plan of an account."""

    FREE = "free"
    PREMIUM = "premium"
    SALES_NAVIGATOR = "sales_navigator"
    RECRUITER = "recruiter"


class AccountState(StrEnum):
    """Whether an account can act; only a connected one does."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    RESTRICTED = "restricted"
    REMOVED = "removed"


DOWN = frozenset({AccountState.DISCONNECTED, AccountState.RESTRICTED, AccountState.REMOVED})
"""States that people must hear about; a connecting account comes back by itself."""


class ActionState(StrEnum):
    """Where an action stands; see `action.proto` for the transitions."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class Effect(StrEnum):
    """What a refusal ends."""

    STEP_FAILED = "step_failed"
    LEAD_FAILED = "lead_failed"


class InvitationScope(StrEnum):
    """Whose open invitation stands in the way of another to the same person."""

    CAMPAIGN = "campaign"
    ORGANIZATION = "organization"


class HoldScope(StrEnum):
    """What a hold covers."""

    CAMPAIGN = "campaign"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    EVERYTHING = "everything"
    KIND = "kind"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A LinkedIn account that sends."""

    account_id: str
    organization_id: str
    unipile_account_id: str
    name: str = ""
    tier: Tier = Tier.FREE
    provider_id: str = ""
    state: AccountState = AccountState.CONNECTED
    state_reason: str = ""
    state_at: datetime
    working_hours: WorkingHours
    caps: tuple[Cap, ...] = ()
    created_at: datetime
    since: datetime | None = None
    """When it was connected at Unipile; None if that was long ago."""
    restored_at: datetime | None = None
    """When its last restriction was over."""
    resumed_at: datetime | None = None
    """When it acted again after it was idle."""
    multiplier: float = 1.0
    """What its health makes of its caps."""
    connections: int | None = None
    """How many it has at LinkedIn; None if that is not known."""


@dataclass(frozen=True, kw_only=True)
class ActionRequest:
    """One action that a lead needs, as the caller asked for it."""

    action_id: str
    organization_id: str
    account_id: str
    campaign_id: str
    lead_id: str
    person: str
    kind: Kind
    text: str = ""
    subject: str = ""
    reaction: str = ""
    post_id: str = ""
    recent_within: timedelta = timedelta(days=7)
    only_if_no_reply: bool = False
    continue_after_reply: bool = False
    automatic_reply_wait: timedelta | None = None
    """How long to wait after an automatic reply; None if it counts as a reply."""
    weight: int = 1
    sending_window: WorkingHours | None = None
    person_time_zone: str = ""
    email: str = ""
    company: str = ""
    """With these suppressions of a domain or a company apply to the person."""
    caller: str = ""
    """Who asks, as the token says."""

    @property
    def noted(self) -> bool:
        """Whether it is an invitation that carries a note."""
        return self.kind is Kind.INVITATION and bool(self.text)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Who and what exactly an action is aimed at, in the provider's ids."""

    provider_id: str = ""
    invitation_id: str = ""
    chat_id: str = ""
    post_id: str = ""
    post_ref: str = ""
    """The id by which the post is read; `post_id` is the one by which it is acted upon."""
    connected: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an action that was performed."""

    already_so: bool = False
    sent_as_message: bool = False
    """An InMail went as a plain message: its receiver had connected meanwhile."""
    connected: bool = False
    provider_id: str = ""
    invitation_id: str = ""
    chat_id: str = ""
    message_id: str = ""
    post_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One action as the ledger knows it."""

    action_id: str
    organization_id: str
    account_id: str
    campaign_id: str
    lead_id: str
    person: str
    kind: Kind
    noted: bool = False
    text_hash: str = ""
    state: ActionState = ActionState.QUEUED
    reason: str = ""
    effect: Effect | None = None
    message: str = ""
    attempt: int = 0
    priority: int = 0
    virtual_finish: float = 0.0
    sending_window: WorkingHours | None = None
    person_time_zone: str = ""
    automatic_reply_wait: timedelta | None = None
    """What it was asked to wait for last, beside the account's own hours."""
    created_at: datetime
    turn_at: datetime | None = None
    sent_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = None
    verify_at: datetime | None = None
    absences: int = 0
    verifications: int = 0
    target: Target = field(default_factory=Target)
    outcome: Outcome | None = None
    caller: str = ""
    """Who asked for it first."""
    caps: tuple[str, ...] = ()
    """The caps that it was sent under, and what each held with it."""

    @property
    def as_message(self) -> bool:
        """Whether it goes, or went, as a plain message; so does an InMail to a connection."""
        return self.kind is Kind.MESSAGE or (self.kind is Kind.INMAIL and self.target.connected)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What an account knows of a person."""

    person: str
    provider_id: str = ""
    public_identifier: str = ""
    first_name: str = ""
    last_name: str = ""
    headline: str = ""
    location: str = ""
    connected: bool = False
    open_profile: bool = False
    read_at: datetime | None = None
    invited_at: datetime | None = None
    invitation_id: str = ""
    chat_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Invited:
    """An earlier invitation to the same person, from anybody of the organization."""

    account_id: str
    campaign_id: str
    at: datetime
    ended_at: datetime | None = None
    """When it was withdrawn, or was found to be pending no more; None while it is pending."""


@dataclass(frozen=True, kw_only=True)
class HoldChange:
    """A hold that was put or lifted."""

    number: int
    scope: HoldScope
    subject_id: str
    lifted: bool
    reason: str
    caller: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stop that is in force until it is lifted."""

    scope: HoldScope
    subject_id: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Somebody who must not be contacted: a person, or all of a domain or company."""

    suppression_id: str
    organization_id: str
    subject: str
    key: str
    """By what it is compared; see `suppression_keys`."""
    label: str
    """What people read; of a person only as much as tells the entry from others."""
    reason: str
    created_at: datetime
    expires_at: datetime | None = None


def person_key(public_identifier: str) -> str:
    """One spelling per person: LinkedIn ignores case and escapes in addresses.

    Ids of the provider (`ACo…`) are case-sensitive and stay as they are.
    """
    text = unicodedata.normalize("NFC", unquote(public_identifier).strip().strip("/"))
    return text if is_provider_id(text) else text.lower()


def is_provider_id(identifier: str) -> bool:
    """Whether it is an id of the provider and not the last part of an address."""
    return identifier.startswith(("ACo", "ACw", "ADo", "AE")) and len(identifier) > 20  # noqa: PLR2004


def text_hash(text: str) -> str:
    """A text by which it is found again, whatever became of its white space; empty for none."""
    words = " ".join(unicodedata.normalize("NFC", text).split())
    return hashlib.sha256(words.encode()).hexdigest()[:32] if words else ""
