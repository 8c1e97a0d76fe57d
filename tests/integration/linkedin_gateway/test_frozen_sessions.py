"""Who stands still with a lock concerns nobody else, and keeps no stop from being in force."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import asyncpg
import psycopg
import pytest
from linkedin_gateway.controls.rejoining_repository import PLANNED, TAKE
from linkedin_gateway.storage.frozen_sessions import FrozenSessions
from linkedin_gateway.storage.locks import GATE, lock_key, locked, person_lock
from outreach.linkedin.v1 import account_service_pb2, hold_pb2, hold_service_pb2
from servicekit.errors import NotYet, Unavailable
from servicekit.postgres import pool as postgres

from tests.integration.linkedin_gateway.conftest import ALWAYS, ORGANIZATION, SCHEMA
from tests.servers.postgres import as_role

NEXT_DECISION = 0.5
"""Seconds: as long as a decision and a little."""
IN_FORCE = 2.5
"""Seconds: what a hold takes at most, and a little."""

OVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a session is told that the database has ended, by the moment in which that came."""
SHARE_GATE = f"SELECT pg_advisory_xact_lock_shared({GATE})"

Session = psycopg.Connection[Any]


def prepared(session: Session) -> None:
    """It has had a statement prepared, as the driver does, and has not said what to do with it."""
    session.pgconn.enter_pipeline_mode()
    session.pgconn.send_prepare(b"half", b"SELECT name FROM accounts WHERE account_id = $1")
    session.pgconn.send_flush_request()
    session.pgconn.flush()


def unread(session: Session) -> None:
    """It has asked for more than it reads."""
    session.pgconn.send_query(b"SELECT repeat('x', 1000) FROM generate_series(1, 20000)")


STANDS: tuple[Callable[[Session], None], ...] = (prepared, unread)
"""How a session stands that counts as active while it waits for its client."""


@contextmanager
def standing_still(
    url: str, role: str, stand: Callable[[Session], None], *statements: str, name: str = SCHEMA[0]
) -> Iterator[Session]:
    """A session of a process that stands still in the middle of a transaction.

    No time-out of the database's ends it.
    """
    limits = (
        "SET LOCAL idle_in_transaction_session_timeout = 1000; SET LOCAL statement_timeout = 700"
    )
    session = psycopg.connect(
        as_role(url, role),
        autocommit=True,
        application_name=name,
        options=f"-csearch_path={SCHEMA[0]}",
    )
    # Nothing is undone: it may be in the middle of a word.
    with closing(session):
        session.execute("; ".join(("BEGIN", *statements, limits)))
        stand(session)
        yield session


def is_over(session: Session) -> bool:
    """Whether the database has ended it: what it would say next is said to nobody."""
    with psycopg.connect(session.info.dsn) as other:
        return other.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)",
            [session.info.backend_pid],
        ).fetchone() == (True,)


