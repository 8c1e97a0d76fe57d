"""What another service names is `(organization, id)`: a name is only its owner's to claim.

Every key of every schema is read from the catalogue. One that does not begin with the organization
is listed here with the reason for which no other service's name can be claimed by it.
"""

from collections.abc import Callable, Collection, Mapping
from importlib import import_module

import pytest
from servicekit.postgres import pool as postgres

UNIQUE = """
SELECT relation.relname AS noun, array_agg(part.attname::text ORDER BY place.ordinality) AS parts
  FROM pg_index key
  JOIN pg_class relation ON relation.oid = key.indrelid
  JOIN pg_namespace schema ON schema.oid = relation.relnamespace
 CROSS JOIN LATERAL unnest(key.indkey) WITH ORDINALITY AS place (number, ordinality)
  JOIN pg_attribute part ON part.attrelid = relation.oid AND part.attnum = place.number
 WHERE schema.nspname = $1 AND key.indisunique AND NOT relation.relispartition
 GROUP BY key.indexrelid, relation.relname
"""
OWNERLESS = """
SELECT relation.relname AS noun
  FROM pg_class relation
  JOIN pg_namespace schema ON schema.oid = relation.relnamespace
 WHERE schema.nspname = $1 AND relation.relkind IN ('r', 'p') AND relation.relname <> ALL($2)
   AND NOT EXISTS (SELECT FROM pg_attribute part
                    WHERE part.attrelid = relation.oid AND part.attname = 'organization_id'
                      AND part.attnotnull)
"""
ASSIGNED = "its own service assigns the ids"
AUDIT: Mapping[tuple[str, tuple[str, ...]], str] = {
    ("audit_checkpoints", ("number",)): "of the chain over all organizations",
    ("audit_records", ("recorded_at", "record_id")): ASSIGNED,
    ("audit_seals", ("sealed_at", "position")): "of the chain over all organizations",
}
"""The same in every schema."""
TOKENS: Mapping[tuple[str, tuple[str, ...]], str] = {
    (
        "request_answers",
        ("request_id", "rpc", "caller", "organization_id"),
    ): "an id is its caller's own, and they are part of it",
    ("page_token_keys", ("one",)): "the one key by which a service signs its pages",
}
UNSCOPED: Mapping[str, Mapping[tuple[str, tuple[str, ...]], str]] = {
    "gateway": {
        ("account_downs", ("account_id", "at")): ASSIGNED,
        ("accounts", ("account_id",)): ASSIGNED,
        ("accounts", ("unipile_account_id",)): "the provider's: a member has one account",
        ("cool_downs", ("account_id", "kind")): ASSIGNED,
        ("database_clock", ("only_one",)): "the one row of how far the clock is held back",
        ("hold_audit", ("id",)): ASSIGNED,
        ("id_filling", ("only_one",)): "the one row of whether ids in clear are all sealed",
        ("id_filling_positions", ("filled_table",)): "one row of each table that is gone through",
        ("inbound", ("dedupe_key",)): "a hash of what the provider sent",
        ("invitation_audits", ("account_id", "kind")): ASSIGNED,
        **TOKENS,
        ("message_polls", ("account_id",)): ASSIGNED,
        ("missed_turns", ("account_id",)): ASSIGNED,
        ("outbox", ("event_id",)): ASSIGNED,
        ("outbox", ("position",)): ASSIGNED,
        ("profiles", ("account_id", "person_id")): ASSIGNED,
        ("sign_ins", ("token_hash",)): ASSIGNED,
        ("suppressions", ("suppression_id",)): ASSIGNED,
    },
    "campaign": {
        ("campaigns", ("id",)): ASSIGNED,
        ("leads", ("campaign_id", "public_identifier")): ASSIGNED,
        ("leads", ("id",)): ASSIGNED,
        ("forgotten_removals", ("campaign_id",)): ASSIGNED,
        ("lead_imports", ("campaign_id", "request_id")): ASSIGNED,
        ("lead_imports", ("lead_list_id", "request_id")): ASSIGNED,
        ("lead_list_entries", ("lead_list_id", "public_identifier")): ASSIGNED,
        ("lead_list_uses", ("lead_list_id", "campaign_id")): ASSIGNED,
        ("lead_lists", ("id",)): ASSIGNED,
        ("lead_sightings", ("lead_id",)): ASSIGNED,
        ("orphaned_leads", ("lead_id",)): ASSIGNED,
        ("removed_leads", ("campaign_id", "lead_id")): ASSIGNED,
        ("revisions", ("campaign_id", "number")): ASSIGNED,
        ("revisions", ("id",)): ASSIGNED,
        ("step_executions", ("lead_id", "step_id")): ASSIGNED,
        ("step_texts", ("lead_id", "text_key")): ASSIGNED,
        ("told_pauses", ("campaign_id",)): ASSIGNED,
        ("untold_events", ("campaign_id", "type", "key")): ASSIGNED,
        ("witnesses", ("namespace",)): "one row of a namespace of Temporal, which all have",
        **TOKENS,
    },
    "webhook": {
        ("attempts", ("delivery_id", "number")): ASSIGNED,
        ("deliveries", ("delivery_id",)): ASSIGNED,
        ("endpoints", ("endpoint_id",)): ASSIGNED,
        **TOKENS,
        ("replays", ("replay_id",)): ASSIGNED,
    },
}
"""Keys that begin with no organization, by schema, and why they need not."""
FOREIGN: Mapping[str, Collection[str]] = {
    "gateway": {"action_id", "campaign_id", "lead_id", "subject_id", "step_id"},
    "campaign": {"account_id", "person_id", "action_id", "endpoint_id"},
    "webhook": {"campaign_id", "lead_id", "account_id", "person_id", "event_id"},
}
"""What other services name."""


@pytest.mark.parametrize(
    ("schema", "distribution"),
    [
        ("gateway", "linkedin_gateway"),
        ("campaign", "campaigns"),
        ("webhook", "webhook_dispatcher"),
    ],
)
async def test_keys_are_scoped(
    new_database: Callable[..., str], schema: str, distribution: str
) -> None:
    """Every key begins with the organization, or is known to name nothing of anybody else's."""
    url = new_database((schema, distribution))
    async with postgres.connect_pool(url, schema, max_size=1) as pool:
        keys = {(row["noun"], tuple(row["parts"])) for row in await pool.fetch(UNIQUE, schema)}

    unscoped = {
        (noun, parts)
        for noun, parts in keys
        if parts[0] != "organization_id" and noun != "schema_version"
    }
    assert unscoped == UNSCOPED[schema].keys() | AUDIT.keys()
    assert [each for each in unscoped if not FOREIGN[schema].isdisjoint(each[1])] == []


@pytest.mark.parametrize(
    ("schema", "distribution"),
    [("campaign", "campaigns"), ("gateway", "linkedin_gateway"), ("webhook", "webhook_dispatcher")],
)
async def test_every_row_says_whose_it_is(
    new_database: Callable[..., str], schema: str, distribution: str
) -> None:
    """Each table has an organization for every row, or the database could not keep them apart.

    But for those of which the schema says why their rows are nobody's.
    """
    nobodys = import_module(f"{distribution}.migrations").NOBODYS
    url = new_database((schema, distribution))
    async with postgres.connect_pool(url, schema, max_size=1) as pool:
        ownerless = await pool.fetch(OWNERLESS, schema, ["schema_version", *nobodys])

    assert [row["noun"] for row in ownerless] == []
