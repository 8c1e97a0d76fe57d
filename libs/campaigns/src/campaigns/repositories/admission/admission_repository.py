"""SQL on admission: one campaign at a time, under the lock of its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import affected
from servicekit.postgres.pool import Pool

from campaigns.admission import Admission, AdmittedLead, Line, day_of, is_over, opening
from campaigns.errors import CampaignNotFound
from campaigns.models import CampaignSettings
from campaigns.repositories.rows import LEAD_IS_READY, LEAD_IS_RELEASED
from campaigns.senders.rotation import assign_beside
from campaigns.sequences.time_limits import CAMPAIGN_TIME_OVER
from campaigns.settings_json import settings_from_json

_LOCK_CAMPAIGN = """
    SELECT state, settings, account_ids, revision_id, admitted
      FROM campaigns WHERE id = $1 FOR UPDATE
"""
_COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'running') AS running,
           count(*) FILTER (WHERE state = 'ready' AND held_reason = '') AS ready,
           count(*) FILTER (
               WHERE state = 'ready' AND held_reason = '' AND released_at IS NOT NULL) AS released
      FROM leads WHERE campaign_id = $1 AND state IN ('running', 'ready')
"""
# Admitted before, but Temporal has not confirmed the workflow: a crash came between.
_UNCONFIRMED = """
    SELECT id, start_at, account_id FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND NOT workflow_started
     ORDER BY position LIMIT $2
"""
_STARTED_BETWEEN = """
    SELECT count(*) FROM leads WHERE campaign_id = $1 AND start_at >= $2 AND start_at < $3
"""
_LAST_START = "SELECT max(start_at) FROM leads WHERE campaign_id = $1"
_NEXT = f"""
    SELECT id, released_account_id FROM leads
     WHERE campaign_id = $1 AND {LEAD_IS_READY}
     ORDER BY position LIMIT $2
"""
_NEXT_RELEASED = f"""
    SELECT id, released_account_id FROM leads
     WHERE campaign_id = $1 AND {LEAD_IS_RELEASED}
     ORDER BY rank DESC NULLS LAST, position LIMIT $2
"""
# Those in `$1`, in that order; starts are `$3` apart, `$4` has an account for each. Whoever
# stops or holds back one of them at this moment does so first, and it is not admitted, or finds
# it admitted. Who takes a release back waits for the campaign's row.
_ADMIT = """
    UPDATE leads
       SET state = 'running',
           start_at = $2::timestamptz + (chosen.number - 1) * $3::interval,
           account_id = chosen.account_id,
           revision_id = $5
      FROM unnest($1::text[], $4::text[]) WITH ORDINALITY AS chosen (id, account_id, number)
     WHERE leads.id = chosen.id AND leads.state = 'ready' AND leads.held_reason = ''
 RETURNING leads.id, leads.start_at, leads.account_id, chosen.number
"""
LOADS = """
    SELECT account_id, count(*) AS leads
      FROM leads WHERE campaign_id = $1 AND state = 'running' GROUP BY account_id
"""
_COUNT_ADMITTED = "UPDATE campaigns SET admitted = admitted + $2 WHERE id = $1"
_CONFIRM = "UPDATE leads SET workflow_started = true WHERE campaign_id = $1 AND id = ANY($2)"
# The flag is taken down by the one that finds room; its own end is committed before.
TAKE_WAKE_FLAG = """
    UPDATE campaigns SET wake_at_running = NULL
     WHERE id = $1 AND wake_at_running IS NOT NULL
       AND (SELECT count(*) FROM leads WHERE campaign_id = $1 AND state = 'running')
           <= wake_at_running
 RETURNING true
"""
_RAISE_WAKE_FLAG = "UPDATE campaigns SET wake_at_running = $2 WHERE id = $1"
_STOP_READY = """
    UPDATE leads SET state = 'stopped', reason = 'CAMPAIGN_STOPPED', ended_at = $2
     WHERE campaign_id = $1 AND state = 'ready'
"""
# Whoever was admitted may have a workflow that has not begun: the row tells in its place.
_STOP_OVER = """
    WITH ended AS (
        UPDATE leads SET state = 'stopped', reason = $3, ended_at = $2
         WHERE campaign_id = $1
           AND (state = 'ready' AND held_reason = '' OR state = 'running' AND started_at IS NULL)
     RETURNING organization_id, campaign_id, id, start_at
    )
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $2::timestamptz FROM ended WHERE start_at IS NOT NULL
        ON CONFLICT DO NOTHING
"""
_RUNNING_IDS = """
    SELECT id FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND id > $2
       AND ($4 = '' OR replacement_account_id = $4)
     ORDER BY id LIMIT $3
"""


