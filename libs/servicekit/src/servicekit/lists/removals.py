"""The rows that followed lists have no more: how long it is told that they were removed.

They are noted by triggers (`servicekit.postgres.alembic_env.following`), in the order of the
transactions, and forgotten by their age.
"""

from __future__ import annotations

from datetime import timedelta

from servicekit.postgres.pool import Pool

TABLE = "removals"
FORGOTTEN = "forgotten_removals_of_tables"
AT_ONCE = 1000
# What is forgotten is noted with it: who has not been told of it yet is to begin anew.
_FORGET = """
    WITH old AS (
        SELECT organization_id, of_table, kept FROM removals
         WHERE changed_at < now() - $1::interval
         ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM removals AS gone USING old
         WHERE (gone.organization_id, gone.of_table, gone.kept)
               = (old.organization_id, old.of_table, old.kept)
     RETURNING gone.*
    ), noted AS (
        INSERT INTO forgotten_removals_of_tables AS noted (organization_id, of_table, changed_in)
        SELECT organization_id, of_table, max(changed_in) FROM forgotten
         GROUP BY organization_id, of_table
         ORDER BY organization_id, of_table
            ON CONFLICT (organization_id, of_table) DO UPDATE
           SET changed_in = greatest(noted.changed_in, excluded.changed_in)
    )
    SELECT count(*) FROM forgotten
"""


class Removals:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget(self, *, older_than: timedelta) -> int:
        """Forget removals that everybody has had that long to be told of; how many.

        By the real time of the database: whoever follows does so by theirs.
        """
        forgotten = 0
        while True:
            count: int = await self._pool.fetchval(_FORGET, older_than, AT_ONCE)
            forgotten += count
            if count < AT_ONCE:
                return forgotten
