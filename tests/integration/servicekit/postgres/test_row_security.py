"""Organizations are kept apart by the database, whatever a statement says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import psycopg
import pytest
from servicekit.auth import Caller, CallerKind, set_caller
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate_now
from servicekit.postgres.pool import Pool
from servicekit.postgres.role_check import NotKeptApart, RowSecurity, SchemaBehind, SchemaRevision
from servicekit.postgres.row_security import TableWithoutOrganization
from servicekit.postgres.scope import SETTING, across, acting_for

from tests.integration.servicekit.postgres.test_migrations import Package

THINGS = "CREATE TABLE things (id text PRIMARY KEY, organization_id text NOT NULL)"
READ = "SELECT id FROM things ORDER BY id"
CARRIED = f"SELECT coalesce(current_setting('{SETTING}', true), '')"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Package(tmp_path)
    made.add("0001", THINGS)
    made.add("0002", "INSERT INTO things VALUES ('one', 'org_1'), ('two', 'org_2')")
    yield made
    made.forget()


@asynccontextmanager
async def apart(url: str) -> AsyncIterator[Pool]:
    """A pool with one connection of each role, as a service has it."""
    service, background = (f"{url}&role=things_{name}" for name in ("service", "background"))
    async with postgres.connect_apart(service, background, "things", max_size=1) as pool:
        yield pool


def make_things_roles(url: str) -> None:
    """Both roles, as another database's migration makes them: they are of the whole cluster."""
    with psycopg.connect(url, autocommit=True) as connection:
        for role in ("things_service", "things_background"):
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE ROLE {role} LOGIN")


@pytest.fixture
async def pool(database_url: str, package: Package) -> AsyncIterator[Pool]:
    await asyncio.to_thread(migrate_now, database_url, "things", package.name)
    async with apart(database_url) as pool:
        yield pool


async def ids(pool: Pool) -> list[str]:
    return [row["id"] for row in await pool.fetch(READ)]


async def test_a_statement_that_forgets_the_organization_sees_its_own(pool: Pool) -> None:
    """Alone, in a transaction and in a nested one; and nobody's is nothing."""
    with acting_for("org_1"):
        alone = await ids(pool)
        async with pool.acquire() as connection, connection.transaction():
            within = await connection.fetchval("SELECT array_agg(id) FROM things")
            async with connection.transaction():
                nested = await connection.fetchval("SELECT array_agg(id) FROM things")

    assert (alone, within, nested) == (["one"], ["one"], ["one"])
    assert await ids(pool) == []


async def test_the_caller_says_whose_rows_are_seen(pool: Pool) -> None:
    """A member their organization's, whoever acts for all of them everybody's."""

    async def seen_by(caller: Caller) -> list[str]:
        set_caller(caller)
        return await ids(pool)

    member = Caller("mem_1", "org_2")
    operator = Caller("ops", kind=CallerKind.OPERATOR)
    nobody = Caller("mem_2")
    seen = [await asyncio.create_task(seen_by(each)) for each in (member, operator, nobody)]

    assert seen == [["two"], ["one", "two"], []]