class AdmissionRepository:
    """Who enters the sequence, and when the campaign is woken to look again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def admit(
        self,
        campaign_id: str,
        *,
        now: datetime,
        limit: int,
        capacity_by_account: Mapping[str, float] | None = None,
    ) -> Admission:
        """Move the next leads of the list into the sequence, as many as may be.

        Leads admitted before whose workflow was not confirmed come first, and alone. Admits nobody
        unless the campaign is running, and stops whoever has not begun once its end has come. By
        what accounts can still do they get leads; those of which nothing is known are alike.
        Raises `CampaignNotFound` if there is no such campaign.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await connection.fetchrow(_LOCK_CAMPAIGN, campaign_id)
            if campaign is None:
                raise CampaignNotFound
            counts = await connection.fetchrow(_COUNTS, campaign_id)
            settings = settings_from_json(campaign["settings"])
            found = _waiting(counts, settings)
            if campaign["state"] == "running" and is_over(settings, now):
                await connection.execute(_STOP_OVER, campaign_id, now, CAMPAIGN_TIME_OVER)
                begun = await connection.fetchrow(_COUNTS, campaign_id)
                return Admission(running=begun["running"] if begun else 0)
            left = await connection.fetch(_UNCONFIRMED, campaign_id, limit)
            if left:
                return replace(found, leads=_admitted(left))
            if campaign["state"] != "running" or found.admissible == 0:
                look_by = settings.end_at if campaign["state"] == "running" else None
                return replace(found, look_by=look_by)
            return await self._admit_next(
                connection,
                campaign_id,
                campaign,
                found,
                now=now,
                limit=limit,
                capacity_by_account=capacity_by_account or {},
            )

    async def _admit_next(
        self,
        connection: PoolConnectionProxy[Record],
        campaign_id: str,
        campaign: Record,
        found: Admission,
        *,
        now: datetime,
        limit: int,
        capacity_by_account: Mapping[str, float],
    ) -> Admission:
        settings = settings_from_json(campaign["settings"])
        line = await _line(connection, campaign_id, settings, running=found.running, now=now)
        opened = opening(settings, line, now)
        room = min(limit, opened.room)
        if room == 0:
            return replace(found, next_at=opened.until, look_by=settings.end_at)
        capacities = {each: capacity_by_account.get(each, 1.0) for each in campaign["account_ids"]}
        following = _NEXT_RELEASED if settings.admission.released_only else _NEXT
        chosen = await connection.fetch(following, campaign_id, room)
        named = [row["released_account_id"] for row in chosen]
        rows = await connection.fetch(
            _ADMIT,
            [row["id"] for row in chosen],
            opened.starts_at,
            settings.lead_processing_delay,
            assign_beside(named, capacities, await _loads(connection, campaign_id)),
            campaign["revision_id"],
        )
        await connection.execute(_COUNT_ADMITTED, campaign_id, len(rows))
        in_order = sorted(rows, key=lambda row: int(row["number"]))
        return replace(
            found,
            leads=_admitted(in_order),
            running=found.running + len(rows),
            ready=found.ready - len(rows),
        )

    async def confirm_started(self, campaign_id: str, lead_ids: Sequence[str]) -> None:
        await self._pool.execute(_CONFIRM, campaign_id, list(lead_ids))

    async def wait_for_room(self, campaign_id: str, *, wake_at_running: int) -> bool:
        """Ask to be woken once at most so many leads run; False if that is so already."""
        await self._pool.execute(_RAISE_WAKE_FLAG, campaign_id, wake_at_running)
        return not await self._pool.fetchval(TAKE_WAKE_FLAG, campaign_id)

    async def stop_ready(self, campaign_id: str, *, now: datetime) -> int:
        """End those who were never admitted; returns how many that were."""
        return affected(await self._pool.execute(_STOP_READY, campaign_id, now))

    async def running_ids(
        self, campaign_id: str, *, after: str = "", limit: int, moving_to: str = ""
    ) -> list[str]:
        """A page of those in the sequence, by id; of those that are to go on from an account."""
        rows = await self._pool.fetch(_RUNNING_IDS, campaign_id, after, limit, moving_to)
        return [row["id"] for row in rows]


def _waiting(counts: Record | None, settings: CampaignSettings) -> Admission:
    """Who is in the sequence and who waits, before anybody is admitted."""
    if counts is None:
        return Admission()
    unreleased = counts["ready"] - counts["released"]
    return Admission(
        running=counts["running"],
        ready=counts["ready"],
        unreleased=unreleased if settings.admission.released_only else 0,
    )


async def _line(
    connection: PoolConnectionProxy[Record],
    campaign_id: str,
    settings: CampaignSettings,
    *,
    running: int,
    now: datetime,
) -> Line:
    today = day_of(settings, now)
    return Line(
        running=running,
        started_today=await connection.fetchval(
            _STARTED_BETWEEN, campaign_id, today.begins_at, today.ends_at
        ),
        last_start_at=await connection.fetchval(_LAST_START, campaign_id),
    )


async def _loads(connection: PoolConnectionProxy[Record], campaign_id: str) -> dict[str, int]:
    return {row["account_id"]: row["leads"] for row in await connection.fetch(LOADS, campaign_id)}


def _admitted(rows: Sequence[Record]) -> tuple[AdmittedLead, ...]:
    return tuple(
        AdmittedLead(lead_id=row["id"], start_at=row["start_at"], account_id=row["account_id"])
        for row in rows
    )
