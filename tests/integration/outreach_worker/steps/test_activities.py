"""One step at the gateway: what is sent, what is recorded, and what is true after a call-off."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from campaigns.models import Campaign, ConnectionState, Lead, LeadState, StepExecution, StepState
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.sequences.sequence import AiOptions, Step, StepKind, StepOutcome, Variant
from campaigns.sequences.variants import variant_of
from campaigns.texts.writing import WritingTask
from campaigns.writer import Writer, WriterUnavailable
from outreach.linkedin.v1 import account_pb2, action_pb2, person_pb2
from outreach_worker.leads.contracts import FinishLead
from outreach_worker.steps.contracts import CallOff, PerformStep, StepPerformed, TakenBack
from outreach_worker.steps.errors import ActionCalledOff, ActionOnTheWire, StepUndecided
from servicekit.errors import InvalidArgument, NotYet, PermissionDenied
from temporalio.testing import ActivityEnvironment

from tests.fakes.gateway import not_yet, refusal
from tests.integration.outreach_worker.conftest import STEPS, Engine, people

# In clear, as a list of before could say it.
RENAMED = "UPDATE leads SET person = NULL, public_identifier = 'ada', first_name = $1"

LIKE = Step(step_id="like", index=0, kind=StepKind.LIKE_POST, posts=3)
COMMENT = Step(
    step_id="comment", index=0, kind=StepKind.COMMENT_POST, text="Nice!", ai=AiOptions(), posts=2
)
HOOK = Step(step_id="hook", index=0, kind=StepKind.WEBHOOK, endpoint_id="ep_1")


class FakeWriter(Writer):
    """Says what it is told to say, and counts; what may be sent is decided as ever."""

    def __init__(self, *says: str | Exception) -> None:  # nothing to connect to
        self.says = list(says)
        self.tasks: list[WritingTask] = []

    async def write(self, task: WritingTask) -> str:
        self.tasks.append(task)
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said


class Case:
    """One admitted lead, and its steps one by one."""

    def __init__(self, engine: Engine, campaign: Campaign, lead: Lead) -> None:
        self.engine = engine
        self.campaign = campaign
        self.lead = lead

    def action(self, step: Step, *, n: int = 1, invited: bool = False) -> PerformStep:
        return PerformStep(
            campaign_id=self.campaign.id,
            lead_id=self.lead.id,
            revision_id=self.campaign.revision_id,
            step_id=step.step_id,
            kind=step.kind,
            n=n,
            posts=step.posts,
            invited=invited,
        )

    async def perform(self, step: Step, **more: Any) -> StepPerformed:
        activities = self.engine.activities.linkedin
        performed: StepPerformed = await ActivityEnvironment().run(
            activities.perform_step, self.action(step, **more)
        )
        return performed

    async def call_off(self, step: Step, reason: str, **more: Any) -> StepPerformed:
        call_off = CallOff(step=self.action(step, **more), reason=reason)
        activities = self.engine.activities.linkedin
        performed: StepPerformed = await ActivityEnvironment().run(
            activities.call_off_step, call_off
        )
        return performed

    async def take_back(self, step: Step, **more: Any) -> TakenBack:
        call_off = CallOff(step=self.action(step, **more), reason="LEAD_PARKED")
        activities = self.engine.activities.linkedin
        taken_back: TakenBack = await ActivityEnvironment().run(activities.take_back_step, call_off)
        return taken_back

    async def history(self) -> dict[str, StepExecution]:
        rows = await self.engine.steps.history([self.lead.id])
        return {row.step_id: row for row in rows[self.lead.id]}

    async def connection(self) -> ConnectionState:
        return (await self.engine.leads.get(self.campaign.id, self.lead.id)).connection

    def write_with(self, writer: FakeWriter) -> None:
        self.engine.activities.linkedin._actions._texts._writer = writer  # type: ignore[assignment]


async def case(engine: Engine, *steps: Step) -> Case:
    campaign = await engine.new_campaign(people(1), steps=steps or STEPS)
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=1)
    (lead,) = await engine.all_leads(campaign.id)
    return Case(engine, campaign, lead)


async def test_a_step_is_recorded_with_its_follower(engine: Engine) -> None:
    """Done, told, and the next step is the one that waits."""
    visit, *_ = STEPS
    lead = await case(engine)

    performed = await lead.perform(visit)

    history = await lead.history()
    assert (performed.outcome, performed.unpublished) == (StepOutcome.DONE, ())
    assert {step_id: row.state for step_id, row in history.items()} == {
        "visit": StepState.DONE,
        "invite": StepState.WAITING,
    }
    assert engine.dispatcher.types(lead.lead.id) == ["STEP_COMPLETED"]


async def test_a_repeated_attempt_sends_and_tells_nothing_twice(engine: Engine) -> None:
    """Lesson 15: an attempt that is repeated sends nothing and tells nothing twice."""
    visit, *_ = STEPS
    lead = await case(engine)

    first = await lead.perform(visit)
    second = await lead.perform(visit)

    assert first == second
    assert len(engine.gateway.sent) == 1
    assert len(engine.dispatcher.events) == 1


async def test_a_wait_is_handed_on(engine: Engine) -> None:
    """The gateway's delay and reason reach Temporal; nothing is recorded."""
    visit, *_ = STEPS
    engine.gateway.always("visit_profile", not_yet("HELD", retry_after=timedelta(hours=6)))
    lead = await case(engine)

    with pytest.raises(NotYet) as waits:
        await lead.perform(visit)

    assert (waits.value.reason, waits.value.retry_after) == ("HELD", timedelta(hours=6))
    assert not await lead.history()


