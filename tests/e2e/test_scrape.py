"""What a scrape and the logs of four running services show once a campaign has run."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import httpx
import pytest
import pytest_asyncio
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.metrics_page import common, own
from devstack.stack.services import SERVICES
from devstack.stack.stack import Stack
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}
MOST_SERIES = {
    "campaign-api": 1500,
    "outreach-worker": 1600,
    "linkedin-gateway": 1800,
    "webhook-dispatcher": 800,
}
"""Of a process, its libraries' with them; docs/metrics.md says so."""
WITH_PROGRAMS = 2800
"""Of a worker that has run programs: Temporal's SDK measures each of their activities."""
PERSON = {
    "first_name": "Zebulonia",
    "last_name": "Quartermaine-Oyelaran",
    "email": "zq@quartermaine-oyelaran.example",
    "company": "Oyelaran Foundries",
    "title": "Keeper of Crucibles",
    "phone": "+47 555 0199",
    "linkedin_url": "https://www.linkedin.com/in/zebulonia-quartermaine-oyelaran",
}
PERSONAL = re.compile(
    "zebulonia|quartermaine|oyelaran|crucibles|555 0199|how is|send the figures|stay in touch",
    re.IGNORECASE,
)
"""All that she is made of, and what she is told."""
_AN_ID = re.compile(
    # Words have no digits, as `lead_failed` has none.
    r"(org|camp|seq|lead|per|acct|act|ep|evt|dlv|mem|key)_(?=\w*\d)\w{6,}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}"
)


@dataclass(frozen=True)
class Seen:
    """What there was to be seen."""

    scrapes: Mapping[str, list[Metric]]
    logs: Mapping[str, list[str]]
    campaign_id: str

    def value(self, service: str, sample: str, **labels: str) -> float:
        """The sum of a service's samples of that name with these labels."""
        return sum(
            each.value
            for each in chain.from_iterable(family.samples for family in self.scrapes[service])
            if each.name == sample and labels.items() <= each.labels.items()
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen(
    stack: Stack, driver: Driver, flow: Flow, tmp_path_factory: pytest.TempPathFactory
) -> Seen:
    """A campaign with one person, from its start to its end, and what is shown then."""
    file = tmp_path_factory.mktemp("people") / "leads.csv"
    file.write_text(f"{','.join(PERSON)}\n{','.join(PERSON.values())}\n")
    created = await driver.create_campaign(flow, name="seen")
    await driver.import_leads(created.campaign.campaign_id, file)
    await driver.start(created.campaign.campaign_id)
    async for _ in driver.watch(created.campaign.campaign_id):
        pass
    scrapes = {name: await _scraped(stack, name) for name in SERVICES}
    logs = {name: (stack.logs / f"{name}.log").read_text().splitlines() for name in SERVICES}
    return Seen(scrapes=scrapes, logs=logs, campaign_id=created.campaign.campaign_id)


async def _scraped(stack: Stack, service: str) -> list[Metric]:
    port = stack.addresses.http_ports[service]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=OPENMETRICS) as http:
        answer = (await http.get("/metrics")).raise_for_status()
    return await asyncio.to_thread(lambda: list(text_string_to_metric_families(answer.text)))


async def test_a_process_stays_within_its_budget_of_series(seen: Seen) -> None:
    """After a campaign, when every family has its labels; a label with an id would burst it."""
    series = {
        service: sum(len(family.samples) for family in families)
        for service, families in seen.scrapes.items()
    }

    most = dict(MOST_SERIES)
    if any(
        sample.labels.get("workflow_type") == "DailyProgram"
        for family in seen.scrapes["outreach-worker"]
        for sample in family.samples
    ):
        most["outreach-worker"] = WITH_PROGRAMS

    assert {name: most[name] >= count for name, count in series.items()} == dict.fromkeys(
        most, True
    ), series