async def test_nothing_is_written_for_another(pool: Pool) -> None:
    """Neither a row that is added nor one that is given away."""
    with acting_for("org_1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("INSERT INTO things VALUES ('three', 'org_2')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("UPDATE things SET organization_id = 'org_2'")
        changed = await pool.execute("DELETE FROM things WHERE id = 'two'")

    assert changed == "DELETE 0"


async def test_a_connection_that_was_given_back_carries_nobody(pool: Pool) -> None:
    """After a statement, a transaction, one that failed, and one that was cancelled."""

    async def fails() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetch("SELECT 1 / 0")

    async def hangs() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetch("SELECT pg_sleep(10)")

    carried = []
    with acting_for("it's org_1"):
        await ids(pool)
    carried.append(await pool.fetchval(CARRIED))
    with acting_for("org_1"), pytest.raises(asyncpg.DivisionByZeroError):
        await fails()
    carried.append(await pool.fetchval(CARRIED))
    with acting_for("org_1"), pytest.raises(TimeoutError):
        await asyncio.wait_for(hangs(), 0.1)
    carried.append(await pool.fetchval(CARRIED))

    assert carried == ["", "", ""]
    assert await ids(pool) == []


@pytest.mark.parametrize("within", [False, True], ids=["alone", "in a transaction"])
async def test_whenever_it_is_cancelled_the_next_one_sees_nothing(
    pool: Pool, *, within: bool
) -> None:
    """At whatever moment a caller is gone, the one connection there is shows nobody their rows.

    Neither to who acts for nobody nor to another organization, who are next in turn.
    """

    async def reads() -> None:
        async with pool.acquire() as connection:
            if within:
                async with connection.transaction():
                    await connection.fetch(READ)
            else:
                await connection.fetch(READ)

    left: list[tuple[str, list[str]]] = []
    ends = Counter[str]()
    for moments in range(60):
        with acting_for("org_1"):
            reading = asyncio.create_task(reads())
        for _ in range(moments):
            await asyncio.sleep(0)
        reading.cancel()
        (ended,) = await asyncio.gather(reading, return_exceptions=True)
        ends["read" if ended is None else type(ended).__name__] += 1
        with acting_for("org_2" if moments % 2 else ""):
            left.append((await pool.fetchval(CARRIED), await ids(pool)))

    assert left == [("", []), ("org_2", ["two"])] * (len(left) // 2)
    assert ends["CancelledError"] > 1


async def test_the_next_of_the_same_organization_says_nothing_anew(
    pool: Pool, database_url: str
) -> None:
    """What the session says already costs no round trip: it is said once for all of theirs."""
    last = "SELECT query FROM pg_stat_activity WHERE pid = $1"
    async with postgres.connect_pool(database_url, "things", max_size=1) as watching:
        with acting_for("org_1"):
            pid = await pool.fetchval("SELECT pg_backend_pid()")
            first = await ids(pool)
        said = await watching.fetchval(last, pid)
        with acting_for("org_1"):
            async with pool.acquire():
                pass
        said_after = await watching.fetchval(last, pid)

    assert first == ["one"]
    assert (said, said_after) == (READ, READ)


async def test_a_loan_says_whose_rows_once(pool: Pool) -> None:
    """In one loan a transaction follows a statement, and a statement a transaction."""
    with acting_for("org_1"):
        async with pool.acquire() as connection:
            async with connection.transaction():
                first = await connection.fetchval("SELECT array_agg(id) FROM things")
            second = await connection.fetchval("SELECT array_agg(id) FROM things")
            async with connection.transaction():
                third = await connection.fetchval("SELECT array_agg(id) FROM things")
            await connection.execute("DELETE FROM things")

    assert (first, second, third) == (["one"], ["one"], ["one"])
    assert await ids(pool.across("what is left is to be seen")) == ["two"]


async def test_who_spans_organizations_says_why(pool: Pool) -> None:
    """The reason stands in the statement itself, as the database's log has it."""
    with across("things are counted"):
        said = await pool.fetchval("SELECT current_query()")
        everybodys = await ids(pool)

    assert said.startswith("/* things are counted */ ")
    assert everybodys == ["one", "two"]
    with pytest.raises(ValueError, match="why"):
        pool.across("")


async def test_a_table_without_organizations_is_not_migrated_past(
    database_url: str, package: Package
) -> None:
    """The migration that makes it fails, unless the owner says why its rows are nobody's."""
    package.add("0003", "CREATE TABLE bare (id text)")
    with pytest.raises(TableWithoutOrganization, match=r"things\.bare"):
        await asyncio.to_thread(migrate_now, database_url, "things", package.name)

    package.say('NOBODYS = {"bare": "it has nothing in it"}')
    await asyncio.to_thread(migrate_now, database_url, "things", package.name)
    async with apart(database_url) as pool:
        await pool.execute("INSERT INTO bare VALUES ('x')")


async def test_privileges_are_what_the_owner_says(database_url: str, package: Package) -> None:
    """A table that is only added to; a role that has one table only."""
    package.say(
        "from servicekit.postgres.row_security import Role\n"
        'ROLES = [Role(suffix="reader", spans=True, privileges={"things": ["SELECT"]})]\n'
        'PRIVILEGES = {"things": ["SELECT", "INSERT"]}'
    )
    await asyncio.to_thread(migrate_now, database_url, "things", package.name)

    async with apart(database_url) as pool:
        with pytest.raises(asyncpg.InsufficientPrivilegeError), acting_for("org_1"):
            await pool.execute("DELETE FROM things")
    url = f"{database_url}&role=things_reader"
    async with postgres.connect_pool(url, "things", max_size=1) as pool:
        assert await ids(pool) == ["one", "two"]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute("INSERT INTO things VALUES ('three', 'org_1')")


async def test_views_and_functions_open_no_back_door(database_url: str, package: Package) -> None:
    """A view shows what its reader may see; what runs as the owner is the background's alone."""
    package.add("0003", "CREATE VIEW all_things AS SELECT * FROM things")
    package.add(
        "0004",
        "CREATE FUNCTION count_things() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        " SET search_path FROM CURRENT AS 'SELECT count(*) FROM things'",
    )
    await asyncio.to_thread(migrate_now, database_url, "things", package.name)

    async with apart(database_url) as pool:
        with acting_for("org_1"):
            assert await pool.fetchval("SELECT count(*) FROM all_things") == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await pool.fetchval("SELECT count_things()")
        spanning = pool.across("they are counted")
        assert await spanning.fetchval("SELECT count_things()") == 2


async def test_a_role_that_is_bound_by_nothing_is_not_ready(pool: Pool, database_url: str) -> None:
    """Whoever owns or bypasses is refused, and only warned of in the sandbox."""
    await RowSecurity(pool, sandbox=False).check()

    async with postgres.connect_pool(database_url, "things", max_size=1) as unbound:
        await RowSecurity(unbound, sandbox=True).check()
        with pytest.raises(NotKeptApart, match="DATABASE_URL"):
            await RowSecurity(unbound, sandbox=False).check()


async def test_a_schema_is_as_new_as_the_code_or_newer(database_url: str, package: Package) -> None:
    """Each role may ask for the revision; after a rollback the code works on a newer one."""
    make_things_roles(database_url)
    async with apart(database_url) as pool:
        assert pool.background is not None
        with pytest.raises(SchemaBehind, match=r"is at nothing .* needs 0002"):
            await SchemaRevision(pool, "things", package.name).check()
        await asyncio.to_thread(migrate_now, database_url, "things", package.name)
        for role in (pool, pool.background):
            await SchemaRevision(role, "things", package.name).check()

        package.add("0003", "ALTER TABLE things ADD COLUMN colour text")
        with pytest.raises(SchemaBehind, match=r"is at 0002, and needs 0003"):
            await SchemaRevision(pool, "things", package.name).check()
        package.remove("0003", "0002")
        await SchemaRevision(pool, "things", package.name).check()
