"""Rows of campaigns and of leads: their columns, and what they are as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from asyncpg import Record
from servicekit.postgres.columns import Columns, Row, column
from servicekit.sealing.data_keys import wrapped_key
from servicekit.sealing.seal import Seal, SealedColumn

from campaigns.campaign_edit import etag_of
from campaigns.errors import TextUnreadable
from campaigns.models import (
    Campaign,
    CampaignState,
    ConnectionState,
    HeldBack,
    Lead,
    LeadState,
    Person,
)
from campaigns.parking import ParkedBecause, why_parked
from campaigns.sealing.people import PeopleSeal, person_columns
from campaigns.sealing.words import HELD_DETAIL, REPLY, LeadKey, WordSeal
from campaigns.sequences.revision import Revision
from campaigns.settings_json import settings_from_json, settings_to_json

CAMPAIGN = Columns(
    column("id"),
    column("organization_id"),
    column("name"),
    column("state"),
    column("account_ids", "text[]"),
    column("settings", "jsonb"),
    column("revision_id"),
    column("created_at", "timestamptz"),
    column("started_at", "timestamptz"),
    column("ended_at", "timestamptz"),
    column("deleted_at", "timestamptz"),
    column("purge_at", "timestamptz"),
    column("purged_at", "timestamptz"),
    column("updated_at", "timestamptz"),
    column("created_by"),
    column("updated_by"),
)
"""Each is a field of `Campaign`."""
_LATER = (
    *("started_at", "ended_at", "deleted_at", "purge_at", "purged_at", "updated_at"),
    "updated_by",
)
NEW_CAMPAIGN = CAMPAIGN.without(*_LATER) | Columns(
    column("request_id"),
    column("request_hash"),
    column("said"),
)
"""What a campaign begins with, and the request that made it."""
_JSON = {
    "variables": column("variables", "jsonb", write=lambda person: dict(person.variables)),
    "literal": column("literal", "jsonb", write=lambda person: list(person.literal)),
}
PERSON: Columns[Person] = Columns(
    *(_JSON.get(field.name, column(field.name)) for field in fields(Person))
)
"""What is known of the person; each is a field of `Person`."""
HELD = Columns(column("held_reason"), column("held_detail"), column("sealed_held_detail", "bytea"))
"""Why a lead that is ready may not begin; empty for one that may."""
_PARKED = Columns(
    column("parked_reason"),
    column("parked_activity"),
    column("parked_trace_id"),
    column("parked_at", "timestamptz"),
)
"""Why a lead in the sequence stands still because of us; empty for one that does not."""
HAS_OPTED_OUT = "(leads.opted_out_at IS NOT NULL OR leads.reason = 'PERSON_SUPPRESSED')"
"""Who said so, and who was suppressed otherwise by the time that a step of theirs was due."""
IS_PARKED = "state = 'running' AND parked_reason <> ''"
_LIFE = Columns(
    column("id"),
    column("campaign_id"),
    column("state"),
    column("connection"),
    column("reason"),
    column("reply"),
    column("account_id"),
    column("revision_id"),
    column("lead_list_id"),
    column("created_at", "timestamptz"),
    column("start_at", "timestamptz"),
    column("started_at", "timestamptz"),
    column("ended_at", "timestamptz"),
    column("owner_wrote_at", "timestamptz"),
    column("reassigned_action_id"),
    column("replacement_account_id"),
    column("replaced_if_contacted", "boolean"),
    column("updated_at", "timestamptz"),
    column("released_at", "timestamptz"),
    column("release_id"),
    column("rank", "double precision"),
    column("opted_out_at", "timestamptz"),
    column("suppression_id"),
)
"""How far the lead is; each is a field of `Lead`."""
LEAD_COLUMNS = f"""
    {_LIFE | PERSON | HELD | _PARKED | Columns(column("position", "bigint"))},
    {person_columns("leads")},
    sealed_reply, {wrapped_key("leads", "sealed_reply")} AS reply_key,
    {wrapped_key("leads", "sealed_held_detail")} AS held_key
"""
"""What `LeadRows` reads, and the lead's place in its list."""
SEALED_PERSON = PERSON | Columns(column("person", "bytea"))
"""What `PeopleSeal` writes."""
NOT_HELD: Mapping[str, Any] = {"held_reason": "", "held_detail": "", "sealed_held_detail": None}
"""What HELD is of whoever may begin."""
UNREADABLE = "[unreadable]"
"""What a reply says that does not open, or why a lead is held back: that it is so matters."""

