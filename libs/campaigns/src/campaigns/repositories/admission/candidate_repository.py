"""SQL on leads that may be released, and on whom of their companies was turned to lately."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.models import Campaign, ConnectionState, Person
from campaigns.repositories.admission.release import LeadStanding
from campaigns.repositories.admission.release_repository import STANDING, standing_of
from campaigns.repositories.rows import LEAD_IS_RELEASED, PERSON
from campaigns.sealing.people import PeopleSeal, UnreadablePerson, person_columns

_SEALED = person_columns("leads")
_CANDIDATE = f"SELECT id, position, lead_list_id, created_at, {PERSON}, {_SEALED} FROM leads"
_ONE = f"{_CANDIDATE} WHERE campaign_id = $1 AND id = $2"
# In the order of the list; who is held back or released already is none of them.
_READY = f"""
    {_CANDIDATE}
     WHERE campaign_id = $1 AND position > $2
       AND state = 'ready' AND held_reason = '' AND released_at IS NULL ORDER BY position LIMIT $3
"""
_READY_OF_THEM = f"""
    {_CANDIDATE}
     WHERE campaign_id = $1 AND state = 'ready' AND held_reason = '' AND released_at IS NULL
       AND id = ANY($2) ORDER BY position
"""
_STANDINGS = f"SELECT id, {STANDING} FROM leads WHERE campaign_id = $1 AND id = ANY($2)"
_COUNT_READY = """
    SELECT count(*) FROM leads
     WHERE campaign_id = $1 AND state = 'ready' AND held_reason = '' AND released_at IS NULL
"""
# By the index on companies. Whoever is released and has not begun counts as turned to.
_CONTACTS = """
    SELECT company, person IS NOT NULL AS is_sealed,
           CASE WHEN account_id <> '' THEN account_id ELSE released_account_id END AS account_id,
           coalesce(released_at, started_at) AS turned_at
      FROM leads
     WHERE organization_id = $1 AND company_key(company) = ANY($2)
       AND coalesce(started_at, released_at) > $3 AND state <> 'failed'
"""
# By their ids; who is released already is among the others.
_DECIDED = """
    SELECT id, company, person IS NOT NULL AS is_sealed FROM leads
     WHERE organization_id = $1 AND company_key(company) = ANY($2)
       AND id = ANY($3) AND state = 'ready' AND released_at IS NULL
"""
_LOAD = f"""
    SELECT count(*) FILTER (WHERE state = 'running') AS running,
           count(*) FILTER (WHERE {LEAD_IS_RELEASED}) AS waiting,
           count(*) FILTER (WHERE start_at >= $2) AS begun
      FROM leads WHERE campaign_id = $1
"""
# Of whichever campaign that runs: a sender has one week for all of them.
_WAITING = f"""
    SELECT fed.account_ids, leads.released_account_id AS account_id, count(*) AS leads
      FROM (SELECT id, account_ids FROM campaigns
             WHERE organization_id = $1 AND state = 'running' AND account_ids && $2
               AND deleted_at IS NULL) AS fed (campaign_id, account_ids)
      JOIN leads USING (campaign_id)
     WHERE {LEAD_IS_RELEASED}
     GROUP BY fed.campaign_id, fed.account_ids, leads.released_account_id
"""
# Not invited yet, by quarters of an hour; who is parked stands still. No step: has not begun.
_WALKING = f"""
    SELECT leads.account_id, coalesce(waits.step_id, '') AS step_id,
           max(coalesce(waits.started_at, leads.start_at)) AS since, count(*) AS leads,
           coalesce(nullif(leads.revision_id, ''), fed.revision_id) AS revision_id
      FROM (SELECT id, revision_id FROM campaigns
             WHERE organization_id = $1 AND state = 'running' AND account_ids && $2
               AND deleted_at IS NULL) AS fed (campaign_id, revision_id)
      JOIN leads USING (campaign_id)
      LEFT JOIN step_executions AS waits ON waits.lead_id = leads.id AND waits.state = 'waiting'
     WHERE leads.state = 'running' AND leads.connection = '{ConnectionState.NONE}'
       AND leads.parked_reason = '' AND leads.account_id = ANY($2) AND leads.start_at IS NOT NULL
     GROUP BY 1, 2, 5, date_bin('15 minutes', coalesce(waits.started_at, leads.start_at), 'epoch')
