"""What LinkedIn told the gateway, as campaign-api passes it on."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never


@dataclass(frozen=True, kw_only=True)
class LeadRef:
    """A lead that an event is about."""

    campaign_id: str
    lead_id: str


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted:
    """The person is connected to the account."""

    provider_id: str


@dataclass(frozen=True, kw_only=True)
class ReplyReceived:
    """The person wrote."""

    provider_id: str
    chat_id: str
    message_id: str
    text: str
    automatic: bool = False
    suppression_id: str = ""
    """They asked for no further contact: what was made of it."""


@dataclass(frozen=True, kw_only=True)
class OwnerWrote:
    """The account's owner wrote to the person by hand."""

    provider_id: str
    chat_id: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class AccountDisconnected:
    """The account cannot act."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class AccountReconnected:
    """The account can act again."""


@dataclass(frozen=True, kw_only=True)
class ActionsFreed:
    """What actions waited for without a known end is over."""

    cause: str


@dataclass(frozen=True, kw_only=True)
class AccountCoolingDown:
    """LinkedIn asked the account to slow down with one kind of action."""

    action: str
    cause: str
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountCooledDown:
    """The account may go on with that kind."""

    action: str


OfAccount = AccountDisconnected | AccountReconnected | AccountCoolingDown | AccountCooledDown
"""What customers hear of an account itself."""

What = InvitationAccepted | ReplyReceived | OwnerWrote | ActionsFreed | OfAccount


@dataclass(frozen=True, kw_only=True)
class LinkedInEvent:
    """Something that happened on LinkedIn or to an account."""

    id: str
    organization_id: str
    account_id: str
    at: datetime
    leads: tuple[LeadRef, ...]
    what: What

    @property
    def about(self) -> tuple[str, str]:
        """Events about the same keep their order; the person is known per account."""
        match self.what:
            case InvitationAccepted() | ReplyReceived() | OwnerWrote():
                return (self.account_id, self.what.provider_id)
            case (
                ActionsFreed()
                | AccountDisconnected()
                | AccountReconnected()
                | AccountCoolingDown()
                | AccountCooledDown()
            ):
                return (self.account_id, "")
            case _:
                assert_never(self.what)
