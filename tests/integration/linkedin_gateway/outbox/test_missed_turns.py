"""Callers that died: their turns go to the next, and their place is kept for when they return."""

import heapq
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import AccountState, ActionState, HoldScope, Kind
from linkedin_gateway.models.working_hours import WorkingHours
from linkedin_gateway.outbox.linkedin_events import Lead, parsed
from linkedin_gateway.outbox.missed_turn_repository import MissedTurnRepository
from linkedin_gateway.outbox.missed_turns import MissedTurns
from linkedin_gateway.pace.decisions import AlreadyDecided, Go, Wait
from linkedin_gateway.pace.snapshot import GapRange
from servicekit.clock import Clock
from servicekit.errors import Unavailable
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import ACCOUNT, CLOCK, LEASE, NOW, RULES, asked, resolved
from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.ledger.test_postgres import PostgresStore

TICK = timedelta(seconds=10)
"""How often missed turns are looked for."""
SPREAD = timedelta(seconds=20)
"""How late who was told to come does so."""

_serial = count()


@dataclass(frozen=True)
class SetClock(Clock):
    """A clock that shows what it was set to."""

    shown: list[datetime] = field(default_factory=lambda: [NOW])

    def now(self) -> datetime:
        return self.shown[0]


@dataclass
class Callers:
    """The leads of one account: they ask when they are told to; the dead ask no more."""

    pool: Pool
    account_id: str
    now: datetime = NOW
    dead: set[int] = field(default_factory=set)
    known: bool = False
    """Whether it is known elsewhere who is dead."""
    done: dict[int, datetime] = field(default_factory=dict)
    told: dict[int, datetime] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    asks: int = 0
    _awake: dict[int, datetime] = field(default_factory=dict)
    _due: list[tuple[datetime, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._store = PostgresStore(self.pool)
        # As far apart as they really are: those who are told turns come when the pause is over.
        rules = replace(RULES, gap=GapRange())
        self._ledger = PostgresLedger(
            self.pool, self.pool, sealing(), rules=rules, lease=LEASE, clock=CLOCK
        )
        self._clock = SetClock(NOW, 1.0)
        repository = MissedTurnRepository(self.pool)
        self._missed = MissedTurns(repository, self._ledger, self, self._clock, grace=RULES.grace)

    async def running(self, _organization: str, leads: Collection[Lead]) -> Collection[Lead]:
        """Whoever knows which leads have ended, if somebody does."""
        if not self.known:
            raise Unavailable
        ended = {f"lead_{number}" for number in self.dead}
        return [lead for lead in leads if lead.lead_id not in ended]

    async def connect(self, **changes: Any) -> None:
        account = replace(ACCOUNT, account_id=self.account_id, connections=900, **changes)
        account = replace(account, unipile_account_id=self.account_id)
        await self._store.put_account(account)
        await self._store.know(f"person-{number}" for number in range(1000))

    async def ask(self, number: int) -> None:
        """Ask for the turn of a lead, and act if it has come."""
        request = replace(
            asked(number, kind=Kind.REACTION),
            action_id=f"{self.account_id}/{number:04}",
            account_id=self.account_id,
        )
        self.asks += 1
        decision = await self._ledger.decide(request, now=self.now, resolve=resolved)
        match decision:
            case Wait():
                self.told[number] = self.now + decision.retry_after
                self.reasons[number] = decision.obstacle.reason
                self.come(number, self.told[number])
            case Go():
                done = AttemptResult(state=ActionState.DONE)
                await self._ledger.finish(decision.action, done, now=self.now)
                self.done[number] = self.now
            case AlreadyDecided():
                pass
            case _:
                raise AssertionError(decision)

    async def ask_all(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            await self.ask(number)

    def come(self, number: int, at: datetime) -> None:
        """It sleeps until then, and no longer until what it was told before."""
        if number not in self.dead:
            self._awake[number] = at
            heapq.heappush(self._due, (at, number))

    async def go_on(self, wanted: Iterable[int], *, within: timedelta) -> None:
        """Let time pass until these leads have acted."""
        wanted, until = set(wanted), self.now + within
        while not wanted <= self.done.keys():
            assert self.now < until, f"not done by {until}: {wanted - self.done.keys()}"
            self.now = min(self._due[0][0] if self._due else until, self.now + TICK)
            while self._due and self._due[0][0] <= self.now:
                at, number = heapq.heappop(self._due)
                if self._awake.get(number) == at and number not in {*self.done, *self.dead}:
                    await self.ask(number)
            await self.tick()

    async def tick(self) -> int:
        """Pass on what was missed; who lives and is told to come does."""
        self._clock.shown[0] = self.now
        told = await self._missed.pass_on_due()
        events = await self.pool.fetch(
            "DELETE FROM outbox WHERE event_id LIKE $1 RETURNING event",
            f"freed/{self.account_id}/%",
        )
        for row in events:
            for lead in parsed(row["event"]).leads:
                self.come(int(lead.lead_id.removeprefix("lead_")), self.now + SPREAD)
        return told


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, "gateway", max_size=4) as pool:
        yield pool


async def connected(pool: Pool, **changes: Any) -> Callers:
    callers = Callers(pool, f"acct_{next(_serial)}")
    await callers.connect(**changes)
    return callers


@pytest.mark.lasts(seconds=20)
async def test_four_hundred_who_died_delay_nobody_for_days(pool: Pool) -> None:
    """Who asks after 400 who asked once and never again goes within the half hour.

    They used to hold the account's turns for six days while it stood idle.
    """
    callers = await connected(pool)
    await callers.ask_all(range(401))
    callers.dead = set(range(1, 401))

    await callers.ask(401)
    was_told = callers.told[401]
    await callers.go_on([401], within=timedelta(minutes=30))

    assert was_told - NOW > timedelta(days=1)


@pytest.mark.lasts(seconds=10)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.booleans(), min_size=2, max_size=24).filter(any))
async def test_no_mix_of_dead_makes_anybody_later(pool: Pool, alive: list[bool]) -> None:
    """In any mix the living go in order, none of them later than it was told at first but for a
    pause."""
    living = [number for number, lives in enumerate(alive, 1) if lives]
    callers = await connected(pool)
    await callers.ask_all(range(len(alive) + 1))
    at_first = dict(callers.told)
    callers.dead = {number for number, lives in enumerate(alive, 1) if not lives}

    await callers.go_on(living, within=timedelta(days=1))

    assert sorted(living, key=callers.done.__getitem__) == living
    for number in living:
        assert callers.done[number] <= at_first[number] + GapRange().longest


