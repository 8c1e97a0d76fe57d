"""SQL on leads that may be released, and on whom of their companies was turned to lately."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.models import Person
from campaigns.repositories.rows import PERSON
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

# In the order of the list; who is held back or released already is none of them.
_READY = f"""
    SELECT id, lead_list_id, created_at, {PERSON}, {person_columns("leads")} FROM leads
     WHERE campaign_id = $1 AND state = 'ready' AND held_reason = '' AND released_at IS NULL
     ORDER BY position LIMIT $2
"""
# By the index on companies. Whoever is released and has not begun counts as turned to.
_CONTACTS = """
    SELECT company, person IS NOT NULL AS is_sealed,
           CASE WHEN account_id <> '' THEN account_id ELSE released_account_id END AS account_id
      FROM leads
     WHERE organization_id = $1 AND company_key(company) = ANY($2)
       AND coalesce(started_at, released_at) > $3 AND state <> 'failed'
"""
_ROOM = """
    SELECT (SELECT count(*) FROM leads
             WHERE campaign_id = $1 AND state = 'running') AS running,
           (SELECT coalesce(jsonb_object_agg(account_id, waiting), '{}')
              FROM (SELECT released_account_id AS account_id, count(*) AS waiting FROM leads
                     WHERE campaign_id = $1 AND state = 'ready' AND held_reason = ''
                       AND released_at IS NOT NULL
                     GROUP BY released_account_id) AS released) AS waiting
"""
MOST = 10_000
"""Leads that one selection looks at, from the front of the list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseCandidate:
    """A lead that may be released; of whose details do not open nothing is known."""

    lead_id: str
    person: Person | None
    company_key: str
    lead_list_id: str
    imported_at: datetime


@dataclass(frozen=True, kw_only=True)
class CompanyTurn:
    """An account turned to somebody of a company."""

    company_key: str
    account_id: str


@dataclass(frozen=True, kw_only=True)
class CampaignLoad:
    """Who is in the sequence, and who was released and is not."""

    running: int
    waiting_by_account: dict[str, int]
    """Under the empty name those for whom the rotation chooses."""


class CandidateRepository:
    """Names nobody: companies by their hash."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._people = PeopleSeal(seal, "leads")

    async def ready(self, campaign_id: str, *, limit: int = MOST) -> list[ReleaseCandidate]:
        """Who may be released, in the order of the list."""
        found = []
        for row in await self._pool.fetch(_READY, campaign_id, limit):
            person = self._people.read(row, row["id"])
            known = None if isinstance(person, UnreadablePerson) else person
            company = self._hash(row["organization_id"], known.company) if known else ""
            found.append(
                ReleaseCandidate(
                    lead_id=row["id"],
                    person=known,
                    company_key=company,
                    lead_list_id=row["lead_list_id"],
                    imported_at=row["created_at"],
                )
            )
        return found

    async def turns(
        self, organization_id: str, candidates: Sequence[ReleaseCandidate], *, since: datetime
    ) -> list[CompanyTurn]:
        """Whom of the candidates' companies the organization's accounts have turned to since."""
        keys: set[str] = set()
        for name in {each.person.company for each in candidates if each.person}:
            keys.update(self._people.companies(organization_id, name))
        if not keys:
            return []
        rows = await self._pool.fetch(_CONTACTS, organization_id, sorted(keys), since)
        return [
            CompanyTurn(
                company_key=row["company"]
                if row["is_sealed"]
                else self._hash(organization_id, row["company"]),
                account_id=row["account_id"],
            )
            for row in rows
        ]

    async def load(self, campaign_id: str) -> CampaignLoad:
        """How full the campaign is."""
        row = await self._pool.fetchrow(_ROOM, campaign_id)
        if row is None:
            raise AssertionError("a count is a row")
        return CampaignLoad(running=row["running"], waiting_by_account=dict(row["waiting"]))

    def _hash(self, organization_id: str, company: str) -> str:
        spellings: Collection[str] = self._people.companies(organization_id, company)
        return [*spellings][-1] if spellings else ""
