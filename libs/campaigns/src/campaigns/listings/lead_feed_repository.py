"""Leads of a campaign in the order of their last changes, for whoever waits for the next one.

One statement says all that a watcher asks: which leads have changed and which are gone, whether
some have that may not be told yet because an older change can still be committed, up to where it
is forgotten which are gone, whether the campaign is still there and whose it is, and in which
history of the database that was so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.lists.changes import HISTORY, HORIZON, SETTLED, Place
from servicekit.lists.pages import Cursor
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from campaigns.errors import CampaignNotFound
from campaigns.listings.leads import RemovedLead
from campaigns.models import Lead
from campaigns.repositories.rows import LEAD_COLUMNS, LeadRows

_CAMPAIGN = f"""
    campaigns.account_ids AS senders, campaigns.deleted_at IS NOT NULL AS campaign_is_gone,
    {HISTORY} AS history, {HORIZON} AS horizon,
    coalesce((SELECT changed_in FROM forgotten_removals WHERE campaign_id = $1), 0) AS forgotten
"""
_NOW = f"SELECT {_CAMPAIGN} FROM campaigns WHERE id = $1"
_BEHIND = f"""
    SELECT {{id}} AS lead_id, changed_in, position AS place, {SETTLED} AS settled,
           {{removed_at}} AS removed_at
      FROM {{table}}
     WHERE campaign_id = $1 AND (changed_in, position) > ($2::bigint, $3::bigint)
     ORDER BY changed_in, position LIMIT $4
"""
# Whatever is not settled is behind what is: the order is that of transactions.
_AFTER = f"""
    SELECT {_CAMPAIGN}, followed.*, lead.*
      FROM campaigns
      LEFT JOIN (
          ({_BEHIND.format(id="id", removed_at="NULL::timestamptz", table="leads")})
          UNION ALL
          ({_BEHIND.format(id="lead_id", removed_at="updated_at", table="removed_leads")})
          ORDER BY changed_in, place LIMIT $4
      ) AS followed ON true
      LEFT JOIN LATERAL (
          SELECT {LEAD_COLUMNS} FROM leads
           WHERE leads.id = followed.lead_id AND leads.campaign_id = $1
      ) AS lead ON true
     WHERE campaigns.id = $1
     ORDER BY followed.changed_in, followed.place
"""


@dataclass(frozen=True, kw_only=True)
class FollowedLeads:
    """What has changed behind a place, and where that ends."""

    leads: Sequence[Lead] = ()
    removed: Sequence[RemovedLead] = ()
    """Those that were taken out of the campaign."""
    last: Cursor
    """The place of the last of them; where there is none, that which was asked for."""
    more: bool = False
    """Whether more may be told at once."""
    unsettled: bool = False
    """Whether more has changed that is told once whoever writes with it has ended."""
    history: str
    forgotten: int = 0
    """Up to which transaction removals are not told any more."""
    account_ids: Sequence[str]
    campaign_is_gone: bool

    @property
    def place(self) -> Place:
        """Where whoever has been told all this goes on."""
        return Place(history=self.history, cursor=self.last, forgotten=self.forgotten)


class LeadFeedRepository:
    """Reads leads as they change."""

    def __init__(self, pool: Pool, seal: Seal) -> None:
        self._pool = pool
        self._rows = LeadRows(seal)

    async def now(self, campaign_id: str) -> FollowedLeads:
        """The place behind which whatever is committed from now on stands.

        Raises `CampaignNotFound` if there is no such campaign.
        """
        row = await self._pool.fetchrow(_NOW, campaign_id)
        if row is None:
            raise CampaignNotFound
        return FollowedLeads(
            last=(row["horizon"], 0),
            history=row["history"],
            forgotten=row["forgotten"],
            account_ids=row["senders"],
            campaign_is_gone=row["campaign_is_gone"],
        )

    async def after(self, campaign_id: str, place: Cursor, *, limit: int) -> FollowedLeads:
        """The leads behind a place, those that are gone, and whether there are more.

        Raises `CampaignNotFound` if there is no such campaign.
        """
        rows = await self._pool.fetch(_AFTER, campaign_id, *place, limit)
        if not rows:
            raise CampaignNotFound
        found = [row for row in rows if row["settled"] is not None]
        settled = [row for row in found if row["settled"]]
        last = settled[-1] if settled else None
        return FollowedLeads(
            leads=[self._rows.read(row) for row in settled if row["removed_at"] is None],
            removed=[
                RemovedLead(id=row["lead_id"], removed_at=row["removed_at"])
                for row in settled
                if row["removed_at"] is not None
            ],
            last=(last["changed_in"], last["place"]) if last is not None else place,
            more=len(settled) == limit,
            unsettled=len(settled) < len(found),
            history=rows[0]["history"],
            forgotten=rows[0]["forgotten"],
            account_ids=rows[0]["senders"],
            campaign_is_gone=rows[0]["campaign_is_gone"],
        )
