"""The whole local stack speaks TLS, and goes on with other certificates than it began with."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from devstack.demo.demo import shell_environment
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.certificates import CALLER
from devstack.stack.services import SERVICES
from devstack.stack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEADS = 12


@pytest.mark.lasts(seconds=10)
async def test_every_certificate_is_replaced_under_a_running_campaign(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """With each change of the campaign another one has a new certificate: no lead notices."""
    created = await driver.create_campaign(flow, name="certificates")
    campaign_id = created.campaign.campaign_id
    people = write_leads(*(f"renewed{number}" for number in range(LEADS)))
    await driver.import_leads(campaign_id, people)
    await driver.start(campaign_id)

    owners = itertools.cycle((*SERVICES, CALLER))
    renewed = []
    async for _ in driver.watch(campaign_id):
        renewed.append(next(owners))
        stack.certificates.renew(renewed[-1])

    status = (await collect_outcome(driver, campaign_id)).status
    assert {*SERVICES, CALLER} <= {*renewed}
    assert status.completed + status.replied + status.failed == LEADS
    assert status.running == status.ready == 0
    assert "channel_renewed" in (stack.logs / "outreach-worker.log").read_text()
    for service in stack.services.values():
        async with httpx.AsyncClient(base_url=service.url) as http:
            ready = (await http.get("/readyz")).json()
        assert ready["checks"]["certificate"] == ready["notes"]["certificate files"] == "ok"


async def test_the_command_line_is_told_what_it_needs(stack: Stack, driver: Driver) -> None:
    """What `make up` prints is enough for `outreach`, certificates and all."""
    asking = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("outreach")),
        *("accounts", "list", "--json", "--organization", driver.organization_id),
        env={"PATH": os.environ["PATH"], **shell_environment(stack)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, complaint = await asking.communicate()

    assert asking.returncode == 0, complaint
    assert len(json.loads(told)["accounts"]) == len(driver.accounts)
