"""From a line in a list to a reply, through every part of the engine."""

from collections.abc import Callable
from pathlib import Path

import pytest
from devstack.demo.driver import Driver
from devstack.demo.flow import Flow
from devstack.demo.outcome import collect_outcome
from devstack.stack.stack import Stack
from outreach.campaign.v1 import lead_pb2

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def run(driver: Driver, flow: Flow, leads: Path) -> str:
    """Bring a list of leads through the sequence; the campaign's id."""
    created = await driver.create_campaign(flow, name=leads.stem)
    campaign_id = created.campaign.campaign_id
    await driver.import_leads(campaign_id, leads)
    await driver.start(campaign_id)
    async for _ in driver.watch(campaign_id):
        pass
    return campaign_id


async def test_the_life_of_a_lead(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """A lead is visited and invited, accepts, is written to, replies, and is left alone."""
    await stack.simulator.put_person("ada", temperament="replies_to_first_followup")

    campaign_id = await run(driver, flow, write_leads("ada"))

    (lead,) = await driver.leads(campaign_id)
    assert lead.lead.state == lead_pb2.LEAD_STATE_REPLIED
    assert lead.lead.connection == lead_pb2.CONNECTION_STATE_CONNECTED
    assert lead.lead.reply
    outcome = await collect_outcome(driver, campaign_id)
    assert [write.kind for write in outcome.made] == ["visit", "invite", "message"]
    assert outcome.made[1].text == "Hello Ada, shall we stay in touch?"
    assert outcome.made[2].text == "Thank you, Ada. How is Ada Ltd?"
    told = [event.type for event in outcome.events]
    story = ["campaign.started", "lead.started", "invitation.accepted", "reply.received"]
    assert [name for name in told if name in story] == story
    assert [check for check in outcome.checks if not check.holds] == []


async def test_whoever_does_not_answer_is_invited_no_more(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """An invitation that nobody accepts within the branch's delay is withdrawn, once."""
    await stack.simulator.put_person("bob", temperament="never_answers")

    campaign_id = await run(driver, flow, write_leads("bob"))

    outcome = await collect_outcome(driver, campaign_id)
    assert [write.kind for write in outcome.made] == ["visit", "invite", "withdraw"]
    invited, withdrawn = outcome.made[1].at, outcome.made[2].at
    assert (withdrawn - invited).days >= 3
    assert outcome.leads[0].lead.connection == lead_pb2.CONNECTION_STATE_WITHDRAWN
    assert outcome.good


def who(temperament: str) -> str:
    """Somebody's name: `/in/not-found` by itself is what tools write where they know nobody."""
    return f"somebody-{temperament.replace('_', '-')}"


async def test_every_temperament_comes_to_an_end_that_adds_up(
    stack: Stack, driver: Driver, flow: Flow, write_leads: Callable[..., Path]
) -> None:
    """Whatever people are like, journal, status and webhooks agree to the unit."""
    temperaments = (
        "accepts_after_days",
        "already_connected",
        "blocks",
        "cannot_be_invited",
        "ignores",
        "invitation_pending_accepts",
        "locked_profile",
        "not_found",
        "opts_out",
        "removes_connection",
        "replies_on_acceptance",
        "replies_to_second_followup",
        "unreachable",
        "withdrawn_recently",
    )
    # Nobody is called by what asks not to contact them: that is no lead.
    people = [who(name.replace("opts_out", "has_enough")) for name in temperaments]
    for person, temperament in zip(people, temperaments, strict=True):
        await stack.simulator.put_person(person, temperament=temperament)

    campaign_id = await run(driver, flow, write_leads(*people))

    outcome = await collect_outcome(driver, campaign_id)
    leads = {lead.lead.public_identifier: lead.lead for lead in outcome.leads}
    states = {name: lead.state for name, lead in leads.items()}
    assert [name for name, lead in leads.items() if lead.suppression_id] == [who("has_enough")]
    assert leads[who("has_enough")].HasField("opt_out_time")
    assert states[who("not_found")] == lead_pb2.LEAD_STATE_FAILED
    assert states[who("replies_on_acceptance")] == lead_pb2.LEAD_STATE_REPLIED
    assert states[who("accepts_after_days")] == lead_pb2.LEAD_STATE_COMPLETED
    assert [check for check in outcome.checks if not check.holds] == []
    assert outcome.good
