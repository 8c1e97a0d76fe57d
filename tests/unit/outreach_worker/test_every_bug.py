"""A bug in every activity, in every story: the lead ends or is parked, and nobody is harmed.

The worlds are those of `test_every_story.py`; an activity raises `KeyError`, or is refused what
nobody foresaw, before its effect, in the midst of it or after it, for a while or for ever.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from campaigns.models import LeadState
from campaigns.sequences.outline import describe_sequence
from campaigns.sequences.sequence import Sequence
from hypothesis import event, example, given, note, settings
from outreach.linkedin.v1 import action_pb2
from outreach_worker.bug_policy import AFTER_BUG_BY_WORKFLOW, IN_THE_BACKGROUND
from outreach_worker.worker import WORKFLOWS
from temporalio import workflow

from tests.fakes.driven_workflow import Broken
from tests.fakes.lead_world import BrokenActivity, Story, World
from tests.fakes.sequences import SEEDS, sequence_of
from tests.laws import worlds
from tests.unit.outreach_worker.test_every_story import (
    DAY,
    HOUR,
    assert_every_step_ended,
    assert_nothing_after_the_end,
    assert_told_once,
    edits_of,
    posts_of,
    story_of,
)

ACTIVITIES = sorted(World(sequence_of(Random(0)), Story()).driver.activities)
PARKING = {"park_lead", "unpark_lead"}
FOR_EVER = 4_000 * DAY
SOME_MONTHS = 600
"""Events of a lead that is tried again now and then; without a bug no life of 1,500 had 110."""
WITH_TRIES = 3_000
"""Where what keeps the lead from nothing is tried again all the while."""
FIRST_SENT_ON = 60 * DAY
"""Long after everything else has happened."""


def test_a_table_decides_about_every_workflow() -> None:
    """One that is added beside it would have its bugs retried for ever, in silence."""
    named = {workflow._Definition.must_from_class(each).name for each in WORKFLOWS}

    assert named == AFTER_BUG_BY_WORKFLOW.keys(), "outreach_worker/bug_policy.py says what follows"
    assert {*ACTIVITIES} >= IN_THE_BACKGROUND


@pytest.mark.lasts(seconds=5)
@pytest.mark.parametrize("activity", ACTIVITIES)
@settings(max_examples=worlds(6))
@given(SEEDS)
@example(1045393)
@example(654)
def test_a_bug_for_ever_ends_the_lead_or_parks_it(activity: str, seed: int) -> None:
    """With a reason and a trace; nothing of a parked lead is queued, nothing was sent twice.

    A `KeyError` in an activity was retried for ever, and nobody heard of it.
    """
    random = Random(seed)
    world = broken(random, activity, mended_at=FOR_EVER, sent_on=False)
    try:
        world.live(most=WITH_TRIES if activity in IN_THE_BACKGROUND else SOME_MONTHS)
    except Broken as stands:
        # Nothing will happen to it any more, or it is tried again now and then.
        note(str(stands))
    lead = world.leads.lead

    event(str(lead.state))
    assert lead.state is not LeadState.RUNNING or activity == "park_lead"
    if lead.state is LeadState.PARKED:
        assert lead.reason == "ACTIVITY_FAILED"
        assert lead.trace_id
        assert activity in lead.detail or (activity in PARKING and "perform_step" in lead.detail)
        assert_nothing_queued(world)
    assert_sent_once(world)


@pytest.mark.parametrize("activity", ACTIVITIES)
@settings(max_examples=worlds(10))
@given(SEEDS)
@example(1704368)
@example(412)
@example(5391576)
@example(260_059_677_749)
@example(323)
@example(4)
def test_a_lead_that_is_sent_on_ends_as_drawn(activity: str, seed: int) -> None:
    """Once the bug is mended: from where it stood, and what was sent is not sent again."""
    random = Random(seed)
    world = broken(random, activity, mended_at=random.choice([HOUR, DAY, 45 * DAY]), sent_on=True)

    result = world.live()

    lead = world.leads.lead
    event(str(lead.state))
    assert lead.state is result.state
    assert lead.reason == result.reason
    assert_every_step_ended(world)
    assert_path_is_possible(world)
    assert_nothing_after_the_end(world, result)
    assert_told_once(world)
    assert_nothing_queued(world)


def broken(random: Random, activity: str, *, mended_at: timedelta, sent_on: bool) -> World:
    """A drawn world with a bug; the lead is sent on in vain before it is mended, and afterwards.

    A lead is only parked by another activity's bug where parking is what is broken.
    """
    drawn = sequence_of(random)
    story = story_of(random)
    if random.random() < 0.5 or "revision" in activity:
        story = replace(story, edits=edits_of(random, drawn))
    in_vain = tuple(random.randint(0, 40) * DAY for _ in range(random.randint(0, 2)))
    often = tuple(FIRST_SENT_ON + each * 3 * DAY for each in range(200))
    begins_at = random.choice([timedelta(), HOUR, 3 * DAY, 11 * DAY])
    if not sent_on:
        begins_at = timedelta()
    if activity in IN_THE_BACKGROUND:
        # It is tried for 30 days, and keeps the lead from nothing.
        mended_at = min(mended_at, 2 * DAY)
    story = replace(
        story,
        bugs=tuple(
            BrokenActivity(
                activity=each,
                begins_at=begins_at,
                mended_at=begins_at + mended_at,
                after_its_effect=random.random() < 0.5,
            )
            for each in ((activity, "perform_step") if activity in PARKING else (activity,))
        ),
        sent_on_at=(*in_vain, *often) if sent_on else in_vain,
    )
    if random.random() < 0.3:
        refused = tuple(replace(each, refused=True) for each in story.bugs)
        story = replace(story, bugs=refused)
    if random.random() < 0.4:
        at = random.randint(1, 4)
        inside = tuple(replace(each, inside=at, after_its_effect=True) for each in story.bugs)
        story = replace(story, bugs=inside)
    world = World(drawn, story)
    note("\n\n".join(describe_sequence(each) for each in world.sequences.values()))
    note(str(replace(story, edits=(), sent_on_at=in_vain)))
    return world


def assert_nothing_queued(world: World) -> None:
    states = {action.state for action in world.actions.values()}
    assert action_pb2.ACTION_STATE_QUEUED not in states


def assert_sent_once(world: World) -> None:
    for step_id, _ in world.sent_at:
        times = sum(sent == step_id for sent, _ in world.sent_at)
        assert times <= max(posts_of(world, step_id))


def assert_path_is_possible(world: World) -> None:
    """Each step by an edge of one of the drawings; nothing is said of when."""
    rows = list(world.leads.rows.values())
    for before, after in pairwise(rows):
        edges = {
            edge for drawn in world.sequences.values() for edge in edges_from(drawn, before.step_id)
        }
        assert after.step_id in edges


def edges_from(drawn: Sequence, step_id: str) -> set[str | None]:
    for step in drawn.steps:
        if step.step_id == step_id:
            exits = {way.step_id for way in step.exits}
            return exits | {step.next_step_id, step.not_accepted_step_id}
    return set()
