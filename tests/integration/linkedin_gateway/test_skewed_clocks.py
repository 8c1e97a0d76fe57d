"""Three gateways with wrong clocks on one database, judged by the provider's clock."""

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from devstack.bench.exactness import over_limit, performed_by_journal, too_close
from devstack.stack.loopback import free_ports, loopback_client
from linkedin_gateway.pace.snapshot import GapRange
from outreach.linkedin.v1 import (
    account_service_pb2,
    account_service_pb2_grpc,
    action_service_pb2,
    action_service_pb2_grpc,
    hold_pb2,
    hold_service_pb2,
    hold_service_pb2_grpc,
    person_pb2,
)
from servicekit.clock import Clock
from servicekit.errors import FailedPrecondition, NotYet, Unavailable
from servicekit.grpc import client as grpc_client

from tests.integration.linkedin_gateway.conftest import ALWAYS, ORGANIZATION, SCHEMA
from tests.integration.linkedin_gateway.test_main import Service

ROOT = Path(__file__).parents[3]
SPEED = 600.0
SKEWS = (-600.0, -0.5, 0.01, 600.0)
"""Seconds, of each gateway's clock: far beside each other, and nearly alike."""
LONGEST = 150.0
"""Seconds: what lasts eight on a free machine, while other suites run."""
ENOUGH = 45
"""Writes, after which more than an hour has passed."""
AT_ONCE = 5
"""Callers for each kind, each with one action after the other."""
SHORTEST_GAP = GapRange(shortest=timedelta(seconds=45), longest=timedelta(seconds=45))
CAPS = {"visit": 15, "reaction": 10, "invite": 5}
"""Per hour, for an account of this plan."""
KINDS = {"visit": "visit_profile", "reaction": "react_to_post", "invite": "send_invitation"}
ACCOUNT = "acc-skewed"


@dataclass(kw_only=True)
class Machine:
    """One gateway, and the ways to ask it."""

    actions: action_service_pb2_grpc.ActionServiceStub
    holds: hold_service_pb2_grpc.HoldServiceStub
    accounts: account_service_pb2_grpc.AccountServiceStub
    performed: int = 0


@dataclass(kw_only=True)
class Machines:
    """All gateways, and the provider that judges them."""

    gateways: Sequence[Machine]
    provider: httpx.AsyncClient
    clock: Clock
    account_id: str = ""
    dice: random.Random = field(default_factory=lambda: random.Random(9))

    async def writes(self) -> list[dict[str, Any]]:
        """What became of the world, in the order of the provider's clock."""
        answer = await self.provider.get("/_simulator/journal")
        found = [
            {**item, "at": datetime.fromisoformat(item["received_at"])}
            for item in answer.json()["items"]
            if item["kind"] in CAPS and item["direction"] == "in" and item["changed"]
        ]
        return sorted(found, key=lambda item: item["at"])

    async def ask_on(self, kind: str, caller: int) -> None:
        """One action after the other."""
        for number in count():
            await self.ask(kind, f"{caller}-{number}")

    async def ask(self, kind: str, number: str) -> None:
        """One action, asked of any gateway each time, until it is performed."""
        request = action_service_pb2.PerformActionRequest(
            action_id=f"camp_1/lead_{number}/{kind}",
            organization_id=ORGANIZATION,
            account_id=self.account_id,
            campaign_id="camp_1",
            lead_id=f"lead_{number}",
            person=person_pb2.Person(public_identifier=f"{kind}-{number}"),
        )
        getattr(request, KINDS[kind]).SetInParent()
        while True:
            gateway = self.dice.choice(self.gateways)
            try:
                await gateway.actions.PerformAction(request)
            except NotYet as wait:
                # Impatient: whoever comes too early is not to be let through.
                real = self.clock.real(wait.retry_after or timedelta(0)).total_seconds()
                await asyncio.sleep(min(real, 0.1))
            except (FailedPrecondition, Unavailable):
                return
            else:
                gateway.performed += 1
                return


@asynccontextmanager
async def process(*arguments: str, **environ: str) -> AsyncIterator[None]:
    """A process of ours for as long as the block runs."""
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, **environ},
        cwd=ROOT,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        if started.returncode is None:
            started.terminate()
        try:
            await asyncio.wait_for(started.wait(), LONGEST)
        except TimeoutError:
            started.kill()
            await started.wait()


