"""Many wait on one account: exact caps, few wake-ups, nobody starves, shares by weight.

Callers come back exactly at the turn they were told, as Temporal has them do, on a clock that
only they move.
"""

import heapq
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.caps import Cap
from linkedin_gateway.kinds import Kind
from linkedin_gateway.ledger import Ended, Go, Wait
from linkedin_gateway.ledger_memory import MemoryLedger
from linkedin_gateway.models import ActionRequest, ActionState
from linkedin_gateway.obstacles import PaceRules

from tests.contracts.ledger import ACCOUNT, LEASE, NOW, aimed, asked

HOUR = timedelta(hours=1)


@dataclass
class Crowd:
    """Requests on one account, and when each will come again."""

    ledger: MemoryLedger = field(
        default_factory=lambda: MemoryLedger(rules=PaceRules(), lease=LEASE)
    )
    now: datetime = NOW
    sent: list[tuple[datetime, ActionRequest]] = field(default_factory=list)
    ended: list[datetime] = field(default_factory=list)
    wake_ups: int = 0
    _turns: list[tuple[datetime, int, ActionRequest]] = field(default_factory=list)
    _number: int = 0

    def __post_init__(self) -> None:
        self.ledger.accounts[ACCOUNT.account_id] = ACCOUNT

    def put_caps(self, *caps: Cap) -> None:
        self.ledger.accounts[ACCOUNT.account_id] = replace(ACCOUNT, caps=caps)

    async def join(self, request: ActionRequest) -> None:
        """A request asks for the first time."""
        self._number += 1
        await self._ask(request, self._number)

    async def run(self, *, latency: timedelta = timedelta(0), most: int = 100_000) -> None:
        """Everybody comes at the told turn, until all have gone."""
        while self._turns and most > 0:
            at, number, request = heapq.heappop(self._turns)
            self.now = max(self.now, at)
            self.wake_ups += 1
            most -= 1
            await self._ask(request, number, latency=latency)
        assert not self._turns

    async def _ask(
        self, request: ActionRequest, number: int, *, latency: timedelta = timedelta(0)
    ) -> None:
        decision = await self.ledger.ask(request, now=self.now, aim=aimed)
        if isinstance(decision, Wait):
            heapq.heappush(self._turns, (self.now + decision.retry_after, number, request))
            return
        assert isinstance(decision, Go), decision
        self.sent.append((self.now, request))
        self.now += latency
        self.ended.append(self.now)
        await self.ledger.finish(decision.action, Ended(state=ActionState.DONE), now=self.now)


def visit(number: int, *, campaign: str = "camp_1", weight: int = 1) -> ActionRequest:
    return asked(
        number,
        request_id=f"{campaign}/lead_{number}/visit",
        campaign_id=campaign,
        weight=weight,
    )


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
    for request in called_off:
        await crowd.ledger.cancel(request.request_id, now=crowd.now)
    gone = {request.request_id for request in called_off}
    crowd._turns = [turn for turn in crowd._turns if turn[2].request_id not in gone]
    heapq.heapify(crowd._turns)

    await crowd.run()

    assert len(crowd.sent) == 20
    assert crowd.sent[-1][0] - crowd.sent[0][0] < 5 * HOUR
