"""Every sequence and every story: the lead ends, and nothing runs that was not drawn.

The workflow and its activities are those of production, driven on the SDK's own engine (see
`tests/fakes/driven_workflow.py`); the rules they are held against are spelled out here again,
import pytest
from the drawing and the story alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import assert_never

import pytest
from campaigns.answers import OwnerMessages
from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.sequences.assignment import assigned
from campaigns.sequences.outline import describe_sequence
from campaigns.sequences.sequence import Question, Sequence, Step, StepKind
from campaigns.sequences.time_limits import TIME_OVER, limit_of
from campaigns.workflow.contracts import LeadResult
from hypothesis import event, example, given, note, settings
from outreach.linkedin.v1 import action_pb2

from tests.fakes.lead_world import BEGAN_AT, Comes, Story, World
from tests.fakes.sequences import SEEDS, edited, sequence_of
from tests.laws import worlds

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)
SLACK = timedelta(minutes=3)
"""What the answers of a few activities take, some of them lost and asked for again."""


def story_of(random: Random) -> Story:
    """What people and LinkedIn do; most things do not happen, or hardly anything would."""

    def moment(chance: float) -> timedelta | None:
        hours = random.randint(0, 45 * 24)
        return hours * HOUR + HOUR / 2 if random.random() < chance else None

    def fact() -> bool:
        return random.random() < 0.5

    replies_at, owner_writes_at = moment(0.3), moment(0.4)
    policy = random.choice([*OwnerMessages])
    if owner_writes_at is not None and policy is OwnerMessages.PAUSE_UNTIL_ANSWERED:
        # Else the lead would wait for ever.
        replies_at = owner_writes_at + random.choice([HOUR, 2 * DAY, 9 * DAY])
    odd = {f"n{random.randint(0, 8)}": random.choice([*Comes]) for _ in range(random.randint(0, 3))}
    return Story(
        comes=odd,
        accepts_after=random.choice([None, timedelta(), HOUR, 5 * DAY, 9.5 * DAY, 13 * DAY]),
        replies_at=replies_at,
        owner_writes_at=owner_writes_at,
        owner_messages=policy,
        told_after=random.choice([timedelta(), HOUR]),
        blocks_at=moment(0.1),
        stops_at=moment(0.15),
        continue_after_reply=fact(),
        connected_before=random.random() < 0.15,
        open_profile=fact(),
        has_posts=fact(),
        reads=random.choice([*Comes]),
        lost=frozenset(random.sample(range(2, 30), random.randint(0, 4))),
    )


@pytest.mark.lasts(seconds=10)
@settings(max_examples=worlds(120))
@given(SEEDS)
@example(932046778)
def test_every_lead_ends_as_drawn(seed: int) -> None:
    """Lesson 17: whatever is drawn and whatever people do, at any moment.

    The lead ends; every step it reached is done, skipped with a reason or failed with a reason,
    and told once; each follows the one before it by an edge of the drawing, after that edge's
    delay; nothing is done after they replied or the lead was stopped, and nothing waits at the
    gateway for a lead that has ended. The same of what the account's owner writes by hand, as
    the campaign's policy has it.
    """
    random = Random(seed)
    world = World(sequence_of(random), story_of(random))
    note(f"{describe_sequence(world.sequence)}\n{world.story}")

    result = world.live()

    event(f"{result.state} after {len(world.leads.rows)} steps")
    assert_lived_as_drawn(world, result)


@pytest.mark.lasts(seconds=15)
@settings(max_examples=worlds(120))
@given(SEEDS)
@example(5673)
@example(75_773_911_955_802)
def test_a_live_edit_is_adopted_whole(seed: int) -> None:
    """One to four edits at any moment of any story: everything after one comes from it.

    A step of several posts that has begun is not begun anew, however late another drawing has it.

    A lead that waited for its turn went on by the step it had before: its deadline and whose
    turn was recorded were the old drawing's, and where that was gone the lead never ended. One
    that was accepted too late, and had nothing before it then, was told as not accepted.
    """
    random = Random(seed)
    drawn = sequence_of(random)
    story = replace(story_of(random), edits=edits_of(random, drawn))
    world = World(drawn, story)
    world.driver.quiet = lambda: assert_recorded_by_what_is_followed(world)
    note("\n\n".join(describe_sequence(each) for each in world.sequences.values()))
    note(f"{replace(story, edits=())}, edited after {[str(at) for at, _ in story.edits]}")

    result = world.live()

    event(f"{result.state} after {len(world.in_force) - 1} adopted edits")
    assert_lived_as_drawn(world, result)


@pytest.mark.lasts(seconds=10)
@settings(max_examples=worlds(120))
@given(SEEDS)
def test_a_step_is_left_out(seed: int) -> None:
    """At any moment of any story, twice in a row: it ends at once, and the path goes on behind it.

    Nobody else's step is left out for it, and nothing of it reaches the person any more.
    """
    random = Random(seed)
    story = replace(story_of(random), skips_at=skips_of(random))
    world = World(sequence_of(random), story)
    note(f"{describe_sequence(world.sequence)}\n{world.story}")

    result = world.live()

    event(f"{result.state} after {len(world.skipped_at)} skips")
    for step_id, at in world.skipped_at.items():
        row = world.leads.rows[step_id]
        assert row.ended_at is not None
        assert row.ended_at <= at + SLACK
        assert all(sent <= at + SLACK for sent_id, sent in world.sent_at if sent_id == step_id)
        assert row.reason != "STEP_SKIPPED" or "mem_1" in row.detail
    for step_id, row in world.leads.rows.items():
        assert row.reason != "STEP_SKIPPED" or step_id in world.skipped_at
    assert_lived_as_drawn(world, result)


@pytest.mark.lasts(seconds=15)
@settings(max_examples=worlds(120))
@given(SEEDS)
def test_a_step_is_left_out_of_a_sequence_that_is_edited(seed: int) -> None:
    """Edits and skips at any moment of any story: the path is drawn, and everything is told."""
    random = Random(seed)
    drawn = sequence_of(random)
    story = replace(story_of(random), skips_at=skips_of(random), edits=edits_of(random, drawn))
    world = World(drawn, story)
    world.driver.quiet = lambda: assert_recorded_by_what_is_followed(world)
    note("\n\n".join(describe_sequence(each) for each in world.sequences.values()))
    note(f"{replace(story, edits=())}, edited after {[str(at) for at, _ in story.edits]}")

    result = world.live()

    event(f"{result.state} after {len(world.skipped_at)} skips")
    assert_lived_as_drawn(world, result)


@pytest.mark.lasts(seconds=10)
@settings(max_examples=worlds(120))
@given(SEEDS)
def test_nothing_is_done_for_a_lead_whose_time_is_over(seed: int) -> None:
    """At any moment of any story, edited or not: not even where the workflow is behind its time.

    What was on the wire is recorded as what it came to, and the lead says whose time was over.
    """
    random = Random(seed)
    drawn = sequence_of(random)
    limits = [timedelta(minutes=random.randint(1, 30 * 24 * 60)) for _ in range(2)]
    ends_at, longest = random.choice([(limits[0], None), (None, limits[1]), (*limits,)])
    edits = edits_of(random, drawn) if random.random() < 0.3 else ()
    story = replace(story_of(random), ends_at=ends_at, longest=longest, edits=edits)
    world = World(drawn, story)
    note(f"{describe_sequence(world.sequence)}\n{world.story}")

    result = world.live()

    event(f"{result.state}: {result.reason}")
    settings_of = world.campaign.settings
    limit = limit_of(settings_of, world.leads.lead)
    assert limit is not None
    assert all(at < limit.at for _, at in world.sent_at)
    ended_at = world.leads.lead.ended_at
    assert ended_at is not None
    assert ended_at <= limit.at + SLACK
    if result.reason in TIME_OVER:
        assert (result.state, result.reason) == (LeadState.STOPPED, limit.reason)
        assert ended_at >= limit.at
    assert_lived_as_drawn(world, result)


@pytest.mark.lasts(seconds=10)
@settings(max_examples=worlds(120))
@given(SEEDS)
def test_an_end_that_is_moved_is_heeded(seed: int) -> None:
    """Closer, farther, away, or into the past, at any moment of any story.

    Nothing goes after the end that is in force then, and whoever ends by one ends by the last,
    though the lead may not have been told of that yet: it ended by the one that it carried.
    """
    random = Random(seed)
    moments = sorted(minutes_of(random) for _ in range(random.randint(1, 3)))
    moved = tuple((at, random.choice([None, minutes_of(random)])) for at in moments)
    told_after = random.choice([timedelta(), timedelta(), HOUR, 9 * DAY])
    story = replace(
        story_of(random),
        ends_at=minutes_of(random),
        ends_moved=moved,
        ends_told_after=told_after,
    )
    world = World(sequence_of(random), story)
    note(f"{describe_sequence(world.sequence)}\n{world.story}")

    result = world.live()

    event(f"{result.state}: {result.reason}")
    assert all(at < end_in_force(world, at) for _, at in world.sent_at)
    ended_at = world.leads.lead.ended_at
    assert ended_at is not None
    if result.reason in TIME_OVER:
        assert (result.state, result.reason) == (LeadState.STOPPED, "CAMPAIGN_TIME_OVER")
        assert any(end_in_force(world, ended_at - n * SLACK / 9) <= ended_at for n in range(9))
    since = max(since for since, _ in world.ends if since <= ended_at)
    assert ended_at <= max(since + told_after, end_in_force(world, ended_at)) + SLACK
    assert_lived_as_drawn(world, result)


def minutes_of(random: Random) -> timedelta:
    return timedelta(minutes=random.randint(1, random.choice([1, 10, 45]) * 24 * 60))


def end_in_force(world: World, moment: datetime) -> datetime:
    """When the campaign was to end by what was said then; far away where it was not."""
    _, end_at = [each for each in world.ends if each[0] <= moment][-1]
    return end_at or NEVER


def skips_of(random: Random) -> tuple[timedelta, ...]:
    """One to three, most of them while a lead still walks; some while something goes on."""
    return tuple(
        timedelta(
            minutes=random.choice([0, 0, random.randint(0, random.choice([1, 10, 45]) * 24 * 60)]),
            seconds=random.randint(0, 59),
        )
        for _ in range(random.randint(1, 3))
    )


def assert_lived_as_drawn(world: World, result: LeadResult) -> None:
    assert (world.leads.lead.state, world.leads.lead.reason) == (result.state, result.reason)
    assert_every_step_ended(world)
    assert_path_is_drawn(world, result)
    assert_nothing_after_the_end(world, result)
    assert_end_is_explained(world, result)
    assert_told_once(world)


def edits_of(random: Random, drawn: Sequence) -> tuple[tuple[timedelta, Sequence], ...]:
    """Each made from the one before, at any moment; most of them while a lead still walks."""
    edits = []
    for number in range(1, random.randint(1, 4) + 1):
        drawn = edited(random, drawn, number=number)
        minutes = random.randint(0, random.choice([1, 10, 45]) * 24 * 60)
        edits.append((timedelta(minutes=minutes, seconds=random.randint(0, 59)), drawn))
    return tuple(edits)


def assert_recorded_by_what_is_followed(world: World) -> None:
    """What an explanation reads: one step waits, by the lead's own revision, or an answer does."""
    rows = list(world.leads.rows.values())
    waiting = [row for row in rows if row.state is StepState.WAITING]
    if world.leads.lead.state is not LeadState.RUNNING:
        return
    if not waiting:
        step = world.sequence.step(rows[-1].step_id)
        assert step.waits_for_acceptance, f"nothing is recorded after {step.step_id}"
        return
    (row,) = waiting
    assert row.step_id in {step.step_id for step in world.sequence.steps}


