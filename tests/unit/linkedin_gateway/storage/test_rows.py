"""Accounts, actions and profiles are read as they were written."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionState,
    Cap,
    Effect,
    Kind,
    Outcome,
    Product,
    Profile,
    Target,
    Tier,
    WorkingHours,
)
from linkedin_gateway.storage.rows import ACCOUNTS, ACTIONS, PROFILES
from servicekit.postgres.columns import Table

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOURS = WorkingHours(
    time_zone="Europe/Lisbon",
    weekdays=frozenset({1, 2}),
    opens=time(8, 30),
    closes=time(12),
    holidays=frozenset({date(2026, 3, 9)}),
)
ACTION = Action(
    action_id="a",
    organization_id="o",
    account_id="acct",
    campaign_id="c",
    lead_id="l",
    identifier="p",
    person_id="per_p",
    kind=Kind.INVITATION,
    noted=True,
    text_hash="h",
    state=ActionState.UNKNOWN,
    reason="r",
    effect=Effect.STEP_FAILED,
    message="m",
    attempt=2,
    priority=3,
    virtual_finish=4.5,
    sending_window=HOURS,
    person_time_zone="UTC",
    automatic_reply_wait=timedelta(days=2),
    created_at=AT,
    turn_at=AT,
    sent_at=AT,
    finished_at=AT,
    lease_until=AT,
    verify_at=AT,
    verifications=2,
    earlier_ids=("m_1", "m_2"),
    target=Target(
        provider_id="ACo",
        post_id="post",
        connected=True,
        product=Product.RECRUITER,
        product_id="AEM",
    ),
    outcome=Outcome(connected=True),
    caller="worker",
    caps=("one", "two"),
    needs_lookup=True,
)
ACCOUNT = Account(
    account_id="acct",
    organization_id="o",
    unipile_account_id="u",
    name="n",
    tier=Tier.PREMIUM,
    provider_id="ACo",
    state=AccountState.RESTRICTED,
    state_reason="r",
    state_at=AT,
    working_hours=HOURS,
    caps=(Cap(kind=Kind.VISIT, per=timedelta(hours=1), actions=3),),
    created_at=AT,
    since=AT,
    restored_at=AT,
    resumed_at=AT,
    multiplier=0.5,
    connections=7,
    updated_at=AT,
    created_by="mem_1",
    updated_by="mem_2",
)
PROFILE = Profile(
    person_id="per_p",
    provider_id="ACo",
    public_identifier="ada",
    connected=True,
    open_profile=True,
    read_at=AT,
    invited_at=AT,
    invitation_id="i",
    chat_id="c",
)


@pytest.mark.parametrize(
    ("table", "value"), [(ACTIONS, ACTION), (ACCOUNTS, ACCOUNT), (PROFILES, PROFILE)]
)
def test_every_field_is_kept(table: Table[Any], value: Any) -> None:
    """A value of which no field is empty comes back whole."""
    assert all(getattr(value, field.name) for field in fields(value))
    assert table.read(table.values(value)) == value


def test_empty_fields_are_kept() -> None:
    """What is not known of an action is not known of its row."""
    bare = Action(
        action_id="a",
        organization_id="o",
        account_id="acct",
        campaign_id="c",
        lead_id="l",
        identifier="p",
        person_id="per_p",
        kind=Kind.VISIT,
        created_at=AT,
    )

    assert ACTIONS.read(ACTIONS.values(bare)) == bare


def test_a_target_is_kept_of_an_attempt_only() -> None:
    """Where an action is aimed is decided when it goes, and can be looked up by."""
    prepared = replace(ACTION, attempt=0)

    assert ACTIONS.values(prepared)["target"] is None
    assert ACTIONS.values(ACTION)["provider_id"] == "ACo"
    assert ACTIONS.values(ACTION)["post_id"] == "post"
