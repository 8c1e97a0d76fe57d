"""Whatever somebody changes of a campaign while a lead of it walks, at any moment of any story.

The worlds are those of `test_every_story.py`. Beside other drawings it has other policies, senders
that go down, come back, are replaced or are given the lead, pauses, stops, and answers that are
lost on their way; and somebody has it leave steps out.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from campaigns.answers import AutomaticReplies, OwnerMessages
from campaigns.models import LeadState, ParkedSenders
from campaigns.senders.replacement import ContactedLeads, ReplacementPolicy
from campaigns.sequences.outline import describe_sequence
from hypothesis import event, given, note, settings

from tests.fakes.edited_world import (
    ACCOUNTS,
    Act,
    Disconnect,
    EditedWorld,
    Move,
    Pause,
    Reconnect,
    Replace,
    Resume,
    Settings,
    Stop,
)
from tests.fakes.lead_world import BEGAN_AT, BrokenActivity
from tests.fakes.sequences import SEEDS, sequence_of
from tests.laws import worlds
from tests.unit.outreach_worker.test_every_bug import (
    ACTIVITIES,
    assert_nothing_queued,
    assert_path_is_possible,
    assert_sent_once,
)
from tests.unit.outreach_worker.test_every_story import (
    DAY,
    HOUR,
    SLACK,
    assert_every_step_ended,
    assert_recorded_by_what_is_followed,
    assert_told_once,
    edits_of,
    replace,
    skips_of,
    story_of,
)

SENT_ON = tuple(each * 3 * DAY for each in range(1, 100))


@pytest.mark.lasts(seconds=20)
@settings(max_examples=worlds(150))
@given(SEEDS)
def test_whatever_is_changed_the_lead_ends_as_it_is_told(seed: int) -> None:
    """Nothing is lost, repeated, or sent after the lead was told to end or its person replied.

    Whoever has heard from one account hears from another only where somebody has said so, and
    what was on the wire when the lead was told to end is recorded as what it came to.
    """
    random = Random(seed)
    world = world_of(random)
    world.driver.quiet = lambda: assert_recorded_by_what_is_followed(world)
    note("\n\n".join(describe_sequence(each) for each in world.sequences.values()))
    note(f"{replace(world.story, edits=())}\n{[(str(at), act) for at, act in world.acts]}")

    result = world.live()

    lead = world.leads.lead
    event(f"{result.state} {result.reason}")
    assert (lead.state, lead.reason) == (result.state, result.reason)
    assert result.reason
    assert_every_step_ended(world)
    assert_path_is_possible(world)
    assert_sent_once(world)
    assert_told_once(world)
    assert_nothing_queued(world)
    assert_end_is_heeded(world)
    assert_policies_are_heeded(world)
    assert_one_account_at_a_time(world)


def world_of(random: Random) -> EditedWorld:
    """Whatever holds it up is over in the end, and somebody stops a lead that waits for ever."""
    drawn = sequence_of(random)
    story = story_of(random)
    if random.random() < 0.5:
        story = replace(story, edits=edits_of(random, drawn))
    if random.random() < 0.4:
        story = replace(story, skips_at=skips_of(random))
    if random.random() < 0.3:
        story = replace(story, bugs=(bug_of(random),), sent_on_at=SENT_ON)
    acts = [each for _ in range(random.randint(1, 4)) for each in acts_of(random)]
    acts += [(90 * DAY, Reconnect(account_id=each)) for each in ACCOUNTS]
    acts += [(90 * DAY, Resume()), (200 * DAY, Stop())]
    steps = [step.step_id for step in drawn.steps]
    lost = frozenset(random.sample(steps, min(len(steps), random.randint(0, 4))))
    fatal = frozenset(step for step in lost if random.random() < 0.5)
    accounts = random.randint(1, 2)
    return EditedWorld(drawn, story, acts, accounts=accounts, lost=lost, fatal=fatal)


def bug_of(random: Random) -> BrokenActivity:
    """Mended after a while; the lead is sent on every few days, whether it is parked or not."""
    begins_at = moment(random)
    return BrokenActivity(
        activity=random.choice(ACTIVITIES),
        begins_at=begins_at,
        mended_at=begins_at + random.choice([HOUR, DAY]),
        after_its_effect=random.random() < 0.5,
        refused=random.random() < 0.3,
        inside=random.choice([0, 0, 0, 1, 2, 3]),
    )


def moment(random: Random) -> timedelta:
    minutes = random.randint(0, random.choice([1, 1, 10, 45]) * 24 * 60)
    return timedelta(minutes=minutes, seconds=random.randint(0, 59))


def acts_of(random: Random) -> list[tuple[timedelta, Act]]:
    """One, or a sender that goes down with the one that takes its place."""
    at = moment(random)
    if random.random() < 0.5:
        return [(at, act_of(random))]
    old, new = random.sample(ACCOUNTS, 2)
    contacted, connected = random.choices([*ContactedLeads], k=2)
    policy = ReplacementPolicy(contacted=contacted, connected=connected)
    later = random.choice([timedelta(), timedelta(minutes=1), HOUR, DAY])
    return [
        (at, Disconnect(account_id=old)),
        (at + later, Replace(account_id=old, replacement_account_id=new, policy=policy)),
    ]


def act_of(random: Random) -> Act:  # noqa: PLR0911 - one for each act
    account, other = random.sample(ACCOUNTS, 2)
    match random.randint(0, 8):
        case 0:
            changes = {
                "continue_after_reply": random.choice([True, False]),
                "owner_messages": random.choice([*OwnerMessages]),
                "automatic_replies": random.choice([*AutomaticReplies]),
                "parked_senders": random.choice([*ParkedSenders]),
            }
            return Settings(changes=dict(random.sample([*changes.items()], random.randint(1, 4))))
        case 1 | 2:
            return Disconnect(account_id=random.choice(ACCOUNTS[:2]))
        case 3:
            return Reconnect(account_id=account)
        case 4 | 5:
            contacted, connected = random.choices([*ContactedLeads], k=2)
            policy = ReplacementPolicy(contacted=contacted, connected=connected)
            return Replace(account_id=account, replacement_account_id=other, policy=policy)
        case 6:
            return Move(account_id=account, even_if_contacted=random.choice([True, False]))
        case 7:
            return Stop()
        case _:
            return random.choice([Pause(), Resume()])


def assert_end_is_heeded(world: EditedWorld) -> None:
    """Nothing goes out once it was told to end, and why it has ended is why it was told to."""
    lead = world.leads.lead
    if not world.ends_at:
        assert lead.reason not in {"LEAD_STOPPED", "SENDER_GONE"}
        return
    at, reason = world.ends_at[0]
    assert not [sent_at for _, sent_at in world.sent_at if sent_at > at + SLACK]
    if lead.state is LeadState.STOPPED and lead.reason in {"LEAD_STOPPED", "SENDER_GONE"}:
        assert lead.reason == reason
    if world.over_at is None or world.over_at > at:
        assert lead.state is not LeadState.COMPLETED or world.over_at <= at + SLACK


def assert_policies_are_heeded(world: EditedWorld) -> None:
    """Nothing reaches a person who has replied while a reply ends the sequence."""
    replied_at = world.story.replies_at
    if replied_at is None:
        return
    told_at = BEGAN_AT + replied_at + world.story.told_after
    for _, sent_at in world.sent_at:
        before = [on for at, on in world.continues if at <= sent_at - SLACK]
        lately = [on for at, on in world.continues if sent_at - SLACK < at <= sent_at]
        assert sent_at <= told_at + SLACK or any([before[-1], *lately])


def assert_one_account_at_a_time(world: EditedWorld) -> None:
    for (account, _), (other, at) in pairwise(world.sent_from):
        if account != other:
            assert [act for done_at, act in world.done if done_at <= at and moves(act, other)]


def moves(act: Act, account_id: str) -> bool:
    """Whether it says that somebody who was contacted may hear from that account."""
    if isinstance(act, Move):
        return act.account_id == account_id and act.even_if_contacted
    if isinstance(act, Replace):
        becomes = {act.policy.contacted, act.policy.connected}
        return act.replacement_account_id == account_id and ContactedLeads.MOVE in becomes
    return False
