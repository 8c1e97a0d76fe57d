"""SQL on what lost its workflow: how leads end then, and what customers have not heard of.

Nobody but the row remembers such a lead. What its workflow had still to tell went with it, so it
stands here from the statement that ends it until everything that its rows say is told. What a
campaign's own workflow has to tell stands here while it is told, whoever tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from servicekit.postgres.pool import Pool

from campaigns.models import LeadState
from campaigns.repositories.admission.admission_repository import TAKE_WAKE_FLAG
from campaigns.sequences.time_limits import CAMPAIGN_TIME_OVER

# The first end counts; who has ended otherwise stays so, and is told by whoever ended them.
_END = """
    WITH ended AS (
        UPDATE leads SET state = $3, reason = $4, ended_at = $5
         WHERE campaign_id = $1 AND id = $2 AND state IN ('ready', 'running')
     RETURNING organization_id, campaign_id, id
    ), skipped AS (
        UPDATE step_executions SET state = 'skipped', reason = $6, ended_at = $5
          FROM ended WHERE lead_id = ended.id AND step_executions.state = 'waiting'
    )
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $5::timestamptz FROM ended
        ON CONFLICT DO NOTHING
 RETURNING true
"""
_NOTE = """
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $3::timestamptz FROM leads
     WHERE campaign_id = $1 AND id = $2 AND state NOT IN ('ready', 'running')
        ON CONFLICT DO NOTHING
"""
# Whoever waits to begin hears nothing before that, and a paused campaign looks at nobody.
_END_OVER = """
    WITH ended AS (
        UPDATE leads SET state = 'stopped', reason = $2, ended_at = $1
          FROM campaigns
         WHERE campaigns.id = leads.campaign_id AND campaigns.state IN ('running', 'paused')
           AND (campaigns.settings ->> 'end_at')::timestamptz <= $1
           AND leads.state = 'running' AND leads.started_at IS NULL
     RETURNING leads.organization_id, leads.campaign_id, leads.id
    )
    INSERT INTO orphaned_leads (organization_id, campaign_id, lead_id, found_at)
    SELECT organization_id, campaign_id, id, $1::timestamptz FROM ended
        ON CONFLICT DO NOTHING
"""
# Nothing has been done for one that has not begun: it is admitted again, and then seen anew.
_UNCONFIRM = """
    WITH unconfirmed AS (
        UPDATE leads SET workflow_started = false
         WHERE campaign_id = $1 AND id = $2 AND state = 'running' AND started_at IS NULL
     RETURNING id
    ), unseen AS (
        DELETE FROM lead_sightings USING unconfirmed WHERE lead_id = unconfirmed.id
    )
    SELECT true FROM unconfirmed
"""
_UNTOLD = """
    SELECT orphaned_leads.campaign_id, lead_id, accepted_at
      FROM orphaned_leads JOIN leads ON leads.id = lead_id
     WHERE told_at IS NULL AND (orphaned_leads.campaign_id, lead_id) > ($1, $2)
     ORDER BY orphaned_leads.campaign_id, lead_id LIMIT $3
"""
_TOLD = "UPDATE orphaned_leads SET told_at = $2 WHERE lead_id = $1"
# Activities of one workflow may come in another order than they were begun.
_NOTE_EVENT = """
    WITH noted AS (
        INSERT INTO untold_events (organization_id, campaign_id, type, key, at)
        SELECT organization_id, id, $2, $3, $4 FROM campaigns WHERE id = $1 AND purged_at IS NULL
            ON CONFLICT DO NOTHING
     RETURNING organization_id, campaign_id, type, at
    )
    INSERT INTO told_pauses (organization_id, campaign_id, paused, at)
    SELECT organization_id, campaign_id, type = 'campaign.paused', at FROM noted
     WHERE type IN ('campaign.paused', 'campaign.resumed')
        ON CONFLICT (campaign_id) DO UPDATE SET paused = excluded.paused, at = excluded.at
     WHERE told_pauses.at <= excluded.at
"""
# By one of those who find the workflow gone at once.
_NOTE_LOST_PAUSE = """
    WITH moved AS (
        INSERT INTO told_pauses AS told (organization_id, campaign_id, paused, at)
        SELECT organization_id, id, state = 'paused', $3::timestamptz FROM campaigns
         WHERE id = $1 AND state IN ('paused', 'running') AND purged_at IS NULL
           AND (state = 'paused') <> coalesce(
               (SELECT paused FROM told_pauses WHERE campaign_id = $1), false)
            ON CONFLICT (campaign_id) DO UPDATE SET paused = excluded.paused, at = excluded.at
         WHERE told.paused <> excluded.paused
     RETURNING organization_id, campaign_id, paused, at
    )
    INSERT INTO untold_events (organization_id, campaign_id, type, key, at)
    SELECT organization_id, campaign_id,
           CASE WHEN paused THEN 'campaign.paused' ELSE 'campaign.resumed' END, $2, at
      FROM moved
