"""SQL on what the scores of released leads are made of, which says who they are."""

from __future__ import annotations

from datetime import datetime

from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import in_pieces

_FORGET = """
    WITH old AS (
        SELECT created_at, decision_id, lead_id FROM decision_leads
         WHERE created_at < $1 AND terms <> '[]'
         ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED)
    UPDATE decision_leads AS kept SET terms = '[]' FROM old
     WHERE (kept.created_at, kept.decision_id, kept.lead_id)
         = (old.created_at, old.decision_id, old.lead_id)
 RETURNING true
"""


class TermRepository:
    """Of every organization."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def forget(self, *, before: datetime) -> int:
        """Empty those of releases that were decided before then; of how many leads."""
        return await in_pieces(self._pool, _FORGET, before)
