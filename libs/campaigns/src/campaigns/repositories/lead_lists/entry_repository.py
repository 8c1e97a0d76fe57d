"""SQL on the people of lists: brought in by COPY, a thousand or so at a time, and read in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from operator import itemgetter

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.errors import LeadListNotFound
from campaigns.lead_list_import import LeadListEntry
from campaigns.models import Person
from campaigns.repositories.held_lead_repository import completed_person
from campaigns.repositories.rows import PERSON, SEALED_PERSON
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

_TABLE = "lead_list_entries"
ENTRY_COLUMNS = f"""
    lead_list_id, position, created_at, {PERSON}, {person_columns("lead_list_entries")}
"""
"""What `EntryRows` reads."""
# Batches of one list come one after the other, so that its order is that of their transactions.
_OPEN_FOR_PEOPLE = """
    SELECT organization_id FROM lead_lists
     WHERE id = $1 AND deleted_at IS NULL FOR NO KEY UPDATE
"""
# One by one: with ANY, a list without statistics was read whole for every batch of it.
_KNOWN = f"""
    SELECT known.*
      FROM unnest($2::text[]) AS asked (public_identifier)
     CROSS JOIN LATERAL (
           SELECT {ENTRY_COLUMNS} FROM lead_list_entries
            WHERE lead_list_id = $1 AND public_identifier = asked.public_identifier LIMIT 1
           ) AS known
"""
# COPY writes past row security, so not into a table that keeps organizations apart.
_STAGE = f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS new_entries
        (number integer, other_spelling text, {SEALED_PERSON.declared}) ON COMMIT DELETE ROWS
"""
_STAGED = ("number", "other_spelling", *SEALED_PERSON.types)
_COLUMNS_OF = itemgetter(*SEALED_PERSON.types)
# Who is in the list by a name in clear is in it by a hash from now on, or the other way round.
# ANY has them looked up by the index: the whole list was read for every batch of it.
_RENAME = """
    UPDATE lead_list_entries AS entry SET public_identifier = new.public_identifier
      FROM new_entries AS new
     WHERE entry.lead_list_id = $1 AND entry.public_identifier = new.other_spelling
       AND entry.public_identifier = ANY(ARRAY(SELECT other_spelling FROM new_entries))
       AND NOT EXISTS (SELECT FROM lead_list_entries AS other
                        WHERE other.lead_list_id = $1
                          AND other.public_identifier = new.public_identifier)
"""
_PUT = f"""
    INSERT INTO lead_list_entries (organization_id, lead_list_id, created_at, {SEALED_PERSON})
    SELECT lead_lists.organization_id, $1, $2::timestamptz, {SEALED_PERSON.of("new")}
      FROM lead_lists CROSS JOIN new_entries AS new
     WHERE lead_lists.id = $1
     ORDER BY number
    ON CONFLICT (lead_list_id, public_identifier) DO UPDATE
       SET {SEALED_PERSON.without("public_identifier").set_from("excluded")}
"""
_COUNT = """
    UPDATE lead_lists SET entry_count = entry_count + $2, updated_at = now() WHERE id = $1
"""
# In one statement with whether the list is there: people who are gone with it are no end of it.
_PAGE = f"""
    SELECT entry.*
      FROM lead_lists
      LEFT JOIN LATERAL (
          SELECT {ENTRY_COLUMNS} FROM lead_list_entries
           WHERE lead_list_id = lead_lists.id AND position > $2 ORDER BY position LIMIT $3
      ) AS entry ON true
     WHERE lead_lists.id = $1 AND lead_lists.deleted_at IS NULL
     ORDER BY entry.position
"""
# Whoever deletes the list waits for the transaction that takes from it, or has been before.
_THERE = "SELECT true FROM lead_lists WHERE id = $1 AND deleted_at IS NULL FOR KEY SHARE"
_USE = """
    INSERT INTO lead_list_uses (organization_id, lead_list_id, campaign_id, created_at)
    SELECT organization_id, id, $2, $3::timestamptz FROM lead_lists WHERE id = $1
    ON CONFLICT DO NOTHING
"""


