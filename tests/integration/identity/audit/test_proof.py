"""Many write at once, and writers and sealers are killed: every change has its one record.

`make audit` has 64 writers and a minute; the suite has fewer, and seconds.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from devstack.stack.keys import Keys
from identity.audit.proofs import Proofs
from identity.audit.record_repository import RecordRepository
from identity.audit.seal_repository import SealRepository
from servicekit.postgres import pool as postgres

from tests.integration.identity.audit.conftest import SCHEMA, TRACKED, Audit
from tests.integration.identity.audit.process import identity_of

WRITERS = int(os.environ.get("AUDIT_WRITERS", "8"))
SECONDS = float(os.environ.get("AUDIT_SECONDS", "1.5"))
ROOT = Path(__file__).parents[4]
FIGURES = ROOT / "build" / "audit.json"

Process = asyncio.subprocess.Process


async def start(does: str, url: str, keys: Keys) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.identity.audit.process",
        does,
        url,
        str(keys.directory),
        str(WRITERS),
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )


async def kill(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    await process.wait()


@pytest.mark.lasts(seconds=10)
async def test_every_change_has_its_one_record(
    new_database: Callable[..., str], keys: Keys
) -> None:
    """Whoever is killed, whenever: what was committed is recorded, sealed and verifies."""
    url = new_database((SCHEMA, "webhook_dispatcher"))
    proofs = Proofs(identity_of(keys.directory))
    async with postgres.connect_pool(url, SCHEMA, max_size=4) as pool:
        await pool.execute("CREATE TABLE written (id text PRIMARY KEY)")
        audit = Audit(
            url=url,
            identity=identity_of(keys.directory),
            pool=pool,
            seals=SealRepository(pool),
            records=RecordRepository(pool, proofs, TRACKED, schema=SCHEMA),
            proofs=proofs,
        )
        running = {does: await start(does, url, keys) for does in ("write", "seal")}
        try:
            while not await pool.fetchval("SELECT count(*) FROM audit_seals"):  # noqa: ASYNC110 - rows say nothing
                await asyncio.sleep(0.05)
            kills = 0
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                await asyncio.sleep(random.uniform(0.3, max(1.0, SECONDS / 15)))
                victim = random.choice([*running])
                await kill(running[victim])
                kills += 1
                running[victim] = await start(victim, url, keys)
        finally:
            for process in running.values():
                await kill(process)
        await _ended(pool)
        await audit.sealer().seal()

        found = await audit.verify()
        assert found.faults == []
        assert found.summary.tail == 0
        written = [row["id"] for row in await pool.fetch("SELECT id FROM written ORDER BY id")]
        recorded = [
            row["resource"]
            for row in await pool.fetch("SELECT resource FROM audit_records ORDER BY resource")
        ]
        assert len(written) > WRITERS
        assert recorded == written
        assert found.summary.sealed == len(written)
        assert found.summary.signed_position > 0
    if "AUDIT_WRITERS" in os.environ:
        figures = {"writers": WRITERS, "seconds": SECONDS, "kills": kills, "records": len(written)}
        FIGURES.parent.mkdir(exist_ok=True)
        FIGURES.write_text(json.dumps(figures) + "\n")


async def _ended(pool: postgres.Pool) -> None:
    """What the killed ones had begun is undone, once the database has noticed."""
    async with asyncio.timeout(30):
        while await pool.fetchval(  # noqa: ASYNC110 - it is the database that notices
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND state <> 'idle'"
        ):
            await asyncio.sleep(0.05)
