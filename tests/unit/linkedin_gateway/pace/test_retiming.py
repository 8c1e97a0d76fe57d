"""What changes for those who wait re-times them, few at a time and each hardly ever in vain."""

from datetime import timedelta

from linkedin_gateway.models import DAY, HOUR, Cap, HoldScope, Kind
from linkedin_gateway.outbox.events import WOKEN_AT_ONCE

from tests.fakes.crowd import Crowd, visit

CROWD = 300


async def crowd_of(waiting: int, *, cap: int = 80) -> Crowd:
    crowd = Crowd()
    crowd.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=cap))
    for number in range(waiting):
        await crowd.join(visit(number))
    crowd.asked_at.clear()
    crowd.wake_ups = 0
    return crowd


async def test_a_lifted_hold_wakes_no_herd() -> None:
    """After a hold of two days all wait for its end; the best are woken, the rest come by turns.

    At no moment do more come than are woken. Each comes once to be told its turn and once for
    it, and one in four a third time.
    """
    crowd = await crowd_of(CROWD)
    crowd.ledger.tables.holds.add((HoldScope.CAMPAIGN, "camp_1"))
    await crowd.run(until=crowd.now + timedelta(days=2))
    crowd.ledger.tables.holds.clear()
    crowd.asked_at.clear()
    crowd.wake_ups, left = 0, crowd.waiting

    woken = await crowd.wake(WOKEN_AT_ONCE)
    await crowd.run()

    assert woken == WOKEN_AT_ONCE < left
    assert max(crowd.asked_at.values()) <= WOKEN_AT_ONCE + 1
    assert crowd.wake_ups / left <= 2.25


async def test_a_raised_cap_is_used_at_once() -> None:
    """From five a day to eighty: those woken take the new turns, and nobody comes in vain twice."""
    crowd = await crowd_of(120, cap=5)
    await crowd.run(until=crowd.now + timedelta(days=1))
    crowd.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=80))
    crowd.asked_at.clear()
    crowd.wake_ups, left, since = 0, crowd.waiting, crowd.now

    await crowd.wake(WOKEN_AT_ONCE)
    await crowd.run()

    assert sum(at > since for at, _ in crowd.sent) == left
    assert max(crowd.asked_at.values()) <= WOKEN_AT_ONCE
    assert crowd.sent[-1][0] - since < 2 * DAY
    assert crowd.wake_ups / left <= 2.2


async def test_a_lowered_cap_wakes_nobody() -> None:
    """They come at the turns they were told before, one by one, and are told later ones."""
    crowd = await crowd_of(60, cap=60)
    crowd.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=10))

    await crowd.run()

    assert max(crowd.asked_at.values()) <= 2
    assert crowd.wake_ups / 60 <= 2.5


async def test_called_off_ahead_leaves_turns_to_those_behind() -> None:
    """Half of the line ahead is called off and as many behind are woken: no turn stays empty."""
    crowd = Crowd()
    crowd.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=4))
    for number in range(80):
        await crowd.join(visit(number))
    gone = {visit(number).action_id for number in range(1, 41)}
    crowd.asked_at.clear()
    crowd.wake_ups = 0

    await crowd.leave(gone)
    woken = await crowd.wake(min(len(gone), WOKEN_AT_ONCE))
    await crowd.run()

    assert woken == 39
    assert max(crowd.asked_at.values()) <= 39
    assert crowd.sent[-1][0] - crowd.sent[0][0] < 11 * HOUR
    assert crowd.wake_ups / 39 <= 2.2
