"""SQL by which people become leads: a thousand or so at a time, by COPY."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.ids import new_ids
from servicekit.postgres.columns import Columns, affected, column

from campaigns.errors import CampaignEnded, CampaignNotFound
from campaigns.models import HeldBack, Person
from campaigns.repositories.rows import HELD, PERSON, held_to_row
from campaigns.texts.lead_check import Check

_NEW = Columns(column("id")) | PERSON | HELD
NewLead = tuple[Any, ...]
"""A row of a lead to be."""

_FREE = tuple(held_to_row(None).values())

# Holds off the campaign's end until the leads are in.
_OPEN_FOR_LEADS = """
    SELECT state IN ('draft', 'running', 'paused') FROM campaigns
     WHERE id = $1 AND deleted_at IS NULL FOR SHARE
"""
# COPY writes past row security, so not into a table that keeps organizations apart.
_STAGE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS new_leads (number integer, {_NEW.declared})
        ON COMMIT DELETE ROWS
"""
STAGED = ("number", *_NEW.types)
"""The columns of a `NewLead`."""
# A person who is in the campaign already stays as they are.
_ADD = f"""
    INSERT INTO leads (organization_id, campaign_id, created_at, lead_list_id, {_NEW})
    SELECT campaigns.organization_id, $1, $2::timestamptz, $3, {_NEW.of("new")}
      FROM campaigns CROSS JOIN new_leads AS new
     WHERE campaigns.id = $1
     ORDER BY number
    ON CONFLICT (campaign_id, public_identifier) DO NOTHING
"""


async def checked_leads(people: Sequence[Person], check: Check) -> Sequence[NewLead]:
    """The people as leads, held back where they do not pass; other calls go on meanwhile."""
    return await asyncio.to_thread(_new_leads, people, check)


async def add_checked(
    connection: PoolConnectionProxy[Record],
    campaign_id: str,
    rows: Sequence[NewLead],
    *,
    now: datetime,
    lead_list_id: str = "",
) -> int:
    """Add those who are not in the campaign yet, within a transaction; returns how many that were.

    `lead_list_id` is the list that they are taken from, where that is kept.

    Raises `CampaignNotFound` if there is no such campaign, and `CampaignEnded` if it takes no
    leads any more.
    """
    is_open = await connection.fetchval(_OPEN_FOR_LEADS, campaign_id)
    if is_open is None:
        raise CampaignNotFound
    if not is_open:
        raise CampaignEnded
    await connection.execute(_STAGE)
    await connection.copy_records_to_table("new_leads", records=rows, columns=STAGED)
    return affected(await connection.execute(_ADD, campaign_id, now, lead_list_id))


def _new_leads(people: Sequence[Person], check: Check) -> list[NewLead]:
    lead_ids = new_ids("lead", len(people))
    return [
        (number, lead_id, *PERSON.row(person), *_held(check(lead_id, person)))
        for number, (lead_id, person) in enumerate(zip(lead_ids, people, strict=True))
    ]


def _held(held: HeldBack | None) -> tuple[str, ...]:
    return _FREE if held is None else tuple(held_to_row(held).values())
