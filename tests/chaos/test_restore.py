"""A backup is put back, as docs/deploying.md says it, in the middle of a campaign."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from devstack.demo.demo import fast_clock
from devstack.demo.driver import Driver
from devstack.demo.flow import read_flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.postgres import DATABASE, environment, program
from devstack.stack.stack import Stack, StackOptions

SPEED = 20_000.0
EXAMPLES = Path(__file__).parents[2] / "examples"
UNDER_WAY = 12
"""Changes at LinkedIn, of some fifty in all."""


def postgres(stack: Stack, name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as its administrator."""
    subprocess.run(
        [program(name), "-h", str(stack.postgres.directory), "-U", "postgres", *arguments],
        env=dict(environment()),
        check=True,
        timeout=60,
    )


async def back_up(stack: Stack, folder: Path) -> None:
    """Everything stands still; then both databases, ours and Temporal's."""
    await asyncio.gather(*(service.process.stop() for service in stack.services.values()))
    await stack.temporal.process.stop()
    await asyncio.to_thread(
        postgres, stack, "pg_dump", "--format=custom", "-f", str(folder / "dump"), DATABASE
    )
    shutil.copytree(stack.directory / "temporal", folder / "temporal")


async def restore(stack: Stack, folder: Path) -> None:
    """What there was is lost; what was kept is put in its place, and everything starts."""
    shutil.rmtree(stack.directory / "temporal")
    await asyncio.to_thread(postgres, stack, "dropdb", "--force", DATABASE)
    await asyncio.to_thread(postgres, stack, "createdb", DATABASE)
    options = ("--exit-on-error", "-d", DATABASE, str(folder / "dump"))
    await asyncio.to_thread(postgres, stack, "pg_restore", *options)
    shutil.copytree(folder / "temporal", stack.directory / "temporal")
    await stack.start("temporal")
    await asyncio.gather(*(stack.start(name) for name in stack.services))


@pytest.mark.skipif(not os.environ.get("RESTORE"), reason="lasts a minute: make restore")
@pytest.mark.lasts(seconds=70)
@pytest.mark.timeout(240)
async def test_a_campaign_goes_on_from_a_backup(tmp_path: Path) -> None:
    """With both databases lost and put back it completes, and nobody is contacted twice."""
    leads, flow = EXAMPLES / "leads.csv", read_flow((EXAMPLES / "sequence.json").read_text())
    async with Stack(StackOptions(clock=fast_clock(SPEED), people=leads)) as stack:
        driver = Driver(stack, organization_id="org_restored")
        await driver.register_accounts()
        await driver.create_endpoints(flow)
        created = await driver.create_campaign(flow, name="restored")
        campaign_id = created.campaign.campaign_id
        await driver.import_leads(campaign_id, leads)
        await driver.start(campaign_id)
        async with asyncio.timeout(60):
            while sum(entry["changed"] for entry in await stack.simulator.journal()) < UNDER_WAY:  # noqa: ASYNC110 - the simulator tells nobody
                await asyncio.sleep(0.1)
        assert not (await driver.status(campaign_id)).HasField("end_time")

        await back_up(stack, tmp_path)
        await restore(stack, tmp_path)
        async with asyncio.timeout(120):
            while not (await driver.status(campaign_id)).HasField("end_time"):  # noqa: ASYNC110 - a watch would have ended with its server
                await asyncio.sleep(0.5)

        outcome = await collect_outcome(driver, campaign_id)
        assert [check for check in outcome.checks if not check.holds] == []
        assert outcome.good
