"""Accounts, their caps and how much of them is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from outreach.linkedin.v1 import account_pb2, pace_pb2

from linkedin_gateway.accounts.account_edit import etag_of
from linkedin_gateway.convert.hours import window_message
from linkedin_gateway.convert.values import (
    KIND_NUMBERS,
    KINDS,
    duration,
    timestamp,
)
from linkedin_gateway.convert.violations import Violations
from linkedin_gateway.kinds.caps import highest_allowed
from linkedin_gateway.models import Account, AccountState, Cap, Kind, Tier
from linkedin_gateway.pace.slots import Window

_ACCOUNT_STATES = {
    state: account_pb2.AccountState.Value(f"ACCOUNT_STATE_{state.name}") for state in AccountState
}
_TIERS = {tier: account_pb2.AccountTier.Value(f"ACCOUNT_TIER_{tier.name}") for tier in Tier}


def account_message(account: Account) -> account_pb2.Account:
    hours = account.working_hours
    return account_pb2.Account(
        account_id=account.account_id,
        organization_id=account.organization_id,
        unipile_account_id=account.unipile_account_id,
        name=account.name,
        tier=_TIERS[account.tier],
        state=_ACCOUNT_STATES[account.state],
        working_hours=window_message(hours),
        holidays=sorted(day.isoformat() for day in hours.holidays),
        caps=[
            account_pb2.Cap(kind=KIND_NUMBERS[cap.kind], per=duration(cap.per), actions=cap.actions)
            for cap in account.caps
        ],
        create_time=timestamp(account.created_at),
        created_by=account.created_by,
        updated_by=account.updated_by,
        state_time=timestamp(account.state_at),
        state_reason=account.state_reason,
        update_time=timestamp(account.updated_at),
        etag=etag_of(account),
    )


def caps_of(caps: Sequence[account_pb2.Cap], field: str, wrong: Violations) -> tuple[Cap, ...]:
    """A customer's caps, none above the defaults of the highest tier.

    One above the default of the account's own tier has no effect: the lowest binds.
    """
    found = []
    for number, cap in enumerate(caps):
        kind, per = KINDS.get(cap.kind), cap.per.ToTimedelta()
        if kind is None:
            # Refused by its rule, beside what else is wrong.
            continue
        highest = highest_allowed(kind, per, tier="recruiter")
        if highest is not None and cap.actions > highest:
            told = f"must not be higher than the default, {highest}"
            wrong.add(f"{field}[{number}].actions", told)
        found.append(Cap(kind=kind, per=per, actions=cap.actions))
    return tuple(found)


def usage_message(kind: Kind, window: Window, *, tier: str, now: datetime) -> pace_pb2.Usage:
    """How much of one cap is used."""
    free_at = window.free_at(now)
    usual = highest_allowed(kind, window.cap.per, tier=tier) if window.cap.layer == "tier" else None
    return pace_pb2.Usage(
        kind=KIND_NUMBERS[kind],
        per=duration(window.cap.per),
        used=window.used(now),
        limit=window.cap.actions,
        layer=window.cap.layer,
        free_time=timestamp(free_at) if free_at > now else None,
        notes=window.cap.noted,
        plan_limit=max(window.cap.actions, usual or 0),
    )
