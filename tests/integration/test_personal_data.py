"""The map knows every table and every column that can hold words."""

from collections.abc import Callable

import psycopg
from campaigns.sealing import sealed_rows as campaign
from linkedin_gateway.storage import sealed_columns as gateway
from privacy import personal_data
from privacy.personal_data import PersonalData
from webhook_dispatcher import reseal as webhook

SEALED = (*campaign.SEALED, *gateway.SEALED, *webhook.SEALED)
OWNERS = (
    ("campaign", "campaigns"),
    ("identity", "identity"),
    ("automation", "automation"),
    ("gateway", "linkedin_gateway"),
    ("webhook", "webhook_dispatcher"),
)
WORDS = ["text", "character varying", "bytea", "jsonb", "json", "ARRAY", "USER-DEFINED"]
COLUMNS = """
SELECT c.table_schema, c.table_name, c.column_name, c.data_type
  FROM information_schema.columns c
  JOIN pg_class k ON k.relname = c.table_name AND k.relnamespace = c.table_schema::regnamespace
 WHERE c.table_schema = ANY(%s) AND NOT k.relispartition
"""


def test_every_column_is_declared(new_database: Callable[..., str]) -> None:
    """A migration says whether what it adds is of a person, and takes back what it drops."""
    declared = personal_data.read()
    with psycopg.connect(new_database(*OWNERS)) as connection:
        found = connection.execute(COLUMNS, [[schema for schema, _ in OWNERS]]).fetchall()

    tables = {(schema, table) for schema, table, _, _ in found}
    words = {(s, t, column) for s, t, column, of_type in found if of_type in WORDS}

    assert tables == set(declared.tables)
    assert words == said(declared)


def test_whatever_is_sealed_can_be_sealed_anew(new_database: Callable[..., str]) -> None:
    """A sealed column that the change of keys does not know would lose them, and so its values."""
    declared = personal_data.read()
    with psycopg.connect(new_database(*OWNERS)) as connection:
        found = connection.execute(COLUMNS, [[schema for schema, _ in OWNERS]]).fetchall()

    known = {(each.place.schema, each.place.table, each.place.column) for each in SEALED}

    assert known == {
        (schema, table, column)
        for schema, table, column, of_type in found
        if of_type == "bytea" and column in declared.tables[schema, table].sealed
    }


def said(declared: PersonalData) -> set[tuple[str, str, str]]:
    return {
        (table.schema, table.name, column)
        for table in declared.tables.values()
        for column in table.declared
    }
