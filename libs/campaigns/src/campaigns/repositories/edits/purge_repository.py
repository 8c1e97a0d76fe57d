"""SQL on deleted campaigns whose time is over: nothing is left of them but their ids.

And, for a while, whose answer would end others: nobody is contacted after they replied.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool
from servicekit.request_ids.table import GONE
from servicekit.telemetry import logs

from campaigns.answers import ReplyScope
from campaigns.models import CampaignSettings
from campaigns.sealing.people import company_key
from campaigns.sequences.json_form import sequence_to_json
from campaigns.sequences.sequence import Sequence
from campaigns.settings_json import settings_to_json

log = logs.get_logger(__name__)

AT_ONCE = 500
"""Leads that are forgotten in one transaction."""
ANSWERS_AWAITED = timedelta(days=365)
"""How long after its purge a lead's answer ends others."""
# The release before deletes without a moment: from now on it has one.
_PROMISE = """
    UPDATE campaigns SET purge_at = $1
     WHERE deleted_at IS NOT NULL AND purge_at IS NULL AND purged_at IS NULL
"""
# Before anything of it goes: who brings it back finds that it is too late, or is before this. One
# whose leads still end is waited for. It stays, as an id that was deleted, for who follows, and
# with whom its replies end.
_MARK = """
    UPDATE campaigns
       SET purged_at = $1, name = '',
           settings = $2::jsonb || jsonb_build_object(
               'reply_scope', coalesce(settings ->> 'reply_scope', $3)),
           stalled_activity = '', stalled_trace_id = ''
     WHERE deleted_at IS NOT NULL AND purge_at <= $1 AND purged_at IS NULL
       AND state NOT IN ('running', 'paused', 'stopping')
"""
# Its sequence goes last.
_BEGUN = """
    SELECT id FROM campaigns
     WHERE deleted_at IS NOT NULL AND purged_at IS NOT NULL
       AND EXISTS (SELECT FROM revisions
                    WHERE revisions.campaign_id = campaigns.id AND revisions.content_hash <> '')
     ORDER BY id
"""
# In the order of the list, for which there is an index.
_LEADS = "SELECT id FROM leads WHERE campaign_id = $1 ORDER BY position LIMIT $2 FOR UPDATE"
# Who has been contacted may answer still, which ends others where their campaign says so.
_ANSWERABLE = """
    SELECT leads.organization_id, campaigns.id AS campaign_id, leads.id AS lead_id,
           leads.public_identifier,
           CASE campaigns.settings ->> 'reply_scope' WHEN $3 THEN leads.company ELSE '' END
               AS company
      FROM leads JOIN campaigns ON campaigns.id = leads.campaign_id
     WHERE leads.id = ANY($1) AND leads.started_at IS NOT NULL
       AND campaigns.settings ->> 'reply_scope' <> $2
"""
_KEEP_ANSWERABLE = """
    INSERT INTO purged_leads
        (organization_id, campaign_id, lead_id, public_identifier, company, purged_at)
    SELECT kept.*, $2
      FROM jsonb_to_recordset($1) AS kept (organization_id text, campaign_id text, lead_id text,
                                           public_identifier text, company text)
        ON CONFLICT DO NOTHING
"""
_FORGET_ANSWERABLE = "DELETE FROM purged_leads WHERE purged_at < $1"
# Also of leads that were removed while something was done for them, or by who does not see an
# answer of somebody else's.
_FORGET_ANSWERS = f"""
    UPDATE request_answers SET {GONE}
     WHERE subject <> '' AND answer IS NOT NULL
       AND NOT EXISTS (SELECT FROM leads WHERE leads.id = request_answers.subject)
"""
_FORGET_LEADS = (
    "DELETE FROM heard_messages WHERE lead_id = ANY($1)",
    "DELETE FROM step_texts WHERE lead_id = ANY($1)",
    "DELETE FROM step_executions WHERE lead_id = ANY($1)",
    "DELETE FROM leads WHERE id = ANY($1)",
)
# What the table's trigger has noted of them.
_FORGET_REMOVALS = "DELETE FROM removed_leads WHERE campaign_id = $1 AND lead_id = ANY($2)"
_FORGET = (
    "DELETE FROM lead_imports WHERE campaign_id = $1",
    "DELETE FROM releases WHERE campaign_id = $1",
    "DELETE FROM untold_events WHERE campaign_id = $1",
    "DELETE FROM told_pauses WHERE campaign_id = $1",
    """
    DELETE FROM outbox USING campaigns
     WHERE campaigns.id = $1 AND outbox.organization_id = campaigns.organization_id
       AND outbox.subject = campaigns.id
    """,
    "DELETE FROM removed_leads WHERE campaign_id = $1",
    "DELETE FROM forgotten_removals WHERE campaign_id = $1",
    """
    DELETE FROM revisions USING campaigns
     WHERE campaigns.id = $1 AND revisions.campaign_id = $1
       AND revisions.id <> campaigns.revision_id
    """,
)
# The present one stays as a name without content: who follows changes, and has read the campaign
# before it was purged, and whoever is of the release before, looks for it.
_EMPTY = "UPDATE revisions SET steps = $2, source = '', content_hash = '' WHERE campaign_id = $1"


class PurgeRepository:
    """Of every organization; whoever dies on the way leaves the rest to the next."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def purge(self, *, now: datetime, keep: timedelta) -> int:
        """Forget the deleted campaigns whose time is over; how many that were.

        Those of which nobody has said when that is are kept for `keep` from now on. One that
        cannot be forgotten holds up no other; why it cannot is raised in the end.
        """
        await self._pool.execute(_PROMISE, now + keep)
        await self._pool.execute(
            _MARK, now, settings_to_json(CampaignSettings()), ReplyScope.CAMPAIGN
        )
        await self._pool.execute(_FORGET_ANSWERABLE, now - ANSWERS_AWAITED)
        begun = [row["id"] for row in await self._pool.fetch(_BEGUN)]
        failures = []
        for campaign_id in begun:
            try:
                await self._forget(campaign_id, now=now)
            except Exception as error:
                log.exception("campaign_not_purged", campaign_id=campaign_id)
                failures.append(error)
        await self._pool.execute(_FORGET_ANSWERS)
        for failure in failures:
            raise failure
        return len(begun)

    async def _forget(self, campaign_id: str, *, now: datetime) -> None:
        while await self._forget_leads(campaign_id, now=now):
            pass
        async with self._pool.acquire() as connection, connection.transaction():
            for statement in _FORGET:
                await connection.execute(statement, campaign_id)
            await connection.execute(_EMPTY, campaign_id, sequence_to_json(Sequence(steps=())))

    async def _forget_leads(self, campaign_id: str, *, now: datetime) -> bool:
        """Some of its leads with all that is known of them; False if there are none."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_LEADS, campaign_id, AT_ONCE)
            lead_ids = [row["id"] for row in rows]
            answerable = await connection.fetch(
                _ANSWERABLE, lead_ids, ReplyScope.CAMPAIGN, ReplyScope.COMPANY
            )
            # Where a company is hashed, that is the key of it too.
            kept = [{**row, "company": company_key(row["company"])} for row in answerable]
            await connection.execute(_KEEP_ANSWERABLE, kept, now)
            for statement in _FORGET_LEADS if lead_ids else ():
                await connection.execute(statement, lead_ids)
            await connection.execute(_FORGET_REMOVALS, campaign_id, lead_ids)
            return bool(lead_ids)
