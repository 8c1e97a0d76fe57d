"""Callers that wait on one account, in memory, on a clock that only they move."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Ledger
from linkedin_gateway.models import Action, ActionKey, ActionRequest, ActionState, Cap, Kind
from linkedin_gateway.pace.decisions import Go, Prepare, Wait
from linkedin_gateway.pace.ranking import rank_of
from linkedin_gateway.pace.snapshot import PaceRules

from tests.contracts.ledger import ACCOUNT, LEASE, NOW, asked, resolved
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_tables import MemoryTables


@dataclass
class Callers:
    """Requests on one account, and when each will come again."""

    ledger: Ledger = field(default_factory=lambda: MemoryLedger(rules=PaceRules(), lease=LEASE))
    now: datetime = NOW
    sent: list[tuple[datetime, ActionRequest]] = field(default_factory=list)
    ended: list[datetime] = field(default_factory=list)
    wake_ups: int = 0
    asked_at: Counter[datetime] = field(default_factory=Counter)
    """How many asked at each moment."""
    joined: list[ActionRequest] = field(default_factory=list)
    _turns: list[tuple[datetime, int, ActionRequest]] = field(default_factory=list)
    _number: int = 0

    looked_up: set[str] = field(default_factory=set)
    """People whose profile was read before an action on them went."""

    def __post_init__(self) -> None:
        if isinstance(self.ledger, MemoryLedger):
            self.tables.accounts[ACCOUNT.account_id] = ACCOUNT

    @property
    def tables(self) -> MemoryTables:
        """Of a ledger in memory."""
        assert isinstance(self.ledger, MemoryLedger)
        return self.ledger.tables

    def put_caps(self, *caps: Cap) -> None:
        self.tables.accounts[ACCOUNT.account_id] = replace(ACCOUNT, caps=caps)

    async def join(self, request: ActionRequest) -> None:
        """A request asks for the first time."""
        self._number += 1
        self.joined.append(request)
        await self._ask(request, self._number)

    async def run(
        self,
        *,
        latency: timedelta = timedelta(0),
        most: int = 100_000,
        until: datetime | None = None,
    ) -> None:
        """Everybody comes at the told turn, until all have gone or it is `until`."""
        while self._turns and (until is None or self._turns[0][0] <= until):
            assert most > 0
            at, number, request = heapq.heappop(self._turns)
            self.now = max(self.now, at)
            self.wake_ups += 1
            most -= 1
            await self._ask(request, number, latency=latency)
        if until is not None:
            self.now = max(self.now, until)

    @property
    def waiting(self) -> int:
        return len(self._turns)

    async def wake(self, most: int) -> int:
        """The best-ranked are told to come now, as many as `most`; returns how many."""
        rows = {row.action_id: row for row in await self._rows()}
        self._turns.sort(key=lambda turn: rank_of(rows[turn[2].action_id]))
        woken, self._turns = self._turns[:most], self._turns[most:]
        heapq.heapify(self._turns)
        for _, number, request in woken:
            self.wake_ups += 1
            await self._ask(request, number)
        return len(woken)

    async def leave(self, gone: set[str]) -> None:
        """Some are called off and do not come again."""
        for action_id in gone:
            await self.ledger.cancel(ActionKey(ACCOUNT.organization_id, action_id), now=self.now)
        self._turns = [turn for turn in self._turns if turn[2].action_id not in gone]
        heapq.heapify(self._turns)

    async def _rows(self) -> Sequence[Action]:
        wanted = ActionFilter(organization_id=ACCOUNT.organization_id)
        return await self.ledger.list(wanted, after=None, limit=100_000)

    async def _ask(
        self, request: ActionRequest, number: int, *, latency: timedelta = timedelta(0)
    ) -> None:
        self.asked_at[self.now] += 1
        decision = await self.ledger.decide(request, now=self.now, resolve=resolved)
        if isinstance(decision, Prepare):
            await self._look_up(request)
            decision = await self.ledger.decide(request, now=self.now, resolve=resolved)
        if isinstance(decision, Wait):
            heapq.heappush(self._turns, (self.now + decision.retry_after, number, request))
            return
        assert isinstance(decision, Go), decision
        self.sent.append((self.now, request))
        self.now += latency
        self.ended.append(self.now)
        await self.ledger.finish(
            decision.action, AttemptResult(state=ActionState.DONE), now=self.now
        )

    async def _look_up(self, request: ActionRequest) -> None:
        """Read a profile, as one must be before the action: the read's turn has come too."""
        read = asked(action_id=f"read/{request.action_id}", kind=Kind.LOOKUP, campaign_id="")
        decision = await self.ledger.decide(read, now=self.now, resolve=resolved)
        assert isinstance(decision, Go), decision
        await self.ledger.finish(
            decision.action, AttemptResult(state=ActionState.DONE), now=self.now
        )
        self.looked_up.add(request.person_id)
        self.tables.unresolved.discard(request.person_id)


def visit(number: int, *, campaign: str = "camp_1", weight: int = 1) -> ActionRequest:
    return asked(
        number,
        action_id=f"{campaign}/lead_{number}/visit",
        campaign_id=campaign,
        weight=weight,
    )