def has_invited(world: World) -> bool:
    """Whether an invitation of the lead's own went out, whose second one is refused."""
    kinds = {step.step_id: step.kind for drawn in world.sequences.values() for step in drawn.steps}
    return any(
        row.state is StepState.DONE and kinds[row.step_id] is StepKind.SEND_CONNECTION_REQUEST
        for row in world.leads.rows.values()
    )


def assert_end_is_explained(world: World, result: LeadResult) -> None:
    """Why it ended is said, and is true of the rows.

    A lead whose person a colleague had invited walked on as one that had not accepted, and
    ended as completed, without a word.
    """
    assert result.reason
    rows = [*world.leads.rows.values()]
    invited = [row for row in rows if row.state is StepState.DONE and waits_for_answer(world, row)]
    if any(row.reason == "ALREADY_INVITED" for row in rows) and not has_invited(world):
        assert result.state in {LeadState.FAILED, LeadState.REPLIED, LeadState.STOPPED}
    match result.state:
        case LeadState.COMPLETED:
            failed = {row.reason for row in rows if row.reason}
            said = {"SEQUENCE_COMPLETED", "INVITATION_NOT_ACCEPTED"} | failed
            assert result.reason in said
            if result.reason == "INVITATION_NOT_ACCEPTED":
                assert invited
                assert world.leads.lead.connection is not ConnectionState.CONNECTED
            if result.reason == "SEQUENCE_COMPLETED":
                assert rows[-1].state is StepState.DONE
        case LeadState.REPLIED:
            assert result.reason in {"PERSON_REPLIED", "AUTOMATIC_REPLY"}
        case LeadState.FAILED | LeadState.STOPPED:
            assert result.reason not in {"SEQUENCE_COMPLETED", "PERSON_REPLIED"}
        case LeadState.READY | LeadState.HELD_BACK | LeadState.RUNNING:
            raise AssertionError(f"{result.state} is no end")
        case _:
            assert_never(result.state)


