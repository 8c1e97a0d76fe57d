"""SQL on campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from asyncpg import Record
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement
from servicekit.request_ids.errors import RequestIdReused

from campaigns.admission import stays_open
from campaigns.errors import (
    CampaignNotFound,
    CampaignNotPausable,
    CampaignNotResumable,
    CampaignNotStartable,
    CampaignNotStoppable,
)
from campaigns.models import (
    Campaign,
    CampaignState,
)
from campaigns.repositories.revision_repository import insert_revision
from campaigns.repositories.rows import (
    CAMPAIGN,
    NEW_CAMPAIGN,
    campaign_from_row,
    is_said_again,
    is_same_request,
    new_campaign_row,
)
from campaigns.sequences.revision import Revision
from campaigns.settings_json import settings_from_json

CAMPAIGN_COLUMNS = f"""
    {CAMPAIGN},
    (SELECT count(*) FROM leads
      WHERE leads.campaign_id = campaigns.id
        AND leads.state = 'running' AND leads.parked_reason <> '') AS parked_leads
"""
"""What `campaign_from_row` reads."""
# The same request twice inserts once.
_CREATE = Statement(f"""
    INSERT INTO campaigns ({NEW_CAMPAIGN}) VALUES ({NEW_CAMPAIGN.parameters()})
    ON CONFLICT (organization_id, request_id) DO NOTHING
 RETURNING updated_at
""")
_BY_REQUEST = f"""
    SELECT {CAMPAIGN_COLUMNS}, request_hash, said,
           (SELECT content_hash FROM revisions WHERE revisions.campaign_id = campaigns.id
             ORDER BY number LIMIT 1) AS content_hash
      FROM campaigns WHERE organization_id = $1 AND request_id = $2
"""
_GET = f"SELECT {CAMPAIGN_COLUMNS} FROM campaigns WHERE id = $1"
_SEVERAL = f"""
    SELECT {CAMPAIGN_COLUMNS} FROM campaigns
     WHERE organization_id = $1 AND id = ANY($2) AND deleted_at IS NULL
"""
_IDS_OF_ACCOUNTS = """
    SELECT id FROM campaigns
     WHERE account_ids && $2 AND ($1 = '' OR organization_id = $1) AND purged_at IS NULL
     ORDER BY created_at DESC, id LIMIT $3
"""
# A running campaign starts again as itself; `started_at` keeps its first value.
_START = f"""
    UPDATE campaigns SET state = 'running', started_at = coalesce(started_at, $2)
     WHERE id = $1 AND state IN ('draft', 'running') AND deleted_at IS NULL
 RETURNING {CAMPAIGN_COLUMNS}
"""
_PAUSE = f"""
    UPDATE campaigns SET state = 'paused'
     WHERE id = $1 AND state IN ('running', 'paused') AND deleted_at IS NULL
 RETURNING {CAMPAIGN_COLUMNS}
"""
_RESUME = f"""
    UPDATE campaigns SET state = 'running'
     WHERE id = $1 AND state IN ('running', 'paused') AND deleted_at IS NULL
 RETURNING {CAMPAIGN_COLUMNS}
"""
# Stopping twice is stopping once; calling leads off can be added, not taken back.
_STOP = f"""
    UPDATE campaigns
       SET state = CASE state WHEN 'stopped' THEN 'stopped' ELSE 'stopping' END,
           complete_current_executions = $2
               AND (complete_current_executions OR state NOT IN ('stopping', 'stopped'))
     WHERE id = $1 AND state IN ('running', 'paused', 'stopping', 'stopped')
 RETURNING {CAMPAIGN_COLUMNS}
"""
# Ending twice keeps the first end.
_END = f"""
    UPDATE campaigns SET state = $2, ended_at = coalesce(ended_at, $3), wake_at_running = NULL
     WHERE id = $1
 RETURNING {CAMPAIGN_COLUMNS}
"""

_LETS_FINISH = "SELECT complete_current_executions FROM campaigns WHERE id = $1"
_LIVE_IDS = """
    SELECT id FROM campaigns
     WHERE state IN ('running', 'paused', 'stopping') AND id > $1 ORDER BY id LIMIT $2
