"""An import of a hundred thousand people, next to a COPY of the rows that come of it.

`python -m devstack.comparisons.imports` writes build/imports.json; `make bench` runs it too, and
`IMPORTS_ROWS` is how many people there are. What the list says is parsed and checked once more
here, so that it is told apart, and these very rows are copied, all in one statement:

- `copy_seconds`: into a table with the columns, indexes, constraints, foreign key and trigger of
  `leads`. That is what the database has to do whoever asks for it, and what `share_of_copy` goes
  by. It is no import: COPY may not write into a table that keeps organizations apart, and it fails
  for the first person who is there already.
- `bare_copy_seconds`: into the same columns and nothing else; no more than how fast rows travel.

Both are told as the fastest of some. The process is measured as in a cluster, where another one
migrates: `most_mebibytes` is all that campaign-api holds, of which `mebibytes_before` were there
before the list came.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
from campaigns.leads.lead_list import LeadListReader
from campaigns.models import Person
from campaigns.repositories.imports.new_lead_repository import STAGED, NewLead, NewLeads
from campaigns.texts.lead_check import nobody_held_back
from google.protobuf.duration_pb2 import Duration
from outreach.campaign.v1 import campaign_pb2, operation_pb2
from outreach.campaign.v1 import import_service_pb2 as pb
from servicekit.clock import Clock
from servicekit.postgres.codecs import register_codecs
from servicekit.sealing.composition import seal_of
from servicekit.settings import SealingSettings

from devstack.bench.inputs import LINE, write_people
from devstack.bench.measurements import peak_mebibytes
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions

ROWS = 100_000
_PIECE = 256 * 1024
_COPIES = 3
_COLUMNS = ("organization_id", "campaign_id", "created_at", *STAGED[2:])
_BARE = f"CREATE TABLE bench_leads AS SELECT {', '.join(_COLUMNS)} FROM leads LIMIT 0"  # noqa: S608  columns of ours
_AS_LEADS = """
CREATE TABLE bench_leads (LIKE leads INCLUDING ALL);
ALTER TABLE bench_leads ADD FOREIGN KEY (organization_id, campaign_id)
                            REFERENCES campaigns (organization_id, id);
