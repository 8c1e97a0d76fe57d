"""One whole local stack for all end-to-end tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from devstack.demo.demo import fast_clock
from devstack.demo.drawings import Node, draw
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow, read_flow
from devstack.stack.simulator import SimulatedAccount
from devstack.stack.stack import Stack, StackOptions
from servicekit.http_server import HttpServer

from tests.e2e.collector import Collector
from tests.event_catalogue import differences
from tests.servers.stack import needs_stack

SPEED = 40_000.0
ACCOUNTS = tuple(
    SimulatedAccount(id=f"acc-{number}", name=f"Sender Number{number}") for number in range(3)
)
FLOW = draw(
    (
        Node(type="profile_visit"),
        Node(
            type="send_connection_request",
            config={"customMessage": "Hello {{first_name}}, shall we stay in touch?"},
            after="1h",
        ),
        Node(
            type="send_followup",
            config={"customMessage": "Thank you, {{first_name}}. How is {{company}}?"},
            after="4h",
        ),
        Node(
            type="send_followup",
            config={"customMessage": "{{first_name}}, shall I send the figures?"},
            after="50h",
        ),
        Node(type="webhook", config={"webhookId": "crm"}),
    ),
    not_accepted=(Node(type="withdraw_request", after="3d"),),
)

WriteLeads = Callable[..., Path]
"""`write_leads("ada", "bob")`: a lead list of these people."""


@pytest.fixture(scope="session")
def flow() -> Flow:
    """Visit, invite, two follow-ups and a webhook, or a withdrawal."""
    return read_flow(FLOW)


@pytest.fixture(scope="session")
def collector() -> Collector:
    """What the services' exporters have sent."""
    return Collector()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(collector: Collector) -> AsyncIterator[Stack]:
    """PostgreSQL, Temporal, the simulator and four services, on a fast clock, traced.

    Every event that any of the tests has caused is as the catalogue says.
    """
    async with HttpServer(collector.app) as server:
        traced = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "500",
        }
        options = StackOptions(clock=fast_clock(SPEED), accounts=ACCOUNTS, environment=traced)
        async with Stack(options) as running:
            yield running
            told = [differences(each.event) for each in running.receiver.received]
    assert [each for each in told if each] == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """End the stack with the last test that needs it, not with the session.

    What these tests leave in it goes on, and on this clock that is a quarter of a processor.
    """
    yield
    if not needs_stack(nextitem):
        request: Any = item._request  # type: ignore[attr-defined]
        for fixture in request._fixturemanager.getfixturedefs("stack", item):
            fixture.finish(request)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver(stack: Stack, flow: Flow) -> Driver:
    """A customer with three accounts who listens to every event."""
    customer = Driver(stack, organization_id="org_e2e")
    await customer.register_accounts(working_hours=ALWAYS)
    await customer.create_endpoints(flow)
    return customer


@pytest.fixture
def write_leads(tmp_path: Path) -> WriteLeads:
    """Writes a lead list of people by their public identifiers."""

    def write(*people: str) -> Path:
        rows = [
            f"{name.title()},Example,{name.title()} Ltd,https://www.linkedin.com/in/{name}"
            for name in people
        ]
        file = tmp_path / "leads.csv"
        file.write_text("\n".join(["first_name,last_name,company,linkedin_url", *rows]))
        return file

    return write


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _deadline() -> AsyncIterator[None]:
    """No test waits for ever, and its fixtures still end in order."""
    async with asyncio.timeout(timedelta(minutes=4).total_seconds()):
        yield
