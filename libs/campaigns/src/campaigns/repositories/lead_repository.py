"""SQL on leads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.errors import CampaignNotFound, LeadNotFound
from campaigns.models import ConnectionState, Lead, LeadState, Person
from campaigns.parking import ParkedBecause
from campaigns.repositories.admission.admission_repository import TAKE_WAKE_FLAG
from campaigns.repositories.imports.new_lead_repository import NewLeads, add_checked
from campaigns.repositories.rows import (
    IS_PARKED,
    LEAD_COLUMNS,
    LEAD_STATE,
    LeadRows,
)
from campaigns.sealing.words import REPLY, WordSeal
from campaigns.texts.lead_check import Check, nobody_held_back

_ORGANIZATION = "SELECT organization_id FROM campaigns WHERE id = $1"
_HAS_ANY = """
    SELECT EXISTS (SELECT FROM leads
                    WHERE campaign_id = $1 AND NOT (state = 'ready' AND held_reason <> ''))
"""
_EXISTS = "SELECT EXISTS (SELECT FROM leads WHERE campaign_id = $1 AND id = $2)"
_GET = f"SELECT {LEAD_COLUMNS} FROM leads WHERE campaign_id = $1 AND id = $2"
_AMONG = f"""
    SELECT {LEAD_COLUMNS} FROM leads
     WHERE (campaign_id, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""
_LIST = f"""
    SELECT {LEAD_COLUMNS} FROM leads
     WHERE campaign_id = $1 AND position > $2 AND ($3::text IS NULL OR {LEAD_STATE} = $3)
     ORDER BY position LIMIT $4
"""

# Of a purged campaign nobody stands here any more: whoever it is, they were its own.
_OWNED_AMONG = """
    SELECT leads.campaign_id, leads.id
      FROM unnest($2::text[], $3::text[]) AS asked (campaign_id, id)
      JOIN leads USING (campaign_id, id)
     WHERE leads.organization_id = $1
     UNION
    SELECT asked.campaign_id, asked.id
      FROM unnest($2::text[], $3::text[]) AS asked (campaign_id, id)
      JOIN campaigns ON campaigns.id = asked.campaign_id
     WHERE campaigns.organization_id = $1 AND campaigns.purged_at IS NOT NULL
"""
_RUNNING_AMONG = """
    SELECT leads.campaign_id, leads.id
      FROM unnest($2::text[], $3::text[]) AS asked (campaign_id, id)
      JOIN leads USING (campaign_id, id)
     WHERE leads.organization_id = $1 AND leads.state IN ('ready', 'running')
"""

# --- The life of one lead --------------------------------------------------------

# One that begins again was reset at Temporal: it is not parked any more.
_BEGIN = f"""
    UPDATE leads
       SET started_at = coalesce(started_at, $2), parked_reason = '', parked_activity = '',
           parked_trace_id = '', parked_at = NULL
     WHERE id = $1 AND state = 'running'
       AND (started_at IS NOT NULL OR NOT EXISTS (
               SELECT FROM campaigns
                WHERE campaigns.id = leads.campaign_id
                  AND (campaigns.settings ->> 'end_at')::timestamptz <= $2))
 RETURNING {LEAD_COLUMNS}
"""
# The first end counts; a repeated call changes nothing.
_FINISH = """
    UPDATE leads SET state = $2, reason = $3, ended_at = $4
     WHERE id = $1 AND state IN ('ready', 'running')
"""
# Accepted is who became connected after this campaign had invited them.
_CONNECTION = """
    UPDATE leads
       SET connection = $2,
           accepted = accepted
               OR ($2 = 'connected' AND connection IN ('invited', 'not_accepted')),
           accepted_at = CASE
               WHEN accepted_at IS NULL AND $2 = 'connected'
                    AND connection IN ('invited', 'not_accepted') THEN $3
               ELSE accepted_at END
     WHERE id = $1
"""
_REPLY = """
    UPDATE leads SET reply = $2, sealed_reply = $3, replied_at = $4
     WHERE id = $1 AND replied_at IS NULL
"""
# The last of each counts, whichever is heard first.
_OWNER_WROTE = """
    UPDATE leads SET owner_wrote_at = greatest(owner_wrote_at, $2)
     WHERE id = $1 AND coalesce(answered_at < $2, true)
"""
_ANSWERED = """
    UPDATE leads
       SET answered_at = greatest(answered_at, $2),
           owner_wrote_at = CASE WHEN owner_wrote_at > $2 THEN owner_wrote_at END,
           opted_out_at = CASE WHEN $3 <> '' THEN greatest(opted_out_at, $2) ELSE opted_out_at END,
           suppression_id = CASE WHEN $3 <> '' AND coalesce(opted_out_at <= $2, true) THEN $3
                                 ELSE suppression_id END
     WHERE id = $1
"""
# What its workflow says outweighs what is seen of the workflow from outside.
_PARK = """
    UPDATE leads
       SET parked_reason = $3, parked_activity = $4, parked_trace_id = $5, parked_at = $6
     WHERE campaign_id = $1 AND id = $2 AND state = 'running'
 RETURNING true
"""
_UNPARK = """
    UPDATE leads
       SET parked_reason = '', parked_activity = '', parked_trace_id = '', parked_at = NULL
     WHERE campaign_id = $1 AND id = $2 AND parked_reason <> ''
       AND ($3::timestamptz IS NULL OR parked_at = $3)
 RETURNING true
"""
# What a lead's own workflow has said stays.
_MARK_FAILING = """
    UPDATE leads SET parked_reason = 'WORKFLOW_TASK_FAILING', parked_at = $3
     WHERE campaign_id = $1 AND id = $2 AND state = 'running' AND parked_reason = ''
 RETURNING true
"""
_MARKED_FAILING = """
    SELECT campaign_id, id FROM leads
     WHERE state = 'running' AND parked_reason = 'WORKFLOW_TASK_FAILING'
       AND (campaign_id, id) > ($1, $2)
     ORDER BY campaign_id, id LIMIT $3
"""
_UNMARK_FAILING = """
    UPDATE leads SET parked_reason = '', parked_at = NULL
     WHERE campaign_id = $1 AND id = $2 AND parked_reason = 'WORKFLOW_TASK_FAILING'
"""
_COUNT_PARKED = f"SELECT count(*) FROM leads WHERE {IS_PARKED}"


class LeadRepository:
    """Every transition is one conditional statement."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows, self._words, self._new = LeadRows(seal), WordSeal(seal), NewLeads(pool, seal)

    async def add(
        self,
        campaign_id: str,
        people: Sequence[Person],
        *,
        now: datetime,
        check: Check = nobody_held_back,
    ) -> int:
        """Add those who are not in the campaign yet; returns how many that were.

        Those that do not pass the check are added, and held back. Raises `CampaignNotFound` if
        there is no such campaign, and `CampaignEnded` if it takes no leads any more.
        """
        organization_id = await self._pool.fetchval(_ORGANIZATION, campaign_id)
        if organization_id is None:
            raise CampaignNotFound
        rows = await self._new.checked(organization_id, people, check)
        async with self._pool.acquire() as connection, connection.transaction():
            return await add_checked(connection, campaign_id, rows, now=now)

    async def has_any(self, campaign_id: str) -> bool:
        """Whether there is a lead that is not held back."""
        return bool(await self._pool.fetchval(_HAS_ANY, campaign_id))

    async def exists(self, campaign_id: str, lead_id: str) -> bool:
        return bool(await self._pool.fetchval(_EXISTS, campaign_id, lead_id))

    async def get(self, campaign_id: str, lead_id: str) -> Lead:
        """The lead; raises `LeadNotFound` if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id, lead_id)
        if row is None:
            raise LeadNotFound
        return self._rows.read(row)

    async def among(self, leads: Collection[tuple[str, str]]) -> dict[tuple[str, str], Lead]:
        """Those of the leads (campaign, lead) that are there."""
        campaign_ids, lead_ids = [each[0] for each in leads], [each[1] for each in leads]
        found = map(self._rows.read, await self._pool.fetch(_AMONG, campaign_ids, lead_ids))
        return {(each.campaign_id, each.id): each for each in found}

    async def owned_among(
        self, organization_id: str, leads: Sequence[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Those of the leads (campaign, lead) that are the organization's, or were when purged."""
        campaign_ids, lead_ids = [each[0] for each in leads], [each[1] for each in leads]
        rows = await self._pool.fetch(_OWNED_AMONG, organization_id, campaign_ids, lead_ids)
        return {(row["campaign_id"], row["id"]) for row in rows}

    async def running_among(
        self, organization_id: str, leads: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """Those of an organization's leads (campaign, lead) that have not ended."""
        campaign_ids, lead_ids = [each[0] for each in leads], [each[1] for each in leads]
        rows = await self._pool.fetch(_RUNNING_AMONG, organization_id, campaign_ids, lead_ids)
        return [(row["campaign_id"], row["id"]) for row in rows]

    async def page(
        self,
        campaign_id: str,
        *,
        state: LeadState | None = None,
        after_position: int = 0,
        limit: int,
    ) -> list[tuple[int, Lead]]:
        """In the order of the list, each with its position."""
        rows = await self._pool.fetch(_LIST, campaign_id, after_position, state, limit)
        return [(row["position"], self._rows.read(row)) for row in rows]

    async def begin(self, lead_id: str, *, now: datetime) -> Lead | None:
        """Record when the lead began, the first time.

        None if it is not in the sequence, or its campaign's end has come before it began.
        """
        row = await self._pool.fetchrow(_BEGIN, lead_id, now)
        return None if row is None else self._rows.read(row)

    async def finish(self, lead_id: str, *, state: LeadState, reason: str, now: datetime) -> None:
        """Record how the lead ended."""
        await self._pool.execute(_FINISH, lead_id, state, reason, now)

    async def takes_wake_flag(self, campaign_id: str) -> bool:
        """True if the campaign waits for room and there is some: the caller wakes it."""
        return bool(await self._pool.fetchval(TAKE_WAKE_FLAG, campaign_id))

    async def park(
        self,
        campaign_id: str,
        lead_id: str,
        *,
        because: ParkedBecause,
        activity: str,
        trace_id: str,
        now: datetime,
    ) -> bool:
        """Record that a fault of ours stopped the lead; False if it is not in the sequence."""
        return bool(
            await self._pool.fetchval(_PARK, campaign_id, lead_id, because, activity, trace_id, now)
        )

    async def unpark(self, campaign_id: str, lead_id: str, *, parked_at: datetime | None) -> bool:
        """Record that it goes on, if it is parked since then (None: since whenever)."""
        return bool(await self._pool.fetchval(_UNPARK, campaign_id, lead_id, parked_at))

    async def mark_failing(self, campaign_id: str, lead_id: str, *, now: datetime) -> bool:
        """Its workflow's tasks fail; False if it is parked already or not in the sequence."""
        return bool(await self._pool.fetchval(_MARK_FAILING, campaign_id, lead_id, now))

    async def marked_failing(self, *, after: tuple[str, str], limit: int) -> list[tuple[str, str]]:
        """A page (campaign, lead) of those whose workflow's tasks failed, of all organizations."""
        rows = await self._pool.fetch(_MARKED_FAILING, *after, limit)
        return [(row["campaign_id"], row["id"]) for row in rows]

    async def unmark_failing(self, campaign_id: str, lead_id: str) -> None:
        """Its workflow goes on."""
        await self._pool.execute(_UNMARK_FAILING, campaign_id, lead_id)

    async def parked(self) -> int:
        """How many leads are parked, of all organizations."""
        return int(await self._pool.fetchval(_COUNT_PARKED) or 0)

    async def record_connection(
        self, lead_id: str, connection: ConnectionState, *, at: datetime
    ) -> None:
        await self._pool.execute(_CONNECTION, lead_id, connection, at)

    async def record_reply(self, lead_id: str, text: str, *, at: datetime) -> None:
        """Keep what the person wrote first, also where the lead's key is lost."""
        by = await self._words.key_of(self._pool, lead_id, replaced=True)
        if by is not None:
            clear, sealed = self._words.sealed(REPLY, lead_id, text, by)
            await self._pool.execute(_REPLY, lead_id, clear, sealed, at)

    async def record_answer(self, lead_id: str, *, at: datetime, suppression_id: str = "") -> None:
        """The person wrote: what the owner wrote to them before is answered.

        Of whoever asked for no further contact, with the suppression that was made of it.
        """
        await self._pool.execute(_ANSWERED, lead_id, at, suppression_id)

    async def record_owner_message(self, lead_id: str, *, at: datetime) -> None:
        """The account's owner wrote to the person by hand; kept until they answer it."""
        await self._pool.execute(_OWNER_WROTE, lead_id, at)
