"""SQL on how far leads are, and on the revision that each of them follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

from campaigns.models import LeadState
from campaigns.sequences.sequence import Step
from campaigns.sequences.text_keys import step_of

# How many leads have the same steps behind them: as many rows as there are paths.
_PATHS = """
    SELECT revision_id, begun, path, count(*) AS leads
      FROM (SELECT leads.revision_id, leads.started_at IS NOT NULL AS begun,
                   ARRAY(SELECT step_id FROM step_executions
                          WHERE lead_id = leads.id AND state <> 'waiting'
                          ORDER BY ended_at, started_at) AS path
              FROM leads WHERE campaign_id = $1 AND state = 'running') AS walks
     GROUP BY revision_id, begun, path
"""
# Who has not begun has nothing behind them, and is not to be woken before their time. The revision
# is the one of now, and stays it until this has ended.
_MOVE_UNSTARTED = """
    WITH present AS (SELECT revision_id FROM campaigns WHERE id = $1 FOR SHARE)
    UPDATE leads SET revision_id = present.revision_id
      FROM present
     WHERE campaign_id = $1 AND state = 'running' AND started_at IS NULL
       AND leads.revision_id <> present.revision_id
"""
_BEGUN = """
    SELECT id FROM leads
     WHERE campaign_id = $1 AND state = 'running' AND started_at IS NOT NULL AND id > $2
     ORDER BY id LIMIT $3
"""
_COUNT = "SELECT count(*) FROM leads WHERE campaign_id = $1 AND state = $2"
_BY_REVISION = """
    SELECT revision_id, count(*) AS leads
      FROM leads WHERE campaign_id = $1 AND state = 'running' GROUP BY revision_id
"""

_ADOPT = """
    UPDATE leads SET revision_id = $2 WHERE id = $1 AND revision_id <> $2
 RETURNING true
"""
_FORGET_WAITING = """
    DELETE FROM step_executions WHERE lead_id = $1 AND state = 'waiting' AND step_id <> $2
"""
_WAIT = """
    INSERT INTO step_executions
           (organization_id, lead_id, step_id, campaign_id, kind, state, reason, detail,
            started_at)
    SELECT organization_id, id, $2, $3, $4, 'waiting', '', '', $5::timestamptz
      FROM leads WHERE id = $1
    ON CONFLICT (lead_id, step_id) DO NOTHING
"""
_TEXT_KEYS = "SELECT text_key FROM step_texts WHERE lead_id = $1"
_BEHIND = "SELECT step_id FROM step_executions WHERE lead_id = $1 AND state <> 'waiting'"
_FORGET_TEXTS = "DELETE FROM step_texts WHERE lead_id = $1 AND text_key = ANY($2)"


@dataclass(frozen=True, kw_only=True)
class SamePath:
    """How many leads of a revision have exactly these steps behind them."""

    revision_id: str
    begun: bool
    path: tuple[str, ...]
    leads: int


class ProgressRepository:
    """Leads by what is behind them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def paths(self, campaign_id: str) -> Sequence[SamePath]:
        """The leads in the sequence, by revision and path."""
        return [
            SamePath(
                revision_id=row["revision_id"],
                begun=row["begun"],
                path=tuple(row["path"]),
                leads=row["leads"],
            )
            for row in await self._pool.fetch(_PATHS, campaign_id)
        ]

    async def leads_by_revision(self, campaign_id: str) -> dict[str, int]:
        """How many leads are in the sequence on each revision."""
        rows = await self._pool.fetch(_BY_REVISION, campaign_id)
        return {row["revision_id"]: row["leads"] for row in rows}

    async def count(self, campaign_id: str, state: LeadState) -> int:
        """How many leads are in a state."""
        return int(await self._pool.fetchval(_COUNT, campaign_id, state))

    async def move_unstarted(self, campaign_id: str) -> None:
        """Have the leads that have not begun begin on the campaign's present revision."""
        await self._pool.execute(_MOVE_UNSTARTED, campaign_id)

    async def begun(self, campaign_id: str, *, after: str = "", limit: int) -> list[str]:
        """A page of the leads in the sequence that have begun, by id."""
        rows = await self._pool.fetch(_BEGUN, campaign_id, after, limit)
        return [row["id"] for row in rows]

    async def adopt(
        self,
        campaign_id: str,
        lead_id: str,
        *,
        revision_id: str,
        waiting: Step | None,
        since: datetime,
        keeps_text: bool,
    ) -> None:
        """Record the revision that a lead goes on with, and the step whose turn it is now.

        `keeps_text` says that this step waits with the text that was written for it.
        """
        waiting_id = waiting.step_id if waiting else ""
        async with self._pool.acquire() as connection, connection.transaction():
            other = await connection.fetchval(_ADOPT, lead_id, revision_id)
            await connection.execute(_FORGET_WAITING, lead_id, waiting_id)
            if other:
                # What was written for steps that are still to come was written for the old ones.
                said = {row["step_id"] for row in await connection.fetch(_BEHIND, lead_id)}
                said |= {waiting_id} if keeps_text else set()
                keys = [row["text_key"] for row in await connection.fetch(_TEXT_KEYS, lead_id)]
                forgotten = [key for key in keys if step_of(key) not in said]
                await connection.execute(_FORGET_TEXTS, lead_id, forgotten)
            if waiting is not None:
                await connection.execute(
                    _WAIT, lead_id, waiting_id, campaign_id, waiting.kind, since
                )
