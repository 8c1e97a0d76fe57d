"""SQL on campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from campaigns.errors import (
    CampaignNotFound,
    CampaignNotPausable,
    CampaignNotResumable,
    CampaignNotStartable,
    CampaignNotStoppable,
    RequestIdReused,
)
from campaigns.models import (
    Campaign,
    CampaignState,
)
from campaigns.repositories.revision_repository import insert_revision
from campaigns.sequences.revision import Revision
from campaigns.settings_json import settings_from_json, settings_to_json

_CAMPAIGN = Columns(
    column("id"),
    column("organization_id"),
    column("name"),
    column("state"),
    column("account_ids", "text[]"),
    column("settings", "jsonb"),
    column("revision_id"),
    column("created_at", "timestamptz"),
    column("started_at", "timestamptz"),
    column("ended_at", "timestamptz"),
    column("deleted_at", "timestamptz"),
)
"""Each is a field of `Campaign`."""
_COLUMNS = f"""
    {_CAMPAIGN},
    (SELECT count(*) FROM leads
      WHERE leads.campaign_id = campaigns.id
        AND leads.state = 'running' AND leads.parked_reason <> '') AS parked_leads
"""
_NEW = _CAMPAIGN.without("started_at", "ended_at", "deleted_at") | Columns(column("request_id"))

# The same request twice inserts once.
_CREATE = Statement(f"""
    INSERT INTO campaigns ({_NEW}) VALUES ({_NEW.parameters()})
    ON CONFLICT (organization_id, request_id) DO NOTHING
 RETURNING true
""")
_BY_REQUEST = f"""
    SELECT {_COLUMNS},
           (SELECT content_hash FROM revisions WHERE revisions.campaign_id = campaigns.id
             ORDER BY number LIMIT 1) AS content_hash
      FROM campaigns WHERE organization_id = $1 AND request_id = $2
"""
_GET = f"SELECT {_COLUMNS} FROM campaigns WHERE id = $1"
_LIST = f"""
    SELECT {_COLUMNS} FROM campaigns
     WHERE organization_id = $1 AND deleted_at IS NULL
       AND ($2::text IS NULL OR state = $2)
       AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
       AND ($6::text[] IS NULL OR account_ids && $6)
     ORDER BY created_at DESC, id DESC
     LIMIT $5
"""
# A running campaign starts again as itself; `started_at` keeps its first value.
_START = f"""
    UPDATE campaigns SET state = 'running', started_at = coalesce(started_at, $2)
     WHERE id = $1 AND state IN ('draft', 'running') AND deleted_at IS NULL
 RETURNING {_COLUMNS}
"""
_PAUSE = f"""
    UPDATE campaigns SET state = 'paused'
     WHERE id = $1 AND state IN ('running', 'paused') AND deleted_at IS NULL
 RETURNING {_COLUMNS}
"""
_RESUME = f"""
    UPDATE campaigns SET state = 'running'
     WHERE id = $1 AND state IN ('running', 'paused') AND deleted_at IS NULL
 RETURNING {_COLUMNS}
"""
# Stopping twice is stopping once; calling leads off can be added, not taken back.
_STOP = f"""
    UPDATE campaigns
       SET state = CASE state WHEN 'stopped' THEN 'stopped' ELSE 'stopping' END,
           complete_current_executions = $2
               AND (complete_current_executions OR state NOT IN ('stopping', 'stopped'))
     WHERE id = $1 AND state IN ('running', 'paused', 'stopping', 'stopped')
 RETURNING {_COLUMNS}
"""
# Ending twice keeps the first end.
_END = f"""
    UPDATE campaigns SET state = $2, ended_at = coalesce(ended_at, $3), wake_at_running = NULL
     WHERE id = $1
 RETURNING {_COLUMNS}
"""

_LETS_FINISH = "SELECT complete_current_executions FROM campaigns WHERE id = $1"
_LIVE_IDS = """
    SELECT id FROM campaigns
     WHERE state IN ('running', 'paused', 'stopping') AND id > $1 ORDER BY id LIMIT $2
"""
# Hidden, and kept: whoever was contacted stays known. What runs would run unseen.
_DELETE = """
    UPDATE campaigns SET deleted_at = coalesce(deleted_at, $2)
     WHERE id = $1 AND state NOT IN ('running', 'paused')
 RETURNING true
