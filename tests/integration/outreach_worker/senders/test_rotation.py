"""Several accounts send for a campaign: who gets which lead, and what a parked one does to them."""

from collections import Counter
from datetime import timedelta

import pytest
from campaigns.models import Lead, ParkedSenders
from campaigns.sequences.sequence import Step, StepKind
from outreach.linkedin.v1 import action_pb2

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import DAY, Engine, people
from tests.integration.outreach_worker.test_waking import backing_off

ONE_VISIT = (Step(step_id="visit", index=0, kind=StepKind.PROFILE_VISIT),)
TWO_STEPS = (
    Step(
        step_id="visit",
        index=0,
        kind=StepKind.PROFILE_VISIT,
        next_step_id="like",
        next_delay=30 * DAY,
    ),
    Step(step_id="like", index=1, kind=StepKind.LIKE_POST),
)
AT_ONCE = {"lead_processing_delay": timedelta()}


def accounts(leads: list[Lead]) -> Counter[str]:
    return Counter(lead.account_id for lead in leads)


@pytest.mark.lasts(seconds=10)
async def test_leads_go_where_there_is_capacity(engine: Engine) -> None:
    """Three times the capacity, three times the leads; a booked-out account still gets a trace."""
    engine.gateway.free = {"acct_one": 300, "acct_two": 100}
    campaign = await engine.new_campaign(people(40), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    assert accounts(await engine.all_leads(campaign.id)) == {"acct_one": 30, "acct_two": 10}
    by_account = Counter(request.account_id for request in engine.gateway.sent)
    assert by_account == {"acct_one": 30, "acct_two": 10}


async def test_a_parked_account_gets_no_lead(engine: Engine) -> None:
    """While another one of the campaign can act."""
    engine.gateway.parked = {"acct_one"}
    campaign = await engine.new_campaign(people(6), steps=ONE_VISIT, **AT_ONCE)

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    assert accounts(await engine.all_leads(campaign.id)) == {"acct_two": 6}


async def test_leads_that_were_not_contacted_move(engine: Engine) -> None:
    """Parked after they were admitted, they are sent to by the other, once, and the old is off."""
    campaign = await engine.new_campaign(people(6), steps=ONE_VISIT, **AT_ONCE)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=10)
    engine.gateway.parked = {"acct_one"}

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    leads = await engine.all_leads(campaign.id)
    assert accounts(leads) == {"acct_two": 6}
    assert len(engine.gateway.sent) == len({each.lead_id for each in engine.gateway.sent}) == 6
    called_off = [
        name
        for name, action in engine.gateway.actions.items()
        if action.state == action_pb2.ACTION_STATE_CANCELLED
    ]
    assert len(called_off) == 3
    assert all(name.endswith("/visit/profile_visit") for name in called_off)


@pytest.mark.lasts(seconds=5)
async def test_leads_that_were_contacted_wait(engine: Engine) -> None:
    """A person hears from one account: the lead waits until that one is back."""
    campaign = await engine.new_campaign(people(2), steps=TWO_STEPS, **AT_ONCE)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.sent) == 2)
        engine.gateway.parked = {"acct_one"}
        await engine.until(
            lambda: "react_to_post" in [each.WhichOneof("action") for each in engine.gateway.sent]
        )
        await engine.until(
            lambda: [
                each.account_id
                for each in engine.gateway.asked
                if each.WhichOneof("action") == "react_to_post" and each.account_id == "acct_one"
            ]
        )

    assert accounts(await engine.all_leads(campaign.id)) == {"acct_one": 1, "acct_two": 1}


async def test_a_campaign_may_have_them_wait(engine: Engine) -> None:
    """By its setting nobody moves."""
    campaign = await engine.new_campaign(
        people(2), steps=ONE_VISIT, parked_senders=ParkedSenders.WAIT, **AT_ONCE
    )
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=10)
    engine.gateway.parked = {"acct_one"}

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 2 and engine.gateway.sent)

    assert accounts(await engine.all_leads(campaign.id)) == {"acct_one": 1, "acct_two": 1}


async def test_a_lead_does_not_go_to_and_fro(engine: Engine) -> None:
    """Two accounts that refuse although they are listed as connected: it moves once, and waits."""
    wait = not_yet("ACCOUNT_PARKED", retry_after=timedelta(days=4000))
    engine.gateway.always("visit_profile", wait)
    campaign = await engine.new_campaign(people(1), steps=ONE_VISIT)

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: len(engine.gateway.asked) == 2)
        (lead,) = await engine.all_leads(campaign.id)
        await engine.until(lambda: backing_off(engine, engine.lead(lead).id))

    assert [each.account_id for each in engine.gateway.asked] == ["acct_one", "acct_two"]
    assert engine.gateway.asked[1].action_id.endswith("/again-1")
