"""Stories of single leads, over weeks, in the time-skipping server."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from campaigns.models import LeadState
from campaigns.sequences.sequence import StepKind, StepOutcome
from campaigns.workflow.contracts import (
    STOPPED_WITH_CAMPAIGN,
    InvitationAccepted,
    LeadContract,
    LeadInput,
    LeadResult,
    ReplyReceived,
)
from outreach_worker.leads.plan import PlanStep
from outreach_worker.leads.workflow import LeadWorkflow
from outreach_worker.steps.contracts import PerformStep, StepPerformed
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from tests.fakes.lead_story import FORKED, HOOK, PLAN, Comes, Story, done, failed, never, now, waits

DAYS = timedelta(days=1)
SOON = timedelta(minutes=1)

Handle = WorkflowHandle[Any, LeadResult]
Tell = Callable[..., AbstractAsyncContextManager[Handle]]


@pytest.fixture
def tell(skipping: WorkflowEnvironment) -> Tell:
    """Starts the lead of a story, with a reply or without; it goes on while the block runs."""
    numbers = itertools.count(1)

    @asynccontextmanager
    async def telling(
        story: Story, *, begins_with: ReplyReceived | None = None
    ) -> AsyncIterator[Handle]:
        name = f"story-{next(numbers)}"
        async with Worker(
            skipping.client,
            task_queue=name,
            workflows=[LeadWorkflow],
            activities=story.activities(),
        ):
            yield await skipping.client.start_workflow(
                LeadContract.run,
                LeadInput(campaign_id="camp_1", lead_id="lead_1"),
                id=f"lead/camp_1/{name}",
                task_queue=name,
                start_signal=None if begins_with is None else "reply_received",
                start_signal_args=[] if begins_with is None else [begins_with],
            )

    return telling


async def accept(handle: Handle, at: datetime, *, event_id: str = "in_1") -> None:
    await handle.signal(
        LeadContract.invitation_accepted, InvitationAccepted(event_id=event_id, at=at)
    )


def hello(at: datetime, *, event_id: str = "in_9") -> ReplyReceived:
    return ReplyReceived(event_id=event_id, at=at, text="Hello!")


async def reply(handle: Handle, at: datetime, *, event_id: str = "in_9") -> None:
    await handle.signal(LeadContract.reply_received, hello(at, event_id=event_id))


async def test_an_accepted_invitation_leads_to_the_message(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """The accepted path's delay counts from the acceptance, not from when it was heard of."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(4 * DAYS)
        accepted_at = await skipping.get_current_time() - timedelta(hours=8)
        await accept(handle, accepted_at)
        result = await handle.result()

    assert result == LeadResult(state=LeadState.COMPLETED, reason="SEQUENCE_COMPLETED")
    assert story.path == ["visit", "invite", "message"]
    assert timedelta() <= story.at("message") - (accepted_at + 2 * DAYS) < SOON
    assert [(answer.accepted, answer.step_id) for answer in story.answers] == [(True, "invite")]


async def test_the_deadline_runs_once_and_from_the_invitation(tell: Tell) -> None:
    """Not accepted: withdrawn ten days after the invitation was sent, not twenty."""
    story = Story()

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert timedelta() <= story.at("withdraw") - story.at("invite") - 10 * DAYS < SOON
    assert timedelta() <= story.at("hook") - story.at("withdraw") - 5 * DAYS < SOON
    assert [(answer.accepted, answer.step_id) for answer in story.answers] == [(False, "invite")]
    assert {step.step_id: step.invited for step in story.asked}["withdraw"]