LEAD_IS_READY = "state = 'ready' AND held_reason = ''"
LEAD_IS_RELEASED = f"{LEAD_IS_READY} AND released_at IS NOT NULL"
"""Whom a campaign admits that admits released ones only; as its index says it."""
# A lead that is held back is ready in all but name, one that is parked runs.
LEAD_STATE = f"""
    CASE WHEN state = 'ready' AND held_reason <> '' THEN 'held_back'
         WHEN {IS_PARKED} THEN 'parked'
         ELSE state END
"""
# As `LeadRows` tells it.
LEAD_REASON = f"""
    CASE WHEN state = 'ready' AND held_reason <> '' THEN held_reason
         WHEN {IS_PARKED} THEN parked_reason
         ELSE reason END
"""


class LeadRows:
    """Reads leads, and opens what is sealed of them."""

    def __init__(self, seal: Seal) -> None:
        self.people, self.words = PeopleSeal(seal, "leads"), WordSeal(seal)

    def read(self, row: Row) -> Lead:
        """The lead of a row with LEAD_COLUMNS."""
        state, reason = LeadState(row["state"]), row["reason"]
        detail = self._opened(HELD_DETAIL, row, row["held_detail"], by="held_key")
        parked = state is LeadState.RUNNING and bool(row["parked_reason"])
        if state is LeadState.READY and row["held_reason"]:
            state, reason = LeadState.HELD_BACK, row["held_reason"]
        elif parked:
            state, reason = LeadState.PARKED, row["parked_reason"]
            detail = why_parked(ParkedBecause(reason), row["parked_activity"])
        return Lead(
            **{name: row[name] for name in _LIFE.types}
            | {
                "person": self.people.read(row, row["id"]),
                "reply": self._opened(REPLY, row, row["reply"], by="reply_key"),
                "state": state,
                "connection": ConnectionState(row["connection"]),
                "reason": reason,
                "detail": detail,
                "parked_at": row["parked_at"] if parked else None,
                "trace_id": row["parked_trace_id"] if parked else "",
            }
        )

    def _opened(self, place: SealedColumn, row: Row, text: str, *, by: str) -> str:
        kept = {
            "organization_id": row["organization_id"],
            "sealed": row[place.column],
            "wrapped": row[by],
        }
        try:
            return self.words.opened(place, row["id"], kept, text)
        except TextUnreadable:
            return UNREADABLE


def person_to_row(person: Person) -> dict[str, Any]:
    """What is known of a person, by column."""
    return PERSON.values(person)


def held_to_row(
    words: WordSeal, lead_id: str, held: HeldBack | None, by: LeadKey
) -> dict[str, Any]:
    """Why a lead is held back, by column, sealed by what is said of it."""
    if held is None:
        return dict(NOT_HELD)
    detail, sealed = words.sealed(HELD_DETAIL, lead_id, held.detail, by)
    return {"held_reason": held.reason, "held_detail": detail, "sealed_held_detail": sealed}


def campaign_from_row(row: Record) -> Campaign:
    """The campaign of a row that `CampaignRepository` reads."""
    return Campaign(
        **{name: row[name] for name in CAMPAIGN.types}
        | {
            "state": CampaignState(row["state"]),
            "account_ids": tuple(row["account_ids"]),
            "settings": settings_from_json(row["settings"]),
            "parked_leads": row["parked_leads"],
        }
    )


def new_campaign_row(
    campaign: Campaign, revision: Revision, *, request_id: str, of: str = "", said: str = ""
) -> dict[str, Any]:
    """The row of a campaign that is made with this sequence by this request, as a copy of one.

    `said` is the request as it came, as one word.
    """
    return {
        name: getattr(campaign, name) for name in CAMPAIGN.types if name in NEW_CAMPAIGN.types
    } | {
        "request_id": request_id,
        "request_hash": f"{etag_of(campaign)}/{of}",
        "said": said,
        "state": CampaignState.DRAFT,
        "account_ids": list(campaign.account_ids),
        "settings": settings_to_json(campaign.settings),
        "revision_id": revision.id,
    }


def is_same_request(row: Record, asked: Campaign, *, of: str) -> bool:
    """Whether the request that has made a campaign had asked for this one, as a copy of the same.

    It may have been edited since; of those before there was a hash only what they are now. The
    release before kept of no campaign whether it is a copy.
    """
    etag, *told = row["request_hash"].split("/")
    alike = told[0] == of if told else row["id"] != of
    return alike and etag_of(asked) in (etag, etag_of(campaign_from_row(row)))


def is_said_again(row: Record, said: str) -> bool:
    """Whether it is that request to the letter, which was in order when it was heard first.

    What was said came behind the hash for a while.
    """
    return bool(said) and said in (row["said"], *row["request_hash"].split("/")[2:])