async def test_several_posts_end_with_the_last(engine: Engine) -> None:
    """Lesson 22: as many posts as were drawn; the step is recorded once, with the last."""
    lead = await case(engine, LIKE)

    ended = [(await lead.perform(LIKE, n=n)).ended for n in (1, 2, 3)]

    assert ended == [False, False, True]
    assert len({request.action_id for request in engine.gateway.sent}) == 3
    assert (await lead.history())["like"].state is StepState.DONE


async def test_fewer_posts_than_wanted_are_enough(engine: Engine) -> None:
    """No second post: the step is done, and says how far it came."""
    lead = await case(engine, LIKE)

    await lead.perform(LIKE, n=1)
    engine.gateway.always("react_to_post", refusal("NO_POSTS"))
    performed = await lead.perform(LIKE, n=2)

    row = (await lead.history())["like"]
    assert performed.ended
    assert (row.state, row.detail) == (StepState.DONE, "1 of 3 posts; then NO_POSTS")


async def test_a_post_that_is_taken_back_too_late_is_one_of_several(engine: Engine) -> None:
    """The step goes on with its next post: once it counted as done, and the others never came."""
    lead = await case(engine, LIKE)
    name = lead.action(LIKE, n=1).action_id
    engine.gateway.actions[name] = action_pb2.Action(
        action_id=name, state=action_pb2.ACTION_STATE_DONE
    )

    taken_back = await lead.take_back(LIKE, n=1)

    assert taken_back.performed is not None
    assert not taken_back.performed.ended
    assert not await lead.history()


async def test_a_post_that_is_called_off_too_late_is_one_of_several(engine: Engine) -> None:
    """The step ends with it, and says how far it came and why: once it looked whole."""
    lead = await case(engine, LIKE)
    name = lead.action(LIKE, n=1).action_id
    engine.gateway.actions[name] = action_pb2.Action(
        action_id=name, state=action_pb2.ACTION_STATE_DONE
    )

    performed = await lead.call_off(LIKE, "ALREADY_REPLIED", n=1)

    row = (await lead.history())["like"]
    assert performed.ended
    assert (row.state, row.reason) == (StepState.DONE, "ALREADY_REPLIED")
    assert row.detail == "1 of 3 posts; then ALREADY_REPLIED"


