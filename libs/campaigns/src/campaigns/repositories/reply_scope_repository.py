"""SQL on whom a reply reaches beside the lead who replied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.answers import ReplyScope
from campaigns.repositories.rows import PERSON
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

# Who was purged with their campaign has replied all the same.
_REPLIED = f"""
    SELECT {PERSON}, {person_columns("leads")}
      FROM leads WHERE leads.campaign_id = $1 AND leads.id = $2
"""
_PURGED = """
    SELECT public_identifier, company FROM purged_leads
     WHERE organization_id = $1 AND campaign_id = $2 AND lead_id = $3
"""
# Campaigns that go on after replies do so whoever replied. Empty spellings are nobody's. Names in
# clear are compared as the database's locale has them too, which rows in clear are found by.
_IN_SCOPE = """
    SELECT leads.id, leads.campaign_id, leads.started_at IS NOT NULL AS begun,
           leads.public_identifier = ANY($3) AS same_person
      FROM leads JOIN campaigns ON campaigns.id = leads.campaign_id
     WHERE campaigns.organization_id = $1 AND leads.state IN ('ready', 'running')
       AND leads.id <> $2
       AND NOT (campaigns.settings ->> 'continue_after_reply')::boolean
       AND (leads.public_identifier = ANY($3)
            OR (leads.company <> '' AND company_key(leads.company) = ANY(
                $4::text[] || ARRAY(SELECT nullif(company_key(name), '')
                                      FROM unnest($6::text[]) AS name))))
     ORDER BY leads.id
     LIMIT $5
"""
_OPEN_IN_CLEAR = """
    SELECT leads.id, leads.public_identifier, leads.company
      FROM leads JOIN campaigns ON campaigns.id = leads.campaign_id
     WHERE campaigns.organization_id = $1 AND leads.state IN ('ready', 'running')
       AND leads.person IS NULL AND leads.id > $2
     ORDER BY leads.id
     LIMIT $3
"""
_READ_AT_ONCE = 1000
# Who has not begun ends here; who has, ends by their workflow.
_END_WAITING = """
    UPDATE leads SET state = 'stopped', reason = $2, ended_at = $3
     WHERE id = ANY($1) AND state IN ('ready', 'running') AND started_at IS NULL
"""


@dataclass(frozen=True, kw_only=True)
class _Replied:
    """As rows may name who has replied, and their company."""

    persons: Sequence[str] = ()
    companies: Sequence[str] = ()
    """By case and legal form, or hashed."""
    company_names: Sequence[str] = ()
    """As lists have them."""


@dataclass(frozen=True, kw_only=True)
class LeadInScope:
    """A lead that somebody else's reply ends, or the same person's elsewhere."""

    campaign_id: str
    lead_id: str
    begun: bool
    same_person: bool

    @property
    def reason(self) -> str:
        """Why it ends, as customers read it."""
        return "REPLIED_ELSEWHERE" if self.same_person else "COLLEAGUE_REPLIED"


class ReplyScopeRepository:
    """Looks across the campaigns of one organization."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._people = PeopleSeal(seal, "leads")

    async def leads_in_scope(
        self, organization_id: str, campaign_id: str, lead_id: str, scope: ReplyScope, *, limit: int
    ) -> Sequence[LeadInScope]:
        """The other leads that a reply of this one ends, and that have not ended yet."""
        match scope:
            case ReplyScope.CAMPAIGN:
                return []
            case ReplyScope.ORGANIZATION:
                colleagues = False
            case ReplyScope.COMPANY:
                colleagues = True
            case _:
                assert_never(scope)
        replied = await self._replied(organization_id, campaign_id, lead_id)
        rows = await self._pool.fetch(
            _IN_SCOPE,
            organization_id,
            lead_id,
            list(replied.persons),
            list(replied.companies) if colleagues else [],
            limit,
            list(replied.company_names) if colleagues else [],
        )
        return [
            LeadInScope(
                campaign_id=row["campaign_id"],
                lead_id=row["id"],
                begun=row["begun"],
                same_person=row["same_person"],
            )
            for row in rows
        ]

    async def _replied(self, organization_id: str, campaign_id: str, lead_id: str) -> _Replied:
        row = await self._pool.fetchrow(_REPLIED, campaign_id, lead_id)
        if row is not None:
            person = self._people.read(row, lead_id)
            if not isinstance(person, UnreadablePerson):
                return self._named(organization_id, person.public_identifier, person.company)
        else:
            row = await self._pool.fetchrow(_PURGED, organization_id, campaign_id, lead_id)
            if row is None:
                return _Replied()
        # Nothing is left of them, or opens, but what they are compared by.
        named = self._named(organization_id, row["public_identifier"], row["company"])
        return await self._also_in_clear(organization_id, named)

    def _named(self, organization_id: str, identifier: str, company: str) -> _Replied:
        return _Replied(
            persons=list(self._people.spellings(organization_id, [identifier])),
            companies=self._people.companies(organization_id, company),
            company_names=[company],
        )

    async def _also_in_clear(self, organization_id: str, replied: _Replied) -> _Replied:
        """Names of theirs that leads in clear have, looked for one by one.

        A hash says no name, and what the schema made of a company's is not what is kept of it.
        """
        persons, companies = set(replied.persons), set(replied.companies)
        their_names, names = set(persons), set(replied.company_names)
        after = ""
        while True:
            rows = await self._pool.fetch(_OPEN_IN_CLEAR, organization_id, after, _READ_AT_ONCE)
            for row in rows:
                identifier, company = row["public_identifier"], row["company"]
                if persons & self._people.spellings(organization_id, [identifier]).keys():
                    their_names.add(identifier)
                if not companies.isdisjoint(self._people.companies(organization_id, company)):
                    names.add(company)
            if len(rows) < _READ_AT_ONCE:
                return _Replied(
                    persons=list(their_names),
                    companies=replied.companies,
                    company_names=list(names),
                )
            after = rows[-1]["id"]

    async def end_waiting(self, lead_ids: Sequence[str], *, reason: str, now: datetime) -> None:
        """End those of these leads that have not begun."""
        await self._pool.execute(_END_WAITING, list(lead_ids), reason, now)