"""
_UNRELEASED = """
    SELECT id FROM leads
     WHERE organization_id = $1 AND id = ANY($2) AND state = 'ready' AND released_at IS NULL
"""
_STILL_RELEASED = """
    SELECT count(*) FROM leads WHERE campaign_id = $1 AND id = ANY($2) AND release_id = ANY($3)
"""
_AT_ONCE = 500
"""People that are opened in one piece: the loop goes on in between."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseCandidate:
    """A lead that may be released."""

    lead_id: str
    person: Person
    company_key: str
    lead_list_id: str
    imported_at: datetime


@dataclass(frozen=True, kw_only=True)
class CompanyTurn:
    """An account turned to somebody of a company."""

    company_key: str
    account_id: str
    turned_at: datetime | None = None
    """When it did, or was given them; None of who is to be released, and is not yet."""


@dataclass(frozen=True, kw_only=True)
class WaitingLeads:
    """Released leads of one campaign that wait: for an account, or under no name for any of it."""

    account_ids: Sequence[str]
    account_id: str
    leads: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkingLeads:
    """Leads in the sequence that were not invited by it, and the step that they wait for."""

    account_id: str
    revision_id: str
    step_id: str
    """Empty of who has not begun."""
    since: datetime
    """When the step before it ended; of who has not begun, when it will: of the last of them."""
    leads: int


@dataclass(frozen=True, kw_only=True)
class CampaignLoad:
    """How many are in the sequence, were released and are not, and have begun lately."""

    running: int
    waiting: int
    begun: int
    of_senders: Sequence[WaitingLeads] = ()
    """Who waits in the running campaigns that send from one of this one's accounts."""
    on_the_way: Sequence[WalkingLeads] = ()
    """Who is in their sequences, and one of these accounts is to invite."""
    unreleased: frozenset[str] = frozenset()
    """Of the leads that were asked about those who are not released."""


