"""What one call has set off can be followed through every service."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow

from tests.e2e.collector import Collector

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "outreach.campaign.v1.CampaignService/StartCampaign"
EXPECTED = {
    "campaign-api": {START},
    "outreach-worker": {"RunWorkflow:Lead"},
    "linkedin-gateway": {
        "outreach.linkedin.v1.ActionService/PerformAction",
        "unipile visit",
    },
    "webhook-dispatcher": {"outreach.webhook.v1.WebhookService/PublishEvent", "POST"},
}


async def test_a_start_is_one_trace_to_linkedin_and_to_the_customer(
    driver: Driver, flow: Flow, write_leads: Callable[..., Path], collector: Collector
) -> None:
    """The RPC, the workflows, the gateway, Unipile and the webhook share one trace."""
    created = await driver.create_campaign(flow, name="traced")
    await driver.import_leads(created.campaign.campaign_id, write_leads("grace"))
    await driver.start(created.campaign.campaign_id)
    async for _ in driver.watch(created.campaign.campaign_id):
        pass

    missing = EXPECTED
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            while missing := _missing(collector):  # noqa: ASYNC110 - exporters send in batches
                await asyncio.sleep(0.2)

    assert not missing


def _missing(collector: Collector) -> Mapping[str, set[str]]:
    """Which expected spans the most complete trace of a start lacks, by service."""
    lacking = [
        {service: spans.difference(trace[service]) for service, spans in EXPECTED.items()}
        for trace in collector.traces_of("campaign-api", START)
    ]
    least = min(lacking, key=lambda spans: sum(map(len, spans.values())), default=EXPECTED)
    return {service: spans for service, spans in least.items() if spans}
