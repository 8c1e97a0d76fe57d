"""webhook-dispatcher alone, as deployed: with PostgreSQL and Temporal, and nobody who is asked."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.clock import Clock
from servicekit.grpc import client as grpc_client

from devstack.stack.loopback import free_ports
from devstack.stack.postgres import Postgres
from devstack.stack.processes import Reaper
from devstack.stack.services import Service, common_environment
from devstack.stack.stack import new_directory
from devstack.stack.temporal import Temporal
from devstack.stack.virtual_time import sandbox_clock


@dataclass(frozen=True)
class Alone:
    """How it is asked, and how its schema's owner connects."""

    stub: WebhookServiceStub
    owner_url: str


@asynccontextmanager
async def alone(settings: Mapping[str, str]) -> AsyncIterator[Alone]:
    """It and what it needs, in real time, while the block runs."""
    directory = new_directory()
    reaper = Reaper(directory)
    logs = directory / "logs"
    async with AsyncExitStack() as exits:
        exits.callback(shutil.rmtree, directory, ignore_errors=True)
        await reaper.start()
        exits.push_async_callback(reaper.dismiss)
        grpc, http, port, ui_port, metrics = free_ports(5)
        postgres = Postgres(directory / "pg", logs / "postgres.log", reaper)
        temporal = Temporal(
            directory / "temporal",
            logs / "temporal.log",
            reaper,
            port=port,
            ui_port=ui_port,
            metrics=metrics,
        )
        service = Service(
            "webhook-dispatcher",
            _environment(settings, postgres, temporal, grpc=grpc, http=http),
            http_port=http,
            log=logs / "webhook-dispatcher.log",
            reaper=reaper,
        )
        for part in (postgres, temporal, service):
            exits.push_async_callback(part.process.stop)
        await postgres.create()
        await temporal.start()
        await service.start()
        channel = await exits.enter_async_context(grpc_client.channel(f"127.0.0.1:{grpc}"))
        yield Alone(WebhookServiceStub(channel), postgres.url("webhook"))


def _environment(
    settings: Mapping[str, str], postgres: Postgres, temporal: Temporal, *, grpc: int, http: int
) -> dict[str, str]:
    own = {
        "GRPC_HOST": "127.0.0.1",
        "GRPC_PORT": str(grpc),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(http),
        "DATABASE_URL": postgres.url("webhook_service"),
        "BACKGROUND_DATABASE_URL": postgres.url("webhook_background"),
        "MIGRATION_DATABASE_URL": postgres.url("webhook"),
        "ALLOW_LOOPBACK": "true",
        "TLS_BY_MESH": "loopback",
        **settings,
    }
    where = {"TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_NAMESPACE": "default"}
    prefixed = {f"WEBHOOK_DISPATCHER_{name}": value for name, value in own.items()}
    return common_environment(sandbox_clock(Clock(datetime.now(UTC), 1.0))) | where | prefixed
