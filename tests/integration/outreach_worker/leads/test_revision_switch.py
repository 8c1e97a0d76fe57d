"""Stories of leads whose sequence gets another revision while they walk it."""

from dataclasses import replace
from datetime import timedelta

from campaigns.answers import AutomaticReplies
from campaigns.models import LeadState
from campaigns.sequences.sequence import StepKind
from campaigns.workflow.contracts import EndLead, LeadContract, ReplyReceived, UpdateWorkflow
from outreach_worker.leads.plan import PlanStep
from temporalio.testing import WorkflowEnvironment

from tests.fakes.lead_story import (
    DAY,
    HOOK,
    INVITE,
    MESSAGE,
    VISIT,
    WITHDRAW,
    Story,
    done,
    moves,
    never,
    waits,
)
from tests.integration.outreach_worker.leads.test_workflow import (  # noqa: F401 - `tell` is a fixture
    DAYS,
    SOON,
    Handle,
    Tell,
    tell,
)

LIKE = PlanStep(step_id="like", index=1, kind=StepKind.LIKE_POST, next_step_id="invite")
REST = (INVITE, MESSAGE, WITHDRAW, HOOK)


async def update(handle: Handle, revision_id: str = "seq_2") -> None:
    await handle.signal(LeadContract.update_workflow, UpdateWorkflow(revision_id=revision_id))


