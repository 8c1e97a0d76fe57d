"""The database keeps organizations apart in every table, whatever a statement forgets."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any

import automation
import campaigns
import linkedin_gateway
import psycopg
import pytest
import webhook_dispatcher
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.postgres.scope import SETTING, acting_for
from servicekit.postgres.statement import Statement

from tests.servers.postgres import as_role

SCHEMAS = {
    "automation": automation,
    "campaign": campaigns,
    "gateway": linkedin_gateway,
    "webhook": webhook_dispatcher,
}
TABLES = """
SELECT c.oid::regclass::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
       ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = c.oid) AS policies,
       pg_get_userbyid(c.relowner) AS owner,
       has_table_privilege(current_schema() || '_service', c.oid, 'UPDATE') AS changed
  FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition AND c.relname <> 'schema_version'
 ORDER BY 1
"""
COLUMNS = """
SELECT column_name AS name, data_type AS type
  FROM information_schema.columns
 WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'NO'
   AND (is_nullable = 'NO' OR column_name = 'finished_at')
"""
CHECKS = """
SELECT conrelid::regclass::text AS noun, conname AS name FROM pg_constraint
 WHERE connamespace = current_schema()::regnamespace AND contype = 'c' AND conislocal
   AND conparentid = 0
"""
VALUES = {
    "text": "org_{number}",
    "jsonb": "{{}}",
    "ARRAY": "{{}}",
    "bytea": "x",
    "xid8": "{number}",
    "boolean": "true",
    "timestamp with time zone": "now",
    "interval": "1s",
    "date": "now",
}
"""Of everything that a row must have; numbers tell rows apart."""
ROLES = """
SELECT rolname AS name FROM pg_roles
 WHERE (rolname LIKE '%\\_service' OR rolname LIKE '%\\_background'
        OR rolname LIKE '%\\_decisions')
   AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
