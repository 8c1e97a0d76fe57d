"""Workflows that hold what people are called and have written, in every place that there is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from campaigns.workflow import search_attributes as visibility
from campaigns.workflow.contracts import (
    TASK_QUEUE,
    LeadContract,
    LeadInput,
    ReplyReceived,
    lead_workflow_id,
)
from devstack.stack.keys import Keys
from outreach.campaign.v1 import workflow_service_pb2 as pb
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings
from servicekit.temporal import search_attributes
from temporalio.client import Client, WorkflowHandle

from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import NOON, Api, connected, running_api

REPLY = "Hello, this is Grace Hopper, call me at +1 555 0100"
"""What a person has written."""


@dataclass(frozen=True, kw_only=True)
class Walking:
    """A campaign of which one lead walks, and its person has written."""

    api: Api
    campaign_id: str
    lead_id: str

    @property
    def campaign(self) -> str:
        return f"campaign/{self.campaign_id}"

    @property
    def lead(self) -> str:
        return lead_workflow_id(self.campaign_id, self.lead_id)

    def handle(self, workflow_id: str) -> WorkflowHandle[object, object]:
        assert self.api.temporal is not None
        return self.api.temporal.get_workflow_handle(workflow_id)


async def listed(api: Api, request: pb.ListWorkflowsRequest, *, rows: int) -> list[str]:
    """The ids of a list once it has so many: visibility is a moment late."""
    async with asyncio.timeout(20):
        while True:
            answer = await api.stubs.workflows.ListWorkflows(request)
            if len(answer.workflows) >= rows:
                return [each.workflow_id for each in answer.workflows]


async def start_lead(api: Api, campaign_id: str, lead_id: str) -> None:
    """As the worker does when it admits one."""
    assert api.temporal is not None
    campaign = await api.campaigns.get(campaign_id)
    await api.temporal.start_workflow(
        LeadContract.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead_id, indexed=True),
        id=lead_workflow_id(campaign_id, lead_id),
        task_queue=TASK_QUEUE,
        search_attributes=visibility.lead_attributes(
            campaign, lead_id=lead_id, account_id=campaign.account_ids[0]
        ),
        static_summary=visibility.lead_summary(campaign),
        execution_timeout=timedelta(days=1),
    )


@pytest.fixture
async def indexed_client(temporal_client: Client) -> Client:
    """Of a namespace that knows our attributes."""
    await search_attributes.register(temporal_client, visibility.KEYS)
    return temporal_client


@pytest.fixture
async def walking(indexed_client: Client, api: Api) -> Walking:
    """A running campaign, and a lead that was answered."""
    del indexed_client
    campaign_id = await api.running(name="Grace Hopper's campaign")
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    await start_lead(api, campaign_id, lead.id)
    return Walking(api=api, campaign_id=campaign_id, lead_id=lead.id)


def reply() -> ReplyReceived:
    return ReplyReceived(event_id="in_1", at=NOON, text=REPLY, chat_id="chat-of-grace")


@asynccontextmanager
async def guarded(api: Api, keys: Keys) -> AsyncIterator[Callable[[str], Awaitable[CampaignStubs]]]:
    """Another replica, with authentication on; it is asked with a token."""
    assert api.temporal is not None
    settings = ServiceSettings(**keys.settings("campaign-api"))
    identity = Identity.of_server(settings, service="campaign-api", sandbox=False, calls=True)
    async with (
        running_api(
            api.url,
            await connected(api.temporal),
            client=api.temporal,
            identity=identity,
            beside=api.neighbours,
            limits_file=keys.limits,
        ) as replica,
        AsyncExitStack() as channels,
    ):

        async def opened(token: str) -> CampaignStubs:
            channel = grpc_client.channel(replica.address, token=lambda: token)
            return CampaignStubs(await channels.enter_async_context(channel))

        yield opened