async def put_in_list(
    connection: PoolConnectionProxy[Record],
    seal: Seal,
    lead_list_id: str,
    people: Sequence[Person],
    *,
    now: datetime,
) -> int:
    """Bring people into a list, within a transaction; returns how many were not in it before.

    Who was is completed by what is said of them now; one whose details do not open stays as they
    are. Raises `LeadListNotFound` if it was deleted.
    """
    organization_id = await connection.fetchval(_OPEN_FOR_PEOPLE, lead_list_id)
    if not organization_id:
        raise LeadListNotFound
    rows_seal = PeopleSeal(seal, _TABLE)
    known = await _known(connection, EntryRows(seal), organization_id, lead_list_id, people)
    put = [each for each in people if _is_news(each, known.get(each.public_identifier))]
    if put:
        keys = await rows_seal.keys(connection, organization_id, put)
        named = [
            (
                entry_name(
                    lead_list_id, rows_seal.spelled(organization_id, each.public_identifier)
                ),
                _completed(each, known),
            )
            for each in put
        ]
        written = rows_seal.written(organization_id, named, keys)
        records = []
        for number, (person, values) in enumerate(zip(put, written, strict=True)):
            other = person.public_identifier
            if not keys:
                other = rows_seal.hashed(organization_id, other)
            records.append((number, other, *_COLUMNS_OF(values)))
        await connection.execute(_STAGE)
        await connection.copy_records_to_table("new_entries", records=records, columns=_STAGED)
        await connection.execute(_RENAME, lead_list_id)
        await connection.execute(_PUT, lead_list_id, now)
        await connection.execute(_COUNT, lead_list_id, len(people) - len(known))
    return len(people) - len(known)


async def keep_there(connection: PoolConnectionProxy[Record], lead_list_id: str) -> None:
    """Have whoever deletes the list wait for the transaction that takes from it.

    Raises `LeadListNotFound` if it was deleted.
    """
    if not await connection.fetchval(_THERE, lead_list_id):
        raise LeadListNotFound


async def note_use(
    connection: PoolConnectionProxy[Record], lead_list_id: str, campaign_id: str, *, now: datetime
) -> None:
    """Note, with the leads themselves, that a campaign took some from a list that is kept there."""
    await connection.execute(_USE, lead_list_id, campaign_id, now)


class EntryRepository:
    """Reads who is in a list."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows = EntryRows(seal)

    async def known(
        self, organization_id: str, lead_list_id: str, identifiers: Sequence[str]
    ) -> Collection[str]:
        """Who of these is in the list."""
        spellings = self._rows.people.spellings(organization_id, identifiers)
        rows = await self._pool.fetch(_KNOWN, lead_list_id, list(spellings))
        return {spellings[row["public_identifier"]] for row in rows}

    async def batches(
        self, lead_list_id: str, *, size: int
    ) -> AsyncIterator[Sequence[LeadListEntry]]:
        """Everybody in the order of the list, so many at a time.

        Raises `LeadListNotFound` if it is deleted before its end is read.
        """
        after = 0
        while rows := await self._pool.fetch(_PAGE, lead_list_id, after, size):
            if rows[0]["position"] is None:
                return
            yield [self._rows.read(row) for row in rows]
            after = rows[-1]["position"]
        raise LeadListNotFound


class EntryRows:
    """Reads entries, and opens what is sealed of them."""

    def __init__(self, seal: Seal) -> None:
        self.people = PeopleSeal(seal, _TABLE)

    def read(self, row: Row) -> LeadListEntry:
        """The entry of a row with ENTRY_COLUMNS."""
        name = entry_name(row["lead_list_id"], row["public_identifier"])
        return LeadListEntry(
            position=row["position"],
            person=self.people.read(row, name),
            created_at=row["created_at"],
        )


def entry_name(lead_list_id: str, spelled: str) -> str:
    """What is sealed in as an entry's row."""
    return f"{lead_list_id}/{spelled}"


async def _known(
    connection: PoolConnectionProxy[Record],
    rows: EntryRows,
    organization_id: str,
    lead_list_id: str,
    people: Sequence[Person],
) -> dict[str, Person]:
    """Who of these is in the list, as it has them."""
    spellings = rows.people.spellings(organization_id, [each.public_identifier for each in people])
    found = await connection.fetch(_KNOWN, lead_list_id, list(spellings))
    return {spellings[row["public_identifier"]]: rows.read(row).person for row in found}


def _is_news(person: Person, known: Person | None) -> bool:
    if known is None:
        return True
    return not isinstance(known, UnreadablePerson) and completed_person(known, person) != known


def _completed(person: Person, known: dict[str, Person]) -> Person:
    before = known.get(person.public_identifier)
    return person if before is None else completed_person(before, person)
