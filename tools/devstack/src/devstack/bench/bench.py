"""`make bench`: the whole line next to the floor of the same Temporal server."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration
from outreach.campaign.v1 import campaign_pb2
from rich.console import Console
from servicekit.clock import Clock
from temporalio.client import Client

from devstack.bench.compile import measure_compiling
from devstack.bench.floor import READY_FILE, FloorInput, run_leads
from devstack.bench.inputs import LINE, LINE_STEPS, SLEEPERS, write_people
from devstack.bench.measurements import (
    History,
    Requests,
    machine,
    processor_seconds,
    read_history,
    read_requests,
    resident_mebibytes,
    spread,
)
from devstack.bench.pace import measure_pace
from devstack.bench.report import show_bench
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.stack.processes import Command, Process
from devstack.stack.services import common_environment
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions
from devstack.stack.virtual_time import sandbox_clock

_SPEED = 20_000.0
"""People accept within hours: less than a second. Faster, and the gateway's regular looks at
every account, some hours apart, would be most of what is measured."""
_LEADS = 40
_SLEEPING_LEADS = 400
_WARM_UP = 15
_RUNS = 3
_ACCOUNTS = tuple(
    SimulatedAccount(id=f"acc-bench-{number}", name=f"Sender Number{number}")
    for number in range(_LEADS)
)
"""One for each lead: an account has one action on the wire at a time, and who waits for it asks
again, so that what is measured is how often."""
_AS_DEPLOYED = {"LINKEDIN_GATEWAY_MESSAGE_POLL_INTERVAL": "5m"}
"""A stack looks for lost messages of every account each five seconds of real time, so that nobody
waits for it. Forty accounts are eight such looks a second, and as the machine gets slower more
of them for each lead: up to a third of what the gateway does."""
_SIMULATOR = (
    "--no-limits",
    *("--default-temperament", "accepts_quickly"),
    *("--knob", "new_relation_delay_hours=0"),
)


async def run_bench(output: Path, console: Console) -> int:
    """Measure, write `output`, and print the table."""
    before = machine()
    began = time.monotonic()
    options = StackOptions(
        clock=Clock(datetime.now(UTC), _SPEED),
        accounts=_ACCOUNTS,
        open_caps=True,
        simulator_options=_SIMULATOR,
        environment=_AS_DEPLOYED,
    )
    async with Stack(options) as stack:
        bench = _Bench(stack, console)
        figures = await bench.run()
        console.print("  the pace, next to other limiters", style="dim")
        figures["pace"] = await measure_pace(stack.directory, stack.reaper)
    figures["compiling"] = measure_compiling()
    figures |= {"machine": before, "took_seconds": round(time.monotonic() - began, 1)}
    _write(output, figures)
    show_bench(console, figures)
    console.print(f"\nWritten to {output}", style="dim")
    return 0


def _write(output: Path, figures: Mapping[str, Any]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


class _Bench:
    def __init__(self, stack: Stack, console: Console) -> None:
        self._stack = stack
        self._console = console
        self._driver = Driver(stack, organization_id="org_bench")
        self._client: Client
        self._worked: dict[str, float] = {}

    async def run(self) -> dict[str, Any]:
        self._client = await self._stack.temporal.connect()
        await self._driver.register_accounts(working_hours=ALWAYS)
        await self._driver.create_endpoints(read_flow(LINE))
        await self._line("warm-up", _WARM_UP)
        memory = await self._memory()
        campaign, first, requests = await self._line_with_requests("line-0", _LEADS)
        history = await self._history(campaign)
        line, floor = [first], []
        async with _FloorWorker(self._stack):
            shape = FloorInput(activities=history.activities, timers=history.timers)
            await run_leads(self._client, shape, name="warm-up", count=_WARM_UP)
            before = await read_requests(self._stack.temporal.metrics_url)
            floor.append(await self._floor(shape, "floor-0"))
            floor_requests = await self._requests_since(before, _LEADS)
            for number in range(1, _RUNS):
                line.append((await self._line(f"line-{number}", _LEADS))[1])
                floor.append(await self._floor(shape, f"floor-{number}"))
            floor_history = await read_history(self._client, "floor/floor-0/0")
        return {
            "leads_per_second": {"line": spread(line), "floor": spread(floor)},
            "line_share_of_floor": spread(
                [whole / empty for whole, empty in zip(line, floor, strict=True)]
            ),
            "history_of_a_lead": asdict(history),
            "history_of_a_floor_lead": asdict(floor_history),
            "processor_milliseconds_per_lead": self._worked,
            "requests_per_lead": requests,
            "requests_per_floor_lead": floor_requests,
            "mebibytes_per_1000_open_leads": memory,
            "leads_per_run": _LEADS,
            "steps_per_lead": LINE_STEPS,
        }

    async def _line(self, name: str, count: int) -> tuple[str, float]:
        """One campaign to its end; its id, and how many leads it brought through in a second."""
        campaign_id = await self._prepare(LINE, name, count)
        began = time.monotonic()
        await self._driver.start(campaign_id)
        async for status in self._driver.watch(campaign_id):
            if status.failed:
                raise RuntimeError(f"{status.failed} leads of the bench failed")
        rate = count / (time.monotonic() - began)
        self._console.print(f"  {name}: {count} leads, {rate:.1f}/s", style="dim")
        return campaign_id, rate

    async def _line_with_requests(
        self, name: str, count: int
    ) -> tuple[str, float, dict[str, float]]:
        before = await read_requests(self._stack.temporal.metrics_url)
        worked = self._processor_seconds()
        campaign_id, rate = await self._line(name, count)
        self._worked = {
            part: round((seconds - worked[part]) * 1000 / count, 1)
            for part, seconds in self._processor_seconds().items()
        }
        return campaign_id, rate, await self._requests_since(before, count)

    def _processor_seconds(self) -> dict[str, float]:
        return {
            name: processor_seconds(part.process.pid) for name, part in self._stack.parts.items()
        }

    async def _requests_since(self, before: Requests, leads: int) -> dict[str, float]:
        made = await read_requests(self._stack.temporal.metrics_url) - before
        return {name: round(count / leads, 1) for name, count in asdict(made).items()}

    async def _floor(self, shape: FloorInput, name: str) -> float:
        began = time.monotonic()
        await run_leads(self._client, shape, name=name, count=_LEADS)
        rate = _LEADS / (time.monotonic() - began)
        self._console.print(f"  {name}: {_LEADS} leads, {rate:.1f}/s", style="dim")
        return rate

    async def _memory(self) -> dict[str, float]:
        """What processes grow by while leads sleep, for a thousand of them."""
        processes = {
            "outreach-worker": self._stack.services["outreach-worker"].process.pid,
            "temporal": self._stack.temporal.process.pid,
        }
        before = {name: resident_mebibytes(pid) for name, pid in processes.items()}
        campaign_id = await self._prepare(SLEEPERS, "sleepers", _SLEEPING_LEADS)
        await self._driver.start(campaign_id)
        async for status in self._driver.watch(campaign_id):
            if status.steps[0].done == _SLEEPING_LEADS:
                break
        grown = {
            name: round((resident_mebibytes(pid) - before[name]) * 1000 / _SLEEPING_LEADS, 1)
            for name, pid in processes.items()
        }
        await self._driver.stop(campaign_id)
        async for _ in self._driver.watch(campaign_id):
            pass
        return grown

    async def _prepare(self, drawing: str, name: str, count: int) -> str:
        file = write_people(self._stack.directory / f"{name}.csv", name, count)
        created = await self._driver.create_campaign(
            read_flow(drawing),
            name=name,
            settings=campaign_pb2.CampaignSettings(
                max_concurrent_leads=count, lead_processing_delay=Duration()
            ),
        )
        await self._driver.import_leads(created.campaign.campaign_id, file)
        return created.campaign.campaign_id

    async def _history(self, campaign_id: str) -> History:
        lead = (await self._driver.leads(campaign_id))[0].lead
        return await read_history(self._client, f"lead/{campaign_id}/{lead.lead_id}")


class _FloorWorker:
    """The floor's worker in a process of its own, while the block runs."""

    def __init__(self, stack: Stack) -> None:
        self._ready = stack.directory / "floor-ready"
        environment = common_environment(sandbox_clock(stack.clock))
        environment |= {
            "TEMPORAL_ADDRESS": stack.addresses.temporal,
            READY_FILE: str(self._ready),
        }
        self._process = Process(
            Command(
                name="bench-floor",
                arguments=(sys.executable, "-m", "devstack.bench.floor"),
                environment=environment,
                log=stack.logs / "bench-floor.log",
            ),
            stack.reaper,
        )

    async def __aenter__(self) -> None:
        await self._process.start()

        async def ready() -> bool:
            return self._ready.exists()

        await self._process.until_ready(ready, within=timedelta(seconds=30))

    async def __aexit__(self, *_: object) -> None:
        await self._process.stop()