class CandidateRepository:
    """Names nobody: companies by their hash."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._people = PeopleSeal(seal, "leads")

    async def ready(
        self, campaign_id: str, *, page: int = 2_000
    ) -> AsyncIterator[list[ReleaseCandidate]]:
        """Who may be released, in the order of the list, page after page.

        Of whose details do not open nothing is known, their company neither: they are left out.
        """
        after = 0
        while True:
            rows = await self._pool.fetch(_READY, campaign_id, after, page)
            yield await self._all_opened(rows)
            if len(rows) < page:
                return
            after = rows[-1]["position"]

    async def ready_of(self, campaign_id: str, lead_ids: Collection[str]) -> list[ReleaseCandidate]:
        """Who of these may be released, as of `ready`."""
        rows = await self._pool.fetch(_READY_OF_THEM, campaign_id, list(lead_ids))
        return await self._all_opened(rows)

    async def standings(
        self, campaign_id: str, lead_ids: Collection[str]
    ) -> Mapping[str, LeadStanding]:
        """How these leads stand, by their ids; of whom there is none there is nothing."""
        rows = await self._pool.fetch(_STANDINGS, campaign_id, list(lead_ids))
        return {row["id"]: standing_of(row) for row in rows}

    async def still_released(
        self, campaign_id: str, lead_ids: Collection[str], release_ids: Collection[str]
    ) -> int:
        """How many of these leads are of one of these releases: once taken back, who has begun."""
        of = campaign_id, list(lead_ids), list(release_ids)
        return int(await self._pool.fetchval(_STILL_RELEASED, *of) or 0)

    async def _all_opened(self, rows: Sequence[Row]) -> list[ReleaseCandidate]:
        found: list[ReleaseCandidate] = []
        for begin in range(0, len(rows), _AT_ONCE):
            part = rows[begin : begin + _AT_ONCE]
            found += await asyncio.to_thread(self._opened, part)
        return found

    def _opened(self, rows: Sequence[Row]) -> list[ReleaseCandidate]:
        found = []
        for row in rows:
            person = self._people.read(row, row["id"])
            if not isinstance(person, UnreadablePerson):
                found.append(self._candidate(row, person))
        return found

    async def count_ready(self, campaign_id: str) -> int:
        """How many may be released."""
        return int(await self._pool.fetchval(_COUNT_READY, campaign_id) or 0)

    async def one(self, campaign_id: str, lead_id: str) -> ReleaseCandidate | None:
        """A lead as if it could be released, whatever has become of it; None if there is none.

        Raises `PersonUnreadable` if its details do not open.
        """
        row = await self._pool.fetchrow(_ONE, campaign_id, lead_id)
        return None if row is None else self._candidate(row, self._people.read(row, lead_id))

    def _candidate(self, row: Row, person: Person) -> ReleaseCandidate:
        return ReleaseCandidate(
            lead_id=row["id"],
            person=person,
            company_key=self._hash(row["organization_id"], person.company),
            lead_list_id=row["lead_list_id"],
            imported_at=row["created_at"],
        )

    async def turns(
        self,
        organization_id: str,
        candidates: Sequence[ReleaseCandidate],
        *,
        since: datetime,
        decided: Mapping[str, str],
    ) -> list[CompanyTurn]:
        """Whom of the candidates' companies the organization's accounts have turned to since.

        Or will: `decided` has the account of each lead that is to be released, and is not yet.
        """
        keys: set[str] = set()
        for name in {each.person.company for each in candidates}:
            keys.update(self._people.companies(organization_id, name))
        if not keys:
            return []
        names = sorted(keys)
        async with self._of_one_moment() as connection:
            rows = await connection.fetch(_CONTACTS, organization_id, names, since)
            turns = [(row, row["account_id"], row["turned_at"]) for row in rows]
            rows = await connection.fetch(_DECIDED, organization_id, names, [*decided])
            turns += [(row, decided[row["id"]], None) for row in rows]
        return [
            CompanyTurn(
                company_key=row["company"]
                if row["is_sealed"]
                else self._hash(organization_id, row["company"]),
                account_id=account_id,
                turned_at=turned_at,
            )
            for row, account_id, turned_at in turns
        ]

    async def load(
        self, campaign: Campaign, *, begun_since: datetime, decided: Collection[str] = ()
    ) -> CampaignLoad:
        """How full the campaign and its senders are, at one moment.

        `begun` are those with a beginning from then on; of the `decided`, leads of whichever
        campaign, it says who is not released.
        """
        organization_id = campaign.organization_id
        async with self._of_one_moment() as connection:
            row = await connection.fetchrow(_LOAD, campaign.id, begun_since)
            waiting = await connection.fetch(_WAITING, organization_id, list(campaign.account_ids))
            walking = await connection.fetch(_WALKING, organization_id, list(campaign.account_ids))
            unreleased = await connection.fetch(_UNRELEASED, organization_id, list(decided))
        if row is None:
            raise AssertionError("a count is a row")
        return CampaignLoad(
            **dict(row),
            of_senders=[WaitingLeads(**dict(each)) for each in waiting],
            on_the_way=[WalkingLeads(**dict(each)) for each in walking],
            unreleased=frozenset(each["id"] for each in unreleased),
        )

    @asynccontextmanager
    async def _of_one_moment(self) -> AsyncIterator[PoolConnectionProxy[Record]]:
        """Who is released meanwhile is so in all that is read, or in nothing of it."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield connection

    def _hash(self, organization_id: str, company: str) -> str:
        return next(reversed([*self._people.companies(organization_id, company)]), "")
