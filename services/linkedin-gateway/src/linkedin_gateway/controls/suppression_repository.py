"""SQL on suppressions. No decision overlooks one that was added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from servicekit.postgres.columns import Row
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from linkedin_gateway.errors import TooManySuppressedIds
from linkedin_gateway.ledger.clock import NOW, DatabaseClock
from linkedin_gateway.models import (
    AskedPerson,
    ListedSuppression,
    OnTheWire,
    Product,
    SuppressedPerson,
    Suppression,
    SuppressionCoverage,
    is_provider_id,
)
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.kind_conditions import IS_WRITE
from linkedin_gateway.storage.rows import WIRE_COLUMNS, on_the_wire_of
from linkedin_gateway.storage.sealed_ids import SealedIds
from linkedin_gateway.storage.stops import Stops
from linkedin_gateway.storage.suppressions import (
    SUPPRESSIONS,
    add_suppressions,
    suppressed_by_name,
)

MOST_UNREAD = 50
"""Whom an organization can have looked up first: nobody is contacted meanwhile."""
MOST_NAMES_FIRST = 25
"""Names are among them up to here; of any more in a list each is looked up by and by."""
_AT_ONCE = 5000
"""Those of a list that one statement keeps."""


_PRODUCTS = ", ".join(f"'{each}'" for each in ("", *Product))


def _called(named: str, *, by_id: str = "identifier", also: str = "") -> str:
    """The people whom a row's `identifier` calls: by an address, or by an id of some account.

    All products are named: without, every id of an account would be read for each person.
    """
    return f"""
SELECT alias.organization_id, alias.person_id
  FROM person_aliases alias
 WHERE alias.organization_id = {named}.organization_id AND alias.kind = 'address'
   AND alias.viewer_account_id = '' AND alias.product = ''
   AND alias.known_as = {named}.identifier {also}
 UNION ALL
SELECT alias.organization_id, alias.person_id
  FROM accounts a
  JOIN person_aliases alias
    ON alias.organization_id = a.organization_id AND alias.kind = 'provider_id'
   AND alias.viewer_account_id = a.account_id AND alias.product IN ({_PRODUCTS})
   AND alias.known_as = {named}.{by_id} {also}
 WHERE a.organization_id = {named}.organization_id AND {named}.{by_id} IS NOT NULL"""


# Who is called so, if a profile has shown it.
_KNOWN = f"""{_called("named", also="AND alias.shown")}
 LIMIT 1"""


def _in_place_of(named: str) -> str:
    """Of a name there is one key: what is kept of it otherwise does not open, and goes."""
    return ", ".join(
        f"""{table}_before AS (
    DELETE FROM {table} i USING {named} n
     WHERE i.organization_id = n.organization_id AND i.key = n.key AND i.identifier <> n.identifier
)"""
        for table in ("suppressed_ids", "suppressed_names")
    )


# Whoever is not known by such an id or name yet; a profile says who they are, see
# `SuppressedPeople`. Ids come first, and of names as many as nobody has to wait long for.
ADD_UNREAD = f"""
WITH unread AS (
    SELECT organization_id, identifier, key, is_name,
           row_number() OVER (PARTITION BY organization_id ORDER BY is_name, place) + (
             SELECT count(*) FROM suppressed_ids i
              WHERE i.organization_id = named.organization_id) AS place
      FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) WITH ORDINALITY
           AS named (organization_id, identifier, key, is_name, place)
     WHERE NOT EXISTS ({_KNOWN})
       AND NOT EXISTS (SELECT FROM suppressed_ids i
                        WHERE i.organization_id = named.organization_id
                          AND i.identifier = named.identifier)
), {_in_place_of("unread")}, first AS (
    INSERT INTO suppressed_ids (organization_id, identifier, key, added_at)
    SELECT organization_id, identifier, key, $5
      FROM unread WHERE NOT is_name OR place <= {MOST_NAMES_FIRST}
    ON CONFLICT DO NOTHING
), later AS (
    INSERT INTO suppressed_names (organization_id, identifier, key, added_at)
    SELECT organization_id, identifier, key, $5
      FROM unread WHERE is_name AND place > {MOST_NAMES_FIRST}
    ON CONFLICT DO NOTHING
    RETURNING organization_id
)
INSERT INTO suppressed_name_looks (organization_id, next_at)
SELECT DISTINCT organization_id, $5::timestamptz FROM later
ON CONFLICT DO NOTHING
"""
COVER = f"""
WITH covered AS (
    SELECT named.*, known.person_id
      FROM unnest($1::text[], $2::text[], $3::text[]) AS named (organization_id, identifier, key)
     CROSS JOIN LATERAL ({_KNOWN}) known
), {_in_place_of("covered")}
UPDATE suppressions s SET person_id = covered.person_id FROM covered
 WHERE s.organization_id = covered.organization_id AND s.key = covered.key
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
), later AS (
    DELETE FROM suppressed_names n USING removed r
     WHERE n.organization_id = r.organization_id AND n.key = r.key
)
SELECT true FROM removed
"""
COVERAGE = f"""CASE
    WHEN person_id <> '' THEN '{SuppressionCoverage.PERSON.value}'
    WHEN EXISTS (SELECT FROM suppressed_ids i
                  WHERE i.organization_id = suppressions.organization_id
                    AND i.key = suppressions.key)
      OR EXISTS (SELECT FROM suppressed_names n
                  WHERE n.organization_id = suppressions.organization_id
                    AND n.key = suppressions.key)
    THEN '{SuppressionCoverage.LOOKUP_WAITS.value}'
    WHEN looked_up_at IS NOT NULL THEN '{SuppressionCoverage.NAME_ALONE.value}' END"""
LISTED_COLUMNS = f"{SUPPRESSIONS.selected()}, {COVERAGE} AS coverage"
_IN_FORCE = (
    f"s.organization_id = :organization_id AND (s.expires_at IS NULL OR s.expires_at > {NOW})"
)
# The keys of a person are one text: arrays of arrays would have to be of one length. Who is known
# by an address or an id is found by whatever else they are called, too.
FIND = Statement(f"""
SELECT q.place - 1 AS place
  FROM (SELECT :organization_id::text AS organization_id, *
          FROM unnest(:keys::text[], :identifiers::text[], :ids::text[])
               WITH ORDINALITY AS each (keys, identifier, id, place)) AS q
 WHERE EXISTS (SELECT FROM suppressions s
                WHERE s.key = ANY(string_to_array(q.keys, ',')) AND {_IN_FORCE})
    OR EXISTS (SELECT FROM ({_called("q", by_id="id")}) AS named
                WHERE {suppressed_by_name("named", by=_IN_FORCE)})
 ORDER BY q.place
