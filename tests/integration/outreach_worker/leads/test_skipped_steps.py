"""Stories of leads that leave out a step at which they wait."""

from datetime import timedelta

from campaigns.models import LeadState
from campaigns.workflow.contracts import LeadContract, LeadResult, SkipStep
from temporalio.testing import WorkflowEnvironment

from tests.fakes.lead_story import HOOK, Story, never
from tests.integration.outreach_worker.leads.test_workflow import (  # noqa: F401 - `tell` is a fixture
    SOON,
    Handle,
    Tell,
    reply,
    tell,
)

HOURS = timedelta(hours=1)


async def skip(handle: Handle, step_id: str) -> None:
    await handle.signal(LeadContract.skip_step, SkipStep(step_id=step_id, by="mem_1"))


async def test_a_step_that_waits_for_its_time_is_left_out(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """Named twice it is one step; an invitation goes on by its not-accepted path, at once."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(5 * HOURS)
        skipped_at = await skipping.get_current_time()
        await skip(handle, "invite")
        await skip(handle, "invite")
        await handle.result()

    assert story.path == ["visit", "withdraw", "hook"]
    assert timedelta() <= story.at("withdraw") - skipped_at < SOON
    (left_out,) = story.called_off
    assert (left_out.step.step_id, left_out.reason, left_out.by) == (
        "invite",
        "STEP_SKIPPED",
        "mem_1",
    )


async def test_a_step_that_waits_for_its_turn_is_withdrawn_first(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """What was queued is taken back before anything follows."""
    story = Story(comes={"visit": never()})

    async with tell(story) as handle:
        await skipping.sleep(5 * HOURS)
        await skip(handle, "visit")
        await handle.result()

    assert [each.step.action_id for each in story.taken_back] == [
        "camp_1/lead_1/visit/profile_visit"
    ]
    assert story.path[0] == "invite"


async def test_a_step_that_was_performed_meanwhile_stays_performed(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It went onto the wire at the same moment: nothing else is left out for it."""
    story = Story(comes={"visit": never()}, too_late=True)

    async with tell(story) as handle:
        await skipping.sleep(5 * HOURS)
        await skip(handle, "visit")
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert not story.called_off


async def test_a_step_that_is_not_the_next_is_not_left_out(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """One behind the lead, and an invitation that was sent and waits for its answer."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(30 * HOURS)
        await skip(handle, "visit")
        await skip(handle, "invite")
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert not story.called_off


async def test_a_reply_that_was_heard_first_ends_the_lead(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """What is left out after it is left out because they replied."""
    story = Story(comes={"invite": never()})

    async with tell(story) as handle:
        await skipping.sleep(30 * HOURS)
        await reply(handle, await skipping.get_current_time())
        await skip(handle, "invite")
        result = await handle.result()

    assert result == LeadResult(state=LeadState.REPLIED, reason="PERSON_REPLIED")
    assert [each.reason for each in story.called_off] == ["ALREADY_REPLIED"]


async def test_a_webhook_that_cannot_be_delivered_is_left_out(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """The caller was told yes, and the lead went on waiting for the dispatcher."""
    story = Story(steps=(HOOK,), comes={"hook": never()})

    async with tell(story) as handle:
        await skipping.sleep(5 * HOURS)
        await skip(handle, "hook")
        result = await handle.result()

    assert result.reason == "STEP_SKIPPED"
    assert [(each.reason, each.by) for each in story.called_off] == [("STEP_SKIPPED", "mem_1")]
