"""The straight line of the worker: rows, workflows, gateway and dispatcher together."""

from dataclasses import replace
from typing import Any

from campaigns.models import (
    CampaignState,
    ConnectionState,
    HeldBack,
    LeadState,
    Person,
    StepState,
)
from campaigns.sequences.sequence import Condition, Exit, Question, Step, StepKind, exit_taken
from campaigns.workflow.contracts import (
    CampaignResult,
    InvitationAccepted,
    LeadContract,
    ReplyReceived,
)
from campaigns.workflow.late_answer_contracts import (
    LateAnswerContract,
    LateReply,
    late_answer_workflow_id,
)
from outreach.linkedin.v1 import action_pb2
from outreach.linkedin.v1 import action_service_pb2 as pb

from tests.fakes.gateway import refusal
from tests.integration.outreach_worker.conftest import DAY, Engine, people


def inviting(engine: Engine) -> Any:
    """Person 0 accepts after the invitation, person 1 replies to it, the others ignore it."""

    async def comes(request: pb.PerformActionRequest) -> None:
        handle = engine.client.get_workflow_handle(f"lead/{request.campaign_id}/{request.lead_id}")
        name, now = request.person.public_identifier, engine.clock.now()
        if name == "person-0":
            await handle.signal(
                LeadContract.invitation_accepted, InvitationAccepted(event_id="in_1", at=now)
            )
        if name == "person-1":
            await handle.signal(
                LeadContract.reply_received,
                ReplyReceived(event_id="in_2", at=now, text="Who are you?", chat_id="chat_1"),
            )

    return comes


async def test_every_lead_comes_to_its_end(engine: Engine) -> None:
    """Accepting, replying, ignoring and failing leads: rows, sends and events agree."""
    engine.gateway.comes["send_invitation"] = inviting(engine)
    seen: set[str] = set()

    async def visiting(request: pb.PerformActionRequest) -> None:
        if request.person.public_identifier == "person-3":
            raise refusal("PERSON_NOT_FOUND", effect="lead_failed")
        seen.add(request.account_id)

    engine.gateway.comes["visit_profile"] = visiting
    campaign = await engine.new_campaign(people(4))

    async with engine.working():
        result = await (await engine.start(campaign.id)).result()

    accepted, replied, ignored, failed = await engine.all_leads(campaign.id)
    history = await engine.steps.history([accepted.id, replied.id, ignored.id, failed.id])
    assert result == CampaignResult(state="completed")
    assert (await engine.campaigns.get(campaign.id)).state is CampaignState.COMPLETED
    assert seen == {"acct_one", "acct_two"}
    assert [
        (lead.state, lead.reason, lead.connection) for lead in (accepted, replied, ignored, failed)
    ] == [
        (LeadState.COMPLETED, "SEQUENCE_COMPLETED", ConnectionState.CONNECTED),
        (LeadState.REPLIED, "PERSON_REPLIED", ConnectionState.INVITED),
        (LeadState.COMPLETED, "INVITATION_NOT_ACCEPTED", ConnectionState.WITHDRAWN),
        (LeadState.FAILED, "PERSON_NOT_FOUND", ConnectionState.NONE),
    ]
    assert replied.reply == "Who are you?"
    sent = {
        lead.id: engine.gateway.sent_to(lead.person.public_identifier)
        for lead in (accepted, ignored, failed)
    }
    assert sent == {
        accepted.id: ["visit_profile", "send_invitation", "send_message"],
        ignored.id: ["visit_profile", "send_invitation", "withdraw_invitation"],
        failed.id: [],
    }
    assert {(execution.step_id, execution.state) for execution in history[accepted.id]} == {
        ("visit", StepState.DONE),
        ("invite", StepState.DONE),
        ("message", StepState.DONE),
    }
    assert [(step.step_id, step.state) for step in history[failed.id]] == [
        ("visit", StepState.FAILED)
    ]
    assert not [
        step for steps in history.values() for step in steps if step.state is StepState.WAITING
    ]


