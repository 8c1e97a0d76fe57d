"""SQL on the leads that a person is, in whichever campaign."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.sealing.data_keys import Database
from servicekit.sealing.seal import Seal

from campaigns.models import Lead
from campaigns.repositories.rows import LEAD_COLUMNS, PERSON, LeadRows
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

_AT_ONCE = 500
# Each by its own index. An e-mail address that is none is nobody's.
_THEIRS = """
    SELECT id FROM leads
     WHERE organization_id = :organization_id AND public_identifier = ANY(:names::text[])
     UNION
    SELECT id FROM leads
     WHERE organization_id = :organization_id AND id = ANY(:lead_ids::text[])
     UNION
    SELECT id FROM leads
     WHERE organization_id = :organization_id AND email_hash = :email_hash AND email_hash <> ''
"""
PAGE = Statement(f"""
    SELECT {LEAD_COLUMNS}, campaign.campaign_name, campaign.campaign_revision_id
      FROM leads
     CROSS JOIN LATERAL (
           SELECT name AS campaign_name, campaigns.revision_id AS campaign_revision_id
             FROM campaigns
            WHERE campaigns.id = leads.campaign_id AND purged_at IS NULL
              AND (deleted_at IS NULL OR :show_deleted)
              AND (:account_ids::text[] IS NULL OR account_ids && :account_ids)) campaign
     WHERE id IN ({_THEIRS})
       AND (:before_at::timestamptz IS NULL OR (created_at, id) < (:before_at, :before_id))
     ORDER BY created_at DESC, id DESC
     LIMIT :most
""")
# By what others' lists call somebody it would be found whose an address is.
_BY_EMAIL = Statement(f"""
    SELECT id, {PERSON}, {person_columns("leads")} FROM leads
     WHERE organization_id = :organization_id AND email_hash = :email_hash AND email_hash <> ''
       AND (:account_ids::text[] IS NULL OR EXISTS (
           SELECT FROM campaigns
            WHERE campaigns.id = leads.campaign_id AND purged_at IS NULL
              AND account_ids && :account_ids))
     ORDER BY created_at DESC LIMIT :most
""")
WITHOUT_HASH = f"""
    SELECT id, {PERSON}, {person_columns("leads")} FROM leads
     WHERE organization_id = $1 AND email_hash IS NULL
     LIMIT {_AT_ONCE} FOR NO KEY UPDATE SKIP LOCKED
"""
# By the key: each row is read once, however many have none.
ALL_WITHOUT_HASH = f"""
    SELECT id, {PERSON}, {person_columns("leads")} FROM leads
     WHERE email_hash IS NULL AND id > $1
     ORDER BY id LIMIT {_AT_ONCE} FOR NO KEY UPDATE
"""
_HASH = """
    UPDATE leads SET email_hash = hashed.email_hash
      FROM unnest($1::text[], $2::text[]) AS hashed (id, email_hash)
     WHERE leads.id = hashed.id
"""
_ANY_WITHOUT = """
    SELECT EXISTS (SELECT FROM leads WHERE organization_id = $1 AND email_hash IS NULL)
"""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Who is looked for: by all that they are called, as leads that are known, by an e-mail."""

    names: Collection[str] = ()
    lead_ids: Collection[str] = ()
    email: str = ""


@dataclass(frozen=True, kw_only=True)
class PersonLead:
    """A lead that somebody is, with what its campaign is called."""

    lead: Lead
    campaign_name: str
    revision_id: str
    """Of the sequence that it walks, or will walk once it is admitted."""


class PersonLeadRepository:
    """Looks across the campaigns of one organization."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows, self._people = LeadRows(seal), PeopleSeal(seal, "leads")

    async def page(
        self,
        organization_id: str,
        sought: Sought,
        *,
        account_ids: Iterable[str] | None,
        show_deleted: bool,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> Sequence[PersonLead]:
        """The leads that somebody is, the newest first.

        With `account_ids` those of campaigns that have one of these accounts.
        """
        values = PAGE.given(
            organization_id=organization_id,
            names=list(self._people.spellings(organization_id, sought.names)),
            lead_ids=list(sought.lead_ids),
            email_hash=self._people.email_hashed(organization_id, sought.email),
            account_ids=None if account_ids is None else sorted(account_ids),
            show_deleted=show_deleted,
            before_at=before[0] if before else None,
            before_id=before[1] if before else "",
            most=limit,
        )
        return [self._found(row) for row in await self._pool.fetch(PAGE.sql, *values)]

    def _found(self, row: Row) -> PersonLead:
        lead = self._rows.read(row)
        return PersonLead(
            lead=lead,
            campaign_name=row["campaign_name"],
            revision_id=lead.revision_id or row["campaign_revision_id"],
        )

    async def called(
        self, organization_id: str, email: str, *, account_ids: Iterable[str] | None, limit: int
    ) -> Sequence[str]:
        """What lists call the people who have this e-mail address, as far as they open.

        With `account_ids` those of campaigns that have one of these accounts.
        """
        values = _BY_EMAIL.given(
            organization_id=organization_id,
            email_hash=self._people.email_hashed(organization_id, email),
            account_ids=None if account_ids is None else sorted(account_ids),
            most=limit,
        )
        rows = await self._pool.fetch(_BY_EMAIL.sql, *values)
        people = [self._people.read(row, row["id"]) for row in rows]
        readable = (each for each in people if not isinstance(each, UnreadablePerson))
        return [*dict.fromkeys(each.public_identifier for each in readable)]

    async def hash_emails(self, organization_id: str, *, batches: int) -> bool:
        """Have leads found by their e-mail address that were not yet; True once all are.

        Not those that somebody else has in their hands: nobody waits for it, nor it for them.
        """
        for _ in range(batches):
            # Where nothing can be written whoever was found before is found all the same.
            if not await self._pool.fetchval(_ANY_WITHOUT, organization_id):
                return True
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(WITHOUT_HASH, organization_id)
                await self._hash(connection, rows)
            if not rows:
                break
        return not await self._pool.fetchval(_ANY_WITHOUT, organization_id)

    async def hash_all_emails(self) -> int:
        """Have every organization's leads found by their e-mail address; returns how many more.

        Whoever has a lead in their hands is waited for: no question finds any left to do.
        """
        hashed, after = 0, ""
        while True:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch(ALL_WITHOUT_HASH, after)
                if not rows:
                    return hashed
                await self._hash(connection, rows)
            hashed += len(rows)
            after = rows[-1]["id"]

    async def _hash(self, connection: Database, rows: Sequence[Row]) -> None:
        hashes = [self._hash_of(row) for row in rows]
        await connection.execute(_HASH, [row["id"] for row in rows], hashes)

    def _hash_of(self, row: Row) -> str:
        person = self._people.read(row, row["id"])
        email = "" if isinstance(person, UnreadablePerson) else person.email
        return self._people.email_hashed(row["organization_id"], email)
