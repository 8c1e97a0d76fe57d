"""A bug of ours in an activity, on real parts."""

import asyncio
from datetime import timedelta

import pytest
from campaigns.models import Lead, LeadState, Person
from campaigns.workflow.contracts import LeadContract, OwnerWrote
from outreach_worker.bug_policy import MOST_ATTEMPTS
from outreach_worker.policies import ROWS

from tests.fakes.gateway import not_yet
from tests.integration.outreach_worker.conftest import Engine

ADA = Person(public_identifier="ada", first_name="Ada")
LONG = 120.0


async def parked(engine: Engine, campaign_id: str) -> Lead | None:
    (lead,) = await engine.all_leads(campaign_id)
    return lead if lead.state is LeadState.PARKED else None


@pytest.mark.lasts(seconds=10)
@pytest.mark.parametrize("activity", ["begin_lead", "perform_step", "record_answer"])
async def test_a_lead_is_parked_and_sent_on(engine: Engine, activity: str) -> None:
    """With its reason and a trace; sent on, it goes its way, and nothing is sent twice."""
    engine.activities.broken.add(activity)
    campaign = await engine.new_campaign([ADA], max_concurrent_leads=1)

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: parked(engine, campaign.id), within=LONG)
        lead = await parked(engine, campaign.id)
        assert lead is not None
        in_vain = [request.action_id for request in engine.gateway.sent]
        assert (await engine.campaigns.get(campaign.id)).parked_leads == 1
        engine.activities.broken.clear()
        await engine.lead(lead).signal(LeadContract.retry)
        result = await asyncio.wait_for(handle.result(), LONG)

    assert (lead.reason, bool(lead.trace_id)) == ("ACTIVITY_FAILED", True)
    assert activity in lead.detail
    assert result.state == "completed"
    (ended,) = await engine.all_leads(campaign.id)
    assert (ended.state, ended.reason, ended.trace_id) == (
        LeadState.COMPLETED,
        "INVITATION_NOT_ACCEPTED",
        "",
    )
    sent = [request.action_id for request in engine.gateway.sent]
    assert sent[: len(in_vain)] == in_vain
    kinds = engine.gateway.sent_to("ada")
    assert kinds == ["visit_profile", "send_invitation", "withdraw_invitation"]


@pytest.mark.lasts(seconds=10)
async def test_what_waits_for_its_turn_is_withdrawn(engine: Engine) -> None:
    """A bug in what is heard meanwhile stops the lead: its action does not go while it is parked.

    It is asked for under another name when the lead is sent on.
    """
    engine.gateway.always("visit_profile", not_yet("HELD", retry_after=timedelta(days=4000)))
    campaign = await engine.new_campaign([ADA])

    async with engine.working():
        handle = await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked, within=LONG)
        (lead,) = await engine.all_leads(campaign.id)
        engine.activities.broken.add("compare_revision")
        await engine.lead(lead).signal(LeadContract.update_workflow)
        await engine.until(lambda: parked(engine, campaign.id), within=LONG)
        await engine.until(lambda: not engine.gateway.queued(lead.id), within=LONG)
        engine.activities.broken.clear()
        del engine.gateway.comes["visit_profile"]
        await engine.lead(lead).signal(LeadContract.retry)
        await asyncio.wait_for(handle.result(), LONG)

    visits = [each for each in engine.gateway.actions if "profile_visit" in each]
    assert visits == [visits[0], f"{visits[0]}/again-1"]
    assert engine.gateway.sent_to("ada").count("visit_profile") == 1


async def test_what_the_owner_writes_by_hand_is_recorded(engine: Engine) -> None:
    """No worker knew the activity: such a lead never ended."""
    engine.gateway.always("visit_profile", not_yet("HELD", retry_after=timedelta(days=4000)))
    campaign = await engine.new_campaign([ADA])

    async with engine.working():
        await engine.start(campaign.id)
        await engine.until(lambda: engine.gateway.asked, within=LONG)
        (lead,) = await engine.all_leads(campaign.id)
        wrote = OwnerWrote(event_id="in_1", at=engine.clock.now())
        await engine.lead(lead).signal(LeadContract.owner_wrote, wrote)
        result = await asyncio.wait_for(engine.lead(lead).result(), LONG)

    assert (result.state, result.reason) == (LeadState.STOPPED, "OWNER_WROTE")
    assert "OWNER_WROTE" in engine.dispatcher.types(lead.id)


def test_a_bug_ends_within_minutes() -> None:
    """Eight attempts by the activities' own pauses: a deployment that is rolled back at once
    parks nobody.
    """
    policy = ROWS["retry_policy"]
    first, most = policy.initial_interval, policy.maximum_interval or timedelta()
    pauses = [min(first * policy.backoff_coefficient**n, most) for n in range(MOST_ATTEMPTS - 1)]

    assert timedelta(minutes=2) < sum(pauses, timedelta()) < timedelta(minutes=3)
