"""SQL on campaigns and their revisions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres.pool import Pool

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
    LeadState,
    StepState,
)
from campaigns.repositories.lead_repository import LEAD_STATE
from campaigns.repositories.revision_repository import insert_revision
from campaigns.repositories.settings_json import settings_from_json, settings_to_json
from campaigns.sequences.revision import Revision
from campaigns.status import Funnel, StatusCounts

_COLUMNS = """id, organization_id, name, state, account_ids, settings, revision_id,
              created_at, started_at, ended_at, deleted_at"""

# The same request twice inserts once.
_CREATE = """
    INSERT INTO campaigns (id, organization_id, request_id, name, state, account_ids, settings,
                           revision_id, created_at)
    VALUES ($1, $2, $3, $4, 'draft', $5, $6, $7, $8)
    ON CONFLICT (organization_id, request_id) DO NOTHING
 RETURNING true
"""
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
     ORDER BY created_at DESC, id DESC
     LIMIT $5
"""
# A running campaign starts again as itself; `started_at` keeps its first value.
_START = f"""
    UPDATE campaigns SET state = 'running', started_at = coalesce(started_at, $2)
     WHERE id = $1 AND state IN ('draft', 'running')
 RETURNING {_COLUMNS}
"""
_PAUSE = f"""
    UPDATE campaigns SET state = 'paused'
     WHERE id = $1 AND state IN ('running', 'paused')
 RETURNING {_COLUMNS}
"""
_RESUME = f"""
    UPDATE campaigns SET state = 'running'
     WHERE id = $1 AND state IN ('running', 'paused')
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

# Hidden, and kept: whoever was contacted stays known.
_DELETE = "UPDATE campaigns SET deleted_at = coalesce(deleted_at, $2) WHERE id = $1"

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

_LEADS_BY_STATE = f"""
    SELECT {LEAD_STATE} AS state, count(*) AS leads, max(ended_at) AS last_ended_at
      FROM leads WHERE campaign_id = $1 GROUP BY 1
"""
_STEPS_BY_STATE = """
    SELECT step_id, state, exit_name, count(*) AS leads
      FROM step_executions WHERE campaign_id = $1 GROUP BY step_id, state, exit_name
"""
# Leads with at least one step of each kind that was really performed. An InMail that went as a
# plain message counts as what it was.
_FUNNEL_BY_KIND = """
    SELECT CASE WHEN reason = 'SENT_AS_MESSAGE' THEN 'send_followup' ELSE kind END AS kind,
           count(DISTINCT lead_id) AS leads
      FROM step_executions
     WHERE campaign_id = $1 AND state = 'done' AND reason <> 'ALREADY_SO'
     GROUP BY 1
"""
_FUNNEL_BY_ANSWER = """
    SELECT count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE replied_at IS NOT NULL) AS replied
      FROM leads WHERE campaign_id = $1
"""


class CampaignRepository:
    """Every transition is one conditional statement; a refusal says which it was."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, campaign: Campaign, revision: Revision, *, request_id: str) -> Campaign:
        """Insert a draft with its first revision, or return the one that this request made."""
        async with self._pool.acquire() as connection, connection.transaction():
            inserted = await connection.fetchval(
                _CREATE,
                campaign.id,
                campaign.organization_id,
                request_id,
                campaign.name,
                list(campaign.account_ids),
                settings_to_json(campaign.settings),
                revision.id,
                campaign.created_at,
            )
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

    async def get(self, campaign_id: str) -> Campaign:
        """The campaign; raises `CampaignNotFound` if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id)
        if row is None:
            raise CampaignNotFound
        return _campaign(row)

    async def find(self, campaign_id: str) -> Campaign | None:
        """The campaign, or None if there is no such one."""
        row = await self._pool.fetchrow(_GET, campaign_id)
        return None if row is None else _campaign(row)

    async def page(
        self,
        organization_id: str,
        *,
        state: CampaignState | None = None,
        after: Campaign | tuple[datetime, str] | None = None,
        limit: int,
    ) -> list[Campaign]:
        """The newest first; `after` is the last one of the page before, or its (created_at, id)."""
        cursor = (after.created_at, after.id) if isinstance(after, Campaign) else after
        rows = await self._pool.fetch(
            _LIST, organization_id, state, *(cursor or (None, None)), limit
        )
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

    async def delete(self, campaign_id: str, *, now: datetime) -> None:
        """Hide the campaign; the first time counts."""
        await self._pool.execute(_DELETE, campaign_id, now)

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

    async def status(self, campaign_id: str) -> StatusCounts:
        """Count where the leads are, in one snapshot."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            leads = await connection.fetch(_LEADS_BY_STATE, campaign_id)
            steps = await connection.fetch(_STEPS_BY_STATE, campaign_id)
            kinds = await connection.fetch(_FUNNEL_BY_KIND, campaign_id)
            answers = await connection.fetchrow(_FUNNEL_BY_ANSWER, campaign_id)
        by_step: dict[str, Counter[StepState]] = defaultdict(Counter)
        by_exit: dict[str, Counter[str]] = defaultdict(Counter)
        for row in steps:
            by_step[row["step_id"]][StepState(row["state"])] += row["leads"]
            if row["exit_name"] and row["state"] != StepState.SKIPPED:
                by_exit[row["step_id"]][row["exit_name"]] += row["leads"]
        return StatusCounts(
            leads={LeadState(row["state"]): row["leads"] for row in leads},
            funnel=_funnel({row["kind"]: row["leads"] for row in kinds}, dict(answers or {})),
            steps=by_step,
            exits=by_exit,
            last_ended_at=max(
                (row["last_ended_at"] for row in leads if row["last_ended_at"]), default=None
            ),
        )

    async def _moved(
        self, row: Record | None, campaign_id: str, refusal: type[Exception]
    ) -> Campaign:
        if row is not None:
            return _campaign(row)
        await self.get(campaign_id)
        raise refusal


def _campaign(row: Record) -> Campaign:
    return Campaign(
        id=row["id"],
        organization_id=row["organization_id"],
        name=row["name"],
        state=CampaignState(row["state"]),
        account_ids=tuple(row["account_ids"]),
        settings=settings_from_json(row["settings"]),
        revision_id=row["revision_id"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        deleted_at=row["deleted_at"],
    )


def _funnel(leads_by_kind: Mapping[str, int], answers: Mapping[str, int]) -> Funnel:
    return Funnel(
        visited=leads_by_kind.get("profile_visit", 0),
        reacted=leads_by_kind.get("like_post", 0),
        commented=leads_by_kind.get("comment_post", 0),
        invited=leads_by_kind.get("send_connection_request", 0),
        accepted=answers.get("accepted", 0),
        messaged=leads_by_kind.get("send_followup", 0),
        inmailed=leads_by_kind.get("send_inmail", 0),
        replied=answers.get("replied", 0),
        withdrawn=leads_by_kind.get("withdraw_request", 0),
    )
