"""SQL on leads that may enter the sequence only once their data is complete."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import affected
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.errors import PersonUnreadable
from campaigns.models import HeldBack, Lead, Person
from campaigns.repositories.rows import (
    HELD,
    LEAD_COLUMNS,
    SEALED_PERSON,
    LeadRows,
    held_to_row,
    person_to_row,
)
from campaigns.sealing.people import UnreadablePerson
from campaigns.sealing.words import LeadKey
from campaigns.texts.lead_check import Check

_COMPLETED = SEALED_PERSON | HELD

# Only before they are admitted: nobody has been contacted.
_HELD_AMONG = f"""
    SELECT {LEAD_COLUMNS} FROM leads
     WHERE campaign_id = $1 AND public_identifier = ANY($2)
       AND state = 'ready' AND held_reason <> ''
       FOR UPDATE
"""
_COMPLETE = f"""
    UPDATE leads SET {_COMPLETED.set_from("person")}
      FROM jsonb_to_recordset($1) AS person (id text, {_COMPLETED.declared})
     WHERE leads.id = person.id
"""
_ORGANIZATION = "SELECT organization_id FROM campaigns WHERE id = $1"
_COUNT = """
    SELECT count(*) FROM leads WHERE campaign_id = $1 AND state = 'ready' AND held_reason <> ''
"""
_READY = f"""
    SELECT {LEAD_COLUMNS} FROM leads
     WHERE campaign_id = $1 AND position > $2 AND state = 'ready'
     ORDER BY position LIMIT $3
"""
# A lead that was completed meanwhile has been checked since.
_RECHECK = f"""
    UPDATE leads
       SET {HELD.set_from("checked")}
      FROM jsonb_to_recordset($1) AS checked
           (id text, {HELD.declared}, before text)
     WHERE leads.id = checked.id AND leads.state = 'ready' AND leads.held_reason = checked.before
"""
# A lead that failed because its campaign is over keeps `held_reason` until that is published.
_FAILED = """
    SELECT id FROM leads WHERE campaign_id = $1 AND state = 'failed' AND held_reason <> ''
     ORDER BY id LIMIT $2
"""
_MARK_PUBLISHED = "UPDATE leads SET held_reason = '' WHERE state = 'failed' AND id = ANY($1)"


class HeldLeadRepository:
    """Completes leads, and checks those that are ready again."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows = LeadRows(seal)

    async def complete(self, campaign_id: str, people: Sequence[Person], check: Check) -> int:
        """Give leads that are held back what these people have; returns how many it released."""
        async with self._pool.acquire() as connection, connection.transaction():
            return await self.complete_in(connection, campaign_id, people, check)

    async def complete_in(
        self,
        connection: PoolConnectionProxy[Record],
        campaign_id: str,
        people: Sequence[Person],
        check: Check,
    ) -> int:
        """The same within a transaction."""
        if not people:
            return 0
        rows_seal = self._rows.people
        organization_id = await connection.fetchval(_ORGANIZATION, campaign_id)
        person_by_identifier = {person.public_identifier: person for person in people}
        spellings = rows_seal.spellings(organization_id, person_by_identifier)
        rows = await connection.fetch(_HELD_AMONG, campaign_id, list(spellings))
        keys = await rows_seal.keys(
            connection,
            organization_id,
            [person_by_identifier[spellings[row["public_identifier"]]] for row in rows],
        )
        completed, released = [], 0
        for row in rows:
            lead = self._rows.read(row)
            if isinstance(lead.person, UnreadablePerson):
                continue
            person = completed_person(
                lead.person, person_by_identifier[lead.person.public_identifier]
            )
            held = check(lead.id, person)
            released += held is None
            # What says nothing new changes nothing: whoever follows leads is told of none.
            is_news = person != lead.person or held != HeldBack(
                reason=lead.reason, detail=lead.detail
            )
            if is_news:
                (written,) = rows_seal.written(organization_id, [(lead.id, person)], keys)
                key = keys[person.public_identifier].key if keys else None
                by = LeadKey(organization_id=organization_id, key=key)
                of_lead = written | held_to_row(self._rows.words, lead.id, held, by)
                completed.append({"id": lead.id, **_in_json(of_lead)})
        if completed:
            await connection.execute(_COMPLETE, completed)
        return released

    async def count(self, campaign_id: str) -> int:
        """How many leads are held back."""
        return int(await self._pool.fetchval(_COUNT, campaign_id))

    async def failed(self, campaign_id: str, *, limit: int) -> list[str]:
        """Some of those that failed with the campaign's end, of which no event is out."""
        return [row["id"] for row in await self._pool.fetch(_FAILED, campaign_id, limit)]

    async def mark_published(self, lead_ids: Sequence[str]) -> None:
        """The events that these have failed are out."""
        await self._pool.execute(_MARK_PUBLISHED, list(lead_ids))

    async def review(self, campaign_id: str, check: Check, *, page: int = 500) -> int:
        """Check every lead that is ready, a page at a time; returns for how many that changes."""
        position, changed = 0, 0
        while True:
            rows = await self._pool.fetch(_READY, campaign_id, position, page)
            # Other calls go on while a page is checked.
            leads = [(self._rows.read(row), row) for row in rows]
            changes = await asyncio.to_thread(_rechecked, leads, check)
            if changes:
                written = [self._checked_row(each) for each in changes]
                changed += affected(await self._pool.execute(_RECHECK, written))
            if len(rows) < page:
                return changed
            position = rows[-1]["position"]

    def _checked_row(self, checked: _Checked) -> Mapping[str, Any]:
        """As the row is held back now, and why it was before.

        What does not open names nobody, and has no key: why is in clear.
        """
        lead, row, held = checked
        by = LeadKey(organization_id=row["organization_id"], key=None)
        if not isinstance(lead.person, UnreadablePerson):
            by = self._rows.words.key_beside(row)
        written = held_to_row(self._rows.words, lead.id, held, by)
        return {"id": lead.id, "before": row["held_reason"], **_in_json(written)}


def completed_person(known: Person, given: Person) -> Person:
    """What is given now, and what was known where nothing is given."""
    fields = {
        name: value
        for name, value in person_to_row(given).items()
        if name not in {"public_identifier", "variables", "literal"} and value
    }
    further = {name: value for name, value in given.variables.items() if value}
    return replace(
        known,
        **fields,
        variables={**known.variables, **further},
        literal=tuple(dict.fromkeys((*known.literal, *given.literal))),
    )


class _Checked(NamedTuple):
    """A lead that was read, and why it is held back now."""

    lead: Lead
    row: Record
    held: HeldBack | None


def _rechecked(leads: Sequence[tuple[Lead, Record]], check: Check) -> list[_Checked]:
    """Those that are held back for another reason than before."""
    checked = (_Checked(lead, row, _held(lead, check)) for lead, row in leads)
    return [each for each in checked if each.held != _held_before(each)]


def _held_before(checked: _Checked) -> HeldBack | None:
    reason: str = checked.row["held_reason"]
    return HeldBack(reason=reason, detail=checked.lead.detail) if reason else None


def _held(lead: Lead, check: Check) -> HeldBack | None:
    if isinstance(lead.person, UnreadablePerson):
        return HeldBack(reason=PersonUnreadable.reason, detail=lead.person.why)
    return check(lead.id, lead.person)


def _in_json(written: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has the columns: bytes as PostgreSQL spells them."""
    return {
        name: f"\\x{value.hex()}" if isinstance(value, bytes) else value
        for name, value in written.items()
    }
