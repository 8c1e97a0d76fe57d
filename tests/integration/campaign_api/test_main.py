"""The whole process: it starts without what it needs, says what is missing, and recovers."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports
from grpc_health.v1 import health_pb2, health_pb2_grpc
from outreach.campaign.v1 import campaign_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from outreach.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from servicekit.grpc import client as grpc_client

from tests.fakes.campaign_ports import Neighbours, running_neighbours
from tests.integration.campaign_api.conftest import ACCOUNT, new_campaign
from tests.servers.postgres import PostgresServer, by_roles
from tests.servers.temporal import TemporalServer

pytestmark = pytest.mark.long


class Running:
    """A campaign-api process, and its two ports."""

    def __init__(self, process: asyncio.subprocess.Process, http: int, grpc_port: int) -> None:
        self.process = process
        self.http = http
        self.grpc = f"127.0.0.1:{grpc_port}"

    async def get(self, path: str) -> tuple[int, str]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.http)
        writer.write(f"GET {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        head, _, body = answer.partition("\r\n\r\n")
        return int(head.split(" ", 2)[1]), body

    async def until(self, *, ready: bool) -> dict[str, str]:
        """What the checks say once the process is ready, or not."""
        async with asyncio.timeout(120):
            while True:
                try:
                    status, body = await self.get("/readyz")
                except ConnectionError:
                    await asyncio.sleep(0.05)
                    continue
                if (status == 200) is ready:
                    checks: dict[str, str] = json.loads(body)["checks"]
                    return checks
                await asyncio.sleep(0.05)


@asynccontextmanager
async def campaign_api(
    url: str, temporal: TemporalServer, neighbours: Neighbours, keys: Keys, **changes: str
) -> AsyncIterator[Running]:
    http, grpc_port = free_ports(2)
    environ = {
        **os.environ,
        **temporal.environ,
        **by_roles("CAMPAIGN_API", "campaign", url),
        "CAMPAIGN_API_GRPC_PORT": str(grpc_port),
        "CAMPAIGN_API_GRPC_HOST": "127.0.0.1",
        "CAMPAIGN_API_HTTP_HOST": "127.0.0.1",
        "CAMPAIGN_API_TLS_BY_MESH": "loopback",
        "CAMPAIGN_API_HTTP_PORT": str(http),
        "CAMPAIGN_API_GATEWAY_ADDRESS": neighbours.gateway_address,
        "CAMPAIGN_API_DISPATCHER_ADDRESS": neighbours.dispatcher_address,
        **keys.environment("campaign-api"),
        **changes,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "campaign_api", env=environ, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield Running(process, http, grpc_port)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_serves_and_ends_in_order(
    database_url: str, temporal_server: TemporalServer, keys: Keys
) -> None:
    """From an empty database to a created campaign; health is SERVING; SIGTERM ends it with 0."""
    async with (
        running_neighbours([ACCOUNT]) as neighbours,
        campaign_api(database_url, temporal_server, neighbours, keys) as running,
    ):
        checks = await running.until(ready=True)
        async with grpc_client.channel(running.grpc, token=keys.operator) as channel:
            created = await CampaignServiceStub(channel).CreateCampaign(new_campaign())
            health: Any = health_pb2_grpc.HealthStub(channel)
            served = await health.Check(
                health_pb2.HealthCheckRequest(service="outreach.campaign.v1.CampaignService")
            )
        status, metrics = await running.get("/metrics")
        running.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            code = await running.process.wait()

    assert set(checks) == {
        "postgres",
        "row security",
        "temporal",
        "schema",
        "schema identity",
        "schema automation",
    }
    assert created.campaign.state == campaign_pb2.CAMPAIGN_STATE_DRAFT
    assert served.status == health_pb2.HealthCheckResponse.SERVING
    assert (status, code) == (200, 0)
    assert 'dependency_reachable{dependency="linkedin-gateway"} 1.0' in metrics
    assert "campaigns_created_total 1.0" in metrics


async def test_without_temporal_it_reads_and_says_so(
    database_url: str, temporal_server: TemporalServer, keys: Keys
) -> None:
    """Temporal away at the start: live, not ready, names it, and still answers reads."""
    (nobody,) = free_ports(1)
    away = f"127.0.0.1:{nobody}"
    async with (
        running_neighbours([ACCOUNT]) as neighbours,
        campaign_api(
            database_url, temporal_server, neighbours, keys, TEMPORAL_ADDRESS=away
        ) as running,
    ):
        async with grpc_client.channel(
            running.grpc, token=keys.operator, timeout=timedelta(seconds=60)
        ) as channel:
            created = await CampaignServiceStub(channel).CreateCampaign(new_campaign())
        checks = await running.until(ready=False)
        live, _ = await running.get("/livez")

    assert created.campaign.campaign_id
    assert live == 200
    assert (checks["postgres"], checks["schema"]) == ("ok", "ok")
    assert "TemporalUnavailable" in checks["temporal"]


async def test_without_postgres_it_waits_and_recovers(
    private_postgres_server: PostgresServer, temporal_server: TemporalServer, keys: Keys
) -> None:
    """PostgreSQL away at the start and again later: not ready, named, and back by itself."""
    url = private_postgres_server.databases.url(private_postgres_server.databases.create())
    private_postgres_server.stop()
    async with (
        running_neighbours([ACCOUNT]) as neighbours,
        campaign_api(url, temporal_server, neighbours, keys) as running,
    ):
        before = await running.until(ready=False)
        private_postgres_server.start()
        await running.until(ready=True)
        async with grpc_client.channel(running.grpc, token=keys.operator) as channel:
            stub = CampaignServiceStub(channel)
            campaign_id = (await stub.CreateCampaign(new_campaign())).campaign.campaign_id
            private_postgres_server.stop()
            during = await running.until(ready=False)
            try:
                await stub.GetCampaign(pb.GetCampaignRequest(campaign_id=campaign_id))
            except Exception as error:  # noqa: BLE001 - the error is what is looked at
                refused = error
            private_postgres_server.start()
            await running.until(ready=True)
            again = await stub.GetCampaign(pb.GetCampaignRequest(campaign_id=campaign_id))

    assert before["postgres"] != "ok"
    assert during["postgres"] != "ok"
    assert getattr(refused, "reason", "") == "DATABASE_UNAVAILABLE"
    assert again.campaign.campaign_id == campaign_id
