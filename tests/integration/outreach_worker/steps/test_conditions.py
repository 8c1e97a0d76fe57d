"""Conditions, waits and splits as the worker performs them: asked, recorded, counted, told."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from campaigns.models import ConnectionState, StepState
from campaigns.sequences.sequence import (
    Condition,
    Exit,
    Question,
    Step,
    StepKind,
    StepOutcome,
    exit_taken,
)
from outreach.linkedin.v1 import person_pb2
from servicekit.errors import NotYet, ServiceError

from tests.fakes.gateway import not_yet, refusal
from tests.integration.outreach_worker.conftest import Engine
from tests.integration.outreach_worker.steps.test_activities import case

ASK = Step(
    step_id="ask",
    index=0,
    kind=StepKind.CONDITION,
    condition=Condition(question=Question.CONNECTED),
    exits=(Exit(name="yes", step_id="visit"), Exit(name="no", step_id="hook")),
)
VISIT = Step(step_id="visit", index=1, kind=StepKind.PROFILE_VISIT)
HOOK = Step(step_id="hook", index=2, kind=StepKind.WEBHOOK, endpoint_id="ep_1")
SPLIT = Step(
    step_id="split",
    index=0,
    kind=StepKind.SPLIT,
    exits=(Exit(name="A", step_id="visit", share=5), Exit(name="B", step_id="hook", share=5)),
)
WAIT = Step(
    step_id="wait",
    index=0,
    kind=StepKind.WAIT,
    wait_for=timedelta(days=3),
    next_step_id="visit",
)


def asking(question: Question, **more: Any) -> Step:
    return replace(ASK, condition=Condition(question=question, **more))


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("question", [Question.CONNECTED, Question.OPEN_PROFILE])
async def test_what_linkedin_shows(engine: Engine, question: Question, holds: bool) -> None:  # noqa: FBT001
    """Whether they are connected, and whether the profile is open, is read at the gateway."""
    step = asking(question)
    lead = await case(engine, step, VISIT, HOOK)
    engine.gateway.profile = person_pb2.Profile(connected=holds, open_profile=holds)

    performed = await lead.perform(step)

    history = await lead.history()
    exit_name, following = ("yes", "visit") if holds else ("no", "hook")
    assert (performed.outcome, performed.exit_name) == (StepOutcome.DONE, exit_name)
    assert (history["ask"].state, history["ask"].exit_name) == (StepState.DONE, exit_name)
    assert history["ask"].detail.endswith(f"? {exit_name}.")
    assert history[following].state is StepState.WAITING
    assert engine.gateway.profiles_read[0].person.public_identifier == "person-0"
    assert engine.gateway.profiles_read[0].lead_id == lead.lead.id


async def test_a_known_connection_costs_no_read(engine: Engine) -> None:
    """Whom this campaign knows to be connected is not looked up."""
    lead = await case(engine, ASK, VISIT, HOOK)
    await engine.leads.record_connection(
        lead.lead.id, ConnectionState.CONNECTED, at=engine.clock.now()
    )

    performed = await lead.perform(ASK)

    assert performed.exit_name == "yes"
    assert engine.gateway.profiles_read == []


@pytest.mark.parametrize(("posts", "exit_name"), [(1, "yes"), (0, "no")])
async def test_recent_posts(engine: Engine, posts: int, exit_name: str) -> None:
    """Who has posted of late goes the way of yes."""
    step = asking(Question.HAS_POSTS)
    lead = await case(engine, step, VISIT, HOOK)
    engine.gateway.posts = [person_pb2.Post(post_id=str(number)) for number in range(posts)]

    assert (await lead.perform(step)).exit_name == exit_name


async def test_a_reply(engine: Engine) -> None:
    """Who has replied, although the sequence goes on, goes the way of yes."""
    step = asking(Question.REPLIED)
    silent = await case(engine, step, VISIT, HOOK)
    spoke = await case(engine, step, VISIT, HOOK)
    await engine.leads.record_reply(spoke.lead.id, "Hello!", at=engine.clock.now())

    assert (await silent.perform(step)).exit_name == "no"
    assert (await spoke.perform(step)).exit_name == "yes"


@pytest.mark.parametrize(("value", "exit_name"), [(" aDa ", "yes"), ("Grace", "no")])
async def test_a_variable(engine: Engine, value: str, exit_name: str) -> None:
    """A variable is compared without its case and the space around it."""
    step = asking(Question.VARIABLE_EQUALS, variable="first_name", value=value)
    lead = await case(engine, step, VISIT, HOOK)

    assert (await lead.perform(step)).exit_name == exit_name


@pytest.mark.parametrize(
    ("refused", "exit_name", "lead_failed"),
    [
        (refusal("FEATURE_NOT_SUBSCRIBED"), "no", ""),
        (refusal("PERSON_NOT_FOUND", effect="lead_failed"), "", "PERSON_NOT_FOUND"),
    ],
)
async def test_a_question_without_an_answer(
    engine: Engine, refused: ServiceError, exit_name: str, lead_failed: str
) -> None:
    """It counts as no and is recorded as failed with its reason; some end the lead."""
    lead = await case(engine, ASK, VISIT, HOOK)
    engine.gateway.profile = refused

    performed = await lead.perform(ASK)

    ask = (await lead.history())["ask"]
    assert (performed.outcome, performed.exit_name) == (StepOutcome.FAILED, exit_name)
    assert performed.lead_failed == lead_failed
    assert (ask.state, ask.reason, ask.exit_name) == (StepState.FAILED, refused.reason, exit_name)
    assert ("hook" in await lead.history()) is not bool(lead_failed)


async def test_a_read_waits_for_its_turn(engine: Engine) -> None:
    """While the account may not read, the condition waits and nothing is recorded."""
    lead = await case(engine, ASK, VISIT, HOOK)
    engine.gateway.profile = not_yet("WAITING_FOR_CAP", retry_after=timedelta(hours=3))

    with pytest.raises(NotYet) as waits:
        await lead.perform(ASK)

    assert waits.value.retry_after == timedelta(hours=3)
    assert await lead.history() == {}


async def test_the_first_answer_counts(engine: Engine) -> None:
    """The worker died after recording: the next attempt goes the way that was recorded."""
    lead = await case(engine, ASK, VISIT, HOOK)
    engine.gateway.profile = person_pb2.Profile(connected=False)

    first = await lead.perform(ASK)
    engine.gateway.profile = person_pb2.Profile(connected=True)
    second = await lead.perform(ASK)

    assert (first.exit_name, second.exit_name) == ("no", "no")
    assert {"ask", "hook"} == (await lead.history()).keys()


async def test_a_split_goes_by_the_lead(engine: Engine) -> None:
    """The exit is the one that the hash names, however often it is asked, and it is counted."""
    lead = await case(engine, SPLIT, VISIT, HOOK)

    exit_name = {(await lead.perform(SPLIT)).exit_name for _ in range(2)}

    expected = exit_taken(SPLIT, lead_id=lead.lead.id, answer=False)
    assert exit_name == {expected}
    counts = await engine.statuses.counts(lead.campaign.id)
    assert counts.exits == {"split": {expected: 1}}
    assert counts.steps["split"] == {StepState.DONE: 1}


async def test_exits_are_told_to_customers(engine: Engine) -> None:
    """The step's event names the exit that the lead took."""
    lead = await case(engine, SPLIT, VISIT, HOOK)

    performed = await lead.perform(SPLIT)

    (event,) = engine.dispatcher.events.values()
    assert (event.step.type, event.step.exit) == ("split", performed.exit_name)


async def test_a_wait_contacts_nobody(engine: Engine) -> None:
    """A wait that is over is done, says how long it was, and is followed."""
    lead = await case(engine, WAIT, VISIT)

    performed = await lead.perform(WAIT)

    history = await lead.history()
    assert (performed.outcome, performed.exit_name) == (StepOutcome.DONE, "")
    assert (history["wait"].state, history["wait"].detail) == (StepState.DONE, "Waited 3 days.")
    assert history["visit"].state is StepState.WAITING
    assert engine.gateway.asked == []


@pytest.mark.parametrize("step", [WAIT, ASK, SPLIT, HOOK])
async def test_what_is_called_off_is_skipped(engine: Engine, step: Step) -> None:
    """A step that never reached the gateway is skipped with the reason, not failed."""
    lead = await case(engine, step, VISIT, HOOK)

    performed = await lead.call_off(step, "CAMPAIGN_STOPPED")

    assert (performed.outcome, performed.reason) == (StepOutcome.SKIPPED, "CAMPAIGN_STOPPED")
    assert (await engine.statuses.counts(lead.campaign.id)).exits == {}
    assert engine.gateway.actions == {}