async def test_a_step_put_in_while_a_lead_sleeps_is_its_next(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It wakes at the new step's time, and every step is performed once."""
    plan = (replace(VISIT, next_step_id="like", next_delay_seconds=3 * DAY), LIKE, *REST)
    story = Story(revisions={"seq_2": plan})

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await update(handle)
        await handle.result()

    assert story.path[:3] == ["visit", "like", "invite"]
    assert timedelta() <= story.at("like") - (story.at("visit") + 3 * DAYS) < SOON
    assert len(set(story.path)) == len(story.path)
    assert [adopted.step_id for adopted in story.adopted] == ["like"]
    assert [asked.revision_id for asked in story.asked][:2] == ["seq_1", "seq_2"]


async def test_a_changed_step_that_waits_is_taken_back_and_asked_for_anew(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """Under another name, because what was called off at the gateway stays called off."""
    changed = (PlanStep(step_id="open", index=0, kind=StepKind.PROFILE_VISIT),)
    story = Story(comes={"visit": never()}, revisions={"seq_2": changed, "seq_3": (VISIT, *REST)})

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await update(handle)
        result = await handle.result()

    assert result.state is LeadState.COMPLETED
    assert story.path == ["open"]
    assert [each.step.step_id for each in story.taken_back] == ["visit"]
    assert not story.called_off


async def test_a_step_that_comes_back_has_another_name_at_the_gateway(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """An edit and its rollback: the step is asked for again, and not under the name called off."""
    other = (PlanStep(step_id="open", index=0, kind=StepKind.PROFILE_VISIT),)
    story = Story(
        comes={
            "visit": lambda step, n: done()(step, n) if step.again else never()(step, n),
            "open": never(),
        },
        revisions={"seq_2": other, "seq_3": (replace(VISIT, next_step_id=None),)},
    )

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await update(handle)
        await skipping.sleep(timedelta(hours=5))
        await update(handle, "seq_3")
        await handle.result()

    asked = [step.action_id for step in story.asked if step.step_id == "visit"]
    assert asked[0] == "camp_1/lead_1/visit/profile_visit"
    assert asked[-1] == "camp_1/lead_1/visit/profile_visit/again-1"
    assert story.path == ["visit"]


async def test_a_step_that_was_performed_meanwhile_is_not_asked_for_again(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It was too late to take it back: the lead is past the change, and finishes on its own."""
    changed = (PlanStep(step_id="open", index=0, kind=StepKind.PROFILE_VISIT),)
    story = Story(comes={"visit": never()}, revisions={"seq_2": changed}, too_late=True)

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await update(handle)
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert not story.adopted


async def test_an_unchanged_step_keeps_its_place_at_the_gateway(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """What was changed lies behind it: it goes on to wait, and the path then is the new one."""
    story = Story(
        comes={"visit": waits(timedelta(hours=6), times=4, then=done())},
        revisions={"seq_2": (replace(VISIT, next_step_id=None),)},
    )

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await update(handle)
        await handle.result()

    assert story.path == ["visit"]
    assert not story.taken_back
    # Whose turn it was after it may have been recorded by the old revision meanwhile.
    kept, anew = [(adopted.step_id, adopted.keeps) for adopted in story.adopted]
    assert (kept, anew) == (("visit", True), ("", False))


async def test_an_invitation_that_waited_for_its_turn_has_the_new_deadline(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It went on with the step it had before: 10 days stayed 10, whatever the row said."""
    later = (VISIT, replace(INVITE, accept_within_seconds=30 * DAY), MESSAGE, WITHDRAW, HOOK)
    comes = {"invite": waits(timedelta(hours=6), times=4, then=done(invited=True))}
    story = Story(comes=comes, revisions={"seq_2": later})

    async with tell(story) as handle:
        await skipping.sleep(timedelta(days=1, hours=5))
        await update(handle)
        await handle.result()

    assert timedelta() <= story.at("withdraw") - story.at("invite") - 30 * DAYS < SOON
    assert not story.taken_back


async def test_a_step_whose_time_moved_away_gives_its_turn_back(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """It waits at the gateway already, and by the new revision its delay has not run out."""
    later = (replace(VISIT, next_delay_seconds=4 * DAY), INVITE, MESSAGE, WITHDRAW, HOOK)
    comes = {"invite": lambda step, n: (done(invited=True) if step.again else never())(step, n)}
    story = Story(comes=comes, revisions={"seq_2": later})

    async with tell(story) as handle:
        await skipping.sleep(timedelta(days=1, hours=5))
        await update(handle)
        await handle.result()

    assert [each.step.step_id for each in story.taken_back] == ["invite"]
    assert timedelta() <= story.at("invite") - story.at("visit") - 4 * DAYS < SOON


async def test_a_deadline_moves_with_the_revision(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """A lead that awaits an answer waits as long as the new revision says, from the invitation."""
    sooner = (VISIT, replace(INVITE, accept_within_seconds=5 * DAY), MESSAGE, WITHDRAW, HOOK)
    story = Story(revisions={"seq_2": sooner})

    async with tell(story) as handle:
        await skipping.sleep(3 * DAYS)
        await update(handle)
        await handle.result()

    assert timedelta() <= story.at("withdraw") - story.at("invite") - 5 * DAYS < SOON
    assert story.path == ["visit", "invite", "withdraw", "hook"]


async def test_a_lead_past_the_change_finishes_on_its_own(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """Nothing of its path or its times is another."""
    story = Story()

    async with tell(story) as handle:
        await skipping.sleep(3 * DAYS)
        await update(handle, "seq_9")
        await handle.result()

    assert story.path == ["visit", "invite", "withdraw", "hook"]
    assert timedelta() <= story.at("withdraw") - story.at("invite") - 10 * DAYS < SOON
    assert [compared.path for compared in story.compared] == [("visit", "invite")]
    assert {step.revision_id for step in story.asked} == {"seq_1"}


async def test_a_lead_that_was_moved_asks_under_another_name(tell: Tell) -> None:  # noqa: F811 - the fixture
    """The action of the account that was parked stays called off; the other one's is asked for."""
    story = Story(comes={"visit": moves("acct_two", then=done())})

    async with tell(story) as handle:
        await handle.result()

    assert [step.again for step in story.asked if step.step_id == "visit"] == [0, 1]


async def test_a_reply_elsewhere_ends_the_lead_at_once(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """What waits at the gateway is called off, and the lead says whose reply it was."""
    story = Story(comes={"visit": never()})

    async with tell(story) as handle:
        await skipping.sleep(timedelta(hours=5))
        await handle.signal(LeadContract.end, EndLead(reason="COLLEAGUE_REPLIED"))
        result = await handle.result()

    assert (result.state, result.reason) == (LeadState.STOPPED, "COLLEAGUE_REPLIED")
    assert [each.step.step_id for each in story.called_off] == ["visit"]


async def test_an_automatic_reply_ends_only_what_it_is_to_end(
    tell: Tell,  # noqa: F811 - the fixture
    skipping: WorkflowEnvironment,
) -> None:
    """By the campaign's policy; a person's own reply ends it in any case."""
    for policy, state in (
        (AutomaticReplies.END, LeadState.REPLIED),
        (AutomaticReplies.IGNORE, LeadState.COMPLETED),
        (AutomaticReplies.WAIT, LeadState.COMPLETED),
    ):
        story = Story(automatic_replies=policy)
        async with tell(story) as handle:
            await skipping.sleep(timedelta(hours=5))
            at = await skipping.get_current_time()
            away = ReplyReceived(event_id="in_1", at=at, text="I am away.", automatic=True)
            await handle.signal(LeadContract.reply_received, away)
            result = await handle.result()
        assert result.state is state
        assert [reply.automatic for reply in story.replies] == [True]
