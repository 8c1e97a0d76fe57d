"""SQL on the revisions of a campaign's sequence. A row is never changed, until it is purged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy
from servicekit.errors import EtagMismatch
from servicekit.etags import WHATEVER
from servicekit.postgres.columns import Columns, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from campaigns.errors import CampaignEnded, CampaignNotFound, RevisionNotFound
from campaigns.sequences.json_form import sequence_from_json, sequence_to_json
from campaigns.sequences.revision import Revision

_REVISION = Columns(
    column("id"),
    column("campaign_id"),
    column("number", "integer"),
    column("content_hash"),
    column("steps", "jsonb"),
    column("source"),
    column("created_at", "timestamptz"),
    column("created_by"),
)
_INSERT = Statement(f"""
    INSERT INTO revisions (organization_id, {_REVISION})
    SELECT organization_id, {_REVISION.parameters()} FROM campaigns WHERE id = :campaign_id
""")
_GET = f"""
    SELECT {_REVISION}
      FROM revisions WHERE id = $1
"""
_SEVERAL = f"SELECT {_REVISION} FROM revisions WHERE id = ANY($1)"
_NUMBERED = f"""
    SELECT {_REVISION}
      FROM revisions WHERE campaign_id = $1 AND number = $2
"""
_PAGE = f"""
    SELECT {_REVISION}
      FROM revisions WHERE campaign_id = $1 AND ($2::integer IS NULL OR number < $2)
     ORDER BY number DESC LIMIT $3
"""
_FOLLOWING = f"""
    SELECT {_REVISION}
      FROM revisions WHERE campaign_id = $1 AND number > $2 ORDER BY number LIMIT 1
"""
_LOCK_CAMPAIGN = """
    SELECT campaigns.state, revisions.content_hash, campaigns.revision_id
      FROM campaigns JOIN revisions ON revisions.id = campaigns.revision_id
     WHERE campaigns.id = $1 AND campaigns.deleted_at IS NULL FOR UPDATE OF campaigns
"""
_LAST_NUMBER = "SELECT max(number) FROM revisions WHERE campaign_id = $1"
_POINT_TO = "UPDATE campaigns SET revision_id = $2 WHERE id = $1"


class RevisionRepository:
    """Revisions by id, by number, and page by page."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, revision_id: str) -> Revision:
        """The revision; raises `CampaignNotFound` if there is no such one."""
        row = await self._pool.fetchrow(_GET, revision_id)
        if row is None:
            raise CampaignNotFound
        return _revision(row)

    async def several(self, revision_ids: Collection[str]) -> list[Revision]:
        """Those of these revisions that there are."""
        return [_revision(row) for row in await self._pool.fetch(_SEVERAL, list(revision_ids))]

    async def numbered(self, campaign_id: str, number: int) -> Revision:
        """The campaign's revision of that number; raises `RevisionNotFound` if it has none."""
        row = await self._pool.fetchrow(_NUMBERED, campaign_id, number)
        if row is None:
            raise RevisionNotFound
        return _revision(row)

    async def page(self, campaign_id: str, *, before: int | None, limit: int) -> list[Revision]:
        """The newest first, those with a number below `before`."""
        return [_revision(row) for row in await self._pool.fetch(_PAGE, campaign_id, before, limit)]

    async def following(self, campaign_id: str, number: int) -> Revision | None:
        """The campaign's first revision with a number above this one; None if there is none."""
        row = await self._pool.fetchrow(_FOLLOWING, campaign_id, number)
        return None if row is None else _revision(row)

    async def adopt(self, wanted: Revision, *, base_id: str = WHATEVER) -> Revision:
        """Have the campaign's leads begin on a revision of this content, made of `base_id`.

        The present one if it is the same, else a new one with the next number, whatever
        number `wanted` has. Raises `EtagMismatch` if the present one is not what it was made
        of, `CampaignNotFound` if there is none or it was deleted, and `CampaignEnded` if it begins
        with no lead any more.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            campaign = await connection.fetchrow(_LOCK_CAMPAIGN, wanted.campaign_id)
            if campaign is None:
                raise CampaignNotFound
            if campaign["state"] in ("stopped", "completed"):
                raise CampaignEnded
            if campaign["content_hash"] == wanted.content_hash:
                row = await connection.fetchrow(_GET, campaign["revision_id"])
                return _revision(row) if row else wanted
            if base_id not in (WHATEVER, campaign["revision_id"]):
                raise EtagMismatch(metadata={"etag": campaign["revision_id"]})
            last = await connection.fetchval(_LAST_NUMBER, wanted.campaign_id)
            revision = replace(wanted, number=last + 1)
            await insert_revision(connection, revision)
            await connection.execute(_POINT_TO, revision.campaign_id, revision.id)
            return revision


async def insert_revision(connection: PoolConnectionProxy[Record], revision: Revision) -> None:
    """Add a revision in the caller's transaction."""
    await connection.execute(_INSERT.sql, *_INSERT.given(**_row(revision)))


def _row(revision: Revision) -> dict[str, Any]:
    return {
        "id": revision.id,
        "campaign_id": revision.campaign_id,
        "number": revision.number,
        "content_hash": revision.content_hash,
        "steps": sequence_to_json(revision.sequence),
        "source": revision.source_json,
        "created_at": revision.created_at,
        "created_by": revision.created_by,
    }


def _revision(row: Record) -> Revision:
    return Revision(
        id=row["id"],
        campaign_id=row["campaign_id"],
        number=row["number"],
        content_hash=row["content_hash"],
        sequence=sequence_from_json(row["steps"]),
        source_json=row["source"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )
