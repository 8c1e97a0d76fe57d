"""SQL on the revisions of a campaign's sequence. A row is never changed."""

from __future__ import annotations

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.postgres import Pool

from campaigns.errors import CampaignNotFound
from campaigns.revision import Revision
from campaigns.sequence_json import sequence_from_json, sequence_to_json

_INSERT = """
    INSERT INTO revisions (id, campaign_id, number, content_hash, steps, source, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_GET = """
    SELECT id, campaign_id, number, content_hash, steps, source, created_at
      FROM revisions WHERE id = $1
"""


class RevisionRepository:
    """Revisions by id."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, revision_id: str) -> Revision:
        row = await self._pool.fetchrow(_GET, revision_id)
        if row is None:
            raise CampaignNotFound
        return _revision(row)


async def insert_revision(connection: PoolConnectionProxy[Record], revision: Revision) -> None:
    """Add a revision in the caller's transaction."""
    await connection.execute(
        _INSERT,
        revision.id,
        revision.campaign_id,
        revision.number,
        revision.content_hash,
        sequence_to_json(revision.sequence),
        revision.source_json,
        revision.created_at,
    )


def _revision(row: Record) -> Revision:
    return Revision(
        id=row["id"],
        campaign_id=row["campaign_id"],
        number=row["number"],
        content_hash=row["content_hash"],
        sequence=sequence_from_json(row["steps"]),
        source_json=row["source"],
        created_at=row["created_at"],
    )