@pytest.mark.lasts(seconds=10)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(1, 80))
async def test_who_is_behind_the_dead_goes_when_they_are_found_out(pool: Pool, dead: int) -> None:
    """However many died ahead of it, the next who lives waits only until that is found out."""
    callers = await connected(pool)
    await callers.ask_all(range(dead + 2))
    callers.dead = set(range(1, dead + 1))

    await callers.go_on([dead + 1], within=timedelta(days=20))

    # Told are 1, 4, 16, 64: each time nobody came for as long as the grace lasts.
    found_out = 4 * (RULES.grace + TICK) + SPREAD
    assert callers.done[dead + 1] - NOW <= found_out + 2 * GapRange().longest


async def test_the_dead_are_passed_over_without_a_herd(pool: Pool) -> None:
    """Where every second caller is dead, an action costs three asks at most, not two."""
    callers = Callers(pool, "acct_herd")
    await callers.connect()
    await callers.ask_all(range(41))
    callers.dead = set(range(1, 41, 2))

    await callers.go_on(range(2, 41, 2), within=timedelta(days=4))

    assert callers.asks - len(callers.dead) <= 3 * len(callers.done)


@pytest.mark.lasts(seconds=10)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.booleans(), min_size=2, max_size=24).filter(any))
@example([False, True] * 12)
@example([False] * 20 + [True] * 4)
async def test_two_asks_each_where_it_is_known_who_lives(pool: Pool, alive: list[bool]) -> None:
    """Whoever died, by the word of who knows: who lives asks twice, and goes in order, not later
    than it was told at first but for a pause."""
    living = [number for number, lives in enumerate(alive, 1) if lives]
    callers = await connected(pool)
    callers.known = True
    await callers.ask_all(range(len(alive) + 1))
    at_first = dict(callers.told)
    callers.dead = {number for number, lives in enumerate(alive, 1) if not lives}

    await callers.go_on(living, within=timedelta(days=1))

    # The first went at once.
    assert callers.asks - len(callers.dead) <= 1 + 2 * len(living)
    assert sorted(living, key=callers.done.__getitem__) == living
    for number in living:
        assert callers.done[number] <= at_first[number] + GapRange().longest


