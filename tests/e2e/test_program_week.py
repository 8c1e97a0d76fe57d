"""A program in AUTOPILOT on the whole stack: its days, its releases, and who was invited."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from automation.decisions.decision import DecisionKind, DecisionState
from devstack.demo.automation.office import Office, office_of
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.journal import repeated_contacts, targets, writes
from devstack.demo.lead_file import invented
from devstack.stack.stack import Stack
from outreach.automation.v1 import run_pb2
from outreach.campaign.v1 import campaign_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")

DAYS = 4
LEADS = 60


async def ended_days(office: Office) -> Sequence[run_pb2.Run]:
    """The daily runs of the program that have ended."""
    return [
        each
        for each in await office.runs()
        if each.program_id == office.program.program_id
        and each.type == run_pb2.RUN_TYPE_DAILY
        and each.state != run_pb2.RUN_STATE_RUNNING
    ]


@pytest.mark.lasts(seconds=40)
async def test_a_program_invites_whom_it_has_decided_on(
    stack: Stack, driver: Driver, flow: Flow, tmp_path: Path
) -> None:
    """One completed run for each nominal day; who is invited was released, once, by a decision."""
    leads = tmp_path / "leads.csv"
    leads.write_text(invented("program", LEADS))
    settings = campaign_pb2.CampaignSettings(
        admission=campaign_pb2.ADMISSION_RELEASED_ONLY, keep_open=True
    )
    created = await driver.create_campaign(flow, name="a program's", settings=settings)
    campaign_id = created.campaign.campaign_id
    await driver.import_leads(campaign_id, leads)
    await driver.start(campaign_id)

    async with office_of(stack) as office:
        await office.open(driver.organization_id, campaign_id)
        while len(await ended_days(office)) < DAYS:  # noqa: ASYNC110 - nobody tells of runs
            await asyncio.sleep(0.5)
        await office.close()
        await driver.stop(campaign_id, complete_current_executions=False)
        runs, decisions = await ended_days(office), await office.decisions()
        released = [
            lead.lead_id
            for each in decisions
            if each.kind is DecisionKind.RELEASE_LEADS and each.state is DecisionState.APPLIED
            for lead in await office.leads(each)
        ]

    days = [date.fromisoformat(each.nominal_day) for each in runs]
    assert {each.state for each in runs} == {run_pb2.RUN_STATE_COMPLETED}
    assert Counter(days).most_common(1)[0][1] == 1
    assert max(days) - min(days) >= timedelta(days=DAYS - 1)
    assert len(released) == len(set(released)) > 0
    people = {
        each.lead.lead_id: each.lead.public_identifier for each in await driver.leads(campaign_id)
    }
    ours = set(people.values())
    made = [each for each in writes(await stack.simulator.journal()) if each.target in ours]
    assert targets(made, "invite") <= {people[each] for each in released}
    assert repeated_contacts(made) == []
