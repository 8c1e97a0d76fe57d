"""How many calls campaign-api answers with everything on, next to a server that does nothing."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.bench.inputs import SLEEPERS, write_people
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.stack.certificates import CALLER
from devstack.stack.loopback import free_ports
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client

from tests.e2e.test_rotation import Member
from tests.fakes.stubs import CampaignStubs, IdentityStubs

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAIRS = int(os.environ.get("RATES_PAIRS", "0"))
SECONDS = 3.0
CALLERS = 64
CHANNELS = 4
LEADS = 50
"""On a page of ListLeads."""
LEAST_SHARE = 0.25
FIGURES = Path("build/rates.json")

Call = Callable[[int], Awaitable[Any]]


@pytest.mark.skipif(not PAIRS, reason="measured by make rates")
async def test_what_is_left_of_the_rate_of_nothing(tmp_path: Path) -> None:
    """With tokens, TLS, row security and the audit on, a read keeps a quarter of the bare rate.

    Rounds of nothing and of something alternate, so that what else the machine does meets both.
    """
    options = StackOptions(
        clock=Clock(datetime.now(UTC), 1.0),
        accounts=(SimulatedAccount(id="acc-1", name="Sender Number1"),),
    )
    async with Stack(options) as stack, AsyncExitStack() as exits:
        calls = await calls_of(stack, exits, tmp_path)
        nothing = await exits.enter_async_context(empty(stack))
        shares: dict[str, list[float]] = {name: [] for name in calls}
        rates: dict[str, list[float]] = {name: [] for name in ("nothing", *calls)}
        for call in (nothing, *calls.values()):
            await rate(call, seconds=1)
        for _ in range(PAIRS):
            for name, call in calls.items():
                floor, told = await rate(nothing), await rate(call)
                rates["nothing"].append(floor)
                rates[name].append(told)
                shares[name].append(told / floor)

    figures = {
        "callers": CALLERS,
        "pairs": PAIRS,
        "calls_per_second": {name: spread(each) for name, each in rates.items()},
        "share_of_nothing": {name: spread(each) for name, each in shares.items()},
    }
    write_down(figures)
    assert statistics.median(shares["GetCampaign"]) >= LEAST_SHARE


def write_down(figures: dict[str, Any]) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures) + "\n")


def spread(values: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 3), "from": round(low, 3), "to": round(high, 3)}


async def rate(call: Call, seconds: float = SECONDS) -> float:
    """Calls that are answered in a second; one that fails fails the round."""
    done, ends_at = 0, time.monotonic() + seconds

    async def one_after_the_other(number: int) -> None:
        nonlocal done
        while time.monotonic() < ends_at:
            await call(number)
            done += 1

    begun_at = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(CALLERS):
            group.create_task(one_after_the_other(number))
    return done / (time.monotonic() - begun_at)


async def calls_of(stack: Stack, exits: AsyncExitStack, directory: Path) -> dict[str, Call]:
    """A small read, a page, and a change, each as a member with a key."""
    driver = Driver(stack, organization_id="org_rates")
    await driver.register_accounts(working_hours=ALWAYS)
    member = Member(IdentityStubs(stack.callers.campaign_api), driver.organization_id)
    await member.join()
    flow = read_flow(SLEEPERS)
    read = (await driver.create_campaign(flow, name="read")).campaign.campaign_id
    await driver.import_leads(read, write_people(directory / "read.csv", "read", LEADS))
    started = []
    for number in range(CALLERS):
        name = f"started-{number}"
        started.append((await driver.create_campaign(flow, name=name)).campaign.campaign_id)
        await driver.import_leads(started[-1], write_people(directory / f"{name}.csv", name, 1))
    shown = stack.certificates.tls(CALLER)
    address = stack.addresses.grpc("campaign-api")
    stubs = [
        CampaignStubs(
            await exits.enter_async_context(
                grpc_client.channel(address, token=lambda: member.token, tls=shown)
            )
        )
        for _ in range(CHANNELS)
    ]
    get = campaign_service_pb2.GetCampaignRequest(campaign_id=read)
    page = lead_service_pb2.ListLeadsRequest(campaign_id=read, page_size=LEADS)
    return {
        "GetCampaign": lambda number: stubs[number % CHANNELS].campaigns.GetCampaign(get),
        "ListLeads": lambda number: stubs[number % CHANNELS].leads.ListLeads(page),
        "StartCampaign": lambda number: stubs[number % CHANNELS].campaigns.StartCampaign(
            campaign_service_pb2.StartCampaignRequest(campaign_id=started[number])
        ),
    }


@asynccontextmanager
async def empty(stack: Stack) -> AsyncIterator[Call]:
    """The server that does nothing, with the certificate of the one that does something."""
    (port,) = free_ports(1)
    files = stack.certificates.settings("campaign-api")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.empty_server", str(port)),
        *(str(files[f"tls_{name}_file"]) for name in ("certificate", "key", "authorities")),
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    shown = stack.certificates.tls(CALLER)
    request = campaign_service_pb2.GetCampaignRequest(campaign_id="camp_nothing")
    async with AsyncExitStack() as exits:
        channels: list[grpc.aio.Channel] = [
            await exits.enter_async_context(grpc_client.channel(f"127.0.0.1:{port}", tls=shown))
            for _ in range(CHANNELS)
        ]
        stubs = [CampaignServiceStub(channel) for channel in channels]
        try:
            await stubs[0].GetCampaign(request, wait_for_ready=True, timeout=30)
            yield lambda number: stubs[number % CHANNELS].GetCampaign(request)
        finally:
            process.terminate()
            await process.wait()