"""
# Hidden, and kept until it is purged. What runs would run unseen.
_DELETE = """
    UPDATE campaigns SET deleted_at = coalesce(deleted_at, $2), purge_at = coalesce(purge_at, $3)
     WHERE id = $1 AND state NOT IN ('running', 'paused')
 RETURNING true
"""
# Whoever purges it says so first, in the same row.
_UNDELETE = f"""
    UPDATE campaigns SET deleted_at = NULL, purge_at = NULL
     WHERE id = $1 AND purged_at IS NULL AND (purge_at IS NULL OR purge_at > $2)
 RETURNING {CAMPAIGN_COLUMNS}
"""

_LOCK = "SELECT state, settings FROM campaigns WHERE id = $1 FOR UPDATE"
# Those held back do not hold the campaign up.
_HAS_LEADS_LEFT = """
    SELECT EXISTS (SELECT FROM leads
                    WHERE campaign_id = $1
                      AND (state = 'running' OR state = 'ready' AND held_reason = ''))
"""
# Its workflow tells it, and may be gone before it has.
_NOTE_END = """
    INSERT INTO untold_events (organization_id, campaign_id, type, at)
    SELECT organization_id, id, 'campaign.' || state, ended_at FROM campaigns WHERE id = $1
        ON CONFLICT DO NOTHING
"""
_FAIL_HELD_BACK = """
    UPDATE leads SET state = 'failed', reason = held_reason, ended_at = $2
     WHERE campaign_id = $1 AND state = 'ready' AND held_reason <> ''
"""


# Nobody's is an account that sends for no campaign; it is anybody's to be told of.
_SENDS_FOR_OTHERS_ONLY = """
    SELECT coalesce(bool_and(organization_id <> $1), false)
      FROM campaigns WHERE account_ids @> ARRAY[$2]