"""
# In the order in which they happened; what is being told by its workflow is told twice at worst.
_UNTOLD_EVENTS = """
    SELECT campaign_id, type, key, at FROM untold_events
     WHERE (at, campaign_id, type, key) > ($1, $2, $3, $4)
     ORDER BY at, campaign_id, type, key LIMIT $5
"""
_EVENT_TOLD = "DELETE FROM untold_events WHERE campaign_id = $1 AND type = $2 AND key = $3"


@dataclass(frozen=True, kw_only=True)
class OrphanedLead:
    """A lead that has ended without its workflow, and when its invitation was accepted."""

    campaign_id: str
    lead_id: str
    accepted_at: datetime | None


class OrphanedLeadRepository:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def end(
        self,
        campaign_id: str,
        lead_id: str,
        *,
        state: LeadState,
        reason: str,
        now: datetime,
        skipped: str = "",
    ) -> bool:
        """End a lead, and the step that it waited for; False if it had ended already.

        `skipped` is why that step is not performed, where it is another reason than the lead's.
        """
        given = (campaign_id, lead_id, state, reason, now, skipped or reason)
        return bool(await self._pool.fetchval(_END, *given))

    async def unconfirm(self, campaign_id: str, lead_id: str) -> bool:
        """Have a lead that has not begun started again; False if it has begun or ended."""
        return bool(await self._pool.fetchval(_UNCONFIRM, campaign_id, lead_id))

    async def takes_wake_flag(self, campaign_id: str) -> bool:
        """True if the campaign waits for room and there is some: the caller wakes it."""
        return bool(await self._pool.fetchval(TAKE_WAKE_FLAG, campaign_id))

    async def note(self, campaign_id: str, lead_id: str, *, now: datetime) -> None:
        """A lead that has ended lost its workflow before that had told everything."""
        await self._pool.execute(_NOTE, campaign_id, lead_id, now)

    async def note_lost_pause(self, campaign_id: str, *, key: str, now: datetime) -> None:
        """Its workflow is gone: a pause, or an end of one, that it had not begun to tell is to be.

        `key` tells this pause from others. Repeating it changes nothing.
        """
        await self._pool.execute(_NOTE_LOST_PAUSE, campaign_id, key, now)

    async def end_over(self, *, now: datetime) -> None:
        """End those who have not begun of campaigns whose end has come."""
        await self._pool.execute(_END_OVER, now, CAMPAIGN_TIME_OVER)

    async def untold(self, *, after: tuple[str, str] = ("", ""), limit: int) -> list[OrphanedLead]:
        """A page of those of whom customers have not heard everything, by campaign and lead."""
        rows = await self._pool.fetch(_UNTOLD, *after, limit)
        return [OrphanedLead(**row) for row in rows]

    async def told(self, lead_id: str, *, now: datetime) -> None:
        """Everything of it is out."""
        await self._pool.execute(_TOLD, lead_id, now)


@dataclass(frozen=True, kw_only=True)
class CampaignEvent:
    """Something that happened to a campaign; `key` tells apart what can happen several times."""

    campaign_id: str
    type: str
    key: str
    at: datetime


class UntoldEventRepository:
    """Events of campaigns themselves, of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def note(self, event: CampaignEvent) -> None:
        """It is to be told, whatever becomes of who tells it; of a purged campaign nothing is."""
        given = (event.campaign_id, event.type, event.key, event.at)
        await self._pool.execute(_NOTE_EVENT, *given)

    async def untold(
        self, *, after: CampaignEvent | None = None, limit: int
    ) -> list[CampaignEvent]:
        """A page of those that customers may not have heard of, those that came first before."""
        behind = (datetime.min.replace(tzinfo=UTC), "", "", "")
        if after is not None:
            behind = (after.at, after.campaign_id, after.type, after.key)
        rows = await self._pool.fetch(_UNTOLD_EVENTS, *behind, limit)
        return [CampaignEvent(**row) for row in rows]

    async def told(self, event: CampaignEvent) -> None:
        """It is out."""
        await self._pool.execute(_EVENT_TOLD, event.campaign_id, event.type, event.key)
