"""A thousand who watch a campaign: they cost the database what one costs."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import grpc
import pytest
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1 import lead_service_pb2
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from outreach.campaign.v1.lead_service_pb2_grpc import LeadServiceStub
from servicekit.postgres.connection import LentConnection

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import LEADS, Api

MANY = 1000
CHANGES = 3


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Statements that see the organization's rows, by their text; background loops see all."""
    statements: Counter[str] = Counter()
    execute = LentConnection._execute

    async def counting(self: Any, query: str, *args: Any, **given: Any) -> Any:
        if self._organization_id == ORGANIZATION:
            statements[query] += 1
        return await execute(self, query, *args, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LentConnection, "_execute", counting)
        yield statements


async def channels(api: Api, stack: AsyncExitStack) -> list[grpc.aio.Channel]:
    """Connections of their own: one takes a thousand calls at the most."""
    return [
        await stack.enter_async_context(
            grpc.aio.insecure_channel(api.address, [("grpc.use_local_subchannel_pool", 1)])
        )
        for _ in range(4)
    ]


async def of_leads(channel: grpc.aio.Channel, campaign_id: str) -> AsyncIterator[list[str]]:
    request = lead_service_pb2.WatchLeadsRequest(campaign_id=campaign_id)
    async for answer in LeadServiceStub(channel).WatchLeads(request):
        yield [lead.reply for lead in answer.leads]


async def of_statuses(channel: grpc.aio.Channel, campaign_id: str) -> AsyncIterator[int]:
    request = pb.WatchCampaignRequest(campaign_id=campaign_id)
    async for answer in CampaignServiceStub(channel).WatchCampaign(request):
        yield answer.status.replied


async def drafted(api: Api) -> tuple[str, str]:
    """A campaign with a lead that somebody changes."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    ((_, lead), *_) = await api.leads.page(campaign_id, limit=1)
    return campaign_id, lead.id


@pytest.mark.lasts(seconds=20)
async def test_a_change_of_leads_is_one_statement_for_all(api: Api) -> None:
    """Of a thousand streams each is told each change, and each change is read once."""
    campaign_id, lead_id = await drafted(api)
    async with asyncio.timeout(120), AsyncExitStack() as stack:
        ways = await channels(api, stack)
        streams = [of_leads(ways[number % 4], campaign_id) for number in range(MANY)]
        with counted() as joining:
            await asyncio.gather(*map(anext, streams))
        told: list[list[list[str]]] = []
        with counted() as statements:
            for number in range(CHANGES):
                await api.pool.execute(
                    "UPDATE leads SET reply = $2 WHERE id = $1", lead_id, str(number)
                )
                told.append(await asyncio.gather(*map(anext, streams)))

    assert told == [[[str(number)]] * MANY for number in range(CHANGES)]
    # Beside that each is let in: where they begin, and the key of tokens.
    assert sorted(joining.values()) == [1, 1]
    (readings,) = statements.values()
    # Once more where a transaction of somebody else holds a change up, for all of them too.
    assert CHANGES <= readings < 10 * CHANGES


@pytest.mark.lasts(seconds=20)
async def test_a_status_is_counted_once_for_all(api: Api) -> None:
    """Who joins within a moment shares what was counted, and each change is counted once."""
    campaign_id, lead_id = await drafted(api)
    write = "UPDATE leads SET state = $2, ended_at = now() WHERE id = $1"
    async with asyncio.timeout(120), AsyncExitStack() as stack:
        ways = await channels(api, stack)
        streams = [of_statuses(ways[number % 4], campaign_id) for number in range(MANY)]
        await asyncio.gather(*map(anext, streams))
        with counted() as statements:
            await api.pool.execute(write, lead_id, "replied")
            replied = await asyncio.gather(*map(anext, streams))
            await api.pool.execute(write, lead_id, "completed")
            completed = await asyncio.gather(*map(anext, streams))

    assert (replied, completed) == ([1] * MANY, [0] * MANY)
    # Its row, what is held, and a count of each kind: the same for each of two changes.
    assert set(statements.values()) == {2}
