"""`kill -9` of what a program's day needs, in the middle of it: `make automation-chaos`."""

import asyncio
import os
import random
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

import pytest
from automation.decisions.decision import DecisionKind, DecisionState
from devstack.demo.automation.office import Office, office_of
from devstack.demo.automation.world import SENDERS, lead_file, sequence
from devstack.demo.demo import fast_clock
from devstack.demo.driver import ALWAYS, Driver
from devstack.demo.flow import read_flow
from devstack.demo.journal import repeated_contacts, targets, writes
from devstack.stack.stack import Stack, StackOptions
from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import campaign_pb2

SPEED = 2_400.0
"""A day is 36 seconds: every part can be killed and be back in it, and it still releases."""
LEADS = 1500
VICTIMS = ("outreach-worker", "campaign-api", "temporal")
_A_DAY_WITHIN = 180.0
"""Real seconds in which some day begins, weekends and restarts included."""
_A_RUN = 0.5
"""Real seconds: what is killed within them hits any step of a run."""


async def a_day_runs(office: Office) -> None:
    """Return while a run of the program is under way."""
    async with asyncio.timeout(_A_DAY_WITHIN):
        while not any(each.state == run_pb2.RUN_STATE_RUNNING for each in await office.runs()):  # noqa: ASYNC110 - nobody tells of runs
            await asyncio.sleep(0.05)


async def no_day_runs(office: Office) -> None:
    """Return once every run has ended: those that were lost are ended from outside."""
    async with asyncio.timeout(120):
        while any(each.state == run_pb2.RUN_STATE_RUNNING for each in await office.runs()):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.5)


async def begun_campaign(driver: Driver, leads: Path) -> str:
    """A running campaign that admits whom a program releases."""
    await driver.register_accounts(working_hours=ALWAYS)
    settings = campaign_pb2.CampaignSettings(
        max_concurrent_leads=LEADS, admission=campaign_pb2.ADMISSION_RELEASED_ONLY, keep_open=True
    )
    created = await driver.create_campaign(read_flow(sequence()), name="killed", settings=settings)
    campaign_id = created.campaign.campaign_id
    await driver.import_leads(campaign_id, leads)
    await driver.start(campaign_id)
    return campaign_id


@pytest.mark.skipif("AUTOMATION_KILLS" not in os.environ, reason="make automation-chaos")
@pytest.mark.timeout(3600)
async def test_each_day_is_run_once_whoever_dies_in_it(tmp_path: Path) -> None:
    """Each nominal day has one row that has ended; who was released was decided, and once."""
    kills = int(os.environ["AUTOMATION_KILLS"])
    leads = tmp_path / "leads.csv"
    leads.write_text(lead_file(LEADS))
    options = StackOptions(
        clock=fast_clock(SPEED),
        people=leads,
        accounts=SENDERS,
        simulator_options=("--default-temperament", "chooses"),
    )
    async with Stack(options) as stack, office_of(stack) as office:
        driver = Driver(stack, organization_id="org_killed")
        campaign_id = await begun_campaign(driver, leads)
        await office.open(driver.organization_id, campaign_id)
        for number, victim in enumerate(islice(cycle(VICTIMS), kills)):
            if number % len(VICTIMS) == 0:
                # Hit more often, a run comes to its end on another day, and releases nobody.
                await no_day_runs(office)
            await a_day_runs(office)
            await asyncio.sleep(random.uniform(0, _A_RUN))
            await stack.kill(victim)
            await stack.start(victim)
            print(f"{stack.clock.now():%a %d %b %H:%M} {victim} was killed, and is back")  # noqa: T201 - as below
        await office.close()
        await no_day_runs(office)
        await driver.stop(campaign_id)
        runs, decisions = await office.runs(), await office.decisions()
        decided = Counter[str]()
        for each in decisions:
            if each.kind is DecisionKind.RELEASE_LEADS and each.state is DecisionState.APPLIED:
                leads_of = await office.leads(each)
                decided.update(lead.lead_id for lead in leads_of if lead.left_out is None)
        found = [each.lead for each in await driver.leads(campaign_id)]
        made = writes(await stack.simulator.journal())

    by_day = Counter((each.type, each.nominal_time.seconds) for each in runs)
    released = {each.lead_id for each in found if each.HasField("release_time")}
    invited = targets(made, "invite")
    print(f"{kills} kills, {len(runs)} runs, {len(released)} released, {len(invited)} invited")  # noqa: T201 - what the lane measured
    print(Counter(run_pb2.RunState.Name(each.state) for each in runs))  # noqa: T201 - as above
    assert len(invited) > kills / 2
    assert set(by_day.values()) == {1}
    assert {each.state for each in runs} <= {run_pb2.RUN_STATE_COMPLETED, run_pb2.RUN_STATE_FAILED}
    assert set(decided.values()) == {1}
    assert released == decided.keys()
    assert invited <= {each.public_identifier for each in found if each.lead_id in released}
    assert repeated_contacts(made) == []
