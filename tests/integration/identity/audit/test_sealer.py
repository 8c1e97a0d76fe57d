"""The sealer against a real database: nothing that was committed is left out, whenever it was."""

from datetime import timedelta

import asyncpg
import pytest

from tests.integration.identity.audit.conftest import Audit, act


async def test_what_was_written_is_sealed_once(audit: Audit) -> None:
    """Sealing again finds nothing, and all of it verifies, signed."""
    sealer = audit.sealer()
    await audit.append(3)

    assert await sealer.seal() == 3
    assert await sealer.seal() == 0
    found = await audit.verify()
    assert found.faults == []
    assert (found.sealed, found.position, found.signed_position, found.tail) == (3, 3, 3, 0)


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
        assert (await audit.verify()).tail == 0

        await transaction.commit()

    assert (await audit.verify()).tail == 1
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
    assert (found.sealed, found.faults) == (4, [])


async def test_signatures_come_by_the_day(audit: Audit) -> None:
    """No second checkpoint within its time, one after it, and none over nothing new."""
    await audit.append(1)
    await audit.sealer().seal()
    await audit.append(1)
    await audit.sealer().seal()
    assert (await audit.verify()).signed_position == 1

    await audit.sealer(checkpoint_every=timedelta(0)).seal()
    await audit.sealer(checkpoint_every=timedelta(0)).seal()
    assert (await audit.verify()).signed_position == 2
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
    assert (await audit.verify()).position == 4


@pytest.mark.parametrize("table", ["audit_records", "audit_seals", "audit_checkpoints"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET chain = chain", "DELETE FROM {}", "TRUNCATE {}"])
async def test_it_is_only_added_to(audit: Audit, table: str, verb: str) -> None:
    """Not even the owner of the tables changes a row without taking the guard away first."""
    await audit.append(1)
    await audit.sealer().seal()
    verb = verb.replace("chain", "code") if table == "audit_records" else verb

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only added to"):
        await audit.pool.execute(verb.format(table))
