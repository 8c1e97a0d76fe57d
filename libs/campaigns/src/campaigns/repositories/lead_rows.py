"""Rows of leads: their columns, and leads from them and to them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from asyncpg import Record
from servicekit.postgres.columns import Columns, column

from campaigns.models import ConnectionState, HeldBack, Lead, LeadState, Person

_JSON = {
    "variables": column("variables", "jsonb", write=lambda person: dict(person.variables)),
    "literal": column("literal", "jsonb", write=lambda person: list(person.literal)),
}
PERSON: Columns[Person] = Columns(
    *(_JSON.get(field.name, column(field.name)) for field in fields(Person))
)
"""What is known of the person; each is a field of `Person`."""
HELD = Columns(column("held_reason"), column("held_detail"))
"""Why a lead that is ready may not begin; empty for one that may."""
_LIFE = Columns(
    column("id"),
    column("campaign_id"),
    column("state"),
    column("connection"),
    column("reason"),
    column("reply"),
    column("account_id"),
    column("revision_id"),
    column("created_at", "timestamptz"),
    column("start_at", "timestamptz"),
    column("started_at", "timestamptz"),
    column("ended_at", "timestamptz"),
    column("owner_wrote_at", "timestamptz"),
    column("reassigned_action_id"),
    column("replacement_account_id"),
    column("replaced_if_contacted", "boolean"),
)
"""How far the lead is; each is a field of `Lead`."""
LEAD_COLUMNS = str(_LIFE | PERSON | HELD | Columns(column("position", "bigint")))
"""What `lead_from_row` reads, and the lead's place in its list."""

# A lead that is held back is ready in all but name.
LEAD_STATE = "CASE WHEN state = 'ready' AND held_reason <> '' THEN 'held_back' ELSE state END"


def lead_from_row(row: Record) -> Lead:
    """The lead of a row with LEAD_COLUMNS."""
    state, reason = LeadState(row["state"]), row["reason"]
    if state is LeadState.READY and row["held_reason"]:
        state, reason = LeadState.HELD_BACK, row["held_reason"]
    return Lead(
        **{name: row[name] for name in _LIFE.types}
        | {
            "person": Person(
                **{name: row[name] for name in PERSON.types} | {"literal": tuple(row["literal"])}
            ),
            "state": state,
            "connection": ConnectionState(row["connection"]),
            "reason": reason,
            "detail": row["held_detail"],
        }
    )


def person_to_row(person: Person) -> dict[str, Any]:
    """What is known of a person, by column."""
    return PERSON.values(person)


def held_to_row(held: HeldBack | None) -> dict[str, str]:
    """Why a lead is held back, by column."""
    return {
        "held_reason": held.reason if held else "",
        "held_detail": held.detail if held else "",
    }
