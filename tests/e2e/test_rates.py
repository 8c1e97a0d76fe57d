"""How many calls campaign-api answers with everything on, next to a server that does nothing."""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.bench.inputs import SLEEPERS, write_people
from devstack.comparisons.without import serving_without
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.stack.certificates import CALLER
from devstack.stack.loopback import free_ports
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach_client.services.members import Server
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client
from servicekit.postgres import pool as postgres

from tests.e2e.test_rotation import Member
from tests.fakes.stubs import CampaignStubs, IdentityStubs

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAIRS = int(os.environ.get("RATES_PAIRS", "0"))
WITHOUT = tuple(filter(None, os.environ.get("RATES_WITHOUT", "").split(",")))
"""Parts that are left out in turn, to see what each costs: see `devstack.comparisons.without`."""
SECONDS = float(os.environ.get("RATES_SECONDS", "3"))
CALLERS = 64
CHANNELS = 4
LEADS = 50
"""On a page of ListLeads."""
LEAST_SHARE = 0.25
FIGURES = Path("build/rates.json")
ORGANIZATION = "org_rates"
WHOSE = (("x-organization-id", ORGANIZATION),)
"""Who calls is known by this where nobody asks for a token."""

Call = Callable[[int], Awaitable[Any]]


@pytest.mark.skipif(not PAIRS, reason="measured by make rates")
async def test_what_is_left_of_the_rate_of_nothing(tmp_path: Path) -> None:
    """With tokens, TLS, row security and the audit on, a read keeps a quarter of the bare rate.

    Rounds of nothing and of something alternate, so that what else the machine does meets both.
    What each takes of its server's processor is told beside it.
    """
    options = StackOptions(
        clock=Clock(datetime.now(UTC), 1.0),
        accounts=(SimulatedAccount(id="acc-1", name="Sender Number1"),),
    )
    async with Stack(options) as stack, AsyncExitStack() as exits:
        asked = await asked_of(stack, tmp_path)
        addresses = {"": stack.addresses.grpc("campaign-api")}
        for part in WITHOUT:
            addresses[part] = await exits.enter_async_context(serving_without(stack, part))
        by_part = {part: await asked.calls(exits, address) for part, address in addresses.items()}
        for part in WITHOUT:
            await LACKS[part](asked, addresses[part], by_part[part])
        # What is compared comes one after the other.
        calls = {
            f"{name} without {part}" if part else name: by_part[part][name]
            for name in by_part[""]
            for part in by_part
        }
        empty_pid, nothing = await exits.enter_async_context(empty(stack))
        served_by = stack.services["campaign-api"].process.pid
        shares: dict[str, list[float]] = {name: [] for name in calls}
        of_processor: dict[str, list[float]] = {name: [] for name in by_part[""]}
        processors: dict[str, list[float]] = {name: [] for name in ("nothing", *by_part[""])}
        rates: dict[str, list[float]] = {name: [] for name in ("nothing", *calls)}
        for call in (nothing, *calls.values()):
            await rate(call, seconds=1)
        for _ in range(PAIRS):
            for name, call in calls.items():
                floor, bare = await measured(nothing, empty_pid)
                told, taken = await measured(call, served_by)
                rates["nothing"].append(floor)
                rates[name].append(told)
                shares[name].append(told / floor)
                if name in of_processor:
                    of_processor[name].append(bare / taken)
                    processors["nothing"].append(bare * 1000)
                    processors[name].append(taken * 1000)

    figures = {
        "callers": CALLERS,
        "pairs": PAIRS,
        "calls_per_second": {name: spread(each) for name, each in rates.items()},
        "share_of_nothing": {name: spread(each) for name, each in shares.items()},
        "share_by_the_servers_processor": {
            name: spread(each) for name, each in of_processor.items()
        },
        "milliseconds_of_the_servers_processor": {
            name: spread(each) for name, each in processors.items()
        },
        "milliseconds_of_a_part": dict(costs(rates)),
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


async def measured(call: Call, pid: int) -> tuple[float, float]:
    """Calls a second, and seconds of its server's processor that each took."""
    before, begun_at = processor(pid), time.monotonic()
    rated = await rate(call)
    return rated, (processor(pid) - before) / (rated * (time.monotonic() - begun_at))


def processor(pid: int) -> float:
    """Seconds of processor that a process has used, all threads together."""
    told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Asked:
    """A small read, a page, and a change, each as a member with a key."""

    stack: Stack
    member: Member
    read: str
    started: Sequence[str]

    async def calls(self, exits: AsyncExitStack, address: str) -> dict[str, Call]:
        shown = self.stack.certificates.tls(CALLER)
        stubs = [
            CampaignStubs(
                await exits.enter_async_context(
                    grpc_client.channel(address, token=lambda: self.member.token, tls=shown)
                )
            )
            for _ in range(CHANNELS)
        ]
        get = campaign_service_pb2.GetCampaignRequest(campaign_id=self.read)
        page = lead_service_pb2.ListLeadsRequest(campaign_id=self.read, page_size=LEADS)
        return {
            "GetCampaign": lambda number: stubs[number % CHANNELS].campaigns.GetCampaign(
                get, metadata=WHOSE
            ),
            "ListLeads": lambda number: stubs[number % CHANNELS].leads.ListLeads(
                page, metadata=WHOSE
            ),
            "StartCampaign": lambda number: stubs[number % CHANNELS].campaigns.StartCampaign(
                campaign_service_pb2.StartCampaignRequest(campaign_id=self.started[number]),
                metadata=WHOSE,
            ),
        }


async def no_audit(asked: Asked, _: str, calls: dict[str, Call]) -> None:
    """A read of people's data leaves no record."""
    count = "SELECT count(*) FROM audit_records WHERE rpc LIKE '%/ListLeads'"
    async with postgres.connect_pool(asked.stack.postgres.url("postgres"), "campaign") as pool:
        before = await pool.fetchval(count)
        await calls["ListLeads"](0)
        assert await pool.fetchval(count) == before


async def no_rows(asked: Asked, _: str, calls: dict[str, Call]) -> None:
    """It asks by a role that no policy binds."""
    await calls["GetCampaign"](0)
    asking = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'campaign-api'"
    async with postgres.connect_pool(asked.stack.postgres.url("postgres"), "campaign") as pool:
        roles = await pool.fetch(asking)
    assert "postgres" in {row["usename"] for row in roles}


async def no_access(asked: Asked, address: str, _: dict[str, Call]) -> None:
    """Whoever asks is answered."""
    shown = asked.stack.certificates.tls(CALLER)
    async with grpc_client.channel(address, tls=shown) as channel:
        await CampaignStubs(channel).campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=asked.read), metadata=WHOSE
        )


