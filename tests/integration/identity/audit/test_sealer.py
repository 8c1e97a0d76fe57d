"""The sealer against a real database: nothing that was committed is left out, whenever it was."""

import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from identity.audit.seal_repository import LOOK, SealRepository
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from tests.integration.identity.audit.conftest import Audit, act

LONG = """
    INSERT INTO audit_records (organization_id, recorded_at, record_id, service, rpc, outcome, code,
                               reason, caller_kind, subject, actors, address, resource, request_id,
                               trace_id, digest_before, digest_after, proof)
    SELECT 'org_test', now(), 'aud_' || n, '', '', 'done', '', '', '', '', '', '', '', '', '', '',
           '', ''
      FROM generate_series(1, 20000) AS n
"""


class _Lending:
    """A pool of one connection."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        yield self._connection


async def _planned(connection: Any) -> Counter[tuple[str, str]]:
    """How often each statement that the session has prepared went by its plan, or by a new one."""
    rows = await connection.fetch(
        "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
        " WHERE statement !~ 'pg_prepared_statements'"
    )
    return Counter({(row["statement"], "its plan"): row["generic_plans"] for row in rows}) + (
        Counter({(row["statement"], "a new one"): row["custom_plans"] for row in rows})
    )


async def test_what_was_written_is_sealed_once(audit: Audit) -> None:
    """Sealing again finds nothing, and all of it verifies, signed."""
    sealer = audit.sealer()
    await audit.append(3)

    assert await sealer.seal() == 3
    assert await sealer.seal() == 0
    found = await audit.verify()
    assert found.faults == []
    assert (
        found.summary.sealed,
        found.summary.position,
        found.summary.signed_position,
        found.summary.tail,
    ) == (3, 3, 3, 0)


async def test_late_commits_are_not_skipped(audit: Audit) -> None:
    """A transaction that began first and ends last is sealed after those that ended before it."""
    sealer = audit.sealer()
    async with audit.pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("DELETE FROM endpoints")
        late = act()
        await slow.execute("SELECT pg_current_xact_id()")
        await audit.records.append_with(slow, late, noun="", whose="", digest_before="")
        await audit.append(2)
        assert await sealer.seal() == 2
        assert (await audit.verify()).summary.tail == 0

        await transaction.commit()

    assert (await audit.verify()).summary.tail == 1
    assert await sealer.seal() == 1
    last = await audit.pool.fetchval(
        "SELECT record_id FROM audit_seals ORDER BY position DESC LIMIT 1"
    )
    assert last == late.record_id
    assert (await audit.verify()).faults == []


async def test_two_sealers_make_one_chain(audit: Audit) -> None:
    """Replicas seal by turns; while one is at it the other finds nothing to do."""
    one, other = audit.sealer(), audit.sealer()
    await audit.append(2)
    async with audit.seals.sealing():
        assert await other.seal() == 0

    await one.seal()
    await audit.append(2)
    await other.seal()
    found = await audit.verify()
    assert (found.summary.sealed, found.faults) == (4, [])


async def test_a_look_that_finds_nothing_takes_no_turn(audit: Audit) -> None:
    """What is asked every second of a whole year's tables is one statement, planned once.

    Each second of each service had cost nine, one of them planned anew over all the tables.
    """
    await audit.append(2)

    async with audit.pool.acquire() as connection:
        lending: Any = _Lending(connection)
        sealer = replace(audit, seals=SealRepository(lending)).sealer()
        await sealer.seal()
        before = await _planned(connection)
        for _ in range(10):
            assert await sealer.seal() == 0
        planned = await _planned(connection) - before

    assert planned == {(LOOK, "its plan"): 10}


async def test_looks_read_no_more_of_a_long_chain(audit: Audit) -> None:
    """The plan that all looks share goes by indexes, whatever it takes the snapshot for."""
    await audit.append(1)
    await audit.sealer().seal()
    await audit.tamper(LONG)

    async with audit.pool.acquire() as connection:
        await connection.execute("ANALYZE audit_records, audit_seals")
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE look (text, bigint, bytea, bigint, bytea) AS {LOOK}")
        rows = await connection.fetch("EXPLAIN (COSTS OFF) EXECUTE look ('3:3:', 1, '', 1, '')")
    plan = [row[0] for row in rows]
    month = await audit.pool.fetchval("SELECT to_char(now(), 'YYYY_MM')")

    (reading,) = [line for line in plan if f"audit_records_{month}" in line and "->" in line]
    assert "Scan Backward using" in reading, "\n".join(plan)


async def test_what_others_do_is_noticed(audit: Audit) -> None:
    """A sealer that found nothing sees what another one sealed, and that a seal was cut off."""
    one, other = audit.sealer(), audit.sealer()
    await audit.append(2)
    await one.seal()
    await audit.append(1)
    await other.seal()

    assert await one.seal() == 0
    await audit.append(1)
    assert await one.seal() == 1
    await audit.tamper("DELETE FROM audit_seals WHERE position = 4")
    with capture_logs() as told:
        await one.seal()
    assert [each["event"] for each in told] == ["audit_chain_cut"]


async def test_idle_looks_sign_in_time(audit: Audit) -> None:
    """What was sealed within the day is signed at its end, though nothing more is recorded."""
    sealer = audit.sealer(checkpoint_every=timedelta(hours=1))
    await audit.append(1)
    await sealer.seal()
    await audit.append(1)
    await sealer.seal()
    assert (await audit.verify()).summary.signed_position == 1

    sealer._checkpoint_every = timedelta(0)  # The hour is over.
    await sealer.seal()

    assert (await audit.verify()).summary.signed_position == 2


async def test_how_long_nothing_was_sealed_is_told_while_it_fails(audit: Audit) -> None:
    """A turn that fails, or that another has, does not end it; one that finds nothing does."""
    registry, seconds = CollectorRegistry(), itertools.count(0, 10)
    sealer = audit.sealer(registry=registry, monotonic=lambda: float(next(seconds)))

    def lag() -> float | None:
        return registry.get_sample_value("audit_seal_lag_seconds")

    await sealer.seal()
    sealed = lag()
    await audit.append(1)
    async with audit.seals.sealing():
        await sealer.seal()
    other_has_it = lag()
    await audit.pool.execute("ALTER TABLE audit_seals RENAME TO audit_seals_away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await sealer.seal()
    failing = lag()
    await audit.pool.execute("ALTER TABLE audit_seals_away RENAME TO audit_seals")
    await sealer.seal()

    assert (sealed, other_has_it, failing, lag()) == (10, 30, 50, 10)


async def test_signatures_come_by_the_day(audit: Audit) -> None:
    """No second checkpoint within its time, one after it, and none over nothing new."""
    await audit.append(1)
    await audit.sealer().seal()
    await audit.append(1)
    await audit.sealer().seal()
    assert (await audit.verify()).summary.signed_position == 1

    await audit.sealer(checkpoint_every=timedelta(0)).seal()
    await audit.sealer(checkpoint_every=timedelta(0)).seal()
    assert (await audit.verify()).summary.signed_position == 2
    assert await audit.pool.fetchval("SELECT count(*) FROM audit_checkpoints") == 2


async def test_restored_elsewhere_it_goes_on(audit: Audit) -> None:
    """Another server counts transactions from the beginning: its records are sealed as well."""
    await audit.append(2)
    await audit.sealer().seal()
    await audit.tamper(
        "UPDATE audit_seals SET snapshot = '9000000000:9000000000:' WHERE snapshot IS NOT NULL"
    )
    await audit.append(2)

    assert await audit.sealer().seal() == 2
    assert (await audit.verify()).summary.position == 4


async def test_a_sealer_that_outlives_its_server_goes_on(audit: Audit) -> None:
    """Its own snapshot is of another server too."""
    sealer = audit.sealer()
    await audit.append(1)
    await sealer.seal()
    foreign = "9000000000:9000000000:"
    await audit.tamper(f"UPDATE audit_seals SET snapshot = '{foreign}'")
    sealer._seen = replace(sealer._seen, snapshot=foreign)
    await audit.append(2)

    assert await sealer.seal() == 2


@pytest.mark.parametrize("table", ["audit_records", "audit_seals", "audit_checkpoints"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET chain = chain", "DELETE FROM {}", "TRUNCATE {}"])
async def test_it_is_only_added_to(audit: Audit, table: str, verb: str) -> None:
    """Not even the owner of the tables changes a row without taking the guard away first."""
    await audit.append(1)
    await audit.sealer().seal()
    verb = verb.replace("chain", "code") if table == "audit_records" else verb

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
        await audit.pool.execute(verb.format(table))
