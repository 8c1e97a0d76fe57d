"""What is asked often finds its rows by an index, however many there are."""

import re
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import pairwise

import pytest
from linkedin_gateway.controls import rejoining_repository
from linkedin_gateway.ledger import queue_repository
from linkedin_gateway.ledger.queue_sql import COUNTED, COUNTED_ELSEWHERE, QUEUE
from linkedin_gateway.ledger.snapshot_sql import ARCHIVED, INVITED, LOAD
from linkedin_gateway.ledger.transition_sql import (
    CANCEL,
    CLAIM_LOST,
    DEFER,
    FAIL_QUEUED,
    FINISH,
    FINISH_CLAIMING,
    NOTE_EARLIER,
    ON_THE_WIRE,
    QUEUED,
    READ,
    USED_POSTS,
    WRITE,
    listing,
)
from linkedin_gateway.ledger.twin_sql import TWINS
from linkedin_gateway.models import ActionState
from linkedin_gateway.storage.locks import locked
from servicekit.postgres import pool as postgres
from servicekit.postgres.codecs import Connection
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import NOW

# Ten accounts of two organizations; a tenth of the rows waits, a thousandth has lost its answer.
SEED = """
INSERT INTO actions (action_id, organization_id, account_id, campaign_id, lead_id, identifier,
       person_id, kind, state, priority, virtual_finish, created_at, turn_at, sent_at, finished_at)
SELECT 'act/' || n, 'org_' || n % 2, 'acct_' || n % 10, 'camp_' || n % 30, 'lead_' || n / 3, '',
       'per_' || n / 3, (ARRAY['visit', 'invitation', 'message'])[n % 3 + 1], state, 2, n, at, at,
       CASE WHEN state <> 'queued' THEN at END, CASE state WHEN 'done' THEN at END
  FROM generate_series(1, 20000) n
 CROSS JOIN LATERAL (
       SELECT CASE WHEN n % 10 = 3 THEN 'queued' WHEN n % 1000 = 7 THEN 'unknown'
                   ELSE 'done' END AS state,
              $1::timestamptz - n * interval '1 minute' AS at
       ) made
"""
PUT_ACCOUNTS = """
INSERT INTO accounts (account_id, organization_id, unipile_account_id, tier, state, state_at,
       working_hours, caps, created_at)
SELECT 'acct_' || n, 'org_' || n % 2, 'acct_' || n, 'premium', 'connected', $1, '', '', $1
  FROM generate_series(0, 9) n
"""
PUT_SUPPRESSIONS = """
INSERT INTO suppressions (suppression_id, organization_id, subject, key, hashed, label, reason,
       created_at)
SELECT 'sup_' || n, 'org_0', 'person', 'key_' || n, 'hash_' || n, '', '', $1
  FROM generate_series(1, 5000) n
"""
DECIDES = {
    "LOAD": LOAD.sql,
    "INVITED": INVITED.sql,
    "QUEUE": QUEUE.sql,
    "COUNTED": COUNTED.sql,
    "COUNTED_ELSEWHERE": COUNTED_ELSEWHERE.sql,
    "WRITE": WRITE.sql,
}
ASKS = {
    "FINISH": FINISH.sql,
    "FINISH_CLAIMING": FINISH_CLAIMING.sql,
    "TWINS": TWINS.sql,
    "READ": READ,
    "CLAIM_LOST": CLAIM_LOST.sql,
    "ON_THE_WIRE": ON_THE_WIRE.sql,
    "USED_POSTS": USED_POSTS,
    "QUEUED": QUEUED,
    "HELD": rejoining_repository.HELD,
    "HELD_BY_CAMPAIGN": rejoining_repository.HELD_BY_CAMPAIGN,
    "ACCOUNTS": rejoining_repository.ACCOUNTS,
    "BEGIN": rejoining_repository.BEGIN,
    "MOVE": rejoining_repository.MOVE,
    "the queue shown": queue_repository.QUEUE,
    "the queue counted": queue_repository.COUNTED,
    "the queue planned": queue_repository.PLANNED,
} | {
    f"a list of {state.value}": listing(frozenset(), state, after=True, limited=False).sql
    for state in ActionState
}


KEYED = {name: {**DECIDES, **ASKS}[name] for name in ("LOAD", "FINISH", "READ")} | {
    "ARCHIVED": ARCHIVED,
    "CANCEL": CANCEL,
    "DEFER": DEFER,
    "FAIL_QUEUED": FAIL_QUEUED.sql,
    "NOTE_EARLIER": NOTE_EARLIER,
}


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    """A ledger with a past, as the planner knows it."""
    async with postgres.connect_pool(gateway_url, "gateway", max_size=1) as opened:
        for statement in (PUT_ACCOUNTS, SEED, PUT_SUPPRESSIONS):
            await opened.execute(statement, NOW)
        await opened.execute("VACUUM ANALYZE actions, accounts, suppressions")
        yield opened


