"""Seals what lies in clear: rows of before the schema was sealed, and of processes that did not.

A few hundred rows are a transaction; who dies on the way leaves the rest to the next. What cannot
be sealed is passed over, and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from servicekit.postgres.columns import Row, affected
from servicekit.postgres.pool import Pool
from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal

from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.models import HeardMessage
from campaigns.repositories.lead_lists.entry_repository import (
    ENTRY_COLUMNS,
    EntryRows,
    entry_name,
)
from campaigns.repositories.rows import PERSON, SEALED_PERSON
from campaigns.repositories.step_text_repository import heard_message_to_row
from campaigns.sealing.people import COMPANY, PeopleSeal, person_columns
from campaigns.sealing.people import PERSON as PERSON_KIND
from campaigns.sealing.words import (
    HELD_DETAIL,
    REPLY,
    STEP_DETAIL,
    STEP_POST,
    STEP_TEXT,
    LeadKey,
    WordSeal,
)

AT_ONCE = 300
_PEOPLE = f"""
    SELECT id, {PERSON}, {person_columns("leads")} FROM leads
     WHERE person IS NULL AND id > $1 ORDER BY id LIMIT {AT_ONCE} FOR UPDATE
"""
# Of two leads of one person, one of them in clear, that one stays as it is.
_SEAL_PEOPLE = f"""
    UPDATE leads SET {SEALED_PERSON.set_from("sealed")}
      FROM jsonb_to_recordset($1) AS sealed (id text, {SEALED_PERSON.declared})
     WHERE leads.id = sealed.id
       AND NOT EXISTS (SELECT FROM leads AS other
                        WHERE other.campaign_id = leads.campaign_id
                          AND other.public_identifier = sealed.public_identifier)
"""
_ENTRIES = f"""
    SELECT ARRAY[lead_list_id, public_identifier] AS id, {ENTRY_COLUMNS} FROM lead_list_entries
     WHERE person IS NULL AND (lead_list_id, public_identifier) > (($1::text[])[1], ($1::text[])[2])
     ORDER BY lead_list_id, public_identifier LIMIT {AT_ONCE} FOR UPDATE
"""
# So it is in a list.
_SEAL_ENTRIES = f"""
    UPDATE lead_list_entries AS entry SET {SEALED_PERSON.set_from("sealed")}
      FROM jsonb_to_recordset($1)
           AS sealed (lead_list_id text, before text, {SEALED_PERSON.declared})
     WHERE entry.lead_list_id = sealed.lead_list_id AND entry.public_identifier = sealed.before
       AND NOT EXISTS (SELECT FROM lead_list_entries AS other
                        WHERE other.lead_list_id = entry.lead_list_id
                          AND other.public_identifier = sealed.public_identifier)
"""
_REPLIES = f"""
    SELECT id, reply FROM leads
     WHERE reply <> '' AND sealed_reply IS NULL AND id > $1 ORDER BY id LIMIT {AT_ONCE} FOR UPDATE
"""
_SEAL_REPLY = "UPDATE leads SET reply = '', sealed_reply = $2 WHERE id = $1"
# What does not open is told of by its reason, and in words that name nobody.
_HELD = f"""
    SELECT id, held_detail FROM leads
     WHERE held_detail <> '' AND sealed_held_detail IS NULL
       AND '{PersonUnreadable.reason}' NOT IN (held_reason, reason)
       AND id > $1 ORDER BY id LIMIT {AT_ONCE} FOR UPDATE
"""
_SEAL_HELD = "UPDATE leads SET held_detail = '', sealed_held_detail = $2 WHERE id = $1"
_TEXTS = f"""
    SELECT lead_id AS id, text_key, text FROM step_texts
     WHERE sealed IS NULL AND lead_id > $1 ORDER BY lead_id FETCH FIRST {AT_ONCE} ROWS WITH TIES
"""
_SEAL_TEXT = """
    UPDATE step_texts SET text = '', sealed = $3
     WHERE lead_id = $1 AND text_key = $2 AND sealed IS NULL
