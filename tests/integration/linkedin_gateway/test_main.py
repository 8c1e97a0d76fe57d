"""The gateway as a process, while Unipile is away."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports, loopback_client
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.fakes.sealing import sealing_environ
from tests.servers.postgres import PostgresServer, by_roles

pytestmark = pytest.mark.long


class Service:
    """`python -m linkedin_gateway`, with nobody at Unipile's address."""

    def __init__(self, database_url: str) -> None:
        self.http_port, grpc_port, webhook_port, nobody = free_ports(4)
        self.environ = {
            **os.environ,
            **by_roles("LINKEDIN_GATEWAY", "gateway", database_url),
            "LINKEDIN_GATEWAY_GRPC_HOST": "127.0.0.1",
            "LINKEDIN_GATEWAY_GRPC_PORT": str(grpc_port),
            "LINKEDIN_GATEWAY_HTTP_HOST": "127.0.0.1",
            "LINKEDIN_GATEWAY_TLS_BY_MESH": "loopback",
            "LINKEDIN_GATEWAY_HTTP_PORT": str(self.http_port),
            "LINKEDIN_GATEWAY_WEBHOOK_HOST": "127.0.0.1",
            "LINKEDIN_GATEWAY_WEBHOOK_PORT": str(webhook_port),
            "LINKEDIN_GATEWAY_WEBHOOK_PUBLIC_URL": "https://hooks.example.com",
            "LINKEDIN_GATEWAY_WEBHOOK_TOKEN": "a-path-for-tests-only",
            "LINKEDIN_GATEWAY_WEBHOOK_SECRET": "a-secret-for-tests-only",
            **sealing_environ("LINKEDIN_GATEWAY"),
            "UNIPILE_DSN": f"http://127.0.0.1:{nobody}",
            "UNIPILE_ACCESS_TOKEN": "a-token-for-tests-only",
            "OUTREACH_GATEWAY_ADDRESS": f"127.0.0.1:{grpc_port}",
            "OUTREACH_ORGANIZATION": "org_test",
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "linkedin_gateway",
            env=self.environ,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def readiness(self, *, noted: str) -> Any:
        """What is said once it is ready, and has noticed what is to be noted."""
        async with asyncio.timeout(120), loopback_client() as client:
            while True:
                try:
                    answer = await client.get(f"http://127.0.0.1:{self.http_port}/readyz")
                    if answer.is_success and answer.json()["notes"][noted] != "ok":
                        return answer.json()
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def outreach(self, *arguments: str) -> Any:
        """Run the command line; returns what it prints as JSON."""
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("outreach"),
            *arguments,
            "--json",
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0
        return json.loads(output)


async def test_ready_and_able_to_stop_while_unipile_is_away(database_url: str, keys: Keys) -> None:
    """It serves, says what is missing, and a hold is in force; then it ends in order."""
    service = Service(database_url)
    service.environ |= keys.environment("linkedin-gateway") | {"OUTREACH_TOKEN": keys.operator()}
    async with service.running() as process:
        said = await service.readiness(noted="unipile")
        await service.outreach("holds", "put", "everything", "--yes", "--reason", "an outage")
        holds = await service.outreach("holds", "list")

    assert said["checks"] == {"postgres": "ok", "row security": "ok", "schema": "ok", "grpc": "ok"}
    assert set(said["notes"]) == {"unipile", "webhooks", "writes", "campaign-api", "encryption"}
    assert said["notes"]["webhooks"] != "ok"
    assert [hold["reason"] for hold in holds["holds"]] == ["an outage"]
    assert process.returncode == 0


@pytest.mark.lasts(seconds=15)
async def test_postgres_is_away_for_longer_than_connections_last(
    private_postgres_server: PostgresServer, keys: Keys
) -> None:
    """PostgreSQL is gone for six seconds, in the middle of every loop: the process lives and says
    what is missing, and all is well when it is back.

    What was away for more than five ended every gateway. `make chaos` has each dependency go.
    """
    url = private_postgres_server.databases.url(private_postgres_server.databases.create())
    service = Service(url)
    service.environ |= keys.environment("linkedin-gateway")
    async with service.running() as process:
        await service.readiness(noted="unipile")
        private_postgres_server.stop()
        async with asyncio.timeout(60), loopback_client() as client:
            address = f"http://127.0.0.1:{service.http_port}"
            while (during := await client.get(f"{address}/readyz")).is_success:  # noqa: ASYNC110 - another process's word
                await asyncio.sleep(0.05)
            await asyncio.sleep(6)
            live = await client.get(f"{address}/livez")
        private_postgres_server.start()
        await service.readiness(noted="unipile")

    assert "DatabaseUnavailable" in during.json()["checks"]["postgres"]
    assert live.is_success
    assert process.returncode == 0


async def test_webhooks_are_heard_until_the_last_call_has_ended(
    database_url: str, keys: Keys
) -> None:
    """Told to end while a call is under way, it still hears Unipile; then it ends, in its grace."""
    service = Service(database_url)
    service.environ |= keys.environment("linkedin-gateway")
    webhooks = f"http://127.0.0.1:{service.environ['LINKEDIN_GATEWAY_WEBHOOK_PORT']}/webhooks/x"
    async with (
        service.running() as process,
        grpc.aio.insecure_channel(service.environ["OUTREACH_GATEWAY_ADDRESS"]) as channel,
        loopback_client() as client,
    ):
        await service.readiness(noted="unipile")
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watched = stub.Watch(health_pb2.HealthCheckRequest())
        # Health is told once a second what readiness says.
        while (await watched.read()).status != health_pb2.HealthCheckResponse.SERVING:
            pass
        process.terminate()
        while (await watched.read()).status != health_pb2.HealthCheckResponse.NOT_SERVING:
            pass
        answer = await client.post(webhooks)
        watched.cancel()
        async with asyncio.timeout(60):
            code = await process.wait()

    assert answer.status_code == 404
    assert code == 0
