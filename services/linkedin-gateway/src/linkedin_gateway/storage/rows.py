"""Rows of the database as values, and back. Shared by the repositories."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any, Protocol

from linkedin_gateway.models import (
    Account,
    AccountState,
    Action,
    ActionState,
    Cap,
    Effect,
    Kind,
    Outcome,
    Profile,
    Target,
    Tier,
    WorkingHours,
)


class Row(Protocol):
    """Columns by name, as asyncpg's records have them."""

    def __getitem__(self, name: str, /) -> Any: ...


ACCOUNT_COLUMNS = """account_id, organization_id, unipile_account_id, name, tier, provider_id,
       state, state_reason, state_at, working_hours, caps, created_at, since, restored_at,
       resumed_at, multiplier, connections"""


def account_of(row: Row) -> Account:
    return Account(
        account_id=row["account_id"],
        organization_id=row["organization_id"],
        unipile_account_id=row["unipile_account_id"],
        name=row["name"],
        tier=Tier(row["tier"]),
        provider_id=row["provider_id"],
        state=AccountState(row["state"]),
        state_reason=row["state_reason"],
        state_at=row["state_at"],
        working_hours=hours_of(row["working_hours"]),
        caps=caps_of(row["caps"]),
        created_at=row["created_at"],
        since=row["since"],
        restored_at=row["restored_at"],
        resumed_at=row["resumed_at"],
        multiplier=row["multiplier"],
        connections=row["connections"],
    )


def action_of(row: Row) -> Action:
    window, zone, automatic_reply_wait = asked_hours_of(row["hours"])
    return Action(
        action_id=row["action_id"],
        organization_id=row["organization_id"],
        account_id=row["account_id"],
        campaign_id=row["campaign_id"],
        lead_id=row["lead_id"],
        person=row["person"],
        kind=Kind(row["kind"]),
        noted=row["noted"],
        text_hash=row["text_hash"],
        state=ActionState(row["state"]),
        reason=row["reason"],
        effect=Effect(row["effect"]) if row["effect"] else None,
        message=row["message"],
        attempt=row["attempt"],
        priority=row["priority"],
        virtual_finish=row["virtual_finish"],
        sending_window=window,
        person_time_zone=zone,
        automatic_reply_wait=automatic_reply_wait,
        created_at=row["created_at"],
        turn_at=row["turn_at"],
        sent_at=row["sent_at"],
        finished_at=row["finished_at"],
        lease_until=row["lease_until"],
        verify_at=row["verify_at"],
        absences=row["absences"],
        verifications=row["verifications"],
        target=Target(**row["target"]) if row["target"] else Target(),
        outcome=Outcome(**row["outcome"]) if row["outcome"] else None,
        caller=row["caller"],
        caps=tuple(row["caps"].split("; ")) if row["caps"] else (),
    )


def profile_of(row: Row) -> Profile:
    return Profile(
        person=row["person"],
        provider_id=row["provider_id"],
        public_identifier=row["public_identifier"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        headline=row["headline"],
        location=row["location"],
        connected=row["connected"],
        open_profile=row["open_profile"],
        read_at=row["read_at"],
        invited_at=row["invited_at"],
        invitation_id=row["invitation_id"],
        chat_id=row["chat_id"],
    )


def document(value: Target | Outcome | None) -> dict[str, Any] | None:
    """What is not empty of a value, for a JSON column; None when nothing is."""
    return {k: v for k, v in asdict(value).items() if v} if value is not None else None


def hours_text(hours: WorkingHours) -> str:
    return json.dumps(
        {
            "time_zone": hours.time_zone,
            "weekdays": sorted(hours.weekdays),
            "opens": hours.opens.isoformat("minutes"),
            "closes": hours.closes.isoformat("minutes"),
            "holidays": sorted(day.isoformat() for day in hours.holidays),
        }
    )


@lru_cache(maxsize=4096)
def asked_hours_text(
    window: WorkingHours | None, zone: str, automatic_reply_wait: timedelta | None
) -> str:
    """What a request waits for beside its account's own hours; empty for nothing."""
    if window is None and not zone and automatic_reply_wait is None:
        return ""
    wait = automatic_reply_wait.total_seconds() if automatic_reply_wait is not None else None
    return json.dumps([hours_text(window) if window is not None else "", zone, wait])


@lru_cache(maxsize=4096)
def asked_hours_of(text: str) -> tuple[WorkingHours | None, str, timedelta | None]:
    if not text:
        return None, "", None
    window, zone, *rest = json.loads(text)
    wait = rest[0] if rest else None
    return (
        hours_of(window) if window else None,
        zone,
        timedelta(seconds=wait) if wait is not None else None,
    )


@lru_cache(maxsize=4096)
def hours_of(text: str) -> WorkingHours:
    document = json.loads(text)
    return WorkingHours(
        time_zone=document["time_zone"],
        weekdays=frozenset(document["weekdays"]),
        opens=time.fromisoformat(document["opens"]),
        closes=time.fromisoformat(document["closes"]),
        holidays=frozenset(date.fromisoformat(day) for day in document["holidays"]),
    )


def caps_text(caps: tuple[Cap, ...]) -> str:
    return json.dumps([[cap.kind.value, cap.per.total_seconds(), cap.actions] for cap in caps])


@lru_cache(maxsize=4096)
def caps_of(text: str) -> tuple[Cap, ...]:
    return tuple(
        Cap(kind=Kind(kind), per=timedelta(seconds=per), actions=actions)
        for kind, per, actions in json.loads(text)
    )