"""

_LOCK = "SELECT state FROM campaigns WHERE id = $1 FOR UPDATE"
# Those held back do not hold the campaign up.
_HAS_LEADS_LEFT = """
    SELECT EXISTS (SELECT FROM leads
                    WHERE campaign_id = $1
                      AND (state = 'running' OR state = 'ready' AND held_reason = ''))
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

    async def create(self, campaign: Campaign, revision: Revision, *, request_id: str) -> Campaign:
        """Insert a draft with its first revision, or return the one that this request made."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = _new_row(campaign, revision, request_id=request_id)
            inserted = await connection.fetchval(_CREATE.sql, *_CREATE.given(**row))
            if not inserted:
                return await self._created_before(connection, campaign, revision, request_id)
            await insert_revision(connection, revision)
        return campaign

    async def _created_before(
        self,
        connection: PoolConnectionProxy[Record],
        campaign: Campaign,
        revision: Revision,
        request_id: str,
    ) -> Campaign:
        row = await connection.fetchrow(_BY_REQUEST, campaign.organization_id, request_id)
        if row is None:
            raise CampaignNotFound
        existing = _campaign(row)
        same = (
            existing.name == campaign.name
            and existing.account_ids == campaign.account_ids
            and existing.settings == campaign.settings
            and row["content_hash"] == revision.content_hash
        )
        if not same:
            raise RequestIdReused
        return existing

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
        return _campaign(row)

    async def get_visible(self, campaign_id: str) -> Campaign:
        """The campaign; raises `CampaignNotFound` if there is none, or it was deleted."""
        campaign = await self.get(campaign_id)
        if campaign.deleted_at is not None:
            raise CampaignNotFound
        return campaign

    async def sends_for_others_only(self, organization_id: str, account_id: str) -> bool:
        """Whether the account is known, and for campaigns of other organizations only."""
        return bool(await self._pool.fetchval(_SENDS_FOR_OTHERS_ONLY, organization_id, account_id))

    async def find(self, campaign_id: str) -> Campaign | None:
        """The campaign, or None if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id)
        return None if row is None else _campaign(row)

    async def page(
        self,
        organization_id: str,
        *,
        state: CampaignState | None = None,
        account_ids: frozenset[str] | None = None,
        after: Campaign | tuple[datetime, str] | None = None,
        limit: int,
    ) -> list[Campaign]:
        """The newest first, of any of `account_ids`; `after` is the last one, or its place."""
        cursor = (after.created_at, after.id) if isinstance(after, Campaign) else after
        among = None if account_ids is None else sorted(account_ids)
        given = (organization_id, state, *(cursor or (None, None)), limit, among)
        rows = await self._pool.fetch(_LIST, *given)
        return [_campaign(row) for row in rows]

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

    async def delete(self, campaign_id: str, *, now: datetime) -> bool:
        """Hide the campaign; the first time counts. False if it is to be stopped before."""
        return bool(await self._pool.fetchval(_DELETE, campaign_id, now))

    async def end(self, campaign_id: str, state: CampaignState, *, now: datetime) -> Campaign:
        """Record that the campaign is `stopped` or `completed`."""
        row = await self._pool.fetchrow(_END, campaign_id, state, now)
        return await self._moved(row, campaign_id, CampaignNotFound)

    async def end_if_over(
        self, campaign_id: str, *, stopped: bool, now: datetime
    ) -> Campaign | None:
        """End the campaign if every lead of it has ended, otherwise return None.

        It ends as stopped if it is being stopped, else as completed. Leads that
        are being added are waited for: none is left behind in a campaign that is over.
        Those that are still held back have failed, for the reason they are held.
        Raises `CampaignNotFound` if there is no such campaign.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            state = await connection.fetchval(_LOCK, campaign_id)
            if state is None:
                raise CampaignNotFound
            if await connection.fetchval(_HAS_LEADS_LEFT, campaign_id):
                return None
            await connection.execute(_FAIL_HELD_BACK, campaign_id, now)
            if state != CampaignState.COMPLETED:
                stopping = stopped or state in (CampaignState.STOPPING, CampaignState.STOPPED)
                state = CampaignState.STOPPED if stopping else CampaignState.COMPLETED
            row = await connection.fetchrow(_END, campaign_id, state, now)
            return None if row is None else _campaign(row)

    async def _moved(
        self, row: Record | None, campaign_id: str, refusal: type[Exception]
    ) -> Campaign:
        if row is not None:
            return _campaign(row)
        await self.get_visible(campaign_id)
        raise refusal


def _campaign(row: Record) -> Campaign:
    return Campaign(
        **{name: row[name] for name in _CAMPAIGN.types}
        | {
            "state": CampaignState(row["state"]),
            "account_ids": tuple(row["account_ids"]),
            "settings": settings_from_json(row["settings"]),
            "parked_leads": row["parked_leads"],
        }
    )


def _new_row(campaign: Campaign, revision: Revision, *, request_id: str) -> dict[str, Any]:
    return {name: getattr(campaign, name) for name in _CAMPAIGN.types if name in _NEW.types} | {
        "request_id": request_id,
        "state": CampaignState.DRAFT,
        "account_ids": list(campaign.account_ids),
        "settings": settings_to_json(campaign.settings),
        "revision_id": revision.id,
    }