@pytest.fixture
async def stranger(gateway_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A session of somebody's own, inside a transaction, with nobody to end it."""
    connection = await asyncpg.connect(
        gateway_url,
        server_settings={"search_path": SCHEMA[0], "application_name": "psql of ada"},
    )
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await connection.close()


async def colleague(house: Any) -> str:
    """The account of another organization."""
    seen = house.world.add_account("unipile-2", tier="premium")
    answer = await house.stubs.accounts.RegisterAccount(
        account_service_pb2.RegisterAccountRequest(
            organization_id="org_other", unipile_account_id=seen.id, working_hours=ALWAYS
        )
    )
    account_id: str = answer.account.account_id
    return account_id


def hold(scope: str = "ORGANIZATION", subject_id: str = ORGANIZATION) -> Any:
    return hold_service_pb2.PutHoldRequest(
        scope=hold_pb2.HoldScope.Value(f"HOLD_SCOPE_{scope}"),
        subject_id=subject_id,
        reason="A test.",
    )


async def lasting(call: Awaitable[Any]) -> float:
    """How many seconds a call takes."""
    begun_at = time.monotonic()
    await call
    return time.monotonic() - begun_at


def others(house: Any, account_id: str) -> Any:
    request = house.request("visit_profile", "bob")
    request.account_id, request.organization_id = account_id, "org_other"
    return request


async def refused(house: Any, request: Any) -> Unavailable:
    with pytest.raises(Unavailable) as told:
        await house.stubs.actions.PerformAction(request)
    return told.value


async def test_a_locked_account_fails_nobody_else(house: Any, stranger: Any) -> None:
    """Who asks together with somebody whose account is locked is decided about all the same.

    A batch that waited for one lock used to fail everybody in it, after thirty seconds.
    """
    account_id = await colleague(house)
    await stranger.execute("SELECT pg_advisory_xact_lock($1)", lock_key(house.account.account_id))

    waiting = asyncio.create_task(refused(house, house.request("visit_profile", "ada")))
    took = await lasting(house.stubs.actions.PerformAction(others(house, account_id)))

    assert took < IN_FORCE
    assert (await waiting).reason == "DATABASE_BUSY"


async def test_a_locked_row_fails_nobody_else(house: Any, stranger: Any) -> None:
    """A session that has an action's row fails that action's account and no other."""
    account_id = await colleague(house)
    await house.perform(house.request("visit_profile", "first"))
    asked = house.request("visit_profile", "ada")
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(asked)
    await stranger.execute("SELECT FROM actions WHERE action_id = $1 FOR UPDATE", asked.action_id)

    waiting = asyncio.create_task(refused(house, asked))
    took = await lasting(house.stubs.actions.PerformAction(others(house, account_id)))

    assert took < IN_FORCE
    assert (await waiting).reason == "DATABASE_BUSY"


async def test_a_locked_person_fails_nobody_else(house: Any, stranger: Any) -> None:
    """Who has a person's lock, to hear of them or to make two of them one, fails them alone.

    Others of the same account, asked for in the same moment, go; so does a hold.
    """
    await house.resolve("ada")
    person_id = await house.pool.fetchval("SELECT person_id FROM people")
    await stranger.execute("SELECT pg_advisory_xact_lock($1)", person_lock(ORGANIZATION, person_id))

    waiting = asyncio.create_task(refused(house, house.request("visit_profile", "ada")))
    took = await lasting(house.perform(house.request("visit_profile", "bob")))
    holding = await lasting(house.stubs.holds.PutHold(hold()))

    assert took < IN_FORCE
    assert holding < NEXT_DECISION
    assert (await waiting).reason == "DATABASE_BUSY"


async def test_who_waits_for_a_lock_is_in_no_holds_way(house: Any, stranger: Any) -> None:
    """A decision that is kept waiting keeps no hold waiting."""
    await stranger.execute("SELECT pg_advisory_xact_lock($1)", lock_key(house.account.account_id))
    waiting = asyncio.create_task(refused(house, house.request("visit_profile", "ada")))
    await house.until(lambda: house.gateway.ledger._batcher._busy)

    took = await lasting(house.stubs.holds.PutHold(hold()))

    assert took < NEXT_DECISION
    await waiting


async def test_a_frozen_replica_is_ended(house: Any, gateway_url: str) -> None:
    """A process that stands still in the middle of a decision delays a hold by two seconds at
    most: the database ends its transaction, and what it had decided is not so."""
    async with postgres.connect_pool(gateway_url, SCHEMA[0], max_size=1) as frozen:
        connection = await frozen.acquire()
        deciding = locked(connection, [lock_key(house.account.account_id)])
        await deciding.__aenter__()
        await connection.execute("UPDATE accounts SET name = 'decided'")

        took = await lasting(house.stubs.holds.PutHold(hold()))

        with pytest.raises(OVER):
            await deciding.__aexit__(None, None, None)
        await frozen.release(connection)
    assert took < IN_FORCE
    assert (await house.account_row()).name != "decided"
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
    assert told.value.reason == "HELD"


@pytest.mark.parametrize("stand", STANDS)
@pytest.mark.parametrize("role", ["gateway_decisions", "gateway_background", "gateway_service"])
async def test_who_stands_still_and_counts_as_active_is_ended(
    house: Any, gateway_url: str, role: str, stand: Any
) -> None:
    """A process that stands still between two words, or does not read, is in no hold's way for two
    seconds either, whichever of its roles it decides by: its session is ended."""
    decided = "INSERT INTO enrolments VALUES ('org_test', 'camp_1', 'lead_1', 'person', now())"
    ours = f"SET LOCAL outreach.organization_id = '{ORGANIZATION}'"
    with standing_still(gateway_url, role, stand, ours, decided, SHARE_GATE) as session:
        took = await lasting(house.stubs.holds.PutHold(hold()))

        assert is_over(session)
    assert took < IN_FORCE
    assert await house.pool.fetchval("SELECT count(*) FROM enrolments") == 0


@pytest.mark.parametrize("stand", STANDS)
async def test_who_stands_still_with_the_holds_row_is_ended(
    house: Any, gateway_url: str, stand: Any
) -> None:
    """A hold that could not be written down is so, and is in force, within two seconds."""
    await house.stubs.holds.PutHold(hold())
    with standing_still(gateway_url, "gateway_background", stand, "DELETE FROM holds") as session:
        took = await lasting(house.stubs.holds.PutHold(hold()))

        assert is_over(session)
    assert took < IN_FORCE
    assert await house.pool.fetchval("SELECT count(*) FROM holds") == 1


@pytest.mark.parametrize("stand", STANDS)
async def test_who_stands_still_keeps_an_account_from_nobody(
    house: Any, gateway_url: str, stand: Any
) -> None:
    """Another process decides about the account after a moment; who asks is refused nothing."""
    lock = f"SELECT pg_advisory_xact_lock({lock_key(house.account.account_id)})"
    with standing_still(gateway_url, "gateway_decisions", stand, lock, SHARE_GATE) as session:
        took = await lasting(house.perform(house.request("visit_profile", "ada")))

        assert is_over(session)
    assert took < IN_FORCE


async def test_it_is_ended_by_a_process_that_is_busy_itself(house: Any, gateway_url: str) -> None:
    """All connections of one role are taken: those of another one end their own all the same."""
    waits = asyncio.Event()

    async def taking() -> None:
        async with house.gateway.pool.background.acquire():
            await waits.wait()

    background = house.gateway.pool.background
    takers = [asyncio.create_task(taking()) for _ in range(background.get_max_size())]
    await house.until(lambda: background.get_idle_size() == 0)
    frozen = FrozenSessions(house.gateway.pool, house.gateway.ledger._decisions)
    lock = lock_key("an account")
    held = f"SELECT pg_advisory_xact_lock({lock})"
    with standing_still(gateway_url, "gateway_decisions", prepared, held) as session:
        async with asyncio.timeout(IN_FORCE):
            while not await frozen.end([lock]):  # noqa: ASYNC110 - it has to stand a second
                await asyncio.sleep(0.05)

        assert is_over(session)
    waits.set()
    await asyncio.gather(*takers)


@pytest.mark.parametrize("stand", STANDS)
async def test_an_administrator_is_not_ended(house: Any, gateway_url: str, stand: Any) -> None:
    """Who came by one of the gateway's roles, and is no gateway, is named and left alone."""
    with standing_still(
        gateway_url, "gateway_decisions", stand, SHARE_GATE, name="psql of ada"
    ) as session:
        with pytest.raises(Unavailable) as told:
            await house.stubs.holds.PutHold(hold())

        assert not is_over(session)
    assert told.value.reason == "STOP_NOT_IN_FORCE"
    assert "psql of ada" in told.value.metadata["in_the_way"]


async def test_the_end_of_a_hold_stands_still(house: Any, gateway_url: str) -> None:
    """A process that stands still while it ends a campaign's hold keeps it from being put anew for
    two seconds at most: the database ends it, and the hold stays."""
    again = hold("CAMPAIGN", "camp_1")
    again.organization_id = ORGANIZATION
    await house.stubs.holds.PutHold(again)
    await house.pool.execute("UPDATE holds SET lifted_at = now()")
    async with postgres.connect_pool(gateway_url, SCHEMA[0], max_size=1) as frozen:
        connection = await frozen.acquire()
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(PLANNED)
        assert await connection.fetchval(TAKE, "camp_1", ORGANIZATION) is False

        took = await lasting(house.stubs.holds.PutHold(again))

        with pytest.raises(OVER):
            await connection.execute("DELETE FROM holds")
        await frozen.release(connection)
    await house.gateway.holds.end_lifted()
    with pytest.raises(NotYet) as told:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
    assert took < IN_FORCE
    assert told.value.reason == "HELD"


async def test_a_locked_row_keeps_no_hold_from_being_lifted(house: Any, stranger: Any) -> None:
    """Somebody has a row of a campaign that is to move: its hold is lifted, and over once they let
    go; a hold that is put meanwhile does not wait for them."""
    again = hold("CAMPAIGN", "camp_1")
    again.organization_id = ORGANIZATION
    lifting = hold_service_pb2.LiftHoldRequest(
        scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1"
    )
    asked = house.request("visit_profile", "ada")
    await house.stubs.holds.PutHold(again)
    with pytest.raises(NotYet):
        await house.stubs.actions.PerformAction(asked)
    await house.perform(house.request("visit_profile", "bob", campaign_id="camp_2"))
    await stranger.execute("SELECT FROM actions WHERE action_id = $1 FOR UPDATE", asked.action_id)

    lifted = await lasting(house.stubs.holds.LiftHold(lifting))
    held = await lasting(house.stubs.holds.PutHold(again))
    await house.stubs.holds.LiftHold(lifting)
    await stranger.execute("ROLLBACK")
    await house.gateway.holds.end_lifted()

    assert lifted < IN_FORCE
    assert held < NEXT_DECISION
    await house.perform(asked)


async def test_what_failed_is_told_when_the_session_is_over_as_well(gateway_url: str) -> None:
    """A decision that fails after the database has ended its session is told by its own error."""
    async with postgres.connect_pool(gateway_url, SCHEMA[0], max_size=1) as pool:
        connection = await pool.acquire()
        gone = asyncio.Event()
        deciding = locked(connection, [])
        await deciding.__aenter__()
        connection.add_termination_listener(lambda _connection: gone.set())
        async with asyncio.timeout(30):
            await gone.wait()

        replaced = await deciding.__aexit__(KeyError, KeyError(), None)

        assert not replaced
        await pool.release(connection)


async def test_what_is_in_a_holds_way_is_named(house: Any, stranger: Any) -> None:
    """A session that nothing ends is named; the hold stands, decisions see it, and repeat is all
    that there is to do."""
    account_id = await colleague(house)
    await stranger.execute(SHARE_GATE)

    begun_at = time.monotonic()
    with pytest.raises(Unavailable) as told:
        await house.stubs.holds.PutHold(hold())
    took = time.monotonic() - begun_at
    with pytest.raises(NotYet) as held:
        await house.stubs.actions.PerformAction(house.request("visit_profile", "ada"))
    elsewhere = await lasting(house.stubs.actions.PerformAction(others(house, account_id)))
    await stranger.execute("ROLLBACK")
    again = await lasting(house.stubs.holds.PutHold(hold()))

    assert took < IN_FORCE + 0.5
    assert told.value.reason == "STOP_NOT_IN_FORCE"
    assert "psql of ada" in told.value.message
    assert told.value.metadata["written"] == "true"
    assert held.value.reason == "HELD"
    assert elsewhere < NEXT_DECISION
    assert again < NEXT_DECISION


async def test_a_hold_that_cannot_be_written_down_says_so(house: Any, stranger: Any) -> None:
    """Somebody has the row of the hold itself: it is told that nothing is held yet, and why."""
    await house.stubs.holds.PutHold(hold())
    await stranger.execute("DELETE FROM holds")

    with pytest.raises(Unavailable) as told:
        await house.stubs.holds.PutHold(hold())

    assert told.value.reason == "STOP_NOT_IN_FORCE"
    assert told.value.metadata["written"] == "false"
    assert "psql of ada" in told.value.metadata["in_the_way"]
