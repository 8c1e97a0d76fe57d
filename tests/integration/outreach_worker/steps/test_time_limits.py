"""A step that is asked for once the lead's time is over, by a workflow that is behind its own."""

from datetime import timedelta

import pytest
from campaigns.models import StepState
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.sequences.sequence import StepOutcome
from outreach.linkedin.v1 import action_pb2

from tests.integration.outreach_worker.conftest import STEPS, Engine, people
from tests.integration.outreach_worker.steps.test_activities import Case

OVER = timedelta(seconds=-1)


async def over(engine: Engine, **limits: timedelta) -> Case:
    """A lead that has begun, whose campaign's limits have passed."""
    settings = {
        name: engine.clock.now() + limit if name == "end_at" else limit
        for name, limit in limits.items()
    }
    campaign = await engine.new_campaign(people(1), steps=STEPS, **settings)
    await engine.pool.execute("UPDATE leads SET state = 'running', account_id = 'acct_one'")
    (lead,) = await engine.all_leads(campaign.id)
    await engine.leads.begin(lead.id, now=engine.clock.now() - timedelta(days=2))
    (lead,) = await engine.all_leads(campaign.id)
    return Case(engine, campaign, lead)


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"end_at": OVER}, "CAMPAIGN_TIME_OVER"),
        ({"max_lead_duration": timedelta(days=1)}, "LEAD_TIME_OVER"),
    ],
)
async def test_nothing_goes_once_the_time_is_over(
    engine: Engine, limits: dict[str, timedelta], reason: str
) -> None:
    """It is called off, so that no late request for it sends anything, and says why."""
    visit, *_ = STEPS
    lead = await over(engine, **limits)

    performed = await lead.perform(visit)

    assert (performed.outcome, performed.reason) == (StepOutcome.SKIPPED, reason)
    assert not engine.gateway.sent
    (action,) = engine.gateway.actions.values()
    assert action.state == action_pb2.ACTION_STATE_CANCELLED
    row = (await lead.history())["visit"]
    assert (row.state, row.reason) == (StepState.SKIPPED, reason)


async def test_what_went_in_time_is_recorded_as_done(engine: Engine) -> None:
    """Its answer was lost with its worker, and it is asked for again after the end."""
    visit, *_ = STEPS
    lead = await over(engine, end_at=OVER)
    name = lead.action(visit).action_id
    engine.gateway.actions[name] = action_pb2.Action(
        action_id=name, state=action_pb2.ACTION_STATE_DONE
    )

    performed = await lead.perform(visit)

    assert performed.outcome is StepOutcome.DONE
    assert (await lead.history())["visit"].state is StepState.DONE


async def test_a_limit_that_has_not_passed_is_in_nobodys_way(engine: Engine) -> None:
    """The step is performed as without one."""
    visit, *_ = STEPS
    lead = await over(engine, end_at=timedelta(days=900), max_lead_duration=timedelta(days=900))

    assert (await lead.perform(visit)).outcome is StepOutcome.DONE


async def test_nobody_begins_once_the_campaigns_end_has_come(engine: Engine) -> None:
    """Starts are spread over days: leads began, and were told as begun, after the end."""
    end_at = engine.clock.now() + timedelta(days=900)
    campaign = await engine.new_campaign(people(1), end_at=end_at)
    await engine.pool.execute("UPDATE leads SET state = 'running', account_id = 'acct_one'")
    (lead,) = await engine.all_leads(campaign.id)

    late = await engine.leads.begin(lead.id, now=end_at)
    in_time = await engine.leads.begin(lead.id, now=end_at + OVER)

    assert late is None
    assert in_time is not None


async def test_whoever_was_to_begin_after_the_end_is_stopped_with_the_list(engine: Engine) -> None:
    """They were admitted for later, and kept their campaign running for days past its end."""
    end_at = engine.clock.now() + timedelta(days=900)
    campaign = await engine.new_campaign(people(3), end_at=end_at)
    begun, waits, _ready = await engine.all_leads(campaign.id)
    await engine.pool.execute(
        "UPDATE leads SET state = 'running' WHERE id = ANY($1)", [begun.id, waits.id]
    )
    await engine.leads.begin(begun.id, now=end_at + OVER)

    admission = await AdmissionRepository(engine.pool).admit(campaign.id, now=end_at, limit=9)

    assert (admission.leads, admission.running, admission.ready) == ((), 1, 0)
    ended = [each.reason for each in await engine.all_leads(campaign.id)]
    assert ended == ["", "CAMPAIGN_TIME_OVER", "CAMPAIGN_TIME_OVER"]
