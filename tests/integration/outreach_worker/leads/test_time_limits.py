"""Stories of leads whose time is over before their sequence is."""

from dataclasses import replace
from datetime import timedelta

from campaigns.models import LeadState
from campaigns.workflow.contracts import LeadContract, LeadResult
from outreach_worker.events.contracts import Recorded
from outreach_worker.leads.contracts import FinishLead
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from tests.fakes.lead_story import DAY, HOOK, PLAN, VISIT, Story, breaks, done, failed, never, waits
from tests.integration.outreach_worker.leads.test_revision_switch import update
from tests.integration.outreach_worker.leads.test_workflow import (  # noqa: F401 - `tell` is a fixture
    DAYS,
    SOON,
    Tell,
    tell,
)


async def test_a_lead_ends_with_its_campaign(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """At that moment, asleep between two steps; nothing is asked for any more."""
    end_at = await skipping.get_current_time() + 6 * DAYS
    story = Story(end_at=end_at)

    async with tell(story) as handle:
        result = await handle.result()

    assert result == LeadResult(state=LeadState.STOPPED, reason="CAMPAIGN_TIME_OVER")
    assert story.path == ["visit", "invite"]
    ((_, finished_at),) = story.finished
    assert timedelta() <= finished_at - end_at < SOON


async def test_a_lead_ends_after_the_longest_that_it_may_last(
    tell: Tell,  # noqa: F811 - the fixture
) -> None:
    """What waits for its turn then is withdrawn, and says why."""
    story = Story(comes={"invite": never()}, longest=5 * DAYS)

    async with tell(story) as handle:
        result = await handle.result()

    assert result == LeadResult(state=LeadState.STOPPED, reason="LEAD_TIME_OVER")
    assert [(each.step.step_id, each.reason) for each in story.called_off] == [
        ("invite", "LEAD_TIME_OVER")
    ]
    ((_, finished_at),) = story.finished
    assert timedelta() <= finished_at - story.at("visit") - 5 * DAYS < SOON


async def test_an_end_that_is_moved_while_a_lead_walks_is_heeded(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """Closer, farther, and into the past: it goes by the last one."""
    began_at = await skipping.get_current_time()
    ends = {"seq_2": began_at + 4 * DAYS, "seq_3": began_at + 20 * DAYS, "seq_4": began_at}
    story = Story(revisions=dict.fromkeys(ends, PLAN), end_at_by_revision=ends)

    async with tell(story) as handle:
        await skipping.sleep(3 * DAYS)
        await update(handle, "seq_2")
        await update(handle, "seq_3")
        await skipping.sleep(2 * DAYS)
        progress = (await handle.describe()).status
        await update(handle, "seq_4")
        result = await handle.result()

    assert progress is not None
    assert progress.name == "RUNNING"
    assert result == LeadResult(state=LeadState.STOPPED, reason="CAMPAIGN_TIME_OVER")


async def test_a_lead_ends_where_its_time_was_found_over(
    tell: Tell,  # noqa: F811 - the fixture
) -> None:
    """The worker that asks for the step looks too: it may be asked before the workflow is."""
    story = Story(comes={"invite": failed("CAMPAIGN_TIME_OVER")})

    async with tell(story) as handle:
        result = await handle.result()

    assert result == LeadResult(state=LeadState.STOPPED, reason="CAMPAIGN_TIME_OVER")
    assert story.path == ["visit", "invite"]


async def test_a_sequence_that_ends_in_time_ends_as_it_does(
    tell: Tell,  # noqa: F811 - the fixture
) -> None:
    """A limit that does not bind is nobody's end."""
    story = Story(longest=90 * DAYS)

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "invite", "withdraw", "hook"]


class SlowToFinish(Story):
    """A fault keeps the lead's end from being recorded for two hours."""

    @activity.defn(name="finish_lead")
    async def finish_lead(self, finish: FinishLead) -> Recorded:
        if activity.info().attempt == 1:
            raise ApplicationError("no database", next_retry_delay=timedelta(hours=2))
        return await super().finish_lead(finish)


HOOKED = (replace(VISIT, next_step_id="hook", next_delay_seconds=DAY), HOOK)


async def test_a_lead_that_was_not_told_of_a_later_end_goes_on(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It asks its row before it ends: it was told page by page, and ended before its page came."""
    end_at = await skipping.get_current_time() + 6 * DAYS
    story = Story(end_at=end_at, end_moved_to=end_at + 90 * DAYS)

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert len(story.compared) == 1
    assert story.path == ["visit", "invite", "withdraw", "hook"]


async def test_a_parked_lead_is_saved_by_a_later_end(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """A bug keeps it from hearing of the end that was moved; it ended in its place for good."""
    end_at = await skipping.get_current_time() + 3 * DAYS
    story = Story(
        steps=HOOKED,
        comes={"visit": breaks(until_again=1, then=done())},
        end_at=end_at,
        end_moved_to=end_at + 90 * DAYS,
    )

    async with tell(story) as handle:
        await skipping.sleep(1 * DAYS)
        await update(handle)
        await skipping.sleep(4 * DAYS)
        await handle.signal(LeadContract.retry)
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "hook"]


async def test_a_webhook_that_cannot_be_delivered_is_waited_for_until_the_later_end(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """While the dispatcher is away nobody looked at what the lead was told."""
    end_at = await skipping.get_current_time() + 3 * DAYS
    story = Story(
        steps=HOOKED,
        comes={"hook": waits(timedelta(hours=6), times=12, then=done())},
        end_at=end_at,
        end_moved_to=end_at + 90 * DAYS,
    )

    async with tell(story) as handle:
        await skipping.sleep(2 * DAYS)
        await update(handle)
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "hook"]


async def test_a_lead_that_has_come_to_its_end_stays_completed(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """Its time runs out while its end is recorded: then, and ever after, it was told as stopped."""
    story = SlowToFinish(
        steps=(HOOK,), end_at=await skipping.get_current_time() + timedelta(hours=1)
    )

    async with tell(story) as handle:
        result = await handle.result()
        progress = await handle.query(LeadContract.lead_status)

    assert result.state is LeadState.COMPLETED
    assert progress.state == LeadState.COMPLETED
    assert story.finished[-1][0].state is LeadState.COMPLETED