def waits_for_answer(world: World, row: StepExecution) -> bool:
    return any(
        has(drawn, row) and drawn.step(row.step_id).waits_for_acceptance
        for drawn in world.sequences.values()
    )


def assert_every_step_ended(world: World) -> None:
    for row in world.leads.rows.values():
        assert row.state in {StepState.DONE, StepState.SKIPPED, StepState.FAILED}
        assert row.state is StepState.DONE or row.reason
        assert row.ended_at is not None
    assert_posts_are_told(world)


def assert_posts_are_told(world: World) -> None:
    """A step of which something reached the person is no skipped one; it says how far it came."""
    for step_id, _ in world.sent_at:
        row = world.leads.rows[step_id]
        times = sum(sent == step_id for sent, _ in world.sent_at)
        assert row.state is StepState.DONE or f"{times} of " in row.detail, row
        whole = times >= min(posts_of(world, step_id))
        assert whole or f"{times} of " in row.detail, row


def assert_path_is_drawn(world: World, result: LeadResult) -> None:
    """Each step by an edge of the drawing that was in force when its turn came.

    That is when the first of its posts went, or it ended without one.
    """
    rows = list(world.leads.rows.values())
    assert rows[0].step_id in {drawn.steps[0].step_id for drawn in world.sequences.values()}
    for row in rows:
        assert_exit_is_right(world, row)
    for before, after in pairwise(rows):
        assert after.ended_at is not None
        drawings = list(in_force(world, world.begun_at.get(after.step_id, after.ended_at)))
        found = [
            (drawn.step(after.step_id), at)
            for drawn in drawings
            if has(drawn, before) and has(drawn, after)
            for to, at in ways(world, drawn.step(before.step_id), before)
            if to == after.step_id
        ]
        assert found, f"no edge leads from {before.step_id} to {after.step_id}"
        last = len(drawings) == 1
        assert_on_time(world, after, [at + step.wait_for for step, at in found], strict=last)
    if result.state is LeadState.COMPLETED:
        last_row = rows[-1]
        last_step = world.sequence.step(last_row.step_id)
        assert None in {to for to, _ in ways(world, last_step, last_row)}
    if result.state is LeadState.FAILED:
        assert (rows[-1].state, rows[-1].reason) == (StepState.FAILED, result.reason)


