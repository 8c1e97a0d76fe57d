"""Months that are over are dropped whole, and what is left verifies as before."""

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from identity.audit.chain import FaultKind
from identity.audit.retention import Retention, next_month
from identity.audit.verification import SoFar

from tests.integration.identity.audit.conftest import SCHEMA, Audit, Found

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def retention(audit: Audit, *, keep: timedelta = timedelta(days=400)) -> None:
    await Retention(audit.seals, audit.proofs, schema=SCHEMA, keep=keep).keep_months()


async def grown_old(audit: Audit, *, records: int, months: int = 1) -> None:
    """What was just written and sealed was so long ago; the chain is made anew over it."""
    for number in range(months):
        month = LONG_AGO.replace(month=1 + number)
        for table in ("audit_records", "audit_seals"):
            await audit.pool.execute(
                f"CREATE TABLE {table}_{month:%Y_%m} PARTITION OF {table}"
                f" FOR VALUES FROM ('{month.isoformat()}') TO ('{next_month(month).isoformat()}')"
            )
        await audit.append(records)
        await audit.tamper(
            f"UPDATE audit_records SET recorded_at = '{month.isoformat()}'"
            " WHERE recorded_at > now() - interval '1 hour'"
        )
        await audit.sealer().seal()
        # The sealer's time is the database's: it is set back with all that hangs on it.
        await _sealed_in(audit, month)


async def _sealed_in(audit: Audit, month: datetime) -> None:
    async with audit.seals.walking() as walking:
        walked = [seal async for seal, _ in walking.seals(after=0)]
    chain, statements = bytes(32), ["DELETE FROM audit_checkpoints"]
    for seal in walked:
        at = min(seal.sealed_at, next_month(month) - timedelta(days=1))
        made = replace(seal, sealed_at=at)
        chain = made.hash(chain)
        statements.append(
            f"UPDATE audit_seals SET sealed_at = '{at.isoformat()}', chain = '\\x{chain.hex()}'"
            f" WHERE position = {seal.position}"
        )
    await audit.tamper(*statements)


async def test_old_months_are_dropped_and_the_rest_verifies(audit: Audit) -> None:
    """The chain goes on behind a signed anchor; nothing is told as deleted."""
    await grown_old(audit, records=3, months=2)
    await audit.append(2)
    await audit.sealer().seal()
    assert (await audit.verify()).faults == []

    await retention(audit)

    found = await audit.verify()
    assert found.faults == []
    assert (found.summary.sealed, found.summary.position) == (2, 8)
    assert found.summary.dropped_before == datetime(2020, 3, 1, tzinfo=UTC)
    assert await audit.pool.fetchval("SELECT count(*) FROM audit_records") == 2


async def test_what_is_dropped_between_two_pieces_is_not_told_as_deleted(audit: Audit) -> None:
    """Who asks for the rest of a verification asks from a place that is not there any more."""
    await grown_old(audit, records=3, months=2)
    await audit.append(2)
    await audit.sealer().seal()
    found = Found()
    async with aclosing(audit.verification(told_every=2).verify()) as telling:
        async for told in telling:
            found.add(told)
            if isinstance(told, SoFar):
                break

    await retention(audit)
    async for told in audit.verification().verify(found.so_far[-1]):
        found.add(told)

    assert found.faults == []
    assert (found.summary.sealed, found.summary.position) == (4, 8)


async def test_it_is_dropped_once(audit: Audit) -> None:
    """Looking again finds nothing more to drop."""
    await grown_old(audit, records=1)
    await retention(audit)
    await retention(audit)

    assert await audit.pool.fetchval("SELECT count(*) FROM audit_checkpoints") == 1


async def test_a_forged_anchor_hides_nothing(audit: Audit) -> None:
    """Who deletes records and says that they were dropped cannot sign it."""
    await audit.append(3)
    await audit.sealer().seal()
    await audit.tamper(
        "DELETE FROM audit_records",
        "DELETE FROM audit_seals",
        "UPDATE audit_checkpoints SET dropped_before = now()",
    )

    kinds = {fault.kind for fault in (await audit.verify()).faults}
    assert FaultKind.CHECKPOINT_CHANGED in kinds


async def test_what_is_young_is_not_dropped(audit: Audit) -> None:
    """Not even by the function that may: the floor stands in the database."""
    await audit.append(1)
    await audit.sealer().seal()
    month = await audit.pool.fetchval("SELECT date_trunc('month', now())")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="kept"):
        await audit.pool.execute("SELECT audit_drop($1)", month)


async def test_what_is_not_sealed_is_not_dropped(audit: Audit) -> None:
    """A month whose records no seal has taken up stays."""
    await grown_old(audit, records=1)
    await audit.tamper("DELETE FROM audit_seals")

    with pytest.raises(asyncpg.RaiseError, match="not sealed"):
        await audit.pool.execute("SELECT audit_drop($1)", LONG_AGO)


async def test_no_month_goes_without_its_anchor(audit: Audit) -> None:
    """What the chain had come to is signed before anything is dropped."""
    await grown_old(audit, records=1)

    with pytest.raises(asyncpg.RaiseError, match="anchor"):
        await audit.pool.execute("SELECT audit_drop($1)", LONG_AGO)


async def test_there_is_room_for_a_year(audit: Audit) -> None:
    """Records of the months to come have their tables before they come."""
    await audit.seals.prepare()

    parts = await audit.pool.fetchval(
        "SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit_records'::regclass"
    )
    assert parts == 13
