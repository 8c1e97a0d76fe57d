"""What it costs to record a call; `make audit` measures it, the suite does not."""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from devstack.stack.keys import Keys
from outreach.audit.v1 import audit_service_pb2 as audit_pb
from outreach.audit.v1.audit_service_pb2_grpc import AuditServiceStub
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1.webhook_service_pb2_grpc import WebhookServiceStub
from servicekit.grpc import client as grpc_client
from servicekit.grpc.server import GrpcServer
from servicekit.identity.identity import Identity
from servicekit.ids import new_id
from servicekit.settings import ServiceSettings
from webhook_dispatcher.main import Dispatcher

from tests.integration.webhook_dispatcher.conftest import ORGANIZATION, Receiver, StartDispatcher

FIGURES = Path("build/audit-cost.json")
PAIRS, CALLS = 12, 150
_TICK = os.sysconf("SC_CLK_TCK")

Call = Callable[[], Awaitable[object]]


class Switched(Dispatcher):
    """Records its calls, or does not."""

    records = True

    def _server(self, audit: Any, **parts: Any) -> GrpcServer:
        class Switch:
            @staticmethod
            def layer(call: Any) -> Any:
                return audit.layer(call) if Switched.records else nullcontext()

        return super()._server(Switch(), **parts)  # type: ignore[arg-type]


def processor(database: str) -> float:
    """Seconds that this process, and PostgreSQL for its database, have used."""
    total = time.process_time()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if database in (process / "cmdline").read_text():
                used = (process / "stat").read_text().rpartition(") ")[2].split()
                total += (int(used[11]) + int(used[12])) / _TICK
        except OSError:
            continue
    return total


async def cost(call: Call, database: str, *, records: bool) -> float:
    """Processor of one call, in microseconds."""
    Switched.records = records
    before = processor(database)
    for _ in range(CALLS // 10):
        await asyncio.gather(*(call() for _ in range(10)))
    return (processor(database) - before) / CALLS * 1e6


@pytest.mark.skipif("AUDIT_WRITERS" not in os.environ, reason="measured by make audit")
async def test_what_recording_costs(
    start_dispatcher: StartDispatcher,
    receiver: Receiver,
    keys: Keys,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pairs of the same calls with and without, one after the other; the median of differences."""
    identity = Identity.of_server(
        ServiceSettings(**keys.settings("webhook-dispatcher")),
        service="webhook-dispatcher",
        sandbox=False,
        calls=True,
    )
    # One caller asks more than callers may.
    monkeypatch.setattr("identity.server.caller_limits", lambda _settings: None)
    monkeypatch.setattr("tests.integration.webhook_dispatcher.conftest.Dispatcher", Switched)
    async with (
        start_dispatcher(identity=identity) as running,
        grpc_client.channel(running.address, token=keys.operator) as channel,
    ):
        database = running.database_url.partition("/test_")[2].partition("?")[0]
        figures = {}
        for name, call in (("change", create(channel, receiver.url)), ("read", look(channel))):
            pairs = [
                [await cost(call, database, records=on) for on in (False, True)]
                for _ in range(PAIRS + 1)
            ][1:]
            figures[name] = {
                "without": round(statistics.median(pair[0] for pair in pairs)),
                "with": round(statistics.median(pair[1] for pair in pairs)),
                "difference": round(statistics.median(b - a for a, b in pairs)),
            }
    assert all(figure["with"] > 0 for figure in figures.values())
    keep(figures)


def keep(figures: Any) -> None:
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps({"microseconds of processor a call": figures}) + "\n")


def create(channel: Any, url: str) -> Call:
    stub = WebhookServiceStub(channel)
    return lambda: stub.CreateEndpoint(
        pb.CreateEndpointRequest(request_id=new_id("req"), organization_id=ORGANIZATION, url=url)
    )


def look(channel: Any) -> Call:
    stub = AuditServiceStub(channel)
    request = audit_pb.ListRecordsRequest(page_size=1)
    return lambda: stub.ListRecords(request)
