"""Steps of leads, and what is known of them."""

from datetime import timedelta

from campaigns.models import StepExecution, StepState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.sequence import Step, StepKind

from tests.integration.campaigns.conftest import NOW, NewCampaign


async def test_history_is_in_the_order_of_the_walk(
    leads: LeadRepository, steps: StepRepository, new_campaign: NewCampaign
) -> None:
    """A step keeps its first start and its last state; steps come as they were reached."""
    campaign = await new_campaign(1)
    (_, lead), *_ = await leads.page(campaign.id, limit=1)
    waiting = StepExecution(step_id="visit", state=StepState.WAITING, started_at=NOW)
    done = StepExecution(
        step_id="visit",
        state=StepState.DONE,
        started_at=NOW + timedelta(hours=1),
        ended_at=NOW + timedelta(hours=1),
    )
    later = StepExecution(
        step_id="invite", state=StepState.WAITING, started_at=NOW + timedelta(hours=2)
    )
    for execution in (waiting, done, later):
        await steps.record(campaign.id, lead.id, StepKind.PROFILE_VISIT, execution)

    history = (await steps.history([lead.id]))[lead.id]

    assert [(step.step_id, step.state, step.started_at) for step in history] == [
        ("visit", StepState.DONE, NOW),
        ("invite", StepState.WAITING, later.started_at),
    ]


async def test_no_step_waits_by_a_revision_that_the_lead_left(
    leads: LeadRepository, steps: StepRepository, new_campaign: NewCampaign
) -> None:
    """A late attempt that knows the old revision is told so; the adopted one's step stays alone."""
    campaign = await new_campaign(1)
    (_, lead), *_ = await leads.page(campaign.id, limit=1)
    old = Step(step_id="old", index=0, kind=StepKind.PROFILE_VISIT)
    new = Step(step_id="new", index=0, kind=StepKind.PROFILE_VISIT)
    progress = ProgressRepository(steps._pool)
    for revision_id, step in (("seq_1", old), ("seq_2", new)):
        await progress.adopt(
            campaign.id,
            lead.id,
            revision_id=revision_id,
            waiting=step,
            since=NOW,
            keeps_text=False,
        )

    late = await steps.wait(campaign.id, lead.id, old, revision_id="seq_1", since=NOW)
    again = await steps.wait(campaign.id, lead.id, new, revision_id="seq_2", since=NOW)

    assert (late, again) == (False, True)
    history = (await steps.history([lead.id]))[lead.id]
    assert [(each.step_id, each.state) for each in history] == [("new", StepState.WAITING)]