async def until_ready(url: str) -> None:
    async with asyncio.timeout(LONGEST), loopback_client() as client:
        while True:
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(database_url: str, skews: Sequence[float]) -> AsyncIterator[Machines]:
    """The provider, and a gateway for each skew."""
    epoch, (port,) = time.time(), free_ports(1)
    sandbox = {"SANDBOX_CLOCK": f"{epoch},{SPEED}"}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            process(
                *("-m", "unipile_simulator", "--port", str(port)),
                *("--account", f"id={ACCOUNT},name=A,tier=premium"),
                **sandbox,
                UNIPILE_ACCESS_TOKEN="a-token-for-tests-only",
            )
        )
        provider = await stack.enter_async_context(loopback_client(f"http://127.0.0.1:{port}"))
        await until_ready(f"http://127.0.0.1:{port}/_simulator/journal")
        gateways, services = [], []
        for seconds in skews:
            service = Service(database_url)
            service.environ |= {
                **sandbox,
                "UNIPILE_DSN": f"http://127.0.0.1:{port}",
                "LINKEDIN_GATEWAY_UNIPILE_TIMEOUT": "5s",
                "LINKEDIN_GATEWAY_UNIPILE_STORE_LAG": "1s",
                "LINKEDIN_GATEWAY_UNIPILE_LATENCY": "20ms",
                "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL": "",
            }
            await stack.enter_async_context(
                process(
                    "-m",
                    "tests.integration.linkedin_gateway.skewed",
                    str(seconds),
                    **service.environ,
                )
            )
            services.append(service)
        for service in services:
            await until_ready(f"http://127.0.0.1:{service.http_port}/readyz")
            channel = await stack.enter_async_context(
                grpc_client.channel(service.environ["OUTREACH_GATEWAY_ADDRESS"])
            )
            gateways.append(
                Machine(
                    actions=action_service_pb2_grpc.ActionServiceStub(channel),
                    holds=hold_service_pb2_grpc.HoldServiceStub(channel),
                    accounts=account_service_pb2_grpc.AccountServiceStub(channel),
                )
            )
        clock = Clock(datetime.fromtimestamp(epoch, UTC), SPEED)
        machines = Machines(gateways=gateways, provider=provider, clock=clock)
        await registered(machines, database_url)
        yield machines


async def registered(machines: Machines, database_url: str) -> None:
    """An account that may use all of its caps, and of which every fourth write is slow."""
    answer = await machines.gateways[0].accounts.RegisterAccount(
        account_service_pb2.RegisterAccountRequest(
            organization_id=ORGANIZATION, unipile_account_id=ACCOUNT, working_hours=ALWAYS
        )
    )
    machines.account_id = answer.account.account_id
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        f"UPDATE {SCHEMA[0]}.accounts"
        " SET since = '2020-01-01', connections = 900, connections_at = 'infinity'"
    )
    await connection.close()
    for method, route in (
        ("GET", "/users/{identifier}"),
        ("POST", "/posts/reaction"),
        ("POST", "/users/invite"),
    ):
        order = {
            "method": method,
            "route": route,
            "fault": "latency",
            "seconds": 0.15,
            "times": None,
            "probability": 0.25,
        }
        assert (await machines.provider.post("/_simulator/faults", json=order)).is_success


@asynccontextmanager
async def asked_on(machines: Machines) -> AsyncIterator[None]:
    """Callers for as long as the block runs; they end before the channels do, also in a failure."""
    asking = [
        asyncio.create_task(machines.ask_on(kind, caller))
        for caller in range(AT_ONCE)
        for kind in CAPS
    ]
    try:
        yield
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.timeout(540)
@pytest.mark.lasts(seconds=40)
async def test_wrong_clocks_harm_nobody(new_database: Any) -> None:
    """By the provider's clock no window is over its cap, no pause too short, and nothing is
    written after a hold has returned but what it named, though the clocks of the gateways
    differ: by ten minutes, and by six seconds to five minutes of the accounts' own time."""
    async with running(new_database(SCHEMA), SKEWS) as machines, asked_on(machines):
        async with asyncio.timeout(LONGEST):
            while sum(gateway.performed for gateway in machines.gateways) < ENOUGH:  # noqa: ASYNC110 - what is waited for is the provider's clock
                await asyncio.sleep(0.1)
        answer = await machines.gateways[0].holds.PutHold(
            hold_service_pb2.PutHoldRequest(
                scope=hold_pb2.HOLD_SCOPE_ORGANIZATION, subject_id=ORGANIZATION, reason="enough"
            )
        )
        held_at = machines.clock.now()
        await asyncio.sleep(0.5)
        writes = await machines.writes()

    assert all(gateway.performed for gateway in machines.gateways)
    assert Counter(write["kind"] for write in writes)["visit"] > CAPS["visit"]
    for performed in (
        performed_by_journal(writes, dated="received_at"),
        performed_by_journal(writes, dated="applied_at"),
    ):
        assert over_limit(performed, caps=()) == []
        assert too_close(machines.account_id, performed, gap=SHORTEST_GAP) == []
    late = [write["at"] for write in writes if write["at"] > held_at]
    begun = answer.on_the_wire
    assert len(late) <= begun.actions
    assert all(at <= begun.until.ToDatetime(UTC) for at in late)