""")
# Rows know no domain and no company: for those everything of the organization is named.
ON_THE_WIRE = Statement(f"""
SELECT {WIRE_COLUMNS}
  FROM actions
 WHERE state = 'sending' AND lease_until > {NOW} AND {IS_WRITE}
   AND organization_id = ANY(:organization_ids::text[])
   AND (:anybody OR {suppressed_by_name("actions", by="s.key = ANY(:keys::text[])")})
""")


async def _add_unread(
    connection: Connection,
    ids: SealedIds,
    people: Sequence[SuppressedPerson],
    *,
    now: datetime,
) -> None:
    # Ids first: they must be looked up before anybody is contacted.
    ordered = sorted(people, key=lambda each: not is_provider_id(each.identifier))
    for start in range(0, len(ordered), _AT_ONCE):
        chunk = ordered[start : start + _AT_ONCE]
        is_name = [not is_provider_id(each.identifier) for each in chunk]
        await connection.execute(ADD_UNREAD, *_named(ids, chunk), is_name, now)
        if all(is_name):
            continue
        unread = await connection.fetchval(UNREAD, [each.organization_id for each in chunk])
        if unread is not None and unread > MOST_UNREAD:
            raise TooManySuppressedIds


def _named(
    ids: SealedIds, people: Sequence[SuppressedPerson]
) -> tuple[list[str], list[str], list[str]]:
    """Organizations, identifiers as they are kept, and keys, beside each other."""
    return (
        [each.organization_id for each in people],
        [ids.sealed(each.organization_id, each.identifier) for each in people],
        [each.key for each in people],
    )


class SuppressionRepository:
    def __init__(self, pool: Pool, decisions: Pool, ids: SealedIds) -> None:
        self._pool, self._ids = pool, ids
        self._stops = Stops(pool, decisions)

    async def add(
        self,
        suppressions: Sequence[Suppression],
        people: Sequence[SuppressedPerson],
        *,
        now: datetime,
    ) -> Sequence[Suppression]:
        """Forbid contact; no decision made after this returns overlooks it.

        Raises `TooManySuppressedIds`.
        """
        async with self._stops.writing() as connection:
            await _add_unread(connection, self._ids, people, now=now)
            rows = [
                row
                for each in suppressions
                for row in await add_suppressions(connection, self._ids, [each])
            ]
            await connection.execute(COVER, *_named(self._ids, people))
        return [SUPPRESSIONS.read(row) for row in rows]

    async def add_unread(self, people: Sequence[SuppressedPerson], *, now: datetime) -> None:
        """Keep ids and names whose people are to be looked up.

        Raises `TooManySuppressedIds`, and keeps none.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await _add_unread(connection, self._ids, people, now=now)

    async def cover(self, people: Sequence[SuppressedPerson]) -> None:
        """Suppressions of those whom a profile has shown cover them whatever they are called."""
        await self._pool.execute(COVER, *_named(self._ids, people))

    async def add_all(self, suppressions: Sequence[Suppression]) -> int:
        """Forbid contact with a whole list of one organization.

        Returns how many were not on it before.
        """
        if not suppressions:
            return 0
        listed = {each.key: each for each in suppressions}.values()
        async with self._stops.writing() as connection:
            rows = await add_suppressions(connection, self._ids, list(listed))
        new = {each.suppression_id for each in listed}
        return sum(row["suppression_id"] in new for row in rows)

    async def find(
        self, organization_id: str, people: Sequence[AskedPerson], *, clock: DatabaseClock
    ) -> list[int]:
        """The places of those people who are suppressed now."""
        called = [
            self._ids.sealed(organization_id, each.identifier) if each.identifier else ""
            for each in people
        ]
        is_id = [is_provider_id(each.identifier) for each in people]
        values = FIND.given(
            organization_id=organization_id,
            keys=[",".join(each.keys) for each in people],
            identifiers=called,
            ids=[each if by_id else None for each, by_id in zip(called, is_id, strict=True)],
            **clock.values(),
        )
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


def listed_suppression(row: Row) -> ListedSuppression:
    """A suppression of a list, from its row."""
    return ListedSuppression(
        suppression=SUPPRESSIONS.read(row),
        coverage=SuppressionCoverage(row["coverage"]) if row["coverage"] else None,
    )