async def test_whatever_was_drawn_is_performed_and_told(engine: Engine) -> None:
    """Node ids with spaces, letters of any script and 200 characters: every event arrives.

    The dispatcher refused the events, and the gateway the actions of long ones.
    """
    drawn = ("Schritt 0 für alle", "a" * 150, "шаг1", "ж" * 200)  # noqa: RUF001 - Cyrillic is meant
    steps = tuple(
        Step(step_id=step_id, index=index, kind=StepKind.PROFILE_VISIT, next_step_id=following)
        for index, (step_id, following) in enumerate(zip(drawn, (*drawn[1:], None), strict=True))
    )
    campaign = await engine.new_campaign(people(1), steps=steps)

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    (lead,) = await engine.all_leads(campaign.id)
    told = [engine.dispatcher.event("STEP_COMPLETED", lead_id=lead.id, step_id=s) for s in drawn]
    assert [event.step.state for event in told] == ["done"] * 4
    assert len(engine.gateway.sent) == 4
    assert engine.dispatcher.types(lead.id) == [
        "LEAD_STARTED",
        *["STEP_COMPLETED"] * 4,
        "LEAD_COMPLETED",
    ]


async def test_customers_hear_everything_once(engine: Engine) -> None:
    """The events of an accepting lead, in order, and those of its campaign."""
    engine.gateway.comes["send_invitation"] = inviting(engine)
    campaign = await engine.new_campaign(people(1))

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    (lead,) = await engine.all_leads(campaign.id)
    assert engine.dispatcher.types() == ["CAMPAIGN_STARTED", "CAMPAIGN_COMPLETED"]
    assert engine.dispatcher.types(lead.id) == [
        "LEAD_STARTED",
        "STEP_COMPLETED",
        "STEP_COMPLETED",
        "INVITATION_ACCEPTED",
        "STEP_COMPLETED",
        "LEAD_COMPLETED",
    ]
    event = engine.dispatcher.event("STEP_COMPLETED", lead_id=lead.id, step_id="visit")
    assert (event.step.id, event.step.type, event.step.label, event.step.state) == (
        "visit",
        "profile_visit",
        "Visit",
        "done",
    )
    assert event.lead.linkedin_url == "https://www.linkedin.com/in/person-0"
    assert event.organization_id == "org_north"


async def test_answers_after_the_end_are_kept_and_told(engine: Engine) -> None:
    """A person who accepts and replies when the lead is over is still in status and webhooks."""
    campaign = await engine.new_campaign(people(1))
    async with engine.working():
        await (await engine.start(campaign.id)).result()
        (lead,) = await engine.all_leads(campaign.id)
        at = engine.clock.now()
        for answer in (
            LateReply(
                campaign_id=campaign.id,
                lead_id=lead.id,
                reply=ReplyReceived(event_id="in_1", at=at, text="Sorry, I was away."),
            ),
        ):
            await engine.client.execute_workflow(
                LateAnswerContract.run,
                answer,
                id=late_answer_workflow_id(answer),
                task_queue=engine.task_queue,
            )

    (lead,) = await engine.all_leads(campaign.id)
    assert (lead.state, lead.reply) == (LeadState.COMPLETED, "Sorry, I was away.")
    assert engine.dispatcher.types(lead.id)[-1] == "REPLY_RECEIVED"


async def test_texts_carry_the_lead_and_never_a_brace(engine: Engine) -> None:
    """What reaches the gateway is rendered; a lead without a value fails the step, unsent."""
    nameless = Person(public_identifier="nameless")
    connected = action_pb2.ActionOutcome(already_so=True, connected=True)
    engine.gateway.always("send_invitation", connected)
    campaign = await engine.new_campaign([*people(1), nameless])

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    _, lead = await engine.all_leads(campaign.id)
    (history,) = (await engine.steps.history([lead.id])).values()
    notes = [
        each.send_invitation.note
        for each in engine.gateway.asked
        if each.HasField("send_invitation")
    ]
    assert set(notes) == {"Hello Ada"}
    assert ("invite", StepState.FAILED, "VARIABLE_MISSING") in [
        (step.step_id, step.state, step.reason) for step in history
    ]
    assert ("withdraw", StepState.SKIPPED, "NOTHING_TO_WITHDRAW") in [
        (step.step_id, step.state, step.reason) for step in history
    ]