def in_force(world: World, moment: datetime) -> Iterator[Sequence]:
    """The drawing that a lead followed then; both of them around the moment of a switch."""
    until = [since for since, _ in world.in_force[1:]] + [NEVER]
    for (since, revision_id), end in zip(world.in_force, until, strict=True):
        if since - SLACK <= moment and moment - SLACK < end:
            yield world.sequences[revision_id]


def ways(world: World, step: Step, row: StepExecution) -> Iterator[tuple[str | None, datetime]]:
    """Where the drawing leads from a step that ended so, and when at the earliest."""
    assert row.ended_at is not None
    if step.exits:
        (way,) = [way for way in step.exits if way.name == row.exit_name]
        yield way.step_id, row.ended_at + way.delay
    elif not step.waits_for_acceptance:
        yield step.next_step_id, row.ended_at + step.next_delay
    elif row.state is not StepState.DONE:
        yield step.not_accepted_step_id, row.ended_at
    else:
        accepted_at = accepted(world, row)
        for deadline, decided_at in deadlines(world, row):
            if accepted_at is not None and accepted_at <= max(deadline, decided_at):
                yield step.next_step_id, max(accepted_at, row.ended_at) + step.next_delay
            else:
                yield step.not_accepted_step_id, deadline


def deadlines(world: World, row: StepExecution) -> Iterator[tuple[datetime, datetime]]:
    """When an invitation counted as not accepted, and when that was decided.

    By the drawing that was in force at that moment, or by either of two around a switch. A
    deadline that a switch moved into the past is decided then.
    """
    assert row.ended_at is not None
    until = [since for since, _ in world.in_force[1:]] + [NEVER]
    for (since, revision_id), end in zip(world.in_force, until, strict=True):
        drawn = world.sequences[revision_id]
        if end + SLACK < row.ended_at or not has(drawn, row):
            continue
        deadline = row.ended_at + drawn.step(row.step_id).accept_within
        decided_at = max(deadline, since)
        if decided_at - SLACK < end:
            yield deadline, decided_at
        if decided_at + SLACK < end:
            return


