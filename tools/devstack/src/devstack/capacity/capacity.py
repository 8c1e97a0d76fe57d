"""`make capacity`: two campaigns to their ends, and what the second one took."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from outreach.campaign.v1 import campaign_pb2
from rich.console import Console
from servicekit.clock import Clock
from temporalio.client import Client

from devstack.bench.inputs import LINE, LINE_STEPS, write_people
from devstack.bench.measurements import machine, processor_seconds, resident_mebibytes
from devstack.capacity.billed_actions import BilledActions, billed_actions
from devstack.capacity.report import show
from devstack.capacity.table_sizes import TableSize, grown, table_sizes
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.stack.postgres import OWNERS
from devstack.stack.services import SERVICES
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions

_SPEED = 20_000.0
"""As the bench has it: people accept within a second of ours."""
_ACCOUNTS = tuple(
    SimulatedAccount(id=f"acc-capacity-{number}", name=f"Sender Number{number}")
    for number in range(40)
)
_SIMULATOR = (
    "--no-limits",
    *("--default-temperament", "accepts_quickly"),
    *("--knob", "new_relation_delay_hours=0"),
)
_SHARE_OF_FIRST = 4
"""The first campaign has a quarter of the leads: what every start needs is not a lead's."""


async def run_capacity(leads: int, output: Path, console: Console) -> int:
    """Measure, write `output`, and print tables as the pages have them."""
    before = machine()
    options = StackOptions(
        clock=Clock(datetime.now(UTC), _SPEED),
        accounts=_ACCOUNTS,
        open_caps=True,
        simulator_options=_SIMULATOR,
    )
    async with Stack(options) as stack:
        figures = await _Capacity(stack, console).run(leads)
    figures |= {"machine": before, "leads": leads, "steps_per_lead": LINE_STEPS}
    _write(output, figures)
    show(console, figures)
    console.print(f"\nWritten to {output}", style="dim")
    return 0


def _write(output: Path, figures: Mapping[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


class _Capacity:
    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._driver = Driver(stack, organization_id="org_capacity")

    async def run(self, leads: int) -> dict[str, Any]:
        driver, stack = self._driver, self._stack
        idle = {name: resident_mebibytes(self._pid(name)) for name in SERVICES}
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(read_flow(LINE))
        await self._campaign("first", max(1, leads // _SHARE_OF_FIRST))
        sizes, worked = await self._sizes(), self._worked()
        began = time.monotonic()
        campaign_id = await self._campaign("second", leads)
        took = time.monotonic() - began
        after = self._worked()
        tables = grown(sizes, await self._sizes())
        client = await stack.temporal.connect()
        return {
            "took_seconds": round(took, 1),
            "memory_mebibytes": {
                name: {"idle": round(idle[name], 1), "most": round(self._most(name), 1)}
                for name in SERVICES
            },
            "processor_milliseconds_per_lead": {
                name: round((after[name] - worked[name]) * 1000 / leads, 1) for name in after
            },
            "bytes_per_lead": {name: _per_lead(size, leads) for name, size in tables.items()},
            "actions": await self._actions(client, campaign_id, leads),
        }

    async def _campaign(self, name: str, count: int) -> str:
        """One campaign to its end."""
        began = time.monotonic()
        file = write_people(self._stack.directory / f"{name}.csv", name, count)
        created = await self._driver.create_campaign(
            read_flow(LINE),
            name=name,
            settings=campaign_pb2.CampaignSettings(
                max_concurrent_leads=count, lead_processing_delay=Duration()
            ),
        )
        campaign_id = created.campaign.campaign_id
        await self._driver.import_leads(campaign_id, file)
        await self._driver.start(campaign_id)
        async for status in self._driver.watch(campaign_id):
            if status.failed:
                raise RuntimeError(f"{status.failed} leads failed")
        self._console.print(
            f"  {name}: {count} leads in {time.monotonic() - began:.0f} s", style="dim"
        )
        return campaign_id

    async def _sizes(self) -> Mapping[str, TableSize]:
        url = self._stack.postgres.url("postgres")
        return await asyncio.to_thread(table_sizes, url, OWNERS)

    def _worked(self) -> dict[str, float]:
        return {name: processor_seconds(self._pid(name)) for name in self._stack.parts}

    def _pid(self, name: str) -> int:
        return self._stack.parts[name].process.pid

    def _most(self, name: str) -> float:
        """The most memory that a process has held at once, as the kernel remembers it."""
        status = Path(f"/proc/{self._pid(name)}/status").read_text(encoding="ascii")
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) / 1024

    async def _actions(self, client: Client, campaign_id: str, leads: int) -> dict[str, Any]:
        """Per lead: those of leads' own workflows, and those of the campaign's."""
        of_leads = BilledActions()
        for lead in await self._driver.leads(campaign_id):
            of_leads += await _billed(client, f"lead/{campaign_id}/{lead.lead.lead_id}")
        of_campaign = await _billed(client, f"campaign/{campaign_id}")
        return {
            "lead": {name: round(count / leads, 2) for name, count in asdict(of_leads).items()},
            "campaign": {
                name: round(count / leads, 2) for name, count in asdict(of_campaign).items()
            },
            "per_lead": round((of_leads + of_campaign).total / leads, 2),
        }


async def _billed(client: Client, workflow_id: str) -> BilledActions:
    handle = client.get_workflow_handle(workflow_id)
    return billed_actions([event async for event in handle.fetch_history_events()])


def _per_lead(size: TableSize, leads: int) -> dict[str, float]:
    return {
        "rows": round(size.rows / leads, 2),
        "data": round(size.data / leads),
        "indexes": round(size.indexes / leads),
    }
