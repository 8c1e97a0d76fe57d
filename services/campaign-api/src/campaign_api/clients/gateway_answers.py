"""What linkedin-gateway answers, as far as a campaign cares. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.models import SendingWindow

_REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class SendingAccount:
    """A LinkedIn account as far as a campaign cares; `pays` is None where its plan is not known."""

    id: str
    organization_id: str
    name: str
    connected: bool
    state: str
    state_reason: str = ""
    pays: bool | None = None
    hours: SendingWindow | None = None
    """Its working hours with its days off; None where they are not told."""

    @property
    def removed(self) -> bool:
        """It is gone at the provider: only a new connection of the same member brings it back."""
        return self.state == _REMOVED


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Something that stands between an action and its performance."""

    reason: str
    description: str
    free_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Leads of a campaign that wait on an account for the same with one kind of action."""

    account_id: str
    action: str
    reason: str
    leads: int
    first_at: datetime | None = None


class HoldScope(StrEnum):
    """What a hold covers; `hold.proto` says what each means."""

    CAMPAIGN = "campaign"
    ACCOUNT = "account"
    ORGANIZATION = "organization"
    EVERYTHING = "everything"
    KIND = "kind"


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A stop in force, and what is held."""

    scope: HoldScope
    subject_id: str
    reason: str
    by_database: bool = False
    """Nobody put it: the database refuses to write, and nothing goes that is not written down."""


def database_hold(refusal: str) -> Hold:
    """What stops everything while the database refuses to write."""
    return Hold(scope=HoldScope.EVERYTHING, subject_id="", reason=refusal, by_database=True)


@dataclass(frozen=True, kw_only=True)
class KnownPeople:
    """What the gateway knows of whoever is called by something."""

    names: Sequence[str]
    """All that they are called by."""
    lead_ids: Sequence[str]
    """Leads that have acted on them."""