async def plan_of(connection: Connection, sql: str) -> str:
    """The plan that serves any values: the one that a connection keeps."""
    parameters = max((number for number in range(60) if f"${number}" in sql), default=0)
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    await connection.execute(f"PREPARE planned AS {sql}")
    given = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
    rows = await connection.fetch(f"EXPLAIN (COSTS OFF) EXECUTE planned {given}")
    await connection.execute("DEALLOCATE planned")
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("name", DECIDES)
async def test_decisions_only_probe(pool: Pool, name: str) -> None:
    """Nothing that a decision reads is read whole, also by a plan made while tables were empty."""
    async with pool.acquire() as connection, locked(connection, ()):
        grown = await plan_of(connection, DECIDES[name])
    await pool.execute("TRUNCATE actions, suppressions")
    await pool.execute("ANALYZE actions, suppressions")
    async with pool.acquire() as connection, locked(connection, ()):
        empty = await plan_of(connection, DECIDES[name])

    assert "Seq Scan" not in grown
    assert "Seq Scan" not in empty


@pytest.mark.parametrize("name", ASKS)
async def test_what_is_asked_often_reads_no_whole_ledger(pool: Pool, name: str) -> None:
    """Beside decisions too the ledger is read by an index."""
    async with pool.acquire() as connection, connection.transaction():
        plan = await plan_of(connection, ASKS[name])

    assert "Seq Scan on actions" not in plan


async def test_an_action_is_found_by_its_whole_key(pool: Pool) -> None:
    """Its organization and its id are both looked up, never one and the other compared."""
    await pool.execute("SELECT open_archive_month($1)", datetime(2026, 2, 1))  # noqa: DTZ001 - as stored
    async with pool.acquire() as connection, locked(connection, ()):
        plans = [await plan_of(connection, sql) for sql in KEYED.values()]

    conditions = [
        following
        for plan in plans
        for line, following in pairwise(plan.splitlines())
        if "using actions_pkey" in line or "using archived_actions" in line
    ]
    assert len(conditions) >= len(plans)
    for condition in conditions:
        assert re.search("Index Cond: .*organization_id = .*action_id = ", condition), condition


@pytest.mark.parametrize("table", ["grown", "empty"])
async def test_suppressions_are_probed_by_key(pool: Pool, table: str) -> None:
    """However many suppressions an organization has, a decision looks for its person's alone.

    A plan that a connection had made while there were none read all of them for each decision.
    """
    if table == "empty":
        await pool.execute("TRUNCATE suppressions")
        await pool.execute("ANALYZE suppressions")
    async with pool.acquire() as connection, locked(connection, ()):
        lines = (await plan_of(connection, LOAD.sql)).splitlines()

    scans = [number for number, line in enumerate(lines) if "on suppressions" in line]
    probed = [lines[number] + lines[number + 1] for number in scans]
    assert sum("(key = " in each for each in probed) == 1, probed
    assert sum("using suppressions_hashed " in each for each in probed) == 1, probed
    assert sum("using suppressions_person " in each for each in probed) == len(scans) - 2, probed
    assert len(scans) > 2, probed


async def test_the_due_are_looked_up_by_their_turn(pool: Pool) -> None:
    """However many wait on an account, those whose turn has come are found by an index on it.

    A time that is computed where it is compared once made all of them be read.
    """
    async with pool.acquire() as connection, locked(connection, ()):
        plan = await plan_of(connection, LOAD.sql)

    lines = plan.splitlines()
    at = next(
        number for number, line in enumerate(lines) if "using actions_due on actions d" in line
    )
    assert "turn_at >" in lines[at + 1]


async def test_rare_states_are_listed_by_their_own_index(pool: Pool) -> None:
    """A page of what has lost its answer reads that page, not all that is newer."""
    async with pool.acquire() as connection, connection.transaction():
        plan = await plan_of(
            connection, listing(frozenset(), ActionState.UNKNOWN, after=True, limited=False).sql
        )

    assert "using actions_listed_by_state" in plan


ENDS = {
    "HELD": ["camp_3", "org_1", "campaign", 250],
    "HELD_BY_CAMPAIGN": ["camp_3", "org_1", 250],
    "ACCOUNTS": ["camp_3"],
    "BEGIN": ["camp_3", "org_1"],
    "MOVE": ["camp_3", "org_1", 100, 100],
}
FOUND_BY = re.compile(r"using actions_(flows|waiting|served|pkey) on actions")


@pytest.mark.parametrize("name", ENDS)
async def test_the_end_of_a_hold_only_probes(pool: Pool, name: str) -> None:
    """What a campaign has done is not read, and no queue is sorted.

    Of a thousand accounts and ten thousand that waited that took seconds, and then 200 ms.
    """
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(rejoining_repository.PLANNED)
        rows = await connection.fetch(f"EXPLAIN (COSTS OFF) {ASKS[name]}", *ENDS[name])

    lines = [row[0] for row in rows]
    scans = [number for number, line in enumerate(lines) if re.search("Scan.* on actions", line)]
    assert scans
    for number in scans:
        assert FOUND_BY.search(lines[number]), "\n".join(lines)
        assert "Sort" not in lines[number - 1]
        if "actions_flows" in lines[number]:
            assert "campaign_id = " in lines[number + 1]