async def test_no_post_at_all_fails_the_step(engine: Engine) -> None:
    """The first post is missing: failed, with its reason, and customers hear so."""
    engine.gateway.always("react_to_post", refusal("NO_POSTS"))
    lead = await case(engine, LIKE)

    performed = await lead.perform(LIKE)

    assert (performed.outcome, performed.lead_failed) == (StepOutcome.FAILED, "")
    assert (await lead.history())["like"].reason == "NO_POSTS"
    assert engine.dispatcher.types(lead.lead.id) == ["STEP_FAILED"]


async def test_an_invitation_that_was_pending_counts_as_invited(engine: Engine) -> None:
    """Lesson 14: an invitation that is pending already is waited for and not called rejected."""
    _, invite, *_ = STEPS
    engine.gateway.always("send_invitation", action_pb2.ActionOutcome(already_so=True))
    lead = await case(engine)

    performed = await lead.perform(invite)

    assert (performed.invited, performed.connected) == (True, False)
    assert await lead.connection() is ConnectionState.INVITED
    assert (await lead.history())["invite"].reason == "ALREADY_SO"


async def test_an_inmail_that_went_as_a_message_is_recorded_so(engine: Engine) -> None:
    """Lesson 22: an InMail that went as a message says so and claims no InMail."""
    inmail = Step(step_id="inmail", index=0, kind=StepKind.SEND_INMAIL, text="Hello")
    engine.gateway.always("send_inmail", action_pb2.ActionOutcome(sent_as_message=True))
    lead = await case(engine, inmail)

    performed = await lead.perform(inmail)

    assert (performed.outcome, performed.reason) == (StepOutcome.DONE, "SENT_AS_MESSAGE")
    assert (await lead.history())["inmail"].reason == "SENT_AS_MESSAGE"


async def test_nothing_to_withdraw_asks_nobody(engine: Engine) -> None:
    """Without an invitation of this lead the gateway is not even asked."""
    withdraw = STEPS[3]
    lead = await case(engine)

    performed = await lead.perform(withdraw, invited=False)

    assert (performed.outcome, performed.reason) == (StepOutcome.SKIPPED, "NOTHING_TO_WITHDRAW")
    assert not engine.gateway.asked


async def test_our_mistake_is_told_to_us(engine: Engine) -> None:
    """A malformed request fails the step and counts; it is no reason against the lead."""
    visit, *_ = STEPS
    engine.gateway.always("visit_profile", InvalidArgument("person: missing"))
    lead = await case(engine)

    performed = await lead.perform(visit)

    assert (performed.outcome, performed.reason) == (StepOutcome.FAILED, "MALFORMED_REQUEST")
    labels = {"kind": "profile_visit"}
    assert engine.registry.get_sample_value("malformed_requests_total", labels) == 1.0


async def test_refused_credentials_are_tried_again(engine: Engine) -> None:
    """Lesson 7: a refusal of credentials ends nothing: the step stays where it is."""
    visit, *_ = STEPS
    engine.gateway.always("visit_profile", PermissionDenied())
    lead = await case(engine)

    with pytest.raises(StepUndecided):
        await lead.perform(visit)

    assert not await lead.history()


async def test_a_webhook_step_reaches_its_endpoint(engine: Engine) -> None:
    """The event is for the one endpoint that the step names."""
    engine.dispatcher.endpoints.add("ep_1")
    lead = await case(engine, HOOK)

    await lead.perform(HOOK)

    event = engine.dispatcher.event("SEQUENCE_WEBHOOK", lead_id=lead.lead.id, step_id="hook")
    assert engine.dispatcher.endpoint_of[event.event_id] == "ep_1"
    assert (await lead.history())["hook"].state is StepState.DONE


async def test_a_deleted_endpoint_fails_the_step(engine: Engine) -> None:
    """The customer has deleted the webhook: the step has failed, the lead goes on."""
    lead = await case(engine, HOOK)

    performed = await lead.perform(HOOK)

    assert (performed.outcome, performed.reason) == (StepOutcome.FAILED, "ENDPOINT_NOT_FOUND")


