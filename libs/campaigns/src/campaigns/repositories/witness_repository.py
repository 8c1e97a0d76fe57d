"""SQL on what Temporal is known to have known: its witnesses, and the leads that were seen there.

All times but a witness's own are the database's: whoever compares them has one clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from servicekit.postgres.pool import Pool

_NOTED = """
    SELECT workflow_id, begun_at, unbroken_since FROM witnesses WHERE namespace = $1
"""
# By one of those who come at once; what another has put in its place meanwhile stays.
_NOTE_FIRST = """
    INSERT INTO witnesses (namespace, workflow_id, begun_at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING
 RETURNING true
"""
_FOLLOW = """
    UPDATE witnesses
       SET workflow_id = $3, begun_at = $4,
           unbroken_since = CASE WHEN $5 THEN unbroken_since ELSE now() END
     WHERE namespace = $1 AND workflow_id = $2
 RETURNING true
"""
# Whose workflow was not confirmed is the admission's to start. A sighting from before a break, or
# from before its campaign was found missing, vouches for nothing.
_STARTED_LEADS = """
    SELECT leads.id AS lead_id, position, seen_at, now() AS read_at,
           coalesce(seen_at > greatest(unbroken_since, doubted_since), false) AS vouched
      FROM leads
      JOIN campaigns ON campaigns.id = leads.campaign_id
      JOIN witnesses ON witnesses.namespace = $4
      LEFT JOIN lead_sightings
        ON lead_id = leads.id AND lead_sightings.namespace = witnesses.namespace
     WHERE leads.campaign_id = $1 AND leads.state = 'running' AND workflow_started
       AND position > $2
     ORDER BY position LIMIT $3
"""
# In one order: every process that sweeps writes the same ones.
_SEE = """
    INSERT INTO lead_sightings (organization_id, campaign_id, lead_id, namespace, seen_at)
    SELECT organization_id, campaign_id, id, $2, $3::timestamptz FROM leads WHERE id = ANY($1)
     ORDER BY id
        ON CONFLICT (lead_id) DO UPDATE
           SET namespace = excluded.namespace, seen_at = excluded.seen_at
     WHERE lead_sightings.seen_at < excluded.seen_at
"""
_MISSED_SINCE = """
    SELECT doubted_since FROM campaigns
     WHERE id = $1 AND doubted_since IS NOT NULL
       AND NOT EXISTS (
           SELECT FROM lead_sightings WHERE lead_id = $2 AND seen_at > doubted_since)
"""
_DOUBT = "UPDATE campaigns SET doubted_since = now() WHERE id = $1"


@dataclass(frozen=True, kw_only=True)
class Witness:
    """A workflow that is there to be remembered, and since when those before it all were."""

    workflow_id: str
    begun_at: datetime
    """By Temporal's clock, as workflows of leads are."""
    unbroken_since: datetime


@dataclass(frozen=True, kw_only=True)
class StartedLead:
    """A lead in the sequence whose workflow was started, and its place in the list."""

    lead_id: str
    position: int
    read_at: datetime
    seen_at: datetime | None = None
    """When a sweep last noted that Temporal knows it."""
    vouched: bool = False
    """Whether that still counts: a Temporal that knows the witness has known this lead."""


class WitnessRepository:
    """Of every organization whose rows the pool sees."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def noted(self, namespace: str) -> Witness | None:
        """The last one; None of a namespace that never had any."""
        row = await self._pool.fetchrow(_NOTED, namespace)
        return None if row is None else Witness(**row)

    async def note_first(self, namespace: str, *, workflow_id: str, begun_at: datetime) -> bool:
        """Begin with this one; False where another is."""
        given = (namespace, workflow_id, begun_at)
        return bool(await self._pool.fetchval(_NOTE_FIRST, *given))

    async def follow(
        self,
        namespace: str,
        before: Witness,
        *,
        workflow_id: str,
        begun_at: datetime,
        unbroken: bool,
    ) -> bool:
        """Put this one in the place of the one before; False where another is.

        Unless it is `unbroken`, what was seen until now counts no more.
        """
        given = (namespace, before.workflow_id, workflow_id, begun_at, unbroken)
        return bool(await self._pool.fetchval(_FOLLOW, *given))

    async def started_leads(
        self, campaign_id: str, *, namespace: str, after: int, limit: int
    ) -> Sequence[StartedLead]:
        """A page of those in the sequence whose workflow was started, by their place.

        Nobody where the namespace has no witness.
        """
        rows = await self._pool.fetch(_STARTED_LEADS, campaign_id, after, limit, namespace)
        return [StartedLead(**row) for row in rows]

    async def see(self, lead_ids: Sequence[str], *, namespace: str, at: datetime) -> None:
        """Temporal knows the workflows of these; `at` is from before it was asked."""
        await self._pool.execute(_SEE, list(lead_ids), namespace, at)

    async def doubt(self, campaign_id: str) -> None:
        """Its workflow is missing, or another: what was seen of its leads counts no more."""
        await self._pool.execute(_DOUBT, campaign_id)

    async def missed_since(self, campaign_id: str, lead_id: str) -> datetime | None:
        """Since when Temporal was not seen to know a lead of a campaign that it has lost."""
        missed: datetime | None = await self._pool.fetchval(_MISSED_SINCE, campaign_id, lead_id)
        return missed
