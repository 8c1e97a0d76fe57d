"""What happens to a lead can be followed through every service, in one trace."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain

import pytest
import pytest_asyncio
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.stack.stack import Stack
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from outreach.linkedin.v1 import hold_pb2

from tests.e2e.collector import Collector, Received

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "outreach.campaign.v1.CampaignService/StartCampaign"
EXPECTED = {
    ("outreach-worker", "BeginLead"),
    ("outreach-worker", "RunWorkflow:Lead"),
    ("outreach-worker", "outreach.linkedin.v1.ActionService/PerformAction"),
    ("linkedin-gateway", "outreach.linkedin.v1.ActionService/PerformAction"),
    ("linkedin-gateway", "unipile visit"),
    ("webhook-dispatcher", "POST"),
}
PEOPLE = ("grace", "hedy", "ottilie", "zelda")

Traces = list[Sequence[Received]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def leads(
    stack: Stack,
    driver: Driver,
    flow: Flow,
    collector: Collector,
    tmp_path_factory: pytest.TempPathFactory,
) -> Traces:
    """The traces of the leads of one campaign, complete; everybody waits, accepts and replies."""
    file = tmp_path_factory.mktemp("traced") / "leads.csv"
    for name in PEOPLE:
        await stack.simulator.put_person(f"{name}-traced", temperament="replies_to_first_followup")
    rows = [
        f"{name.title()},Traced,Traced Ltd,https://www.linkedin.com/in/{name}-traced"
        for name in PEOPLE
    ]
    file.write_text("\n".join(["first_name,last_name,company,linkedin_url", *rows]))
    created = await driver.create_campaign(flow, name="traced")
    await driver.import_leads(created.campaign.campaign_id, file)
    await _start_held(driver, created.campaign.campaign_id, collector)
    async for _ in driver.watch(created.campaign.campaign_id):
        pass
    found: Traces = []
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            # Exporters send in batches.
            while not _complete(  # noqa: ASYNC110
                found := _of_campaign(collector, created.campaign.campaign_id)
            ):
                await asyncio.sleep(0.2)
    return found


async def _start_held(driver: Driver, campaign_id: str, collector: Collector) -> None:
    """Start, and let actions go once one has had to wait."""
    holds, all_of_it = driver.stack.client.holds, hold_pb2.HOLD_SCOPE_ORGANIZATION
    await holds.put(scope=all_of_it, subject_id=driver.organization_id, reason="a test")
    await driver.start(campaign_id)
    async with asyncio.timeout(60):
        # Exporters send in batches.
        while not any(  # noqa: ASYNC110
            map(_waits, chain.from_iterable(_of_campaign(collector, campaign_id)))
        ):
            await asyncio.sleep(0.1)
    await holds.lift(scope=all_of_it, subject_id=driver.organization_id)


def _waits(span: Received) -> bool:
    return bool(span.attributes.get("rpc.grpc.status_code") == 8)


def _of_campaign(collector: Collector, campaign_id: str) -> Traces:
    """Every trace in which a lead of the campaign begins."""
    begun = {
        span.trace_id
        for span in collector.received
        if span.name == "RunWorkflow:Lead" and campaign_id in span.text
    }
    return [[span for span in collector.received if span.trace_id == each] for each in begun]


def _complete(found: Traces) -> bool:
    names = [{(span.service, span.name) for span in spans} for spans in found]
    return len(found) == len(PEOPLE) and all(each >= EXPECTED for each in names)


async def test_each_lead_has_a_trace_to_linkedin_and_to_the_customer(leads: Traces) -> None:
    """The workflow, its steps, the gateway, Unipile and the webhook share one; leads share none."""
    assert len(leads) == len(PEOPLE)
    for spans in leads:
        assert {(span.service, span.name) for span in spans} >= EXPECTED
        assert sum(span.name == "RunWorkflow:Lead" for span in spans) == 1


async def test_a_lead_is_linked_to_its_start(leads: Traces, collector: Collector) -> None:
    """From the lead's first span one comes to the trace in which its campaign was started."""
    starts = {span.trace_id for span in collector.received if span.name == START}

    for spans in leads:
        (begin,) = (span for span in spans if span.name == "BeginLead")
        assert set(begin.links) & starts
        assert begin.trace_id not in starts


async def test_what_linkedin_told_is_linked(leads: Traces) -> None:
    """A signal is handled in the lead's trace, and linked to the one in which it was told."""
    told = [span for spans in leads for span in spans if span.name.startswith("HandleSignal:")]

    assert told
    for span in told:
        assert span.links
        assert span.trace_id not in span.links


async def test_a_wait_is_no_failure(leads: Traces) -> None:
    """The gateway had steps wait, and no span of a lead that came to its end is an error."""
    spans = [span for each in leads for span in each]

    assert any(map(_waits, spans))
    assert not [(span.service, span.name) for span in spans if span.failed]


async def test_client_spans_say_what_they_ask(leads: Traces) -> None:
    """Calls of services, of HTTP and of the database, by the names of the conventions."""
    clients = [span for each in leads for span in each if span.kind == Span.SPAN_KIND_CLIENT]

    def of(attribute: str) -> list[Received]:
        return [span for span in clients if attribute in span.attributes]

    assert all({"rpc.service", "rpc.method"} <= span.attributes.keys() for span in of("rpc.system"))
    assert {"outreach-worker"} <= {span.service for span in of("rpc.system")}
    assert {"linkedin-gateway", "webhook-dispatcher"} <= {
        span.service for span in of("http.request.method")
    }
    # Events of many leads are published at once, in a trace that is none of theirs.
    assert {"outreach-worker", "linkedin-gateway"} <= {
        span.service for span in of("db.system.name")
    }
    assert all("server.address" in span.attributes for span in of("http.request.method"))


async def test_no_span_holds_what_a_person_is_made_of(leads: Traces, collector: Collector) -> None:
    """Neither their name nor their profile, in none of all spans."""
    assert leads
    for span in collector.received:
        assert not [name for name in PEOPLE if name in span.text.lower()]