async def test_what_waits_is_called_off(engine: Engine) -> None:
    """Its turn is released, the row says why, and a late attempt finds it cancelled."""
    visit, *_ = STEPS
    engine.gateway.always(
        "visit_profile", not_yet("WAITING_FOR_CAP", retry_after=timedelta(days=1))
    )
    lead = await case(engine)
    with pytest.raises(NotYet):
        await lead.perform(visit)

    performed = await lead.call_off(visit, "ALREADY_REPLIED")

    assert performed.outcome is StepOutcome.SKIPPED
    with pytest.raises(ActionCalledOff):
        await lead.perform(visit)
    assert (await lead.history())["visit"].reason == "ALREADY_REPLIED"


async def test_what_was_sent_meanwhile_is_recorded_as_sent(engine: Engine) -> None:
    """The action had gone when it was called off: the row tells the truth."""
    _, invite, *_ = STEPS
    lead = await case(engine)
    name = lead.action(invite).action_id
    engine.gateway.actions[name] = action_pb2.Action(
        action_id=name, state=action_pb2.ACTION_STATE_DONE
    )

    performed = await lead.call_off(invite, "ALREADY_REPLIED")

    assert (performed.outcome, performed.invited) == (StepOutcome.DONE, True)
    assert (await lead.history())["invite"].state is StepState.DONE
    assert await lead.connection() is ConnectionState.INVITED


async def test_what_is_on_the_wire_is_waited_for(engine: Engine) -> None:
    """Nobody knows yet whether it landed: the call-off is asked again soon."""
    visit, *_ = STEPS
    lead = await case(engine)
    name = lead.action(visit).action_id
    engine.gateway.actions[name] = action_pb2.Action(
        action_id=name, state=action_pb2.ACTION_STATE_SENDING
    )

    with pytest.raises(ActionOnTheWire) as waits:
        await lead.call_off(visit, "ALREADY_REPLIED")

    assert waits.value.retry_after is not None
    assert engine.clock.real(waits.value.retry_after) == timedelta(seconds=2)


async def test_a_late_attempt_changes_no_end(engine: Engine) -> None:
    """A step that has ended stays as it ended, whatever arrives afterwards."""
    visit, *_ = STEPS
    lead = await case(engine)
    await lead.call_off(visit, "CAMPAIGN_STOPPED")
    engine.gateway.actions.clear()

    await lead.perform(visit)

    assert (await lead.history())["visit"].reason == "CAMPAIGN_STOPPED"


async def test_a_finished_lead_waits_for_nothing(engine: Engine) -> None:
    """The step whose turn had not come is skipped with the reason of the end."""
    visit, *_ = STEPS
    lead = await case(engine)
    await lead.perform(visit)

    await ActivityEnvironment().run(
        engine.activities.lead.finish_lead,
        FinishLead(
            campaign_id=lead.campaign.id,
            lead_id=lead.lead.id,
            state=LeadState.REPLIED,
            skipped="ALREADY_REPLIED",
        ),
    )

    row = (await lead.history())["invite"]
    assert (row.state, row.reason) == (StepState.SKIPPED, "ALREADY_REPLIED")


def post(number: int, *, comments: bool = True) -> person_pb2.Post:
    made = person_pb2.Post(
        post_id=f"post_{number}", text=f"About {number}", takes_comments=comments
    )
    made.publish_time.FromSeconds(number)
    return made


async def test_an_edit_between_two_posts_comments_on_none_twice(engine: Engine) -> None:
    """It forgot which the second had been about, and the third was about the same."""
    comment = replace(COMMENT, posts=3)
    engine.gateway.posts = [post(number) for number in (1, 2, 3)]
    lead = await case(engine, comment)
    lead.write_with(FakeWriter("One.", "Two.", "Three."))
    await lead.perform(comment, n=1)
    await lead.perform(comment, n=2)
    await ProgressRepository(engine.pool).adopt(
        lead.campaign.id,
        lead.lead.id,
        revision_id=lead.campaign.revision_id,
        waiting=comment,
        since=engine.clock.now(),
        keeps_text=True,
    )

    await lead.perform(comment, n=3)

    about = [request.comment_on_post.post_id for request in engine.gateway.sent]
    assert about == ["post_3", "post_2", "post_1"]


