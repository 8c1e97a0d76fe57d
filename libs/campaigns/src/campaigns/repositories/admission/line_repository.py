"""SQL on where campaigns' lists stand, read without a lock: for who explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from servicekit.postgres.pool import Pool

from campaigns.admission import Line, day_of
from campaigns.models import Campaign
from campaigns.repositories.rows import LEAD_IS_READY, LEAD_IS_RELEASED

# The same of several campaigns, each with its own day.
_LINES = """
    SELECT campaign_id,
           (SELECT count(*) FROM leads
             WHERE leads.campaign_id = asked.campaign_id AND state = 'running') AS running,
           (SELECT count(*) FROM leads
             WHERE leads.campaign_id = asked.campaign_id
               AND start_at >= asked.begins_at AND start_at < asked.ends_at) AS started_today,
           (SELECT max(start_at) FROM leads
             WHERE leads.campaign_id = asked.campaign_id) AS last_start_at
      FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
           AS asked (campaign_id, begins_at, ends_at)
"""
_AHEAD = f"""
    SELECT count(*) FROM leads
     WHERE campaign_id = $1 AND {LEAD_IS_READY}
       AND position < (SELECT position FROM leads WHERE id = $2)
"""
# Of the released ones. None is higher than nothing, and nothing is the last.
_AHEAD_RELEASED = f"""
    SELECT count(*)
      FROM leads, (SELECT rank, position FROM leads WHERE id = $2) AS own (rank, position)
     WHERE campaign_id = $1 AND {LEAD_IS_RELEASED}
       AND (coalesce(leads.rank > own.rank, leads.rank IS NOT NULL AND own.rank IS NULL)
            OR leads.rank IS NOT DISTINCT FROM own.rank AND leads.position < own.position)
"""


class LineRepository:
    """What a campaign's next admission depends on, and who is before whom."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def line(self, campaign: Campaign, *, now: datetime) -> Line:
        """Where the list stands, read without a lock: for who explains."""
        return (await self.lines([campaign], now=now))[campaign.id]

    async def lines(self, campaigns: Sequence[Campaign], *, now: datetime) -> Mapping[str, Line]:
        """The lines of several campaigns, by their ids; nothing is asked for none."""
        if not campaigns:
            return {}
        days = [day_of(campaign.settings, now) for campaign in campaigns]
        rows = await self._pool.fetch(
            _LINES,
            [campaign.id for campaign in campaigns],
            [day.begins_at for day in days],
            [day.ends_at for day in days],
        )
        return {
            row["campaign_id"]: Line(
                running=row["running"],
                started_today=row["started_today"],
                last_start_at=row["last_start_at"],
            )
            for row in rows
        }

    async def ahead_of(self, campaign: Campaign, lead_id: str) -> int:
        """How many are admitted before a lead that is ready, and released where that counts."""
        before = _AHEAD_RELEASED if campaign.settings.admission.released_only else _AHEAD
        return int(await self._pool.fetchval(before, campaign.id, lead_id))
