"""An action, as it is asked for and as the ledger knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from linkedin_gateway.models.kind import Kind
from linkedin_gateway.models.person import Person
from linkedin_gateway.models.product import Product
from linkedin_gateway.models.working_hours import WorkingHours


class ActionKey(NamedTuple):
    """Which action is meant: its id is a name that its organization has given it."""

    organization_id: str
    action_id: str


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


class OwnerMessages(StrEnum):
    """What becomes of an action once the account's owner has written to the person by hand."""

    END = "end"
    PAUSE_UNTIL_ANSWERED = "pause_until_answered"
    CONTINUE = "continue"


@dataclass(frozen=True, kw_only=True)
class ActionRequest:
    """One action that a lead needs, as the caller asked for it."""

    action_id: str
    organization_id: str
    account_id: str
    campaign_id: str
    lead_id: str
    identifier: str
    """How the caller calls the person: an address, or an id of the provider."""
    person_id: str = ""
    """Who that is; empty until they are identified."""
    kind: Kind
    text: str = ""
    subject: str = ""
    reaction: str = ""
    post_id: str = ""
    recent_within: timedelta = timedelta(days=7)
    only_if_no_reply: bool = False
    continue_after_reply: bool = False
    contact_responders: bool = False
    """Act although the person answered the organization before the lead began."""
    leave_received: bool = False
    """Of an invitation: do not accept the one that the person has sent instead."""
    owner_messages: OwnerMessages = OwnerMessages.END
    """What it means that the account's owner has written to the person by hand."""
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
    def key(self) -> ActionKey:
        """Which action it asks for."""
        return ActionKey(self.organization_id, self.action_id)

    @property
    def person(self) -> Person:
        """Whom it is for."""
        return Person(person_id=self.person_id, identifier=self.identifier)

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
    product: Product = Product.CLASSIC
    """The product that an InMail goes by, and whose credit it costs."""
    product_id: str = ""
    """The person's id in that product; empty for the classic one, whose is `provider_id`."""

    @property
    def inmail_recipient(self) -> str:
        """The id by which the product of an InMail knows the person."""
        return self.product_id or self.provider_id


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
    identifier: str
    person_id: str
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
    verifications: int = 0
    """Looks for its present attempt that said neither yes nor no."""
    earlier_ids: tuple[str, ...] = ()
    """Messages with its words that were there before it went: none of them is this action."""
    target: Target = field(default_factory=Target)
    outcome: Outcome | None = None
    caller: str = ""
    """Who asked for it first."""
    caps: tuple[str, ...] = ()
    """The caps that it was sent under, and what each held with it."""
    needs_lookup: bool = False
    """While it waits: the person's profile must be read before it goes."""

    @property
    def key(self) -> ActionKey:
        """Which one it is."""
        return ActionKey(self.organization_id, self.action_id)

    @property
    def person(self) -> Person:
        """Whom it is for."""
        return Person(person_id=self.person_id, identifier=self.identifier)

    @property
    def as_message(self) -> bool:
        """Whether it goes, or went, as a plain message; so does an InMail to a connection."""
        return self.kind is Kind.MESSAGE or (self.kind is Kind.INMAIL and self.target.connected)