LACKS = {"audit": no_audit, "row security": no_rows, "access": no_access}
"""That a part is really left out."""


def costs(rates: Mapping[str, list[float]]) -> Iterator[tuple[str, dict[str, float]]]:
    """What a part adds to a call, pair by pair: the machine does nothing else meanwhile."""
    for name, each in rates.items():
        whole, _, part = name.partition(" without ")
        if part:
            pairs = zip(rates[whole], each, strict=True)
            yield (
                f"{part} of {whole}",
                spread([1000 / with_it - 1000 / less for with_it, less in pairs]),
            )


async def asked_of(stack: Stack, directory: Path) -> Asked:
    """A campaign with leads, one for each caller to start, and who asks for them."""
    driver = Driver(stack, organization_id=ORGANIZATION)
    await driver.register_accounts(working_hours=ALWAYS)
    member = Member(
        IdentityStubs(stack.client.channel_to(Server.CAMPAIGN_API)), driver.organization_id
    )
    await member.join()
    flow = read_flow(SLEEPERS)
    read = (await driver.create_campaign(flow, name="read")).campaign.campaign_id
    await driver.import_leads(read, write_people(directory / "read.csv", "read", LEADS))
    started = []
    for number in range(CALLERS):
        name = f"started-{number}"
        started.append((await driver.create_campaign(flow, name=name)).campaign.campaign_id)
        await driver.import_leads(started[-1], write_people(directory / f"{name}.csv", name, 1))
    return Asked(stack, member, read, started)


@asynccontextmanager
async def empty(stack: Stack) -> AsyncIterator[tuple[int, Call]]:
    """The server that does nothing, with the certificate of the one that does something: its pid,
    and how it is asked.
    """
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
            yield process.pid, lambda number: stubs[number % CHANNELS].GetCampaign(request)
        finally:
            process.terminate()
            await process.wait()
