"""The database's clock is set while an account's window is full."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import ActionState, Cap, Kind
from linkedin_gateway.pace.decisions import Decision, Go, Wait
from linkedin_gateway.pace.snapshot import GapRange
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import ACCOUNT, HOUR, LEASE, RULES, asked, resolved
from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.ledger.test_postgres import PostgresStore

FULL = 3
"""Visits in an hour."""
# Before PostgreSQL's own, where the path says so.
SETTABLE = """
CREATE TABLE set_by (step interval NOT NULL);
INSERT INTO set_by VALUES ('0');
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + step FROM gateway.set_by';
CREATE FUNCTION statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT pg_catalog.statement_timestamp() + step FROM gateway.set_by'
"""
BY_THEM = "SET search_path = gateway, pg_catalog"


@dataclass
class Replica:
    """A process that decides."""

    clock: DatabaseClock
    ledger: PostgresLedger
    pool: Pool

    async def visit(self, number: int) -> Decision:
        """What it decides about the next visit."""
        return await self.ledger.decide(asked(number), resolve=resolved)

    async def read(self) -> None:
        """It reads the clock, as it does every ten seconds."""
        await self.clock.read(self.pool)


@dataclass
class Replicas:
    """Those on one database, of which the clock can be set."""

    url: str
    stack: AsyncExitStack

    async def another(self) -> Replica:
        """One that starts now."""
        pool = await self.stack.enter_async_context(
            postgres.connect_pool(self.url, "gateway", max_size=1)
        )
        # The pool has this one connection, and what is set of it stays.
        await pool.execute(BY_THEM)
        clock = await DatabaseClock.read_from(pool, Clock.real_time())
        rules = replace(RULES, gap=GapRange(shortest=timedelta(), longest=timedelta()))
        ledger = PostgresLedger(pool, pool, sealing(), rules=rules, lease=LEASE, clock=clock)
        return Replica(clock, ledger, pool)


@pytest.fixture
async def replicas(gateway_url: str) -> AsyncIterator[Replicas]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            postgres.connect_pool(gateway_url, "gateway", max_size=1)
        )
        await pool.execute(SETTABLE)
        caps = (Cap(kind=Kind.VISIT, actions=FULL, per=HOUR),)
        await PostgresStore(pool).put_account(replace(ACCOUNT, caps=caps))
        yield Replicas(gateway_url, stack)


async def filled(replica: Replica) -> None:
    """The hour is full."""
    for number in range(FULL):
        go = await replica.visit(number)
        assert isinstance(go, Go)
        await replica.ledger.finish(go.action, AttemptResult(state=ActionState.DONE))
    assert isinstance(await replica.visit(FULL), Wait)


async def set_by(replica: Replica, step: timedelta) -> None:
    """Somebody sets the clock of the database."""
    await replica.pool.execute("UPDATE set_by SET step = $1", step)


async def test_a_window_is_not_over_because_the_clock_was_set(replicas: Replicas) -> None:
    """Nobody goes before an hour has passed: not in the seconds in which no process has read the
    clock, not after one has, and not by a process that starts later."""
    first, second = await replicas.another(), await replicas.another()
    await filled(first)

    await set_by(first, 2 * HOUR)
    unread = [await replica.visit(FULL) for replica in (first, second)]
    await first.read()
    read = [await replica.visit(FULL) for replica in (first, second)]
    third = await replicas.another()
    await second.read()
    later = [await replica.visit(FULL) for replica in (first, second, third)]

    assert all(isinstance(each, Wait) for each in (*unread, *read, *later))
    changes = await first.pool.fetchval("SELECT changes FROM database_clock")
    assert changes == 1


async def test_it_is_set_right_again(replicas: Replicas) -> None:
    """No more is held back than readings took, and the window is as long as ever."""
    began = time.monotonic()
    replica = await replicas.another()
    await filled(replica)
    for step in (2 * HOUR, timedelta()):
        await set_by(replica, step)
        await replica.read()

    assert isinstance(await replica.visit(FULL), Wait)
    assert replica.clock.held_back < timedelta(seconds=time.monotonic() - began)


async def test_an_operator_confirms_it(replicas: Replicas) -> None:
    """The clock was wrong before, and whoever says so has waited: the window is over by it."""
    replica = await replicas.another()
    await filled(replica)
    await set_by(replica, 2 * HOUR)
    await replica.read()

    behind = await replica.clock.confirm(replica.pool)
    again = await replica.clock.confirm(replica.pool)
    await replica.read()

    assert round(behind / HOUR, 2) == 2
    assert again == timedelta()
    assert isinstance(await replica.visit(FULL), Go)