async def test_every_loop_is_told_of_from_the_start(seen: Seen) -> None:
    """Each with its failures, so that the first is an increase; none has stood still."""
    for service, name in (
        ("campaign-api", "audit seals"),
        ("outreach-worker", "workflow sweep"),
        ("linkedin-gateway", "outbox relay"),
        ("webhook-dispatcher", "orphaned deliveries"),
    ):
        ages = [
            each.value
            for family in seen.scrapes[service]
            for each in family.samples
            if each.name == "loop_success_age_seconds" and each.labels["loop"] == name
        ]

        assert ages
        assert max(ages) < 300


async def test_every_series_is_on_the_page(seen: Seen) -> None:
    """What is scraped is documented, and holds no id."""
    for service, families in seen.scrapes.items():
        documented = {each.name.removesuffix("_total") for each in (*common(), *own(service))}
        samples = [sample for family in families for sample in family.samples]

        for family in families:
            libraries = ("temporal_", "process_", "python_", "service_build")
            assert family.name in documented or family.name.startswith(libraries), family.name
        for sample in samples:
            assert not sample.name.endswith("_created")
            for label, value in sample.labels.items():
                assert not _AN_ID.search(value), (sample.name, label, value)


async def test_the_eight_key_metrics_tell_of_the_campaign(seen: Seen) -> None:
    """Its end, its lead's and how long that took; steps, Unipile, caps and workers."""
    worker, gateway = "outreach-worker", "linkedin-gateway"

    assert seen.value(worker, "campaigns_ended_total", state="completed") >= 1
    assert seen.value(worker, "leads_ended_total") >= 1
    assert seen.value(worker, "leads_admitted_total") >= 1
    assert seen.value(worker, "lead_duration_seconds_count") >= 1
    assert seen.value(worker, "lead_duration_seconds_sum") > 86_400
    assert seen.value(worker, "activity_attempts_total", outcome="done") >= 3
    assert seen.value(worker, "activity_attempts_total", outcome="bug") == 0
    assert seen.value(worker, "steps_total", outcome="done") >= 1
    assert seen.value(gateway, "unipile_request_seconds_count") >= 1
    # Measured every minute, real time; the campaign was over before.
    caps = {each.name for each in seen.scrapes[gateway] if each.name.startswith("linkedin_cap_")}
    assert caps == {"linkedin_cap_utilisation_ratio", "linkedin_cap_headroom_actions"}
    assert seen.value(worker, "temporal_worker_task_slots_available") > 0
    assert seen.value(worker, "process_resident_memory_bytes") > 0


async def test_a_bucket_names_a_trace(seen: Seen) -> None:
    """Who sees a slow call of Unipile or of a service finds its trace from there."""
    for service, name in (
        ("linkedin-gateway", "unipile_request_seconds"),
        ("campaign-api", "rpc_server_duration_seconds"),
    ):
        (family,) = (each for each in seen.scrapes[service] if each.name == name)

        assert any(sample.exemplar for sample in family.samples)


async def test_every_line_of_a_log_is_json(seen: Seen) -> None:
    """Those of libraries too: each has a time, a level, its service and an event."""
    for service, lines in seen.logs.items():
        assert lines
        for line in lines:
            fields = json.loads(line)
            assert {"timestamp", "level", "service", "event"} <= fields.keys(), line
            assert fields["service"] == service


async def test_a_lead_is_followed_through_the_logs(seen: Seen) -> None:
    """Lines on a step name campaign, lead, account and trace."""
    told = [
        fields
        for line in seen.logs["linkedin-gateway"]
        if (fields := json.loads(line)).get("campaign_id") == seen.campaign_id
    ]

    assert any(
        {"campaign_id", "lead_id", "account_id", "action_id", "trace_id"} <= fields.keys()
        for fields in told
    )


async def test_no_log_holds_what_a_person_is_made_of(seen: Seen) -> None:
    """Neither name, address, company, title, number nor profile, nor what was said to them."""
    for lines in seen.logs.values():
        assert not [line for line in lines if PERSONAL.search(line)]
