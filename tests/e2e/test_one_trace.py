"""What one call has set off can be followed through every service."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from devstack.driver import Driver
from devstack.flow import Flow

from tests.e2e.collector import Collector

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "outreach.campaign.v1.CampaignService/StartCampaign"


async def test_a_start_is_one_trace_to_linkedin_and_to_the_customer(
    driver: Driver, flow: Flow, write_leads: Callable[..., Path], collector: Collector
) -> None:
    """The RPC, the workflows, the gateway, Unipile and the webhook share one trace."""
    created = await driver.create_campaign(flow, name="traced")
    await driver.import_leads(created.campaign.campaign_id, write_leads("grace"))
    await driver.start(created.campaign.campaign_id)
    async for _ in driver.watch(created.campaign.campaign_id):
        pass

    def whole() -> bool:
        return any(
            "RunWorkflow:Lead" in trace["outreach-worker"]
            and "outreach.linkedin.v1.LinkedInService/PerformAction" in trace["linkedin-gateway"]
            and "unipile visit" in trace["linkedin-gateway"]
            and "RunWorkflow:Delivery" in trace["webhook-dispatcher"]
            and "POST" in trace["webhook-dispatcher"]
            for trace in collector.traces_of("campaign-api", START)
        )

    async with asyncio.timeout(30):
        while not whole():  # noqa: ASYNC110 - exporters send when their batch is full or old
            await asyncio.sleep(0.2)
