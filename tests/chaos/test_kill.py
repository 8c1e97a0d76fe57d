"""`kill -9` of every part in the middle of a campaign."""

import asyncio
from pathlib import Path

import pytest
from devstack.demo.demo import fast_clock
from devstack.demo.driver import Driver
from devstack.demo.flow import read_flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.stack import Stack, StackOptions

SPEED = 20_000.0
EXAMPLES = Path(__file__).parents[2] / "examples"
VICTIMS = (
    "outreach-worker",
    "linkedin-gateway",
    "postgres",
    "campaign-api",
    "temporal",
    "webhook-dispatcher",
    "simulator",
)


async def kill_each_once(stack: Stack, driver: Driver, campaign_id: str) -> list[str]:
    """One part after the other, each while leads are under way; who was killed."""
    killed = []
    for victim in VICTIMS:
        before = len(await stack.simulator.journal())
        await stack.kill(victim)
        await asyncio.sleep(0.5)
        await stack.start(victim)
        killed.append(victim)
        # Wait for a sign of life of the whole line before the next one goes.
        while len(await stack.simulator.journal()) == before:
            if (await driver.status(campaign_id)).HasField("end_time"):
                return killed
            await asyncio.sleep(0.1)
    return killed


@pytest.mark.lasts(seconds=100)
@pytest.mark.timeout(240)
async def test_a_campaign_survives_the_death_of_every_part() -> None:
    """It completes; nobody is contacted twice, no window is over its cap, all accounts agree."""
    leads, flow = EXAMPLES / "leads.csv", read_flow((EXAMPLES / "sequence.json").read_text())
    async with Stack(StackOptions(clock=fast_clock(SPEED), people=leads)) as stack:
        driver = Driver(stack, organization_id="org_chaos")
        await driver.register_accounts()
        await driver.create_endpoints(flow)
        created = await driver.create_campaign(flow, name="chaos")
        campaign_id = created.campaign.campaign_id
        await driver.import_leads(campaign_id, leads)
        await driver.start(campaign_id)

        killed = await kill_each_once(stack, driver, campaign_id)
        async with asyncio.timeout(150):
            while not (await driver.status(campaign_id)).HasField("end_time"):  # noqa: ASYNC110 - a watch would have ended with its server
                await asyncio.sleep(0.5)

        outcome = await collect_outcome(driver, campaign_id)
        assert killed == list(VICTIMS)
        assert [check for check in outcome.checks if not check.holds] == []
        assert outcome.good