async def test_a_comment_is_written_once_about_the_newest_post(engine: Engine) -> None:
    """Grounded in the newest post that takes comments; a retry sends the very same text."""
    engine.gateway.posts = [post(1), post(3, comments=False), post(2)]
    writer = FakeWriter("What a fine thought.", "Another one altogether.")
    engine.gateway.always("comment_on_post", not_yet("WAITING_FOR_CAP", retry_after=timedelta(1)))
    lead = await case(engine, COMMENT)
    lead.write_with(writer)

    for _ in range(3):
        with pytest.raises(NotYet):
            await lead.perform(COMMENT)

    comments = [request.comment_on_post for request in engine.gateway.asked]
    assert {(comment.text, comment.post_id) for comment in comments} == {
        ("What a fine thought.", "post_2")
    }
    assert len(writer.tasks) == 1
    assert "About 2" in writer.tasks[0].case


async def test_the_next_comment_is_about_another_post(engine: Engine) -> None:
    """Two comments of one step are two texts about two posts."""
    engine.gateway.posts = [post(1), post(2)]
    lead = await case(engine, COMMENT)
    lead.write_with(FakeWriter("A fine thought.", "Another fine thought."))

    await lead.perform(COMMENT, n=1)
    await lead.perform(COMMENT, n=2)

    comments = [request.comment_on_post for request in engine.gateway.sent]
    assert [(each.text, each.post_id) for each in comments] == [
        ("A fine thought.", "post_2"),
        ("Another fine thought.", "post_1"),
    ]


@pytest.mark.parametrize(
    ("posts", "reason"), [([], "NO_POSTS"), ([post(1, comments=False)], "COMMENTS_DISABLED")]
)
async def test_without_a_post_there_is_no_comment(
    engine: Engine, posts: list[person_pb2.Post], reason: str
) -> None:
    """Nothing to comment on: failed with the reason, and nobody is asked to write."""
    engine.gateway.posts = posts
    writer = FakeWriter()
    lead = await case(engine, COMMENT)
    lead.write_with(writer)

    performed = await lead.perform(COMMENT)

    assert (performed.outcome, performed.reason) == (StepOutcome.FAILED, reason)
    assert not writer.tasks


@pytest.mark.parametrize("says", ["Hello [First Name]!", WriterUnavailable()])
async def test_the_customers_text_stands_in(engine: Engine, says: str | Exception) -> None:
    """A placeholder, or no writer: the manual text goes, and goes again on a retry."""
    engine.gateway.posts = [post(1)]
    lead = await case(engine, COMMENT)
    lead.write_with(FakeWriter(says, says))

    await lead.perform(COMMENT)
    engine.gateway.actions.clear()
    await lead.perform(COMMENT)

    assert {request.comment_on_post.text for request in engine.gateway.sent} == {"Nice!"}


async def test_the_text_of_an_action_never_changes(engine: Engine) -> None:
    """Lesson 15: what waits keeps its text though an account is renamed or a list completed.

    The gateway finds out by the text's hash whether a lost message has landed.
    """
    message = Step(
        step_id="message",
        index=0,
        kind=StepKind.SEND_FOLLOWUP,
        text="{Hi|Hello|Hey} {{first_name}}, this is {{sender.first_name}}.",
    )
    engine.gateway.always("send_message", not_yet("WAITING_FOR_CAP", retry_after=timedelta(1)))
    lead = await case(engine, message)

    for name in ("Grace Example", "Joan Example"):
        with pytest.raises(NotYet):
            await lead.perform(message)
        engine.gateway.account.name = name
        engine.activities.linkedin._actions._texts._senders._remembered.clear()
        await engine.pool.execute(RENAMED, name)

    texts = {request.send_message.text for request in engine.gateway.asked}
    assert len(texts) == 1
    assert "Ada, this is Ada." in texts.pop()


