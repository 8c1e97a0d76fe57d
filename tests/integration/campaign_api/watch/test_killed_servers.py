"""A server is killed while it tells what changes: its watchers go on at the next one."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from devstack.stack.keys import Keys
from outreach.campaign.v1 import lead_service_pb2
from servicekit.errors import ServiceError
from servicekit.grpc import client as grpc_client
from servicekit.postgres import pool as postgres

from tests.fakes.campaign_ports import running_neighbours
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import ACCOUNT, new_campaign
from tests.integration.campaign_api.test_main import Running, campaign_api
from tests.servers.temporal import TemporalServer

KILLED = 2
PEOPLE = b"linkedin_url\n" + b"".join(b"linkedin.com/in/person-%d\n" % n for n in range(20))


async def imported(stubs: CampaignStubs, campaign_id: str) -> None:
    async def messages() -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
        header = lead_service_pb2.ImportLeadsHeader(campaign_id=campaign_id)
        yield lead_service_pb2.ImportLeadsRequest(header=header)
        yield lead_service_pb2.ImportLeadsRequest(content=PEOPLE)

    await stubs.leads.ImportLeads(messages())


async def write_on(pool: postgres.Pool, campaign_id: str) -> None:
    """Change lead after lead, each change with a number of its own, for ever."""
    rows = await pool.fetch("SELECT id FROM leads WHERE campaign_id = $1", campaign_id)
    for change, row in enumerate(itertools.cycle(rows), start=1):
        await pool.execute("UPDATE leads SET reply = $2 WHERE id = $1", row["id"], str(change))


async def as_it_is(pool: postgres.Pool, campaign_id: str) -> dict[str, int]:
    """The last change of each lead."""
    rows = await pool.fetch("SELECT id, reply FROM leads WHERE campaign_id = $1", campaign_id)
    return {row["id"]: int(row["reply"]) for row in rows}


class Watcher:
    """One who keeps what they are told together with the token of it."""

    def __init__(self, campaign_id: str) -> None:
        self._request = lead_service_pb2.WatchLeadsRequest(campaign_id=campaign_id)
        self.told: list[tuple[str, int]] = []

    async def watch(self, stubs: CampaignStubs) -> None:
        """Until the stream ends, however."""
        async for answer in stubs.leads.WatchLeads(self._request):
            self.told += [(lead.lead_id, int(lead.reply or 0)) for lead in answer.leads]
            self._request.resume_token = answer.resume_token

    async def until(self, count: int) -> None:
        while len(self.told) < count:  # noqa: ASYNC110 - told by another process
            await asyncio.sleep(0.02)


@pytest.mark.lasts(seconds=40)
async def test_nothing_is_missed_or_told_twice(
    database_url: str, temporal_server: TemporalServer, keys: Keys
) -> None:
    """Killed again and again under writes: each change comes once at the most, the last always."""
    async with (
        asyncio.timeout(120),
        running_neighbours([ACCOUNT]) as neighbours,
        postgres.connect_pool(database_url, "campaign") as pool,
        AsyncExitStack() as stack,
    ):

        async def begin() -> tuple[Running, CampaignStubs]:
            server = await stack.enter_async_context(
                campaign_api(database_url, temporal_server, neighbours, keys)
            )
            await server.until(ready=True)
            channel = grpc_client.channel(
                server.grpc, token=keys.operator, timeout=timedelta(seconds=60)
            )
            return server, CampaignStubs(await stack.enter_async_context(channel))

        server, stubs = await begin()
        campaign_id = (await stubs.campaigns.CreateCampaign(new_campaign())).campaign.campaign_id
        await imported(stubs, campaign_id)
        watcher = Watcher(campaign_id)
        writing = asyncio.create_task(write_on(pool, campaign_id))
        for _ in range(KILLED):
            watching = asyncio.create_task(watcher.watch(stubs))
            await watcher.until(len(watcher.told) + 100)
            server.process.kill()
            with suppress(ServiceError):
                await watching
            server, stubs = await begin()
        watching = asyncio.create_task(watcher.watch(stubs))
        await watcher.until(len(watcher.told) + 100)
        writing.cancel()
        await asyncio.wait({writing})
        last = await as_it_is(pool, campaign_id)
        while dict(watcher.told) != last:
            assert not watching.done()
            await asyncio.sleep(0.05)
        watching.cancel()

    changes = [change for _, change in watcher.told]
    # In the order in which they were made, and so none twice.
    assert changes == sorted(set(changes))
