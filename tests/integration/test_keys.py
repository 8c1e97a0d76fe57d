"""What another service names is `(organization, id)`: a name is only its owner's to claim."""

from collections.abc import Callable, Collection

import pytest
from servicekit.postgres import pool as postgres

UNIQUE = """
SELECT relation.relname AS noun, array_agg(part.attname ORDER BY place.ordinality) AS parts
  FROM pg_index key
  JOIN pg_class relation ON relation.oid = key.indrelid
  JOIN pg_namespace schema ON schema.oid = relation.relnamespace
 CROSS JOIN LATERAL unnest(key.indkey) WITH ORDINALITY AS place (number, ordinality)
  JOIN pg_attribute part ON part.attrelid = relation.oid AND part.attnum = place.number
 WHERE schema.nspname = $1 AND key.indisunique
 GROUP BY key.indexrelid, relation.relname
"""
OWNERLESS = """
SELECT relation.relname AS noun
  FROM pg_class relation
  JOIN pg_namespace schema ON schema.oid = relation.relnamespace
 WHERE schema.nspname = $1 AND relation.relkind IN ('r', 'p') AND relation.relname <> $2
   AND NOT EXISTS (SELECT FROM pg_attribute part
                    WHERE part.attrelid = relation.oid AND part.attname = 'organization_id'
                      AND part.attnotnull)
"""
ASKED_FIRST = {
    # Whose campaign it is, is asked in the transaction that puts the hold (`OWNER`), and only our
    # own services may say so of one that is not known yet.
    ("holds", ("scope", "subject_id")),
}
"""Keys that begin with no organization, and are safe by what is checked before."""


@pytest.mark.parametrize(
    ("schema", "distribution", "foreign"),
    [
        ("gateway", "linkedin_gateway", {"campaign_id", "lead_id", "subject_id", "step_id"}),
        ("campaign", "campaigns", {"account_id", "person_id", "action_id", "endpoint_id"}),
        (
            "webhook",
            "webhook_dispatcher",
            {"campaign_id", "lead_id", "account_id", "person_id", "event_id"},
        ),
    ],
)
async def test_foreign_ids_are_scoped(
    new_database: Callable[..., str], schema: str, distribution: str, foreign: Collection[str]
) -> None:
    """No key names another service's thing without the organization before it."""
    url = new_database((schema, distribution))
    async with postgres.connect_pool(url, schema, max_size=1) as pool:
        keys = {(row["noun"], tuple(row["parts"])) for row in await pool.fetch(UNIQUE, schema)}

    unscoped = {
        (noun, parts)
        for noun, parts in keys
        if not foreign.isdisjoint(parts) and parts[0] != "organization_id"
    }
    assert keys
    assert unscoped <= ASKED_FIRST


@pytest.mark.parametrize(
    ("schema", "distribution"), [("campaign", "campaigns"), ("webhook", "webhook_dispatcher")]
)
async def test_every_row_says_whose_it_is(
    new_database: Callable[..., str], schema: str, distribution: str
) -> None:
    """Each table has an organization for every row, or the database could not keep them apart."""
    url = new_database((schema, distribution))
    async with postgres.connect_pool(url, schema, max_size=1) as pool:
        ownerless = await pool.fetch(OWNERLESS, schema, "schema_version")

    assert [row["noun"] for row in ownerless] == []