async def test_a_late_acceptance_is_recorded_and_changes_no_path(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """After the deadline the lead stays on the not-accepted path, but is known as connected."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(12 * DAYS)
        await accept(handle, await skipping.get_current_time())
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert [(answer.accepted, answer.step_id) for answer in story.answers] == [
        (False, "invite"),
        (True, ""),
    ]


async def test_already_connected_is_accepted(tell: Tell) -> None:
    """Who is connected already goes down the accepted path at once."""
    story = Story(comes={"invite": done(connected=True)})

    async with tell(story) as handle:
        await handle.result()

    assert story.path == ["visit", "invite", "message"]
    assert timedelta() <= story.at("message") - story.at("invite") - 2 * DAYS < SOON
    assert not story.answers


async def test_an_acceptance_that_overtakes_the_invitation_is_kept(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """The signal comes while the gateway's answer is still on its way: it counts afterwards."""
    invited = done(invited=True)
    story = Story(comes={"invite": waits(timedelta(hours=6), times=8, then=invited)})

    async with tell(story) as handle:
        await skipping.sleep(1.5 * DAYS)
        await accept(handle, await skipping.get_current_time())
        await handle.result()

    assert story.path == ["visit", "invite", "message"]
    assert [answer.accepted for answer in story.answers] == [True]


async def test_an_invitation_that_failed_cannot_be_accepted(tell: Tell) -> None:
    """The path goes on as if not accepted, at once, and nothing is there to withdraw."""
    story = Story(comes={"invite": failed("INVITED_TOO_RECENTLY")})

    async with tell(story) as handle:
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert story.at("withdraw") - story.at("invite") < SOON
    assert not {step.step_id: step.invited for step in story.asked}["withdraw"]


async def test_a_reply_before_the_first_step_ends_the_sequence(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """Lesson 10, at the first moment: the reply is there when the workflow starts.

    A signal of its own, sent right after the start, would sometimes arrive while a step is
    performed; the skipping server never recovers when that step is done before it is called off.
    """
    story = Story()

    async with tell(story, begins_with=hello(await skipping.get_current_time())) as handle:
        result = await handle.result()

    assert result == LeadResult(state=LeadState.REPLIED, reason="PERSON_REPLIED")
    assert story.path == [], story.path
    assert [said.text for said in story.replies] == ["Hello!"]
    assert story.finished[0][0].skipped == "ALREADY_REPLIED"


@pytest.mark.parametrize("days", [0.5, 1.5, 5.0, 10.9, 11.5, 15.0])
async def test_a_reply_at_any_moment_ends_the_sequence(
    tell: Tell, skipping: WorkflowEnvironment, days: float
) -> None:
    """Lesson 10: nothing is performed after a reply was heard of, whatever the lead waited for."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(days * DAYS)
        replied_at = await skipping.get_current_time()
        await reply(handle, replied_at)
        result = await handle.result()

    assert result == LeadResult(state=LeadState.REPLIED, reason="PERSON_REPLIED")
    assert all(at <= replied_at + SOON for _, at in story.performed)
    assert story.path != ["visit", "invite", "withdraw", "hook"]
    assert [said.text for said in story.replies] == ["Hello!"]
    assert story.finished[0][0].skipped == "ALREADY_REPLIED"


@pytest.mark.parametrize("goes_on", [False, True])
async def test_who_asks_for_no_contact_ends_every_sequence(
    tell: Tell, skipping: WorkflowEnvironment, *, goes_on: bool
) -> None:
    """Also one that goes on after replies; the row learns by which suppression."""
    story = Story(continue_after_reply=goes_on)

    async with tell(story) as handle:
        await skipping.sleep(2 * DAYS)
        said_at = await skipping.get_current_time()
        stop = ReplyReceived(event_id="in_9", at=said_at, suppression_id="supp_1")
        await handle.signal(LeadContract.reply_received, stop)
        result = await handle.result()

    assert result == LeadResult(state=LeadState.REPLIED, reason="PERSON_OPTED_OUT")
    assert [said.suppression_id for said in story.replies] == ["supp_1"]
    assert all(at <= said_at + SOON for _, at in story.performed)


async def test_a_reply_takes_back_the_action_that_waits(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """An action waiting at the gateway is called off there before the lead ends."""
    story = Story(comes={"invite": never()})

    async with tell(story) as handle:
        await skipping.sleep(3 * DAYS)
        await reply(handle, await skipping.get_current_time())
        result = await handle.result()

    assert result.state is LeadState.REPLIED
    assert [(off.step.action_id, off.reason) for off in story.called_off] == [
        ("camp_1/lead_1/invite/send_connection_request", "ALREADY_REPLIED")
    ]


async def test_a_reply_is_heard_once(tell: Tell, skipping: WorkflowEnvironment) -> None:
    """The same event reported three times is one reply; the sequence goes on if told to."""
    story = Story(continue_after_reply=True)

    async with tell(story) as handle:
        await skipping.sleep(2 * DAYS)
        for event_id in ("in_1", "in_1", "in_2", "in_1"):
            await reply(handle, await skipping.get_current_time(), event_id=event_id)
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert [said.event_id for said in story.replies] == ["in_1", "in_2"]


async def test_a_lead_that_cannot_go_on_fails(tell: Tell) -> None:
    """Lead failed: its reason is the lead's, and no later step is performed."""
    story = Story(comes={"visit": failed("PERSON_NOT_FOUND", lead=True)})

    async with tell(story) as handle:
        result = await handle.result()

    assert result == LeadResult(state=LeadState.FAILED, reason="PERSON_NOT_FOUND")
    assert story.path == ["visit"]


async def test_a_failed_step_does_not_cut_off_the_rest(tell: Tell) -> None:
    """What follows a failed step is performed after its usual delay."""
    story = Story(comes={"visit": failed("REFUSED_BY_LINKEDIN")})

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert timedelta() <= story.at("invite") - story.at("visit") - DAYS < SOON


async def test_a_step_of_several_posts_asks_for_each(tell: Tell) -> None:
    """Three posts are three actions with three names, until the step says that it has ended."""

    def comes(step: PerformStep, _attempt: int) -> StepPerformed:
        return StepPerformed(outcome=StepOutcome.DONE, at=now(), ended=step.n == 3)

    like = PlanStep(step_id="like", index=0, kind=StepKind.LIKE_POST, posts=5)
    story = Story(steps=(like,), comes={"like": comes})

    async with tell(story) as handle:
        await handle.result()

    assert [step.action_id for step in story.asked] == [
        f"camp_1/lead_1/like/like_post/{n}" for n in (1, 2, 3)
    ]


async def test_a_parked_account_delays_the_lead_and_nothing_else(tell: Tell) -> None:
    """The account is gone for a month: the same step is asked for again, then the path goes on."""
    story = Story(comes={"visit": waits(timedelta(hours=6), times=120, then=done())})

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert {step.action_id for step in story.asked[:121]} == {"camp_1/lead_1/visit/profile_visit"}
    assert story.path == ["visit", "invite", "withdraw", "hook"]


@pytest.mark.parametrize("days", [0.5, 5.0, 12.0])
async def test_a_cancelled_lead_is_stopped(
    tell: Tell, skipping: WorkflowEnvironment, days: float
) -> None:
    """Called off while it sleeps or waits: it ends as stopped, in order."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(days * DAYS)
        before = list(story.path)
        await handle.cancel(reason=STOPPED_WITH_CAMPAIGN)
        result = await handle.result()

    assert result == LeadResult(state=LeadState.STOPPED, reason="CAMPAIGN_STOPPED")
    assert story.path == before
    assert [finish.state for finish, _ in story.finished] == [LeadState.STOPPED]


async def test_a_cancelled_lead_releases_its_turn(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """What waits at the gateway is called off there, so that its turn goes to others."""
    story = Story(comes={"visit": never()})

    async with tell(story) as handle:
        await skipping.sleep(5 * DAYS)
        await handle.cancel(reason=STOPPED_WITH_CAMPAIGN)
        result = await handle.result()

    assert result.state is LeadState.STOPPED
    assert [off.reason for off in story.called_off] == ["CAMPAIGN_STOPPED"]


async def test_an_action_called_off_by_others_is_skipped(tell: Tell) -> None:
    """The gateway says that the action was cancelled: the step is skipped, the path goes on."""

    def comes(_step: PerformStep, _attempt: int) -> StepPerformed:
        raise ApplicationError("called off", type="ACTION_CANCELLED", non_retryable=True)

    story = Story(comes={"visit": comes})

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert [off.reason for off in story.called_off] == ["ACTION_CANCELLED"]
    assert story.path == ["invite", "withdraw", "hook"]


async def test_a_lead_called_off_before_it_began_does_nothing(tell: Tell) -> None:
    """Its row had ended already: nothing is performed, and the row's end is the result."""
    story = Story(ended=LeadState.STOPPED)

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.STOPPED
    assert not story.asked


@pytest.mark.lasts(seconds=10)
async def test_a_missing_dispatcher_holds_no_lead_up(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """The dispatcher is away for three days: steps keep their times, no event is lost."""
    begun_at = await skipping.get_current_time()
    story = Story(dispatcher_back_at=begun_at + 3 * DAYS)

    async with tell(story) as handle:
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert timedelta() <= story.at("hook") - begun_at - 16 * DAYS < timedelta(hours=1)
    assert sorted(story.published) == ["lead.started", *["step.completed"] * 4]


@pytest.mark.parametrize(
    ("asked", "split", "path"),
    [
        (done(exit_name="yes"), None, ["wait", "asked", "greet"]),
        (done(exit_name="no"), done(exit_name="B"), ["wait", "asked", "split"]),
        (
            failed("FEATURE_NOT_SUBSCRIBED", exit_name="no"),
            done(exit_name="A"),
            ["wait", "asked", "split", "invite", "withdraw", "hook"],
        ),
    ],
)
async def test_a_lead_leaves_by_the_exit_it_was_given(
    tell: Tell, asked: Comes, split: Comes | None, path: list[str]
) -> None:
    """A condition and a split are followed where the activity says, after that exit's delay."""
    story = Story(steps=FORKED, comes={"asked": asked} | ({"split": split} if split else {}))

    async with tell(story) as handle:
        result = await handle.result()

    why = "INVITATION_NOT_ACCEPTED" if "invite" in path else "SEQUENCE_COMPLETED"
    assert result == LeadResult(state=LeadState.COMPLETED, reason=why)
    assert story.path == path
    delay = 1 if path[2] == "greet" else 2
    assert timedelta() <= story.at(path[2]) - story.at("asked") - delay * DAYS < SOON


async def test_a_wait_passes_before_what_follows_it(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """Three days of its own, and then the day of the edge that leaves it."""
    begun_at = await skipping.get_current_time()
    story = Story(steps=FORKED, comes={"asked": done(exit_name="yes")})

    async with tell(story) as handle:
        await handle.result()

    assert timedelta() <= story.at("wait") - begun_at - 3 * DAYS < SOON
    assert timedelta() <= story.at("asked") - story.at("wait") - DAYS < SOON


async def test_a_condition_is_told_what_the_lead_knows(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """A reply that did not end the sequence, and an acceptance, are known to later conditions."""
    after = replace(FORKED[1], step_id="later", index=9, exits=FORKED[1].exits[:0])
    message = replace(PLAN[2], next_step_id="later")
    story = Story(
        steps=(*PLAN[:2], message, *PLAN[3:], after),
        continue_after_reply=True,
    )

    async with tell(story) as handle:
        await skipping.sleep(2 * DAYS)
        await accept(handle, await skipping.get_current_time())
        await reply(handle, await skipping.get_current_time())
        await handle.result()

    knows = {step.step_id: (step.connected, step.replied) for step in story.asked}
    assert knows["visit"] == (False, False)
    assert knows["later"] == (True, True)


async def test_a_condition_that_waits_is_called_off(
    tell: Tell, skipping: WorkflowEnvironment
) -> None:
    """A reply while a condition waits for its read ends the lead at once."""
    story = Story(steps=FORKED, comes={"asked": never()})

    async with tell(story) as handle:
        await skipping.sleep(6 * DAYS)
        await reply(handle, await skipping.get_current_time())
        result = await handle.result()

    assert result.state is LeadState.REPLIED
    assert [off.step.step_id for off in story.called_off] == ["asked"]


async def test_a_long_sequence_leaves_a_short_history(tell: Tell) -> None:
    """Eleven events a step with its delay, of which one waits for an answer: < 1,000 in all."""
    steps = [
        replace(
            HOOK,
            step_id=f"visit-{i}",
            index=i,
            kind=StepKind.PROFILE_VISIT,
            next_step_id=f"visit-{i + 1}" if i < 59 else "invite",
            next_delay_seconds=3600.0,
        )
        for i in range(60)
    ]
    story = Story(steps=(*steps, *PLAN[1:]))

    async with tell(story) as handle:
        await handle.result()
        events = len((await handle.fetch_history()).events)

    assert len(story.performed) == 63
    assert events <= 60 * 11 + 3 * 11 + 5 + 20
