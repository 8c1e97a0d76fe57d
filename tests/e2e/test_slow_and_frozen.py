"""What is slow, or stands still, keeps no stop from being in force."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.journal import writes
from devstack.stack.certificates import CALLER
from devstack.stack.loopback import free_ports
from devstack.stack.services import Service
from devstack.stack.stack import Stack
from outreach.common.v1.on_the_wire_pb2 import OnTheWire
from outreach.linkedin.v1 import action_pb2, action_service_pb2, hold_pb2, hold_service_pb2
from servicekit.grpc.client import channel

from tests.e2e.test_control import under_way
from tests.fakes.stubs import LinkedInStubs

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEADS = 12
MANY = 60
"""People with whom a campaign is busy for as long as a test of many moments lasts."""
MOMENTS = 12
GATEWAY = "linkedin-gateway"
IN_FORCE = 2.0
"""Seconds: within which a hold is in force."""
CALL = 3.0
"""Seconds: what a call takes beside that while other suites run."""


@pytest_asyncio.fixture(loop_scope="session")
async def another(stack: Stack) -> AsyncIterator[LinkedInStubs]:
    """A second gateway on the same database; nobody but the test calls it."""
    grpc_port, http_port, webhook_port = free_ports(3)
    environment = {
        **stack.services[GATEWAY].process.command.environment,
        "LINKEDIN_GATEWAY_GRPC_PORT": str(grpc_port),
        "LINKEDIN_GATEWAY_HTTP_PORT": str(http_port),
        "LINKEDIN_GATEWAY_WEBHOOK_PORT": str(webhook_port),
    }
    log = stack.logs / "another-gateway.log"
    service = Service(GATEWAY, environment, http_port=http_port, log=log, reaper=stack.reaper)
    await service.start()
    try:
        async with channel(
            f"127.0.0.1:{grpc_port}",
            token=stack.operators_token,
            tls=stack.certificates.tls(CALLER),
        ) as connected:
            yield LinkedInStubs(connected)
    finally:
        await service.process.stop()


async def landed(stack: Stack, prefix: str) -> int:
    """How many actions have reached these people."""
    journal = writes(await stack.simulator.journal())
    return sum(write.target.startswith(prefix) for write in journal)


async def until_it_goes_on(stack: Stack, driver: Driver, campaign_id: str, held: int) -> None:
    """Return once more has landed than was held, or all has: a fast machine is through by then."""
    while await landed(stack, "frozen") == held:
        if (await driver.status(campaign_id)).HasField("end_time"):
            return
        await asyncio.sleep(0.05)


async def until_on_the_wire(stubs: LinkedInStubs, driver: Driver, campaign_id: str) -> None:
    """Return once a write of the campaign is on its way; it fails if all of them are through."""
    sending = action_service_pb2.ListActionsRequest(
        organization_id=driver.organization_id,
        campaign_id=campaign_id,
        state=action_pb2.ACTION_STATE_SENDING,
    )
    while not (await stubs.actions.ListActions(sending)).actions:
        if (await driver.status(campaign_id)).HasField("end_time"):
            pytest.fail("the campaign ended, and no write was seen on its way")
        await asyncio.sleep(0.05)


SLOW = 5 * 45 / 60
"""As long against the five seconds that the stack's calls may take as 45 s against a minute."""


@pytest.mark.lasts(seconds=20)
async def test_a_slow_write_keeps_no_stop_waiting(
    stack: Stack,
    driver: Driver,
    flow: Flow,
    write_leads: Callable[..., Path],
    another: LinkedInStubs,
) -> None:
    """Pause, Stop and Delete return beside a write that lasts for a day; what lands was named.

    They used to fail as "cannot be reached" after ten seconds, with the campaign running.
    """
    leads = write_leads(*(f"slow{number}" for number in range(LEADS)))
    # Before anybody is invited, so that a write is on its way for as long as there are leads.
    await stack.simulator.order_fault(
        route="/users/invite", method="POST", fault="latency", seconds=SLOW, times=None
    )
    try:
        campaign_id = await under_way(driver, flow, leads)
        await until_on_the_wire(another, driver, campaign_id)
        stops: list[tuple[int, OnTheWire]] = []
        for stop in (driver.pause, driver.stop, driver.delete):
            named = await stop(campaign_id)
            stops.append((await landed(stack, "slow"), named))
    finally:
        await stack.simulator.cancel_faults()
    await stack.clock.sleep(timedelta(days=3))

    after = await landed(stack, "slow")
    for at_return, named in stops:
        assert after - at_return <= named.actions


@pytest.mark.lasts(seconds=30)
async def test_a_frozen_replica_is_in_no_holds_way(
    stack: Stack,
    driver: Driver,
    flow: Flow,
    write_leads: Callable[..., Path],
    another: LinkedInStubs,
) -> None:
    """A process stands still in the middle of its work: a hold put at another one is in force
    within two seconds; thawed, the process sends what was named."""
    leads = write_leads(*(f"frozen{number}" for number in range(LEADS)))
    campaign_id = await under_way(driver, flow, leads)
    gateway = stack.services[GATEWAY].process
    covered = {"scope": hold_pb2.HOLD_SCOPE_CAMPAIGN, "subject_id": campaign_id}

    for _ in range(2):
        gateway.freeze()
        try:
            named = await _put(another, **covered)
            at_hold = await landed(stack, "frozen")
        finally:
            gateway.thaw()
        await stack.clock.sleep(timedelta(days=2))
        held = await landed(stack, "frozen")
        assert held - at_hold <= named.actions
        await another.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**covered))
        await until_it_goes_on(stack, driver, campaign_id, held)
    await driver.stop(campaign_id)


@pytest.mark.lasts(seconds=30)
async def test_whenever_a_replica_freezes_it_is_in_no_holds_way(
    stack: Stack,
    driver: Driver,
    flow: Flow,
    write_leads: Callable[..., Path],
    another: LinkedInStubs,
) -> None:
    """It is stopped in a dozen moments, between two words to the database too, by the stack's own
    load: each hold that is put meanwhile is in force in time."""
    leads = write_leads(*(f"moment{number}" for number in range(MANY)))
    campaign_id = await under_way(driver, flow, leads)
    gateway = stack.services[GATEWAY].process
    covered = {"scope": hold_pb2.HOLD_SCOPE_CAMPAIGN, "subject_id": campaign_id}
    dice = random.Random(MOMENTS)

    for _ in range(MOMENTS):
        await asyncio.sleep(dice.uniform(0.01, 0.2))
        gateway.freeze()
        try:
            await _put(another, **covered)
        finally:
            gateway.thaw()
        await another.holds.LiftHold(hold_service_pb2.LiftHoldRequest(**covered))
    await driver.stop(campaign_id)


async def _put(stubs: LinkedInStubs, **covered: Any) -> OnTheWire:
    """Put a hold, which is in force in time; what is on the wire then."""
    begun_at = time.monotonic()
    answer = await stubs.holds.PutHold(hold_service_pb2.PutHoldRequest(reason="A look.", **covered))
    assert time.monotonic() - begun_at < IN_FORCE + CALL
    return answer.on_the_wire
