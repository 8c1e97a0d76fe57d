"""What sealing costs a lead from its list to its end; `make sealing-cost` measures it."""

import asyncio
import os
from pathlib import Path

import pytest
from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import Flow
from devstack.stack.services import SERVICES, prefix
from devstack.stack.stack import Stack, StackOptions
from google.protobuf.duration_pb2 import Duration
from outreach.campaign.v1 import campaign_pb2

from tests.e2e.conftest import ACCOUNTS
from tests.sealing_figures import PAIRS, keep

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.skipif("SEALING_PAIRS" not in os.environ, reason="measured by make sealing-cost"),
    pytest.mark.timeout(3600),
]
LEADS = int(os.environ.get("SEALING_LEADS", "200"))
_TICK = os.sysconf("SC_CLK_TCK")


def used_by(*roots: int) -> float:
    """Seconds of processor that these processes and whoever they began have used, ended or not."""
    total, parents = 0.0, dict[int, tuple[int, float]]()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        # Of itself, and of children that it has waited for.
        used = sum(int(told[at]) for at in (11, 12, 13, 14)) / _TICK
        parents[int(process.name)] = (int(told[1]), used)
    for each, (_, used) in parents.items():
        at = each
        while at not in roots and at in parents:
            at = parents[at][0]
        total += used if at in roots else 0
    return total


async def lived(flow: Flow, folder: Path, *, sealed: bool) -> float:
    """Milliseconds of processor for a lead, from its list to its end: services and database."""
    said = {f"{prefix(name)}_SEALING_ON": str(sealed).lower() for name in SERVICES}
    options = StackOptions(clock=fast_clock(20_000.0), accounts=ACCOUNTS, environment=said)
    async with Stack(options) as stack:
        driver = Driver(stack, organization_id="org_cost")
        await driver.register_accounts(working_hours=ALWAYS)
        await driver.create_endpoints(flow)
        parts = [each.process.pid for each in (*stack.services.values(), stack.postgres)]
        before = used_by(*parts)
        campaign = await driver.create_campaign(
            flow,
            name="Cost",
            settings=campaign_pb2.CampaignSettings(lead_processing_delay=Duration()),
        )
        campaign_id = campaign.campaign.campaign_id
        await driver.import_leads(campaign_id, written(folder))
        await driver.start(campaign_id)
        while not (await driver.status(campaign_id)).HasField("end_time"):  # noqa: ASYNC110 - a watch would be part of what is measured
            await asyncio.sleep(1)
        return (used_by(*parts) - before) / LEADS * 1000


def written(folder: Path) -> Path:
    """A list of so many people."""
    rows = (
        f"Cost{number},Person,cost{number}@post.example,Firm {number % 50},"
        f"https://www.linkedin.com/in/cost-{number:04}-person"
        for number in range(LEADS)
    )
    file = folder / "leads.csv"
    file.write_text("\n".join(["first_name,last_name,email,company,linkedin_url", *rows]))
    return file


async def test_what_a_whole_lead_costs(flow: Flow, tmp_path: Path) -> None:
    """Pairs of whole stacks, one after the other, in clear and sealed."""
    pairs = [
        [await lived(flow, tmp_path, sealed=sealed) for sealed in (False, True)]
        for _ in range(PAIRS)
    ]

    keep("milliseconds of processor of a lead's whole life", pairs)
    assert all(figure > 0 for pair in pairs for figure in pair)