@pytest.mark.parametrize("account_id", ["acct_left_34", "acct_left_43", "acct_left_59"])
async def test_a_turn_that_comes_meanwhile_hurries_nobody(pool: Pool, account_id: str) -> None:
    """Who was told is on the way: that a turn comes which somebody left is no sign that nobody is.

    With the pauses of these accounts the next two were told, too, who both asked in vain.
    """
    dead = {3, 4, 5, 7, 8, 9, 11}
    callers = Callers(pool, account_id)
    await callers.connect()
    callers.known = True
    await callers.ask_all(range(16))
    callers.dead = dead

    await callers.go_on({*range(16)} - dead, within=timedelta(days=1))

    assert callers.asks - len(dead) <= 1 + 2 * (15 - len(dead))


@pytest.mark.lasts(seconds=10)
async def test_four_hundred_known_dead_delay_nobody(pool: Pool) -> None:
    """Who is behind 400 who are known to be dead goes as soon as one of them was missed."""
    callers = await connected(pool)
    callers.known = True
    await callers.ask_all(range(401))
    callers.dead = set(range(1, 401))
    await callers.ask(401)

    await callers.go_on([401], within=timedelta(minutes=15))

    assert callers.asks == 401 + 2


async def test_who_returns_is_not_behind_who_came_later(pool: Pool) -> None:
    """A caller that was away is told its turn among those it was ranked among, in their order,
    whoever came while it was away; who comes now is told a later one."""
    callers = await connected(pool)
    await callers.ask_all(range(7))
    callers.dead = {1, 2, 3, 4, 5, 6}
    callers.now += timedelta(hours=1)
    await callers.tick()
    await callers.ask_all(range(20, 30))

    callers.dead = set()
    returned = [1, 2, 3, 4, 5, 6]
    await callers.ask_all([*returned, 30])

    slots = [callers.now + GapRange().longest * number for number in returned]
    assert all(callers.told[number] <= slot for number, slot in zip(returned, slots, strict=True))
    assert sorted(returned, key=callers.told.__getitem__) == returned
    assert callers.told[30] > callers.told[6]


@pytest.mark.parametrize("obstacle", ["parked", "held", "closed"])
async def test_who_was_told_a_long_time_has_not_died(pool: Pool, obstacle: str) -> None:
    """A caller that sleeps as long as it was told to keeps its turn, whatever it waits for."""
    callers = await connected(pool)
    await callers.ask(0)
    if obstacle == "parked":
        await callers.connect(state=AccountState.DISCONNECTED)
    if obstacle == "held":
        await PostgresStore(pool).hold(HoldScope.ACCOUNT, callers.account_id)
    if obstacle == "closed":
        await callers.connect(working_hours=WorkingHours(weekdays=frozenset({6})))
    await callers.ask(1)
    slept = callers.told[1] - callers.now

    callers.now = callers.told[1] - timedelta(seconds=1)
    told = await callers.tick()

    turn_at = await pool.fetchval(
        "SELECT turn_at FROM actions WHERE action_id = $1", f"{callers.account_id}/0001"
    )
    assert slept > timedelta(hours=3)
    assert told == 0
    assert turn_at == callers.told[1]