CREATE TRIGGER leads_added AFTER INSERT ON bench_leads REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION notify_campaigns_changed();
"""


async def measure_imports(stack: Stack, driver: Driver, *, rows: int = ROWS) -> dict[str, Any]:
    """How long a list takes once it is there, and the most that campaign-api held meanwhile."""
    file = write_people(stack.directory / "imported.csv", "imported", rows)
    campaign = await driver.create_campaign(
        read_flow(LINE),
        name="imports",
        settings=campaign_pb2.CampaignSettings(lead_processing_delay=Duration()),
    )
    campaign_id = campaign.campaign.campaign_id
    pid = stack.services["campaign-api"].process.pid
    before = peak_mebibytes(pid, begin=True)
    content = file.read_bytes()
    uploaded, read = await _import(stack, campaign_id, content, rows)
    peak = peak_mebibytes(pid)
    parsed, leads = await _parsed(content)
    organization_id = campaign.campaign.organization_id
    rows_to_copy = [(organization_id, campaign_id, datetime.now(UTC), *lead[2:]) for lead in leads]
    copied, bare = [await _copy(stack, table, rows_to_copy) for table in (_AS_LEADS, _BARE)]
    return {
        "rows": rows,
        "upload_seconds": round(uploaded, 2),
        "import_seconds": round(read, 2),
        "parse_seconds": round(parsed, 2),
        "copy_seconds": round(copied, 2),
        "bare_copy_seconds": round(bare, 2),
        "share_of_copy": round(copied / read, 3),
        "share_of_bare_copy": round(bare / read, 3),
        "share_of_parse_and_copy": round((parsed + copied) / read, 3),
        "mebibytes_before": round(before),
        "most_mebibytes": round(peak),
    }


async def _import(stack: Stack, campaign_id: str, content: bytes, rows: int) -> tuple[float, float]:
    """How long the upload took, and how long the reading of what it brought."""
    imports = stack.client.imports
    created = await imports.create(
        pb.CreateImportRequest(request_id="bench", campaign_id=campaign_id)
    )
    operation_id = created.operation.operation_id

    async def messages() -> AsyncIterator[pb.UploadImportRequest]:
        header = pb.UploadImportHeader(campaign_id=campaign_id, operation_id=operation_id)
        yield pb.UploadImportRequest(header=header)
        for at in range(0, len(content), _PIECE):
            yield pb.UploadImportRequest(content=content[at : at + _PIECE])
        end = pb.UploadImportEnd(
            content_bytes=len(content), content_hash=hashlib.sha256(content).hexdigest()
        )
        yield pb.UploadImportRequest(end=end)

    began = time.perf_counter()
    operation = (await imports.upload(messages())).operation
    uploaded = time.perf_counter()
    while not operation.done:
        asked = pb.WaitOperationRequest(campaign_id=campaign_id, operation_id=operation_id)
        asked.within.FromSeconds(5)
        operation = (await imports.wait_operation(asked)).operation
    read = time.perf_counter()
    succeeded = operation.state == operation_pb2.OPERATION_STATE_SUCCEEDED
    if not succeeded or operation.lead_import.imported != rows:
        raise RuntimeError(f"the import of the bench failed: {operation}")
    return uploaded - began, read - uploaded


async def _parsed(content: bytes) -> tuple[float, Sequence[NewLead]]:
    """How long parsing takes by itself, and the rows that come of it."""
    began = time.perf_counter()
    reader = LeadListReader({})
    told = [*reader.feed(content), *reader.close()]
    people = [each for each in told if isinstance(each, Person)]
    parsed = time.perf_counter() - began
    return parsed, await NewLeads(
        _Keys(), seal_of(SealingSettings.model_validate({}), sandbox=True)
    ).checked("org_bench", people, nobody_held_back)


class _Keys:
    """Data keys that nobody keeps: rows are sealed as they are kept, and no database is asked."""

    async def fetch(self, _: str, *given: Any) -> Sequence[Any]:
        made = given[1:]
        return [{"subject": subject} for subject in made[1]] if len(made) > 1 else []

    async def execute(self, _: str, *given: Any) -> str:
        raise AssertionError(given)


async def _copy(stack: Stack, table: str, rows: Sequence[tuple[Any, ...]]) -> float:
    """The least seconds in which the rows are copied into a new table."""
    connection = await asyncpg.connect(
        stack.postgres.url("campaign"), server_settings={"search_path": "campaign"}
    )
    took = []
    try:
        await register_codecs(connection)
        for _ in range(_COPIES):
            await connection.execute(table)
            began = time.perf_counter()
            await connection.copy_records_to_table("bench_leads", records=rows, columns=_COLUMNS)
            took.append(time.perf_counter() - began)
            await connection.execute("DROP TABLE bench_leads")
    finally:
        await connection.close()
    return min(took)


async def _have_another_migrate(stack: Stack) -> None:
    """Start campaign-api as it starts in a cluster, without what migrates."""
    process = stack.services["campaign-api"].process
    environment = {**process.command.environment, "CAMPAIGN_API_MIGRATE_ON_START": "false"}
    process.command = replace(process.command, environment=environment)
    await stack.restart("campaign-api")


async def _measured() -> dict[str, Any]:
    sender = SimulatedAccount(id="acc-bench-0", name="Sender Number0")
    options = StackOptions(clock=Clock(datetime.now(UTC), 20_000.0), accounts=(sender,))
    async with Stack(options) as stack:
        await _have_another_migrate(stack)
        driver = Driver(stack, organization_id="org_bench")
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(read_flow(LINE))
        return {
            "load": os.getloadavg()[0],
            **await measure_imports(stack, driver, rows=int(os.environ.get("IMPORTS_ROWS", ROWS))),
        }


def main() -> None:
    """Measure, and write it down."""
    told = json.dumps(asyncio.run(_measured()), indent=2)
    written = Path("build/imports.json")
    written.parent.mkdir(exist_ok=True)
    written.write_text(f"{told}\n", encoding="utf-8")
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