"""
_POSTS = f"""
    SELECT lead_id AS id, text_key, post_id FROM step_texts
     WHERE post_id <> '' AND sealed_post_id IS NULL AND lead_id > $1
     ORDER BY lead_id FETCH FIRST {AT_ONCE} ROWS WITH TIES
"""
_SEAL_POST = """
    UPDATE step_texts SET post_id = '', sealed_post_id = $3
     WHERE lead_id = $1 AND text_key = $2 AND sealed_post_id IS NULL
"""
_DETAILS = f"""
    SELECT lead_id AS id, step_id, detail FROM step_executions
     WHERE detail <> '' AND sealed_detail IS NULL AND lead_id > $1
     ORDER BY lead_id FETCH FIRST {AT_ONCE} ROWS WITH TIES
"""
# One that was recorded anew meanwhile has another.
_SEAL_DETAIL = """
    UPDATE step_executions SET detail = '', sealed_detail = $3
     WHERE lead_id = $1 AND step_id = $2 AND sealed_detail IS NULL AND detail = $4
"""
_HEARD = f"""
    SELECT lead_id AS id, event_id, text, chat_id, message_id FROM heard_messages
     WHERE sealed IS NULL AND lead_id > $1 ORDER BY lead_id FETCH FIRST {AT_ONCE} ROWS WITH TIES
"""
_SEAL_HEARD = """
    UPDATE heard_messages SET text = $3, sealed = $4, chat_id = $5, message_id = $6
     WHERE lead_id = $1 AND event_id = $2 AND sealed IS NULL
"""
_PURGED = f"""
    SELECT lead_id AS id, organization_id, public_identifier, company FROM purged_leads
     WHERE public_identifier !~ '^[0-9a-f]{{32}}$' AND lead_id > $1
     ORDER BY lead_id LIMIT {AT_ONCE} FOR UPDATE
"""
_HASH_PURGED = """
    UPDATE purged_leads SET public_identifier = $3, company = $4
     WHERE organization_id = $1 AND lead_id = $2
"""


SealRows = Callable[[Database, Sequence[Row]], Awaitable[int]]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many rows of what were sealed, and how many are in clear still."""

    sealed: Mapping[str, int]
    left: Mapping[str, int]
    """Another row has the same person, or the key of whom it is of is lost."""


