"""The map knows every table and every column that can hold words."""

from collections.abc import Callable

import psycopg
from privacy import personal_data
from privacy.personal_data import PersonalData

OWNERS = (
    ("campaign", "campaigns"),
    ("identity", "identity"),
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


def said(declared: PersonalData) -> set[tuple[str, str, str]]:
    return {
        (table.schema, table.name, column)
        for table in declared.tables.values()
        for column in table.declared
    }