"""


class CampaignRepository:
    """Every transition is one conditional statement; a refusal says which it was."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(
        self,
        campaign: Campaign,
        revision: Revision,
        *,
        request_id: str,
        of: str = "",
        said: str = "",
    ) -> Campaign:
        """Insert a draft with its first revision, or return the one that this request made.

        Of a copy `of` is what is copied; by `said` it is found as `made` finds it. Raises
        `RequestIdReused` for another request, `CampaignNotFound` if what it made has gone.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = new_campaign_row(campaign, revision, request_id=request_id, of=of, said=said)
            updated_at = await connection.fetchval(_CREATE.sql, *_CREATE.given(**row))
            if updated_at is None:
                given = (campaign.organization_id, request_id)
                found = await connection.fetchrow(_BY_REQUEST, *given)
                if found is None:
                    raise CampaignNotFound
                same = is_same_request(found, campaign, of=of)
                if not same or found["content_hash"] != revision.content_hash:
                    raise RequestIdReused
                return campaign_from_row(found)
            await insert_revision(connection, revision)
        return replace(campaign, updated_at=updated_at)

    async def made(self, organization_id: str, request_id: str, *, said: str) -> Campaign | None:
        """What a request made that was said before, to the letter; None if it was purged."""
        row = await self._pool.fetchrow(_BY_REQUEST, organization_id, request_id)
        if row is None or row["purged_at"] is not None or not is_said_again(row, said):
            return None
        return campaign_from_row(row)

    async def lets_leads_finish(self, campaign_id: str) -> bool:
        """Whether the leads of a campaign that is being stopped go on to their end."""
        return bool(await self._pool.fetchval(_LETS_FINISH, campaign_id))

    async def live_ids(self, *, after: str = "", limit: int) -> list[str]:
        """A page of those that run, are paused or are being stopped, of all organizations."""
        return [row["id"] for row in await self._pool.fetch(_LIVE_IDS, after, limit)]

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign; raises `CampaignNotFound` if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id)
        if row is None:
            raise CampaignNotFound
        return campaign_from_row(row)

    async def get_visible(self, campaign_id: str) -> Campaign:
        """The campaign; raises `CampaignNotFound` if there is none, or it was deleted."""
        campaign = await self.get(campaign_id)
        if campaign.deleted_at is not None:
            raise CampaignNotFound
        return campaign

    async def several(self, organization_id: str, campaign_ids: Sequence[str]) -> list[Campaign]:
        """Those of these campaigns that are the organization's and were not deleted."""
        rows = await self._pool.fetch(_SEVERAL, organization_id, list(campaign_ids))
        return [campaign_from_row(row) for row in rows]

    async def ids_of_accounts(
        self, organization_id: str, account_ids: Sequence[str], *, limit: int
    ) -> list[str]:
        """The newest of those that have one of these accounts, deleted ones too.

        Of every organization if none is named.
        """
        rows = await self._pool.fetch(_IDS_OF_ACCOUNTS, organization_id, list(account_ids), limit)
        return [row["id"] for row in rows]

    async def sends_for_others_only(self, organization_id: str, account_id: str) -> bool:
        """Whether the account is known, and for campaigns of other organizations only."""
        return bool(await self._pool.fetchval(_SENDS_FOR_OTHERS_ONLY, organization_id, account_id))

    async def find(self, campaign_id: str) -> Campaign | None:
        """The campaign, or None if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id)
        return None if row is None else campaign_from_row(row)

    async def start(self, campaign_id: str, *, now: datetime) -> Campaign:
        row = await self._pool.fetchrow(_START, campaign_id, now)
        return await self._moved(row, campaign_id, CampaignNotStartable)

    async def pause(self, campaign_id: str) -> Campaign:
        row = await self._pool.fetchrow(_PAUSE, campaign_id)
        return await self._moved(row, campaign_id, CampaignNotPausable)

    async def resume(self, campaign_id: str) -> Campaign:
        row = await self._pool.fetchrow(_RESUME, campaign_id)
        return await self._moved(row, campaign_id, CampaignNotResumable)

    async def stop(self, campaign_id: str, *, complete_current_executions: bool) -> Campaign:
        row = await self._pool.fetchrow(_STOP, campaign_id, complete_current_executions)
        return await self._moved(row, campaign_id, CampaignNotStoppable)

    async def delete(self, campaign_id: str, *, now: datetime, purge_at: datetime) -> bool:
        """Hide the campaign; the first time counts. False if it is to be stopped before."""
        return bool(await self._pool.fetchval(_DELETE, campaign_id, now, purge_at))

    async def undelete(self, campaign_id: str, *, now: datetime) -> Campaign:
        """Show it again; raises `CampaignNotFound` if its time is over, or there is none."""
        row = await self._pool.fetchrow(_UNDELETE, campaign_id, now)
        if row is None:
            raise CampaignNotFound
        return campaign_from_row(row)

    async def end(self, campaign_id: str, state: CampaignState, *, now: datetime) -> Campaign:
        """Record that the campaign is `stopped` or `completed`."""
        row = await self._pool.fetchrow(_END, campaign_id, state, now)
        return await self._moved(row, campaign_id, CampaignNotFound)

    async def end_if_over(
        self, campaign_id: str, *, stopped: bool, now: datetime
    ) -> Campaign | None:
        """End the campaign if every lead of it has ended, otherwise return None.

        It ends as stopped if it is being stopped, else as completed; one that is kept open does
        so only when its own end has come. Leads that
        are being added are waited for: none is left behind in a campaign that is over.
        Those that are still held back have failed, for the reason they are held.
        Raises `CampaignNotFound` if there is no such campaign.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            locked = await connection.fetchrow(_LOCK, campaign_id)
            if locked is None:
                raise CampaignNotFound
            state = locked["state"]
            goes_on = state in (CampaignState.RUNNING, CampaignState.PAUSED) and not stopped
            if goes_on and stays_open(settings_from_json(locked["settings"]), now):
                return None
            if await connection.fetchval(_HAS_LEADS_LEFT, campaign_id):
                return None
            await connection.execute(_FAIL_HELD_BACK, campaign_id, now)
            ended_before = state in (CampaignState.COMPLETED, CampaignState.STOPPED)
            if state != CampaignState.COMPLETED:
                stopping = stopped or state in (CampaignState.STOPPING, CampaignState.STOPPED)
                state = CampaignState.STOPPED if stopping else CampaignState.COMPLETED
            row = await connection.fetchrow(_END, campaign_id, state, now)
            if not ended_before:
                await connection.execute(_NOTE_END, campaign_id)
            return None if row is None else campaign_from_row(row)

    async def _moved(
        self, row: Record | None, campaign_id: str, refusal: type[Exception]
    ) -> Campaign:
        if row is not None:
            return campaign_from_row(row)
        await self.get_visible(campaign_id)
        raise refusal
