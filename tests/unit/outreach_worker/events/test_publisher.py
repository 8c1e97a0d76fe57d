"""outreach_worker.events.publisher: how long an event keeps whoever publishes it."""

import time
from datetime import timedelta
from typing import Any, cast

import pytest
from campaigns.models import Campaign
from devstack.stack.loopback import free_ports
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from outreach_worker.events.contracts import CustomerEvent
from outreach_worker.events.publisher import Publisher
from outreach_worker.metrics import Metrics
from prometheus_client import CollectorRegistry
from servicekit.errors import Unavailable
from servicekit.grpc import client as grpc_client

from tests.unit.outreach_worker.steps.test_gateway_requests import CAMPAIGN, NOON


class OneCampaign:
    """The rows of a campaign's events that name no lead."""

    async def get(self, _: str) -> Campaign:
        return CAMPAIGN


async def test_nobody_waits_for_a_dispatcher_that_is_away() -> None:
    """A slot of the worker is given back at once: steps of other leads need it meanwhile."""
    (port,) = free_ports(1)
    registry = CollectorRegistry()
    event = CustomerEvent(type="campaign.started", campaign_id=CAMPAIGN.id, at=NOON)
    within = timedelta(seconds=20)
    async with grpc_client.channel(f"127.0.0.1:{port}") as channel:
        publisher = Publisher(
            rpc.WebhookServiceStub(channel),
            cast("Any", OneCampaign()),
            cast("Any", None),
            cast("Any", None),
            cast("Any", None),
            Metrics(registry),
        )
        began = time.monotonic()

        with pytest.raises(Unavailable):
            await publisher.publish(event, within=within)

    assert time.monotonic() - began < within.total_seconds() / 4
    labels = {"type": "campaign.started", "outcome": "failed"}
    assert registry.get_sample_value("events_published_total", labels) == 1
