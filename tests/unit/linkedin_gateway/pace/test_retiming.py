"""What changes for those who wait re-times them, few at a time and each hardly ever in vain."""

from datetime import timedelta

import pytest
from linkedin_gateway.models import DAY, HOUR, Cap, HoldScope, Kind
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE

from tests.fakes.callers import Callers, visit

WAITING = 300


async def waiting_callers(waiting: int, *, cap: int = 80) -> Callers:
    callers = Callers()
    callers.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=cap))
    for number in range(waiting):
        await callers.join(visit(number))
    callers.asked_at.clear()
    callers.wake_ups = 0
    return callers


@pytest.mark.lasts(seconds=10)
async def test_a_lifted_hold_wakes_no_herd() -> None:
    """After a hold of two days all wait for its end; the best are woken, the rest come by turns.

    At no moment do more come than are woken. Each comes once to be told its turn and once for
    it, and one in four a third time.
    """
    callers = await waiting_callers(WAITING)
    callers.tables.holds.add((HoldScope.CAMPAIGN, "camp_1"))
    await callers.run(until=callers.now + timedelta(days=2))
    callers.tables.holds.clear()
    callers.asked_at.clear()
    callers.wake_ups, left = 0, callers.waiting

    woken = await callers.wake(WOKEN_AT_ONCE)
    await callers.run()

    assert woken == WOKEN_AT_ONCE < left
    assert max(callers.asked_at.values()) <= WOKEN_AT_ONCE + 1
    assert callers.wake_ups / left <= 2.25


async def test_a_raised_cap_is_used_at_once() -> None:
    """From five a day to eighty: those woken take the new turns, and nobody comes in vain twice."""
    callers = await waiting_callers(120, cap=5)
    await callers.run(until=callers.now + timedelta(days=1))
    callers.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=80))
    callers.asked_at.clear()
    callers.wake_ups, left, since = 0, callers.waiting, callers.now

    await callers.wake(WOKEN_AT_ONCE)
    await callers.run()

    assert sum(at > since for at, _ in callers.sent) == left
    assert max(callers.asked_at.values()) <= WOKEN_AT_ONCE
    assert callers.sent[-1][0] - since < 2 * DAY
    assert callers.wake_ups / left <= 2.2


async def test_a_lowered_cap_wakes_nobody() -> None:
    """They come at the turns they were told before, one by one, and are told later ones."""
    callers = await waiting_callers(60, cap=60)
    callers.put_caps(Cap(kind=Kind.VISIT, per=DAY, actions=10))

    await callers.run()

    assert max(callers.asked_at.values()) <= 2
    assert callers.wake_ups / 60 <= 2.5


async def test_called_off_ahead_leaves_turns_to_those_behind() -> None:
    """Half of those ahead are called off and as many behind are woken: no turn stays empty."""
    callers = Callers()
    callers.put_caps(Cap(kind=Kind.VISIT, per=HOUR, actions=4))
    for number in range(80):
        await callers.join(visit(number))
    gone = {visit(number).action_id for number in range(1, 41)}
    callers.asked_at.clear()
    callers.wake_ups = 0

    await callers.leave(gone)
    woken = await callers.wake(min(len(gone), WOKEN_AT_ONCE))
    await callers.run()

    assert woken == 39
    assert max(callers.asked_at.values()) <= 39
    assert callers.sent[-1][0] - callers.sent[0][0] < 11 * HOUR
    assert callers.wake_ups / 39 <= 2.2
