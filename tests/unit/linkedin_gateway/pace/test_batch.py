"""Many wait on one account: exact caps, few wake-ups, nobody starves, shares by weight.

Callers come back exactly at the turn they were told, as Temporal has them do, on a clock that
only they move.
"""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.models import Cap, Kind
from linkedin_gateway.pace.snapshot import GapRange

from tests.contracts.ledger import NOW
from tests.fakes.callers import Callers, visit

HOUR = timedelta(hours=1)


async def test_at_most_two_wake_ups_for_each_that_goes() -> None:
    """Two hundred wait for two and a half days of visits; each is told its own turn."""
    callers = Callers()
    for number in range(200):
        await callers.join(visit(number))

    await callers.run()

    assert len(callers.sent) == 200
    assert callers.wake_ups / len(callers.sent) <= 2


async def test_many_are_no_slower_than_their_caps() -> None:
    """No slot of a window stays empty for long while somebody waits."""
    callers = Callers()
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=5))
    for number in range(60):
        await callers.join(visit(number))

    await callers.run()

    # Sixty at five an hour take eleven hours and the five of the last.
    assert callers.sent[-1][0] - callers.sent[0][0] < 12 * HOUR


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
    """A cap is lowered or raised while many wait: from then on the new one holds."""
    callers = Callers()
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=before))
    for number in range(waiting):
        await callers.join(visit(number))
    await callers.run(latency=timedelta(seconds=latency))
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=after))
    changed = len(callers.sent)
    for number in range(waiting, 2 * waiting):
        await callers.join(visit(number))
    await callers.run(latency=timedelta(seconds=latency))

    begun = [at for at, _ in callers.sent]
    for number, at in enumerate(begun):
        cap = before if number < changed else after
        if number >= cap:
            assert at - callers.ended[number - cap] >= HOUR


async def test_campaigns_share_by_weight_and_none_starves() -> None:
    """Of weight three and one: among any twenty in a row the lighter has four or more.

    That bounds how long it can be passed over: whatever the heavier one's length.
    """
    callers = Callers()
    for number in range(90):
        await callers.join(visit(number, campaign="camp_heavy", weight=3))
    for number in range(30):
        await callers.join(visit(number, campaign="camp_light"))

    await callers.run()

    order = [request.campaign_id for _, request in callers.sent]
    both = order[: len(order) - 20]
    for start in range(len(both) - 20):
        assert Counter(both[start : start + 20])["camp_light"] >= 4


async def test_who_joins_late_is_not_behind_all_others() -> None:
    """A campaign of one lead, after one of a hundred: it goes among the next three."""
    callers = Callers()
    for number in range(100):
        await callers.join(visit(number, campaign="camp_big"))
    before = len(callers.sent)
    await callers.join(visit(0, campaign="camp_small"))

    await callers.run()

    order = [request.campaign_id for _, request in callers.sent]
    assert order.index("camp_small") - before < 3


async def test_a_cancelled_request_leaves_its_slot_to_the_next() -> None:
    """Half are called off: the others do not go later than they would have alone."""
    callers = Callers()
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=4))
    for number in range(40):
        await callers.join(visit(number))
    called_off = [visit(number) for number in range(20, 40)]
    await callers.leave({request.action_id for request in called_off})

    await callers.run()

    assert len(callers.sent) == 20
    assert callers.sent[-1][0] - callers.sent[0][0] < 5 * HOUR


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
    callers = Callers()
    in_force: list[tuple[datetime, int]] = [(NOW, 3)]
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=3))
    for number in range(waiting):
        await callers.join(visit(number))
    for pause, actions in changes:
        await callers.run(until=callers.now + pause, latency=timedelta(seconds=latency))
        in_force.append((callers.now, actions))
        callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=actions))
    await callers.run(latency=timedelta(seconds=latency))

    assert len(callers.sent) == waiting
    for number, (at, _) in enumerate(callers.sent):
        cap = [actions for since, actions in in_force if since <= at][-1]
        if number >= cap:
            assert at - callers.ended[number - cap] >= HOUR


flows = st.lists(st.tuples(st.integers(1, 5), st.integers(12, 30)), min_size=2, max_size=4)
GAP = GapRange()


@settings(max_examples=20, deadline=None)
@given(flows)
async def test_no_campaign_is_passed_over_for_long(flows: list[tuple[int, int]]) -> None:
    """While all have somebody waiting, each has five eighths of its share but for a turn each.

    Start-time fair queueing gives whole shares but for a turn each. Turns are told as far apart
    as the longest pause, and who was told one before others joined may come in between.
    """
    callers = Callers()
    for campaign, (weight, length) in enumerate(flows):
        for number in range(length):
            await callers.join(visit(number, campaign=f"camp_{campaign}", weight=weight))

    await callers.run()

    order = [request.campaign_id for _, request in callers.sent]
    total = sum(weight for weight, _ in flows)
    had: Counter[str] = Counter()
    for served, campaign_id in enumerate(order, 1):
        had[campaign_id] += 1
        if any(had[f"camp_{number}"] == length for number, (_, length) in enumerate(flows)):
            break
        for number, (weight, _) in enumerate(flows):
            share = served * weight / total * (GAP.mean / GAP.longest)
            assert had[f"camp_{number}"] >= share - len(flows)