async def test_a_step_that_was_taken_back_may_say_something_else(engine: Engine) -> None:
    """Another action under another name has a text of its own, and keeps it."""
    engine.gateway.always("send_message", not_yet("WAITING_FOR_CAP", retry_after=timedelta(1)))
    message = Step(step_id="message", index=0, kind=StepKind.SEND_FOLLOWUP, text="As drawn")
    lead = await case(engine, message)
    changed = replace(message, text="As drawn anew")
    texts = engine.activities.linkedin._actions._texts

    said = [
        (await texts.text_of(lead.campaign, lead.lead, step, n=1, again=again)).text
        for step, again in ((message, 0), (changed, 0), (changed, 1), (message, 1))
    ]

    assert said == ["As drawn", "As drawn", "As drawn anew", "As drawn anew"]


async def test_a_variant_is_sent_and_recorded(engine: Engine) -> None:
    """The lead's own variant goes, every time the same; its history and its event name it."""
    tried = Step(
        step_id="message",
        index=0,
        kind=StepKind.SEND_FOLLOWUP,
        text="Hi",
        variants=(Variant(name="control", text="Hi"), Variant(name="b", text="Hello")),
    )
    lead = await case(engine, tried)

    await lead.perform(tried)

    chosen = variant_of(tried, lead_id=lead.lead.id)
    assert chosen is not None
    assert [request.send_message.text for request in engine.gateway.sent] == [chosen.text]
    (execution,) = (await engine.steps.history([lead.lead.id]))[lead.lead.id]
    assert execution.variant == chosen.name
    assert [each.step.variant for each in engine.dispatcher.events.values()] == [chosen.name]


async def test_what_is_confirmed_is_sent_as_it_stands(engine: Engine) -> None:
    """What the customer has confirmed is no column of the list, when it is said either."""
    said = Step(
        step_id="say",
        index=0,
        kind=StepKind.SEND_FOLLOWUP,
        text="Hi [Demo], [Looms]",
        literal=("[Demo]",),
    )
    person = replace(people(1)[0], variables={"Demo": "Monday", "Looms": "looms"})
    campaign = await engine.new_campaign([person], steps=(said,))
    await engine.admissions.admit(campaign.id, now=engine.clock.now(), limit=1)
    (lead,) = await engine.all_leads(campaign.id)

    await Case(engine, campaign, lead).perform(said)

    (call,) = engine.gateway.sent
    assert call.send_message.text == "Hi [Demo], looms"


async def test_a_note_too_long_for_the_plan(engine: Engine) -> None:
    """A note that the account's plan does not take is not even asked for."""
    engine.gateway.account.tier = account_pb2.ACCOUNT_TIER_FREE
    invite = Step(step_id="invite", index=0, kind=StepKind.SEND_CONNECTION_REQUEST, text="x" * 201)
    lead = await case(engine, invite)

    performed = await lead.perform(invite)

    assert (performed.outcome, performed.reason) == (StepOutcome.FAILED, "MESSAGE_TOO_LONG")
    assert not engine.gateway.asked


async def test_a_text_knows_the_profile(engine: Engine) -> None:
    """The writer is given what the person says of themselves, and the account's own limit."""
    engine.gateway.profile = person_pb2.Profile(headline="Keeps plants running")
    engine.gateway.account.tier = account_pb2.ACCOUNT_TIER_FREE
    invite = Step(step_id="invite", index=0, kind=StepKind.SEND_CONNECTION_REQUEST, ai=AiOptions())
    writer = FakeWriter("I would love to hear how you do it.")
    lead = await case(engine, invite)
    lead.write_with(writer)

    await lead.perform(invite)

    assert "Headline: Keeps plants running" in writer.tasks[0].case
    assert "never more than 200 characters" in writer.tasks[0].rules


async def test_no_writer_and_no_text_waits_for_the_writer(engine: Engine) -> None:
    """Nothing to say yet: the step waits instead of failing or saying something generic."""
    engine.gateway.posts = [post(1)]
    wordless = replace(COMMENT, text="")
    lead = await case(engine, wordless)
    lead.write_with(FakeWriter(WriterUnavailable()))

    with pytest.raises(WriterUnavailable):
        await lead.perform(wordless)

    assert not await lead.history()