class FillRepository:
    """Of every organization."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        """`seal` is one that seals."""
        self._pool, self._seal = pool, seal
        self._people, self._words = PeopleSeal(seal, "leads"), WordSeal(seal)
        self._entries = EntryRows(seal)

    async def seal_all(self) -> Filled:
        """Seal whatever is in clear. People first: by them goes the rest."""
        done = {
            "people": await self._each(_PEOPLE, self._seal_people),
            "entries": await self._each(_ENTRIES, self._seal_entries, after=["", ""]),
            "replies": await self._each(_REPLIES, self._seal_replies),
            "held": await self._each(_HELD, self._seal_held),
            "texts": await self._each(_TEXTS, self._seal_texts),
            "posts": await self._each(_POSTS, self._seal_posts),
            "details": await self._each(_DETAILS, self._seal_details),
            "heard": await self._each(_HEARD, self._seal_heard),
            "purged": await self._each(_PURGED, self._hash_purged),
        }
        return Filled(
            sealed={work: sealed for work, (sealed, _) in done.items()},
            left={work: found - sealed for work, (sealed, found) in done.items()},
        )

    async def _each(self, found: str, seal_rows: SealRows, *, after: Any = "") -> tuple[int, int]:
        """How many rows were sealed, of how many that were in clear."""
        sealed, seen = 0, 0
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(found, after)
                if not rows:
                    return sealed, seen
                sealed += await seal_rows(connection, rows)
                seen += len(rows)
                after = rows[-1]["id"]

    async def _seal_people(self, connection: Database, rows: Sequence[Row]) -> int:
        by_organization: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_organization[row["organization_id"]].append(row)
        sealed: list[dict[str, Any]] = []
        for organization_id, theirs in by_organization.items():
            people = [(row["id"], self._people.read(row, row["id"])) for row in theirs]
            keys = await self._people.keys(
                connection, organization_id, [each for _, each in people]
            )
            written = self._people.written(organization_id, people, keys)
            for (lead_id, _), values in zip(people, written, strict=True):
                sealed.append({"id": lead_id, **values, "person": f"\\x{values['person'].hex()}"})
        return affected(await connection.execute(_SEAL_PEOPLE, sealed))

    async def _seal_entries(self, connection: Database, rows: Sequence[Row]) -> int:
        by_organization: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_organization[row["organization_id"]].append(row)
        sealed: list[dict[str, Any]] = []
        for organization_id, theirs in by_organization.items():
            people = [self._entries.read(row).person for row in theirs]
            keys = await self._entries.people.keys(connection, organization_id, people)
            named = [
                (entry_name(row["lead_list_id"], keys[person.public_identifier].subject), person)
                for row, person in zip(theirs, people, strict=True)
            ]
            written = self._entries.people.written(organization_id, named, keys)
            for row, values in zip(theirs, written, strict=True):
                sealed.append(
                    {
                        "lead_list_id": row["lead_list_id"],
                        "before": row["public_identifier"],
                        **values,
                        "person": f"\\x{values['person'].hex()}",
                    }
                )
        return affected(await connection.execute(_SEAL_ENTRIES, sealed))

    async def _seal_replies(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            _, sealed = self._words.sealed(REPLY, row["id"], row["reply"], by)
            await connection.execute(_SEAL_REPLY, row["id"], sealed)
        return len(with_keys)

    async def _seal_held(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            _, sealed = self._words.sealed(HELD_DETAIL, row["id"], row["held_detail"], by)
            await connection.execute(_SEAL_HELD, row["id"], sealed)
        return len(with_keys)

    async def _seal_texts(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            place = f"{row['id']}/{row['text_key']}"
            _, sealed = self._words.sealed(STEP_TEXT, place, row["text"], by)
            await connection.execute(_SEAL_TEXT, row["id"], row["text_key"], sealed)
        return len(with_keys)

    async def _seal_posts(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            place = f"{row['id']}/{row['text_key']}"
            _, sealed = self._words.sealed(STEP_POST, place, row["post_id"], by)
            await connection.execute(_SEAL_POST, row["id"], row["text_key"], sealed)
        return len(with_keys)

    async def _seal_details(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            place = f"{row['id']}/{row['step_id']}"
            _, sealed = self._words.sealed(STEP_DETAIL, place, row["detail"], by)
            await connection.execute(_SEAL_DETAIL, row["id"], row["step_id"], sealed, row["detail"])
        return len(with_keys)

    async def _seal_heard(self, connection: Database, rows: Sequence[Row]) -> int:
        with_keys = await self._with_keys(connection, rows)
        for row, by in with_keys:
            message = HeardMessage(
                text=row["text"], chat_id=row["chat_id"], message_id=row["message_id"]
            )
            place = f"{row['id']}/{row['event_id']}"
            written = heard_message_to_row(self._words, place, message, by)
            await connection.execute(_SEAL_HEARD, row["id"], row["event_id"], *written)
        return len(with_keys)

    async def _hash_purged(self, connection: Database, rows: Sequence[Row]) -> int:
        for row in rows:
            organization_id = row["organization_id"]
            hashes = [
                self._seal.hashed(organization_id, kind, row[column])
                for kind, column in ((PERSON_KIND, "public_identifier"), (COMPANY, "company"))
            ]
            await connection.execute(_HASH_PURGED, organization_id, row["id"], *hashes)
        return len(rows)

    async def _with_keys(
        self, connection: Database, rows: Sequence[Row]
    ) -> list[tuple[Row, LeadKey]]:
        """The rows with the key of their lead each, but for those whose key is lost."""
        found = []
        for row in rows:
            try:
                by = await self._words.key_of(connection, row["id"])
            except TextUnreadable:
                continue
            if by is None:
                raise AssertionError("what is said to a lead goes with it")
            found.append((row, by))
        return found
