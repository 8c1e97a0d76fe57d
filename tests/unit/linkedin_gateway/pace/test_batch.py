"""Many wait on one account: exact caps, few wake-ups, nobody starves, shares by weight.

Callers come back exactly at the turn they were told, as Temporal has them do, on a clock that
only they move.
"""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.models import Cap, Kind
from linkedin_gateway.pace.slots import GapRange

from tests.contracts.ledger import NOW
from tests.fakes.crowd import Crowd, visit

HOUR = timedelta(hours=1)


async def test_at_most_two_wake_ups_for_each_that_goes() -> None:
    """Two hundred wait for two and a half days of visits; each is told its own turn."""
    crowd = Crowd()
    for number in range(200):
        await crowd.join(visit(number))

    await crowd.run()

    assert len(crowd.sent) == 200
    assert crowd.wake_ups / len(crowd.sent) <= 2


async def test_a_crowd_is_no_slower_than_its_caps() -> None:
    """No slot of a window stays empty for long while somebody waits."""
    crowd = Crowd()
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=5))
    for number in range(60):
        await crowd.join(visit(number))

    await crowd.run()

    # Sixty at five an hour take eleven hours and the five of the last.
    assert crowd.sent[-1][0] - crowd.sent[0][0] < 12 * HOUR


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(0, 120),
    st.integers(1, 25),
)
async def test_no_window_over_its_cap_when_caps_change(
    before: int, after: int, latency: int, waiting: int
) -> None:
    """A cap is lowered or raised while a crowd waits: from then on the new one holds."""
    crowd = Crowd()
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=before))
    for number in range(waiting):
        await crowd.join(visit(number))
    await crowd.run(latency=timedelta(seconds=latency))
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=after))
    changed = len(crowd.sent)
    for number in range(waiting, 2 * waiting):
        await crowd.join(visit(number))
    await crowd.run(latency=timedelta(seconds=latency))

    begun = [at for at, _ in crowd.sent]
    for number, at in enumerate(begun):
        cap = before if number < changed else after
        if number >= cap:
            assert at - crowd.ended[number - cap] >= HOUR


async def test_campaigns_share_by_weight_and_none_starves() -> None:
    """Of weight three and one: among any twenty in a row the lighter has four or more.

    That bounds how long it can be passed over: whatever the heavier one's length.
    """
    crowd = Crowd()
    for number in range(90):
        await crowd.join(visit(number, campaign="camp_heavy", weight=3))
    for number in range(30):
        await crowd.join(visit(number, campaign="camp_light"))

    await crowd.run()

    order = [request.campaign_id for _, request in crowd.sent]
    both = order[: len(order) - 20]
    for start in range(len(both) - 20):
        assert Counter(both[start : start + 20])["camp_light"] >= 4


async def test_who_joins_late_is_not_behind_the_crowd() -> None:
    """A campaign of one lead, after one of a hundred: it goes among the next three."""
    crowd = Crowd()
    for number in range(100):
        await crowd.join(visit(number, campaign="camp_big"))
    before = len(crowd.sent)
    await crowd.join(visit(0, campaign="camp_small"))

    await crowd.run()

    order = [request.campaign_id for _, request in crowd.sent]
    assert order.index("camp_small") - before < 3


async def test_a_cancelled_request_leaves_its_slot_to_the_next() -> None:
    """Half of a crowd is called off: the others do not go later than they would have alone."""
    crowd = Crowd()
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=4))
    for number in range(40):
        await crowd.join(visit(number))
    called_off = [visit(number) for number in range(20, 40)]
    await crowd.leave({request.action_id for request in called_off})

    await crowd.run()

    assert len(crowd.sent) == 20
    assert crowd.sent[-1][0] - crowd.sent[0][0] < 5 * HOUR


changes = st.lists(
    st.tuples(st.integers(0, 4 * 3600).map(lambda s: timedelta(seconds=s)), st.integers(1, 6)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(changes, st.integers(5, 25), st.integers(0, 90))
async def test_every_action_keeps_the_cap_of_its_moment(
    changes: list[tuple[timedelta, int]], waiting: int, latency: int
) -> None:
    """The cap goes up and down while they wait: each action keeps the one in force when it goes.

    And a cap that changes loses nobody: all go in the end.
    """
    crowd = Crowd()
    in_force: list[tuple[datetime, int]] = [(NOW, 3)]
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=3))
    for number in range(waiting):
        await crowd.join(visit(number))
    for pause, actions in changes:
        await crowd.run(until=crowd.now + pause, latency=timedelta(seconds=latency))
        in_force.append((crowd.now, actions))
        crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=actions))
    await crowd.run(latency=timedelta(seconds=latency))

    assert len(crowd.sent) == waiting
    for number, (at, _) in enumerate(crowd.sent):
        cap = [actions for since, actions in in_force if since <= at][-1]
        if number >= cap:
            assert at - crowd.ended[number - cap] >= HOUR


flows = st.lists(st.tuples(st.integers(1, 5), st.integers(12, 30)), min_size=2, max_size=4)
GAP = GapRange()


@settings(max_examples=20, deadline=None)
@given(flows)
async def test_no_campaign_is_passed_over_for_long(flows: list[tuple[int, int]]) -> None:
    """While all have somebody waiting, each has five eighths of its share but for a turn each.

    Start-time fair queueing gives whole shares but for a turn each. Turns are told as far apart
    as the longest pause, and who was told one before others joined may come in between.
    """
    crowd = Crowd()
    for campaign, (weight, length) in enumerate(flows):
        for number in range(length):
            await crowd.join(visit(number, campaign=f"camp_{campaign}", weight=weight))

    await crowd.run()

    order = [request.campaign_id for _, request in crowd.sent]
    total = sum(weight for weight, _ in flows)
    had: Counter[str] = Counter()
    for served, campaign_id in enumerate(order, 1):
        had[campaign_id] += 1
        if any(had[f"camp_{number}"] == length for number, (_, length) in enumerate(flows)):
            break
        for number, (weight, _) in enumerate(flows):
            share = served * weight / total * (GAP.mean / GAP.longest)
            assert had[f"camp_{number}"] >= share - len(flows)
