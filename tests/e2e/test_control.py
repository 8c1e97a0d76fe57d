"""Pausing, resuming and stopping a campaign that is under way."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.journal import writes
from devstack.demo.outcome import collect_outcome
from devstack.stack.stack import Stack
from outreach.campaign.v1 import campaign_pb2
from servicekit.errors import FailedPrecondition

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEADS = 12


async def under_way(driver: Driver, flow: Flow, leads: Path) -> str:
    """A campaign of which at least two leads were visited and not all have ended."""
    created = await driver.create_campaign(flow, name=leads.stem)
    campaign_id = created.campaign.campaign_id
    await driver.import_leads(campaign_id, leads)
    await driver.start(campaign_id)
    async for status in driver.watch(campaign_id):
        if status.funnel.visited > 1:
            return campaign_id
    pytest.fail("the campaign ended before it was under way")


async def writes_to(stack: Stack, prefix: str) -> int:
    """How many actions have reached these people."""
    journal = writes(await stack.simulator.journal())
    return sum(write.target.startswith(prefix) for write in journal)


async def test_nothing_is_sent_from_pause_to_resume(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """When PauseCampaign has returned, no write follows but what it named; resume loses no lead."""
    leads = write_leads(*(f"pause{number}" for number in range(LEADS)))
    campaign_id = await under_way(driver, flow, leads)

    begun = await driver.pause(campaign_id)
    at_pause = await writes_to(stack, "pause")
    await stack.clock.sleep(timedelta(days=2))
    later = await writes_to(stack, "pause")
    await driver.resume(campaign_id)
    async for _ in driver.watch(campaign_id):
        pass

    assert at_pause <= later <= at_pause + begun.actions
    outcome = await collect_outcome(driver, campaign_id)
    assert outcome.status.completed + outcome.status.replied + outcome.status.failed == LEADS
    told = [it.type for it in outcome.events if it.type in {"campaign.paused", "campaign.resumed"}]
    assert told == ["campaign.paused", "campaign.resumed"]


async def test_nothing_is_sent_after_stop(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """StopCampaign calls every lead off, but for what it names; a stopped campaign cannot be paused
    or resumed."""
    leads = write_leads(*(f"stop{number}" for number in range(LEADS)))
    campaign_id = await under_way(driver, flow, leads)

    begun = await driver.stop(campaign_id)
    at_stop = await writes_to(stack, "stop")
    async for _ in driver.watch(campaign_id):
        pass
    await stack.clock.sleep(timedelta(days=2))

    assert at_stop <= await writes_to(stack, "stop") <= at_stop + begun.actions
    status = await driver.status(campaign_id)
    assert status.state == campaign_pb2.CAMPAIGN_STATE_STOPPED
    assert status.ready == status.running == 0
    for forbidden in (driver.pause, driver.resume, driver.start):
        with pytest.raises(FailedPrecondition):
            await forbidden(campaign_id)


async def test_leads_under_way_may_finish(
    driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """With `complete_current_executions`, those who were begun walk to their end."""
    leads = write_leads(*(f"finish{number}" for number in range(LEADS)))
    campaign_id = await under_way(driver, flow, leads)

    await driver.stop(campaign_id, complete_current_executions=True)
    async for _ in driver.watch(campaign_id):
        pass

    status = await driver.status(campaign_id)
    assert status.state == campaign_pb2.CAMPAIGN_STATE_STOPPED
    assert status.completed + status.replied > 0
    assert status.ready == status.running == 0