async def test_a_missing_dispatcher_loses_no_event(engine: Engine) -> None:
    """Every event is told after the dispatcher is back, though the lead went on without it."""
    engine.dispatcher.away = True

    async def messaging(_: pb.PerformActionRequest) -> None:
        engine.dispatcher.away = False

    engine.gateway.comes["send_invitation"] = inviting(engine)
    engine.gateway.comes["send_message"] = messaging
    campaign = await engine.new_campaign(people(1))

    async with engine.working():
        await (await engine.start(campaign.id)).result()
        (lead,) = await engine.all_leads(campaign.id)
        await engine.lead(lead).result()

    assert sorted(engine.dispatcher.types(lead.id)) == [
        "INVITATION_ACCEPTED",
        "LEAD_COMPLETED",
        "LEAD_STARTED",
        "STEP_COMPLETED",
        "STEP_COMPLETED",
        "STEP_COMPLETED",
    ]


async def test_leads_part_where_the_sequence_parts_them(engine: Engine) -> None:
    """A wait, a condition and a split on real parts: who goes which way, and who is contacted."""
    wait = Step(step_id="wait", index=0, kind=StepKind.WAIT, wait_for=3 * DAY, next_step_id="ask")
    cto = Condition(question=Question.VARIABLE_EQUALS, variable="title", value="cto")
    ask = Step(
        step_id="ask",
        index=1,
        kind=StepKind.CONDITION,
        condition=cto,
        exits=(Exit(name="yes", step_id="split", delay=DAY), Exit(name="no")),
    )
    halves = (Exit(name="seen", step_id="visit"), Exit(name="unseen"))
    split = Step(step_id="split", index=2, kind=StepKind.SPLIT, exits=halves)
    visit = Step(step_id="visit", index=3, kind=StepKind.PROFILE_VISIT)
    titles = [*["CTO"] * 8, "Buyer"]
    known = [
        replace(person, title=title)
        for person, title in zip(people(len(titles)), titles, strict=True)
    ]
    campaign = await engine.new_campaign(known, steps=(wait, ask, split, visit))
    begun_at = engine.clock.now()

    async with engine.working():
        await (await engine.start(campaign.id)).result()

    leads = await engine.all_leads(campaign.id)
    expected = {
        lead.person.public_identifier
        for lead in leads
        if lead.person.title == "CTO" and exit_taken(split, lead_id=lead.id, answer=True) == "seen"
    }
    visited = [request.person.public_identifier for request in engine.gateway.sent]
    counts = await engine.statuses.counts(campaign.id)
    assert sorted(visited) == sorted(expected)
    assert counts.exits["ask"] == {"yes": 8, "no": 1}
    assert counts.exits["split"].get("seen", 0) == len(expected)
    assert all(lead.state is LeadState.COMPLETED for lead in leads)
    asked = (await engine.steps.history([lead.id for lead in leads])).values()
    assert all(row.ended_at - begun_at >= 3 * DAY for rows in asked for row in rows if row.ended_at)


async def test_a_lead_held_back_to_the_end_is_told(engine: Engine) -> None:
    """Nobody contacts it, the campaign ends without it, and customers hear that it has failed."""
    campaign = await engine.new_campaign(people(1))
    await engine.leads.add(
        campaign.id,
        [Person(public_identifier="nameless")],
        now=engine.clock.now(),
        check=lambda _id, _person: HeldBack(reason="VARIABLE_MISSING", detail="It needs a name."),
    )

    async with engine.working():
        result = await (await engine.start(campaign.id)).result()

    _, held = await engine.all_leads(campaign.id)
    told = engine.dispatcher.event("LEAD_FAILED", lead_id=held.id)
    assert result == CampaignResult(state="completed")
    assert (held.state, held.reason, held.detail) == (
        LeadState.FAILED,
        "VARIABLE_MISSING",
        "It needs a name.",
    )
    assert (told.lead.state, told.lead.reason) == ("failed", "VARIABLE_MISSING")
    assert not engine.gateway.sent_to("nameless")
