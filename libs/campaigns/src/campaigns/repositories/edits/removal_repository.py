"""SQL on the leads that were taken out: how long it is told that they were."""

from __future__ import annotations

from datetime import timedelta

from servicekit.postgres.pool import Pool

AT_ONCE = 1000
# What is forgotten is noted with it: who has not been told of it yet is to begin anew.
_FORGET = f"""
    WITH old AS (
        SELECT campaign_id, lead_id FROM removed_leads
         WHERE updated_at < now() - $1::interval
         ORDER BY updated_at LIMIT {AT_ONCE} FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM removed_leads USING old
         WHERE removed_leads.campaign_id = old.campaign_id AND removed_leads.lead_id = old.lead_id
     RETURNING removed_leads.*
    ), noted AS (
        INSERT INTO forgotten_removals AS noted (organization_id, campaign_id, changed_in)
        SELECT organization_id, campaign_id, max(changed_in) FROM forgotten
         GROUP BY organization_id, campaign_id
         ORDER BY campaign_id
            ON CONFLICT (campaign_id) DO UPDATE
           SET changed_in = greatest(noted.changed_in, excluded.changed_in)
    )
    SELECT count(*) FROM forgotten
"""


class RemovalRepository:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget(self, *, older_than: timedelta) -> int:
        """Forget removals that everybody has had that long to be told of; how many.

        By the real time of the database: whoever follows does so by theirs.
        """
        forgotten = 0
        while True:
            count: int = await self._pool.fetchval(_FORGET, older_than)
            forgotten += count
            if count < AT_ONCE:
                return forgotten
