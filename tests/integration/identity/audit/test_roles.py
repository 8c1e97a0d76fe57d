"""Services' roles add to the audit and read it: the database lets them do nothing else."""

from collections.abc import Callable

import asyncpg
import pytest
from servicekit.postgres import pool as postgres
from servicekit.postgres.scope import SETTING

from tests.integration.identity.audit.conftest import SCHEMA, Audit, act

OWNERS = [
    ("campaign", "campaigns"),
    ("gateway", "linkedin_gateway"),
    ("webhook", "webhook_dispatcher"),
]
GRANTED = """
SELECT relation.relname AS noun, grantee::regrole::text AS role, privilege_type AS privilege
  FROM pg_class relation, aclexplode(relation.relacl)
 WHERE relation.relnamespace = $1::regnamespace AND relation.relname LIKE 'audit%'
   AND grantee <> relation.relowner
"""


@pytest.mark.parametrize(("schema", "package"), OWNERS)
async def test_roles_add_and_read(
    new_database: Callable[..., str], schema: str, package: str
) -> None:
    """No role but the owner's changes or deletes a row, in any schema; partitions are nobody's."""
    async with postgres.connect_pool(new_database((schema, package)), schema, max_size=1) as pool:
        granted = await pool.fetch(GRANTED, schema)

    assert {row["noun"] for row in granted} == {
        "audit_records",
        "audit_seals",
        "audit_checkpoints",
    }
    assert {row["privilege"] for row in granted} == {"SELECT", "INSERT"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_records SET code = ''",
        "DELETE FROM audit_records",
        "TRUNCATE audit_records",
        "DROP TABLE audit_records",
        "ALTER TABLE audit_records DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "SELECT audit_drop(now())",
    ],
)
async def test_a_service_cannot(audit: Audit, statement: str) -> None:
    """Whatever somebody does who has the service's password."""
    await audit.append(1)
    async with audit.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {SCHEMA}_service")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(statement)


async def test_a_service_sees_and_adds_its_callers_alone(audit: Audit) -> None:
    """Records of another organization do not exist for it, and cannot be made."""
    await audit.records.append(
        [act(organization_id="org_test"), act(organization_id="org_other")], again=False
    )
    async with audit.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL ROLE {SCHEMA}_service")
        await connection.execute(f"SET LOCAL {SETTING} = 'org_test'")

        seen = await connection.fetch("SELECT DISTINCT organization_id FROM audit_records")
        assert [row["organization_id"] for row in seen] == ["org_test"]
        await connection.execute("DELETE FROM endpoints")
        own = act(organization_id="org_test")
        await connection.execute("SELECT pg_current_xact_id()")
        assert await audit.records.append_with(connection, own, noun="", whose="", digest_before="")
        other = act(organization_id="org_other")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await audit.records.append_with(connection, other, noun="", whose="", digest_before="")
