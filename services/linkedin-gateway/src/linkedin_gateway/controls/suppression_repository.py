"""SQL on suppressions. No decision overlooks one that was added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.columns import Row, Table, column
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.errors import TooManySuppressedIds
from linkedin_gateway.ledger.clock import NOW, DatabaseClock
from linkedin_gateway.ledger.in_flight import WIRE_COLUMNS, on_the_wire_of
from linkedin_gateway.models import OnTheWire, SuppressedId, Suppression
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.stops import stopping
from linkedin_gateway.storage.suppressions import suppressed_by_name

MOST_UNREAD = 50
"""Ids of an organization that wait to be looked up: nobody is contacted meanwhile."""

SUPPRESSIONS: Table[Suppression] = Table(
    Suppression,
    column("suppression_id"),
    column("organization_id"),
    column("subject"),
    column("key"),
    column("label"),
    column("reason"),
    column("created_at", "timestamptz"),
    column("expires_at", "timestamptz"),
)

# Who is suppressed already stays so, for the longer time and the newer reason. A key is given
# once in a statement.
ADD = Statement(f"""
INSERT INTO suppressions AS s ({SUPPRESSIONS.names})
SELECT * FROM {SUPPRESSIONS.unnested("listed")}
ON CONFLICT (organization_id, key) DO UPDATE
   SET reason = excluded.reason,
       expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                         ELSE greatest(s.expires_at, excluded.expires_at) END
RETURNING {SUPPRESSIONS.selected("s")}
""")
# Whoever is not known by such an id yet; a profile says who they are, see `read_suppressed`.
ADD_IDS = """
INSERT INTO suppressed_ids (organization_id, identifier, key, added_at)
SELECT organization_id, identifier, key, $4
  FROM unnest($1::text[], $2::text[], $3::text[]) AS named (organization_id, identifier, key)
 WHERE NOT EXISTS (SELECT FROM accounts a
                     JOIN person_aliases alias
                       ON alias.organization_id = a.organization_id AND alias.kind = 'provider_id'
                      AND alias.viewer_account_id = a.account_id AND alias.shown
                      AND alias.value = named.identifier
                    WHERE a.organization_id = named.organization_id)
ON CONFLICT DO NOTHING
"""
UNREAD = """
SELECT max(ids) FROM (SELECT count(*) AS ids FROM suppressed_ids
                       WHERE organization_id = ANY($1::text[]) GROUP BY organization_id) each
"""
REMOVE = """
WITH removed AS (
    DELETE FROM suppressions
     WHERE suppression_id = $1 AND ($2 = '' OR organization_id = $2)
 RETURNING organization_id, key
), read AS (
    DELETE FROM suppressed_ids i USING removed r
     WHERE i.organization_id = r.organization_id AND i.key = r.key
)
SELECT true FROM removed
"""
LIST = f"""
SELECT {SUPPRESSIONS.selected()}
  FROM suppressions
 WHERE organization_id = $1
   AND ($2::timestamptz IS NULL OR (created_at, suppression_id) > ($2, $3))
 ORDER BY created_at, suppression_id
 LIMIT $4
"""
# The keys of a person are one text: arrays of arrays would have to be of one length.
FIND = Statement(f"""
SELECT q.place - 1 AS place
  FROM unnest(:keys::text[]) WITH ORDINALITY AS q (keys, place)
 WHERE EXISTS (SELECT FROM suppressions s
                WHERE s.organization_id = :organization_id
                  AND s.key = ANY(string_to_array(q.keys, ','))
                  AND (s.expires_at IS NULL OR s.expires_at > {NOW}))
 ORDER BY q.place
""")
# Rows know no domain and no company: for those everything of the organization is named.
ON_THE_WIRE = Statement(f"""
SELECT {WIRE_COLUMNS}
  FROM actions
 WHERE state = 'sending' AND lease_until > {NOW} AND kind NOT IN ('lookup', 'post_list')
   AND organization_id = ANY(:organization_ids::text[])
   AND (:anybody OR {suppressed_by_name("actions", by="s.key = ANY(:keys::text[])")})
""")


async def _add_ids(connection: Connection, ids: Sequence[SuppressedId], *, now: datetime) -> None:
    if not ids:
        return
    organizations = [each.organization_id for each in ids]
    await connection.execute(
        ADD_IDS,
        organizations,
        [each.identifier for each in ids],
        [each.key for each in ids],
        now,
    )
    unread = await connection.fetchval(UNREAD, organizations)
    if unread is not None and unread > MOST_UNREAD:
        raise TooManySuppressedIds


class SuppressionRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(
        self, suppressions: Sequence[Suppression], ids: Sequence[SuppressedId], *, now: datetime
    ) -> Sequence[Suppression]:
        """Forbid contact; no decision made after this returns overlooks it.

        Raises `TooManySuppressedIds`.
        """
        async with stopping(self._pool) as connection:
            await _add_ids(connection, ids, now=now)
            rows = [row for each in suppressions for row in await self._upsert(connection, [each])]
        return [SUPPRESSIONS.read(row) for row in rows]

    async def add_ids(self, ids: Sequence[SuppressedId], *, now: datetime) -> None:
        """Keep ids whose people are to be looked up.

        Raises `TooManySuppressedIds`, and keeps none.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _add_ids(connection, ids, now=now)

    async def add_all(self, suppressions: Sequence[Suppression]) -> int:
        """Forbid contact with a whole list of one organization.

        Returns how many were not on it before.
        """
        if not suppressions:
            return 0
        listed = {each.key: each for each in suppressions}.values()
        async with stopping(self._pool) as connection:
            rows = await self._upsert(connection, list(listed))
        new = {each.suppression_id for each in listed}
        return sum(row["suppression_id"] in new for row in rows)

    async def _upsert(
        self, connection: Connection, suppressions: Sequence[Suppression]
    ) -> Sequence[Row]:
        return await connection.fetch(ADD.sql, *ADD.given(**SUPPRESSIONS.arrays(suppressions)))

    async def find(
        self, organization_id: str, keys: Sequence[Sequence[str]], *, clock: DatabaseClock
    ) -> list[int]:
        """The places of those people, given by their keys, who are suppressed now."""
        joined = [",".join(each) for each in keys]
        values = FIND.given(organization_id=organization_id, keys=joined, **clock.values())
        return [row["place"] for row in await self._pool.fetch(FIND.sql, *values)]

    async def on_the_wire(
        self, suppressions: Sequence[Suppression], *, clock: DatabaseClock
    ) -> OnTheWire:
        """The writes to these people that have begun and not ended, or may be to them."""
        values = ON_THE_WIRE.given(
            organization_ids=list({each.organization_id for each in suppressions}),
            keys=[each.key for each in suppressions],
            anybody=any(each.subject != Subject.PERSON.value for each in suppressions),
            **clock.values(),
        )
        return on_the_wire_of(await self._pool.fetchrow(ON_THE_WIRE.sql, *values))

    async def remove(self, suppression_id: str, *, organization_id: str) -> bool:
        return bool(await self._pool.fetchval(REMOVE, suppression_id, organization_id))

    async def list(
        self, organization_id: str, *, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[Suppression]:
        at, last = after or (None, "")
        rows = await self._pool.fetch(LIST, organization_id, at, last, limit)
        return [SUPPRESSIONS.read(row) for row in rows]
