"""The dispatcher as a process: it starts, is asked from the command line, dies, and goes on."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from devstack.stack.keys import Keys
from devstack.stack.loopback import free_ports, loopback_client
from google.protobuf import json_format
from outreach.webhook.v1 import event_pb2
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.errors import NotFound, PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client

pytestmark = pytest.mark.long

SCHEMA = ("webhook", "webhook_dispatcher")
EVENT = {
    "eventId": "evt_1",
    "type": "EVENT_TYPE_LEAD_COMPLETED",
    "organizationId": "org_test",
    "occurTime": "2026-03-02T09:30:00Z",
}


class Service:
    """`python -m webhook_dispatcher` in an environment, on ports of its own."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.grpc_port, self.http_port = free_ports(2)
        self.environ = {
            **os.environ,
            **environ,
            "WEBHOOK_DISPATCHER_GRPC_HOST": "127.0.0.1",
            "WEBHOOK_DISPATCHER_GRPC_PORT": str(self.grpc_port),
            "WEBHOOK_DISPATCHER_HTTP_HOST": "127.0.0.1",
            "WEBHOOK_DISPATCHER_HTTP_PORT": str(self.http_port),
            "OUTREACH_DISPATCHER_ADDRESS": f"127.0.0.1:{self.grpc_port}",
            "OUTREACH_ORGANIZATION": "org_test",
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "webhook_dispatcher",
            env=self.environ,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            await self._ready(process)
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

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

    async def get(self, path: str) -> httpx.Response:
        async with loopback_client() as client:
            return await client.get(f"http://127.0.0.1:{self.http_port}{path}")

    async def _ready(self, process: asyncio.subprocess.Process) -> None:
        async with asyncio.timeout(120):
            while process.returncode is None:
                try:
                    if (await self.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise RuntimeError(f"the dispatcher ended with {process.returncode}")


@pytest.fixture
def service(new_database: Any, temporal_server: Any) -> Service:
    return Service(
        {
            **temporal_server.environ,
            "SANDBOX_CLOCK": f"{datetime.now(UTC).timestamp()},100",
            "WEBHOOK_DISPATCHER_DATABASE_URL": new_database(),
            "WEBHOOK_DISPATCHER_ALLOW_LOOPBACK": "true",
            "WEBHOOK_DISPATCHER_TLS_BY_MESH": "loopback",
            "WEBHOOK_DISPATCHER_DELIVERY_TIMEOUT": "1s",
        }
    )


async def test_from_the_command_line(service: Service, receiver: Any, tmp_path: Path) -> None:
    """A process on an empty database serves, delivers, shows what it did, and ends in order."""
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    async with service.running() as process:
        created = await service.outreach("webhooks", "create", receiver.url)
        published = await service.outreach("webhooks", "publish", str(tmp_path / "event.json"))
        await receiver.heard(1)
        metrics = (await service.get("/metrics")).text
        found = await service.outreach("webhooks", "get", created["endpoint"]["endpointId"])

    assert published == {"deliveries": 1}
    assert found["endpoint"] == created["endpoint"]
    assert json.loads(receiver.received[0].body)["id"] == "evt_1"
    assert 'webhook_events_published_total{type="lead.completed"} 1.0' in metrics
    assert "temporal_" in metrics
    assert process.returncode == 0


@pytest.mark.lasts(seconds=10)
async def test_a_developer_listens(service: Service, tmp_path: Path) -> None:
    """Events of a sandbox come to this machine, are verified, and leave no endpoint behind."""
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    async with service.running():
        listening = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("outreach"),
            *("webhooks", "listen", "--event", "lead.*", "--count", "1", "--json"),
            env=service.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert listening.stderr is not None
        url = (await listening.stderr.readline()).decode().split()[2].removesuffix(";")
        async with loopback_client() as client:
            forged = await client.post(url, json={"id": "evt_1", "type": "lead.completed"})
        await service.outreach("webhooks", "publish", str(tmp_path / "event.json"))
        printed, _ = await listening.communicate()
        left = await service.outreach("webhooks", "list")

    stranger, event = map(json.loads, printed.decode().splitlines())
    assert forged.status_code == 401
    assert (stranger["verified"], stranger["refusal"]) == (False, "there is no webhook-id header")
    assert (event["verified"], event["webhookId"]) == (True, "evt_1")
    assert event["event"]["type"] == "lead.completed"
    assert left.get("endpoints", []) == []
    assert listening.returncode == 0


@pytest.mark.lasts(seconds=10)
async def test_kill_and_start_again(service: Service, receiver: Any, tmp_path: Path) -> None:
    """Killed in the middle of a POST and started again, it delivers under the same id."""
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    receiver.gate = asyncio.Event()
    async with service.running() as process:
        await service.outreach("webhooks", "create", receiver.url)
        await service.outreach("webhooks", "publish", str(tmp_path / "event.json"))
        await receiver.heard(1)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    receiver.gate.set()

    async with service.running():
        first, second = (await receiver.heard(2))[:2]

    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "evt_1"
    assert first.body == second.body


async def test_one_trace_from_publisher_to_receiver(service: Service, receiver: Any) -> None:
    """The POST carries the trace of whoever published the event, through the workflow."""
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    service.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1"
    # Nobody listens there; the process gives its last spans up soon when it ends.
    service.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = "1"
    event = json_format.ParseDict(EVENT, event_pb2.Event())
    async with service.running():
        await service.outreach("webhooks", "create", receiver.url)
        async with grpc_client.channel(f"127.0.0.1:{service.grpc_port}") as channel:
            await WebhookServiceStub(channel).PublishEvent(
                pb.PublishEventRequest(event=event),
                metadata=[("traceparent", f"00-{trace_id}-00f067aa0ba902b7-01")],
            )
        (request,) = await receiver.heard(1)

    assert request.headers["traceparent"].split("-")[1] == trace_id
    assert request.headers["traceparent"].split("-")[2] != "00f067aa0ba902b7"


async def test_only_callers_with_the_permission(service: Service, keys: Keys) -> None:
    """With keys configured, a token decides what a caller may do, and for whom."""
    service.environ |= keys.environment("webhook-dispatcher")
    request = pb.ListEndpointsRequest(organization_id="org_test")

    async def ask(token: Callable[[], str] | None) -> None:
        address = f"127.0.0.1:{service.grpc_port}"
        async with grpc_client.channel(address, token=token) as channel:
            await WebhookServiceStub(channel).ListEndpoints(request)

    def token(organization_id: str, *permissions: str) -> Callable[[], str]:
        made = keys.token(org=organization_id, permissions=permissions)
        return lambda: made

    async with service.running():
        await ask(token("org_test", "webhooks.read"))
        with pytest.raises(Unauthenticated):
            await ask(None)
        with pytest.raises(PermissionDenied):
            await ask(token("org_test", "webhooks.write"))
        with pytest.raises(NotFound):
            await ask(token("org_other", "webhooks.read"))
        # Who acts for no organization once saw those of all.
        with pytest.raises(PermissionDenied):
            await ask(token("", "webhooks.read", "*"))
        # A service that does not list endpoints on other days.
        with pytest.raises(PermissionDenied):
            await ask(keys.service("outreach-worker", audience="webhook-dispatcher"))


async def test_temporal_away(service: Service) -> None:
    """Without Temporal the process lives, is not ready, and says what it waits for."""
    service.environ["TEMPORAL_ADDRESS"] = "127.0.0.1:1"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "webhook_dispatcher",
        env=service.environ,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async for line in process.stdout:
        if b"temporal_unreachable" in line:
            break
    ready, live = await service.get("/readyz"), await service.get("/livez")
    process.terminate()
    await process.communicate()

    assert (ready.status_code, live.status_code) == (503, 200)
    assert ready.json()["checks"] == {
        "postgres": "ok",
        "row security": "ok",
        "schema": "ok",
        "temporal": "starting",
    }
    assert process.returncode == 0


async def test_refuses_to_start(service: Service, keys: Keys, tmp_path: Path) -> None:
    """A file of keys that has none is told by its setting, in one line, without a traceback."""
    (tmp_path / "secret-keys").write_text("no key")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "webhook_dispatcher",
        env={
            **service.environ,
            **keys.environment("webhook-dispatcher"),
            "WEBHOOK_DISPATCHER_SECRET_KEYS_FILE": str(tmp_path / "secret-keys"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()

    told = [json.loads(line) for line in output.splitlines()]
    assert [line["setting"] for line in told if line["event"] == "setting_refused"] == [
        "WEBHOOK_DISPATCHER_SECRET_KEYS"
    ]
    assert process.returncode == 78
