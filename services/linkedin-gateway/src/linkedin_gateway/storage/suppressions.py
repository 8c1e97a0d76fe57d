"""Suppressions as they are written, and whom those of people cover.

The latter as SQL on rows that have the columns of `actions`.
"""

from __future__ import annotations

from collections.abc import Sequence

from servicekit.postgres.columns import Columns, Row, Table, column
from servicekit.postgres.statement import Statement

from linkedin_gateway.models import Suppression
from linkedin_gateway.storage.connection import Connection
from linkedin_gateway.storage.sealed_ids import SealedIds

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
_WRITTEN = SUPPRESSIONS | Columns(column("hashed"))
# Who is suppressed already stays so, for the longer time and the newer reason; their hash is that
# of today's key, if the one of before was lost. A key is given once in a statement.
ADD = Statement(f"""
INSERT INTO suppressions AS s ({_WRITTEN.names})
SELECT * FROM {_WRITTEN.unnested("listed")}
ON CONFLICT (organization_id, key) DO UPDATE
   SET reason = excluded.reason, hashed = excluded.hashed,
       expires_at = CASE WHEN s.expires_at IS NULL OR excluded.expires_at IS NULL THEN NULL
                         ELSE greatest(s.expires_at, excluded.expires_at) END
RETURNING {SUPPRESSIONS.selected("s")}
""")


async def add_suppressions(
    connection: Connection, ids: SealedIds, suppressions: Sequence[Suppression]
) -> Sequence[Row]:
    """Forbid contact, in a transaction whose decisions wait; returns them as they are kept."""
    hashed = [ids.suppression(each.organization_id, each.key) for each in suppressions]
    values = ADD.given(**SUPPRESSIONS.arrays(suppressions), hashed=hashed)
    return await connection.fetch(ADD.sql, *values)


def person_keys(alias: str) -> str:
    """What suppressions name of all that the person of a row is called by, as an array.

    Suppressions are looked up by these alone, for such a hash is of one organization: a plan
    that was made while there were few reads all of an organization if it can.
    """
    return f"""ARRAY(
         SELECT alias.suppression_key
           FROM person_aliases alias
          WHERE alias.organization_id = {alias}.organization_id
            AND alias.person_id = {alias}.person_id)"""


def suppressed_by_name(alias: str, *, by: str) -> str:
    """Whether the person of a row is suppressed by anything that they are called by.

    `by` says which suppressions `s` count.
    """
    return f"""EXISTS (
         SELECT 1 FROM suppressions s
          WHERE (s.hashed = ANY({person_keys(alias)})
                 OR (s.person_id = {alias}.person_id AND s.person_id <> '')) AND {by})"""