def has(drawn: Sequence, row: StepExecution) -> bool:
    return row.step_id in {step.step_id for step in drawn.steps}


def accepted(world: World, invitation: StepExecution) -> datetime | None:
    if world.story.connected_before:
        return invitation.ended_at
    return world.accepted_at()


def assert_on_time(world: World, row: StepExecution, due: list[datetime], *, strict: bool) -> None:
    """Never before its turn; and at its turn, unless something made it wait or called it off.

    A drawing whose time has run out already when the lead adopts it is late for that.
    """
    assert row.ended_at is not None
    if row.state is StepState.SKIPPED:
        return
    assert row.ended_at >= min(due)
    step = world.sequence.step(row.step_id)
    if not strict or _waits(world.story, step):
        return
    adopted_at = max(since for since, _ in world.in_force if since <= row.ended_at)
    assert row.ended_at <= max(*due, adopted_at) + step.posts * SLACK


def _waits(story: Story, step: Step) -> bool:
    """Whether LinkedIn, or the owner, lets the step wait for longer than its delay."""
    if story.owner_messages is OwnerMessages.PAUSE_UNTIL_ANSWERED:
        return True
    comes = story.comes.get(step.step_id)
    if step.kind is StepKind.CONDITION:
        comes = story.reads
    return comes in {Comes.WAITS, Comes.NEVER}


