"""SQL by which people become leads: a thousand or so at a time, by COPY."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.ids import new_ids
from servicekit.postgres.codecs import EncodedJson, encoded_json
from servicekit.postgres.columns import Columns, affected, column
from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal

from campaigns.errors import CampaignEnded, CampaignNotFound
from campaigns.models import Person
from campaigns.repositories.rows import HELD, NOT_HELD, SEALED_PERSON, held_to_row
from campaigns.sealing.people import PeopleSeal, PersonKey
from campaigns.sealing.words import LeadKey, WordSeal
from campaigns.texts.lead_check import Check

_NEW = Columns(column("id")) | SEALED_PERSON | HELD | Columns(column("email_hash"))
NewLead = tuple[Any, ...]
"""A row of a lead to be."""

_COLUMNS_OF = itemgetter(*SEALED_PERSON.types)

_HELD_OF = itemgetter(*HELD.types)
_FREE = _HELD_OF(NOT_HELD)

# Holds off the campaign's end until the leads are in.
_OPEN_FOR_LEADS = """
    SELECT state IN ('draft', 'running', 'paused') FROM campaigns
     WHERE id = $1 AND deleted_at IS NULL FOR SHARE
"""
# COPY writes past row security, so not into a table that keeps organizations apart.
_STAGE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS new_leads
        (number integer, other_spelling text, {_NEW.declared}) ON COMMIT DELETE ROWS
"""
STAGED = ("number", "other_spelling", *_NEW.types)
"""The columns of a `NewLead`."""
# A person who is in the campaign already stays as they are, sealed or in clear. Arrays are
# looked up by the index: as a join the whole campaign was read for every batch of it.
_ADD = f"""
    INSERT INTO leads (organization_id, campaign_id, created_at, lead_list_id, {_NEW})
    SELECT campaigns.organization_id, $1, $2::timestamptz, $3, {_NEW.of("new")}
      FROM campaigns CROSS JOIN new_leads AS new
     WHERE campaigns.id = $1
       AND new.other_spelling <> ALL(ARRAY(
               SELECT public_identifier FROM leads
                WHERE campaign_id = $1
                  AND public_identifier = ANY(ARRAY(SELECT other_spelling FROM new_leads))))
     ORDER BY number
    ON CONFLICT (campaign_id, public_identifier) DO NOTHING
"""


class NewLeads:
    """Makes leads of people, sealed as they are kept."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database, self._people = database, PeopleSeal(seal, "leads")
        self._words = WordSeal(seal)

    async def checked(
        self, organization_id: str, people: Sequence[Person], check: Check
    ) -> Sequence[NewLead]:
        """The people as leads, held back where they do not pass; other calls go on meanwhile."""
        keys = await self._people.keys(self._database, organization_id, people)
        return await asyncio.to_thread(self._made, organization_id, people, keys, check)

    def _made(
        self,
        organization_id: str,
        people: Sequence[Person],
        keys: Mapping[str, PersonKey],
        check: Check,
    ) -> list[NewLead]:
        named = list(zip(new_ids("lead", len(people)), people, strict=True))
        written = self._people.written(organization_id, named, keys)
        made = []
        for number, ((lead_id, person), values) in enumerate(zip(named, written, strict=True)):
            other = person.public_identifier
            if not keys:
                other = self._people.hashed(organization_id, other)
            values["variables"] = (
                _names(tuple(values["variables"])) if keys else values["variables"]
            )
            held = _FREE
            if (why := check(lead_id, person)) is not None:
                key = keys[person.public_identifier].key if keys else None
                by = LeadKey(organization_id=organization_id, key=key)
                held = _HELD_OF(held_to_row(self._words, lead_id, why, by))
            email = self._people.email_hashed(organization_id, person.email)
            made.append((number, other, lead_id, *_COLUMNS_OF(values), *held, email))
        return made


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


@lru_cache(maxsize=256)
def _names(variables: tuple[str, ...]) -> EncodedJson:
    """As a sealed row has its variables: the same for everybody of a list."""
    return encoded_json(dict.fromkeys(variables, ""))
