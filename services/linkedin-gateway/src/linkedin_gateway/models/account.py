"""An account that sends: its plan, its state, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linkedin_gateway.models.cap import Cap
from linkedin_gateway.models.working_hours import WorkingHours


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
    updated_at: datetime | None = None
    """When what callers see of it last changed; None before it is kept."""
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    updated_by: str = ""
    """Who edited it last."""
