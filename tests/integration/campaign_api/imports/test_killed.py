"""An upload whose client is killed, an import whose server is: both go on, every row once."""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from devstack.stack.keys import Keys
from outreach.campaign.v1 import operation_pb2
from servicekit.grpc import client as grpc_client
from servicekit.postgres import pool as postgres

from tests.fakes.campaign_ports import running_neighbours
from tests.fakes.sealing import SEAL
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import ACCOUNT, new_campaign
from tests.integration.campaign_api.imports.uploading import PIECE, Upload, people
from tests.integration.campaign_api.test_main import Running, campaign_api
from tests.servers.temporal import TemporalServer

PEOPLE = 10_000
SENT = 4
# Sends some pieces, and hangs with the stream open.
CLIENT = """
import asyncio, itertools, sys
from servicekit.grpc import client as grpc_client
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.imports.uploading import Upload, in_pieces, people

address, token, campaign_id, operation_id, count, sent = sys.argv[1:]

class Hanging(Upload):
    async def more(self):
        await asyncio.Event().wait()

async def main():
    async with grpc_client.channel(address, token=lambda: token) as channel:
        upload = Hanging(CampaignStubs(channel), campaign_id, operation_id)
        await upload.send(itertools.islice(in_pieces(people(int(count))), int(sent)))

asyncio.run(main())
"""


@pytest.mark.lasts(seconds=40)
async def test_every_row_goes_in_once(
    database_url: str, temporal_server: TemporalServer, keys: Keys
) -> None:
    """The client is killed while it uploads, then the server while it reads."""
    content = people(PEOPLE)
    async with (
        asyncio.timeout(280),
        running_neighbours([ACCOUNT]) as neighbours,
        postgres.connect_pool(database_url, "campaign") as pool,
        AsyncExitStack() as stack,
    ):

        async def begin() -> tuple[Running, CampaignStubs]:
            server = await stack.enter_async_context(
                campaign_api(
                    database_url,
                    temporal_server,
                    neighbours,
                    keys,
                    CAMPAIGN_API_IMPORT_LEASE="PT2S",
                )
            )
            await server.until(ready=True)
            channel = grpc_client.channel(
                server.grpc, token=keys.operator, timeout=timedelta(seconds=60)
            )
            return server, CampaignStubs(await stack.enter_async_context(channel))

        server, stubs = await begin()
        campaign_id = (await stubs.campaigns.CreateCampaign(new_campaign())).campaign.campaign_id
        upload = await Upload.begin(stubs, campaign_id)
        client = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLIENT, server.grpc, keys.operator()),
            *(campaign_id, upload.operation_id, str(PEOPLE), str(SENT)),
        )
        while (await upload.get()).received_bytes < SENT * PIECE:
            assert client.returncode is None
        client.kill()
        await client.wait()
        broken = await upload.get()
        received = await upload.finish(content)
        while (read := await read_people(pool)) < PEOPLE // 4:
            assert server.process.returncode is None
        server.process.kill()
        server, stubs = await begin()
        done = await upload.at(stubs).until_done()
        rows = await pool.fetch(
            "SELECT organization_id, public_identifier FROM leads ORDER BY position"
        )

    assert 0 < broken.received_bytes < len(content)
    assert not received.done
    assert read < PEOPLE
    assert done.state == operation_pb2.OPERATION_STATE_SUCCEEDED
    assert [row["public_identifier"] for row in rows] == [
        SEAL.hashed(row["organization_id"], "person", f"person-{n}") for n, row in enumerate(rows)
    ]
    assert len(rows) == PEOPLE
    told = done.lead_import
    assert (told.rows, told.imported, told.duplicates) == (PEOPLE, PEOPLE, 0)


async def read_people(pool: postgres.Pool) -> int:
    """How many of the list are through."""
    return int(await pool.fetchval("SELECT people FROM lead_imports"))
