"""Accounts as callers see them."""

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from linkedin_gateway.convert.accounts import account_message
from linkedin_gateway.models import Account, AccountState, Cap, Kind, Tier, WorkingHours
from outreach.linkedin.v1 import account_pb2

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ACCOUNT = Account(
    account_id="acct_1",
    organization_id="org_1",
    unipile_account_id="unipile-1",
    state_at=AT,
    working_hours=WorkingHours(),
    created_at=AT,
)
INTERNAL = {"provider_id", "since", "restored_at", "resumed_at", "multiplier", "connections"}
"""What callers do not see here; `GetAccountHealth` says what follows from it."""
ANOTHER: dict[str, Any] = {
    "account_id": "acct_2",
    "organization_id": "org_2",
    "unipile_account_id": "unipile-2",
    "name": "Ada",
    "tier": Tier.PREMIUM,
    "state": AccountState.RESTRICTED,
    "state_reason": "PERMISSIONS",
    "state_at": AT + timedelta(days=1),
    "working_hours": WorkingHours(opens=time(5), holidays=frozenset({AT.date()})),
    "caps": (Cap(kind=Kind.MESSAGE, per=timedelta(days=1), actions=3),),
    "created_at": AT + timedelta(days=1),
    "updated_at": AT + timedelta(days=1),
    "created_by": "mem_1",
    "updated_by": "mem_2",
}


def test_every_field_is_shown_or_said_to_be_internal() -> None:
    """A new field of an account has to be decided about."""
    assert {field.name for field in fields(Account)} == INTERNAL | ANOTHER.keys()


@pytest.mark.parametrize("name", ANOTHER)
def test_a_field_that_is_shown_changes_the_message(name: str) -> None:
    """None of what callers see is left out of the message."""
    changed = replace(ACCOUNT, **{name: ANOTHER[name]})

    assert account_message(changed) != account_message(ACCOUNT)


def test_every_field_of_the_contract_is_told() -> None:
    """None is in the contract and never filled."""
    told = account_message(replace(ACCOUNT, **ANOTHER))

    names = {field.name for field, _ in told.ListFields()}
    assert names == {*account_pb2.Account.DESCRIPTOR.fields_by_name}