"""
# A parameter stays, of the same type; what it said of the organization is gone.
NAMED = re.compile(r"(?:\w+\.)?organization_id = ((?:\$\d+|:[a-z_]+)\b)(?!::)")
FORGETS = r"\1::text IS NOT DISTINCT FROM \1::text"


@pytest.fixture(params=SCHEMAS)
async def url(request: pytest.FixtureRequest, new_database: Callable[..., str]) -> tuple[str, str]:
    schema = request.param
    return schema, new_database((schema, SCHEMAS[schema].__name__))


@pytest.fixture
async def own(url: tuple[str, str]) -> AsyncIterator[Pool]:
    """As who may do everything."""
    async with postgres.connect_pool(url[1], url[0], max_size=1) as pool:
        yield pool


@pytest.fixture
async def apart(url: tuple[str, str]) -> AsyncIterator[Pool]:
    """As the service connects."""
    schema, database = url
    service, background = (
        as_role(database, f"{schema}_{role}") for role in ("service", "background")
    )
    async with postgres.connect_apart(service, background, schema, max_size=1) as pool:
        yield pool


async def test_every_table_is_kept_apart(url: tuple[str, str], own: Pool) -> None:
    """Forced, by a policy for each role, and owned by none of these; a new table alike."""
    tables = await own.fetch(TABLES)

    names = {f"{url[0]}_service", f"{url[0]}_background"}
    assert tables
    for table in tables:
        assert table["forced"], table["name"]
        assert names <= set(table["policies"]), table["name"]
        assert table["owner"] not in names, table["name"]
    assert await own.fetch(ROLES) == []


async def test_every_table_without_a_where(url: tuple[str, str], own: Pool, apart: Pool) -> None:
    """Reading and changing everything reaches the rows of one organization."""
    nobodys = import_module(f"{SCHEMAS[url[0]].__name__}.migrations").NOBODYS
    found = [each for each in await own.fetch(TABLES) if each["name"] not in nobodys]
    await fill(own, [each["name"] for each in found])

    for table, may_change in [(each["name"], each["changed"]) for each in found]:
        whose = f"SELECT array_agg(organization_id) FROM {table}"
        assert await apart.fetchval(whose) is None, table
        with acting_for("org_1"):
            assert await apart.fetchval(whose) == ["org_1"], table
            if may_change:
                every = f"UPDATE {table} SET organization_id = organization_id"
                assert await apart.execute(every) == "UPDATE 1", table
        assert sorted(await apart.across("all are looked at").fetchval(whose)) == [
            "org_1",
            "org_2",
        ]


async def test_every_statement_that_forgets_the_organization(url: tuple[str, str]) -> None:
    """Of each statement of each repository, every reading of a table asks whose its rows are, but
    of those that are nobody's.

    By the service's role, as PostgreSQL plans it once what the statement itself says of the
    organization is taken out.
    """
    schema, database = url
    found = dict(statements(SCHEMAS[schema]))
    nobodys = import_module(f"{SCHEMAS[schema].__name__}.migrations").NOBODYS
    with psycopg.connect(database) as connection:
        connection.execute(f"SET search_path TO {schema}; SET ROLE {schema}_service".encode())
        unguarded = [
            f"{name}: {scan}"
            for name, sql in found.items()
            for scan in unguarded_scans(connection, name, sql)
            if scan.rpartition(" of ")[2] not in nobodys
        ]

    assert len(found) > 10
    assert not unguarded, "\n".join(unguarded)


async def fill(own: Pool, tables: list[str]) -> None:
    """A row of each of two organizations in each table, whatever it refers to."""
    for check in await own.fetch(CHECKS):
        await own.execute(f'ALTER TABLE {check["noun"]} DROP CONSTRAINT "{check["name"]}"')
    async with own.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        if "archived_actions" in tables:
            await connection.execute(
                "SELECT open_archive_month(date_trunc('month', now() AT TIME ZONE 'UTC'))"
            )
        for table in tables:
            columns = await connection.fetch(COLUMNS, table)
            for number in ("1", "2"):
                values = ", ".join(
                    "'" + VALUES.get(each["type"], "{number}").format(number=number) + "'"
                    for each in columns
                )
                names = ", ".join(each["name"] for each in columns)
                await connection.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")


def statements(package: Any) -> Iterator[tuple[str, str]]:
    """Every statement that a module of a package names."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" in found.name or found.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(found.name)).items():
            sql = value.sql if isinstance(value, Statement) else value
            if isinstance(sql, str) and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s", sql):
                yield f"{found.name}.{name}", sql


def unguarded_scans(connection: Any, name: str, sql: str) -> list[str]:
    """The tables that a statement reads without asking whose the rows are."""
    forgetful = NAMED.sub(FORGETS, sql)
    with connection.transaction(force_rollback=True):
        try:
            explained = connection.execute(
                f"EXPLAIN (FORMAT JSON, GENERIC_PLAN) {forgetful}".encode()
            ).fetchone()
        except psycopg.errors.InsufficientPrivilege:
            # What runs as the owner, or is not this role's at all.
            return []
        except psycopg.Error as error:
            # What is private may be a part that others are made of.
            private = name.rpartition(".")[2].startswith("_")
            return [] if private else [f"cannot be planned: {error}"]
    return [scan for plan in explained[0] for scan in _unguarded(plan["Plan"], str(plan))]


def _unguarded(node: dict[str, Any], whole: str) -> Iterator[str]:
    name = node.get("Relation Name", "pg_")
    if node["Node Type"] != "ModifyTable" and not name.startswith("pg_"):
        asked = " ".join(
            str(node.get(part, "")) for part in ("Filter", "Index Cond", "Recheck Cond")
        )
        # Of what is the same by a join PostgreSQL asks once.
        joined = "organization_id = " in asked and SETTING in whole
        if SETTING not in asked and not joined:
            yield f"{node['Node Type']} of {name}"
    for part in node.get("Plans", ()):
        yield from _unguarded(part, whole)
