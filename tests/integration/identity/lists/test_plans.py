"""No list reads a whole table: every declared filter and order is walked along its index."""

from collections.abc import AsyncIterator, Callable

import pytest
from identity.keys.key_list import API_KEYS
from identity.members.member_list import MEMBERS
from identity.members.organization_list import ORGANIZATIONS
from servicekit.lists.conditions import Scope
from servicekit.postgres.pool import Pool, connect_pool

from tests.lists.plans import check_plans
from tests.lists.questions import Questions

_AT = "timestamptz '2026-03-02Z' + number * interval '1 second'"
_OF = "CASE number % 2 WHEN 0 THEN 'org_north' ELSE 'org_south' END"
_SERIES = "FROM generate_series(1, $1::int) AS number"
OWNERS = """
    INSERT INTO organizations (organization_id, name)
    VALUES ('org_north', 'North'), ('org_south', 'South')
"""
ORGANIZATION_ROWS = f"""
    INSERT INTO organizations (organization_id, name, created_at)
    SELECT format('org_%s', number), 'Acme', {_AT} {_SERIES}
"""
MEMBER_ROWS = f"""
    INSERT INTO members (organization_id, member_id, request_id, name, role, account_ids,
                         created_at)
    SELECT {_OF}, format('mem_%s', number), number, '',
           (ARRAY['viewer', 'admin'])[1 + number % 4 / 2],
           CASE WHEN number % 3 = 0 THEN ARRAY['x'] END, {_AT} {_SERIES}
"""
KEY_ROWS = f"""
    INSERT INTO api_keys (organization_id, key_id, member_id, name, prefix, hash, scopes,
                          created_at)
    SELECT {_OF}, format('key_%s', number), format('mem_%s', 2 + number % 20), '',
           format('outreach_%s', number), '', '{{x}}', {_AT} {_SERIES}
"""
MANY = 6_000
"""Rows of the list that is read; another organization has as many."""
FEW = 40
OF_NORTH = Scope("organization_id = {0}", [("org_north", "text")])
LISTS = {
    "members": (MEMBERS, OF_NORTH),
    "api_keys": (API_KEYS, OF_NORTH),
    "organizations": (ORGANIZATIONS, Scope("true")),
}


@pytest.fixture
async def pool(name: str, new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(("identity", "identity")), "identity") as owner:
        await owner.execute(OWNERS)
        await owner.execute(ORGANIZATION_ROWS, 2 * MANY if name == "organizations" else 1)
        await owner.execute(MEMBER_ROWS, 2 * MANY if name == "members" else FEW)
        await owner.execute(KEY_ROWS, 2 * MANY if name == "api_keys" else FEW)
        await owner.execute("ANALYZE")
        yield owner


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("name", LISTS)
async def test_nothing_declared_scans(pool: Pool, name: str) -> None:
    """In a list of 6,000 a page reads no more than 2,000 rows, and each by an index."""
    schema, within = LISTS[name]
    asked = Questions(schema=schema, within=within, examples={"member_id": "mem_4"})

    await check_plans(pool, asked, of=name)