def assert_exit_is_right(world: World, row: StepExecution) -> None:
    step, story = world.sequence.step(row.step_id), world.story
    if row.state is not StepState.DONE:
        return
    if step.kind is StepKind.SPLIT:
        shares = [way.share for way in step.exits]
        mine = assigned(shares, step_id=step.step_id, lead_id="lead_1")
        assert row.exit_name == step.exits[mine].name
    if step.condition is None:
        assert step.kind is StepKind.SPLIT or not row.exit_name
        return
    assert row.ended_at is not None
    match step.condition.question:
        case Question.OPEN_PROFILE | Question.HAS_POSTS:
            assert row.exit_name == _answer(world.seen[row.ended_at])
        case Question.VARIABLE_EQUALS:
            assert row.exit_name == _answer(step.condition.value == "CTO")
        case Question.CONNECTED if story.connected_before:
            assert row.exit_name == "yes"
        case Question.REPLIED if story.replies_at is None:
            assert row.exit_name == "no"


def _answer(holds: bool) -> str:  # noqa: FBT001
    return "yes" if holds else "no"


def assert_nothing_after_the_end(world: World, result: LeadResult) -> None:
    story, rows = world.story, world.leads.rows.values()
    performed_at = [at for _, at in world.sent_at]
    performed_at += [row.ended_at for row in rows if row.state is StepState.DONE and row.ended_at]
    last_at = max(performed_at, default=BEGAN_AT)
    if story.replies_at is not None and not story.continue_after_reply:
        assert last_at < BEGAN_AT + story.replies_at + story.told_after + SLACK
    if result.state is LeadState.STOPPED and story.stops_at is not None:
        assert last_at < BEGAN_AT + story.stops_at + SLACK
    if story.owner_writes_at is not None:
        assert_owner_is_heeded(world, result, last_at)
    for step_id, _ in world.sent_at:
        times = sum(sent == step_id for sent, _ in world.sent_at)
        assert times <= max(posts_of(world, step_id))
        assert step_id in world.leads.rows
    states = {action.state for action in world.actions.values()}
    assert action_pb2.ACTION_STATE_QUEUED not in states


def posts_of(world: World, step_id: str) -> Iterator[int]:
    for drawn in world.sequences.values():
        for step in drawn.steps:
            if step.step_id == step_id:
                yield step.posts


def assert_owner_is_heeded(world: World, result: LeadResult, last_at: datetime) -> None:
    """What the owner wrote by hand ends the lead, or nothing reaches the person until they answer.

    Neither does the webhook of a step: to wait is to wait.
    """
    story = world.story
    assert story.owner_writes_at is not None
    wrote_at = BEGAN_AT + story.owner_writes_at
    match story.owner_messages:
        case OwnerMessages.END:
            assert last_at < wrote_at + story.told_after + SLACK
            heard_at = wrote_at + story.told_after
            if world.over_at is not None and world.over_at > heard_at:
                assert result.state is not LeadState.COMPLETED
        case OwnerMessages.PAUSE_UNTIL_ANSWERED:
            answered_at = datetime.max.replace(tzinfo=UTC)
            if story.replies_at is not None and story.replies_at > story.owner_writes_at:
                answered_at = BEGAN_AT + story.replies_at
            assert not [at for _, at in world.sent_at if wrote_at < at < answered_at]
            done = [row for row in world.leads.rows.values() if row.state is StepState.DONE]
            heard_at = wrote_at + story.told_after + SLACK
            assert not [
                row for row in done if row.ended_at and heard_at < row.ended_at < answered_at
            ]
        case OwnerMessages.CONTINUE:
            assert result.reason != "OWNER_WROTE"
        case _:
            assert_never(story.owner_messages)


def assert_told_once(world: World) -> None:
    told = [
        (event.step_id, event.state)
        for event in world.told.events.values()
        if event.type in {"step.completed", "step.failed"}
    ]
    rows = [(row.step_id, row.state) for row in world.leads.rows.values()]
    assert sorted(told) == sorted(rows)
    ends = [each for each in world.told.events.values() if each.type.startswith("lead.")]
    assert len(ends) == 2 or not rows
