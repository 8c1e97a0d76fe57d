"""SQL on what was decided before about a campaign or a sender, whichever program it was.

A campaign may have one program after another, and a sender may send for several: what people have
answered holds for what it was about, not for who asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from automation.decisions import transition_sql as sql
from automation.decisions.decision import Decision, DecisionKind
from automation.decisions.rows import DECISIONS

_OF_CAMPAIGN = f"""
    SELECT {sql.ALL} FROM decisions
     WHERE organization_id = $1 AND campaign_id = $2 AND kind = ANY($3) AND created_at >= $4
     ORDER BY created_at, id
"""
# Those that are in force, were, or are about to be; what came to nothing has paused nobody.
_SENDER_PAUSES = f"""
    SELECT {sql.ALL} FROM decisions
     WHERE organization_id = $1 AND kind = 'pause_sender'
       AND change -> 'after' ->> 'account_id' = ANY($2)
       AND (applied_at IS NOT NULL OR state = 'proposed' AND answered_at IS NOT NULL)
     ORDER BY created_at, id
"""
# Asked anew it has a day behind its key. A no stands before whatever came later.
_STANDING = f"""
    SELECT {sql.ALL} FROM decisions
     WHERE organization_id = $1 AND campaign_id = $2 AND kind = $3
       AND (key = $4 OR starts_with(key, $4 || '/') AND length(key) = length($4) + 11)
     ORDER BY state IN ('rejected', 'reverted') DESC, created_at DESC, id DESC LIMIT 1
"""


class DecisionHistory:
    """Reads; each by the organization that it is asked of."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of_campaign(
        self,
        organization_id: str,
        campaign_id: str,
        kinds: Collection[DecisionKind],
        *,
        since: datetime,
    ) -> list[Decision]:
        """What programs have decided of some kinds since then, the oldest first."""
        names = [kind.value for kind in kinds]
        rows = await self._pool.fetch(_OF_CAMPAIGN, organization_id, campaign_id, names, since)
        return [DECISIONS.read(row) for row in rows]

    async def sender_pauses(
        self, organization_id: str, account_ids: Sequence[str]
    ) -> list[Decision]:
        """What has ever paused one of these senders, or is about to, the oldest first."""
        rows = await self._pool.fetch(_SENDER_PAUSES, organization_id, list(account_ids))
        return [DECISIONS.read(row) for row in rows]

    async def standing(
        self, organization_id: str, campaign_id: str, kind: DecisionKind, key: str
    ) -> Decision | None:
        """How something stands that may have been asked for on several days; None if on none.

        What somebody rejected or took back, if they ever did; else the last.
        """
        found = organization_id, campaign_id, kind.value, key
        row = await self._pool.fetchrow(_STANDING, *found)
        return None if row is None else DECISIONS.read(row)
