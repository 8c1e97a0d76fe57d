"""The Python client, on a stack whose services are replaced under it."""

import asyncio
from pathlib import Path

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.stack.operator import operator, settings
from devstack.stack.stack import Stack
from outreach_client import Outreach, errors
from outreach_client.client import OutreachClient
from outreach_client.uploads import Progress

from tests.e2e.conftest import WriteLeads

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def leads(write_leads: WriteLeads) -> Path:
    """Three people of this test's own."""
    return write_leads("client-ada", "client-bob", "client-cyd")


async def draft(driver: Driver, flow: Flow, name: str) -> str:
    """A campaign that has not begun."""
    return (await driver.create_campaign(flow, name=name)).campaign.campaign_id


async def read(client: OutreachClient, campaign_id: str, *, until: asyncio.Event) -> int:
    """Look at a campaign again and again, as a page that somebody has open does; how often."""
    times = 0
    while not until.is_set():
        await client.campaigns.get(campaign_id=campaign_id)
        times += 1
    return times


async def test_whoever_looks_does_not_see_a_restart(
    stack: Stack, driver: Driver, flow: Flow, leads: Path
) -> None:
    """A watch goes on with the present, and no read fails, while campaign-api is replaced."""
    campaign_id = await draft(driver, flow, "looked at")
    replaced = asyncio.Event()
    async with operator(stack.addresses, stack.certificates, stack.operators_key) as client:
        watched = client.campaigns.watch(campaign_id=campaign_id)
        assert not (await anext(watched)).status.leads
        reading = asyncio.create_task(read(client, campaign_id, until=replaced))

        await stack.restart("campaign-api")
        replaced.set()
        assert await reading
        await client.import_leads(campaign_id, leads)

        async with asyncio.timeout(60):
            async for answer in watched:
                if answer.status.leads == 3:
                    break


async def test_a_script_needs_no_loop(
    stack: Stack, driver: Driver, flow: Flow, leads: Path
) -> None:
    """From an API key to a list of leads: what waits does the same as what awaits."""
    campaign_id = await draft(driver, flow, "a script's")
    told: list[Progress] = []

    def script() -> list[str]:
        known = settings(stack.addresses, stack.certificates, stack.operators_key)
        with Outreach(known) as client:
            client.import_leads(campaign_id, leads, progress=told.append)
            listed = client.leads.list(campaign_id=campaign_id, page_size=2)
            found = [each.lead.public_identifier for each in listed]
            with pytest.raises(errors.LeadNotFound):
                client.leads.get(campaign_id=campaign_id, lead_id="lead_01j9z3k4x5")
            client.campaigns.delete(campaign_id=campaign_id)
        return found

    assert await asyncio.to_thread(script) == ["client-ada", "client-bob", "client-cyd"]
    assert told[-1].sent == told[-1].total > 0
