"""Many who wait on one account and come back exactly when they were told to."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from linkedin_gateway.models import ActionRequest
from linkedin_gateway.pace.decisions import Decision, Go, Wait

from devstack.bench.gateway import ACTION_KINDS, START, BenchedLedger, request_for
from devstack.bench.measurements import percentiles

_CAMPAIGNS = 3


def request(number: int, *, account: str = "acct_0") -> ActionRequest:
    """A visit of a lead of its own."""
    return request_for(account, action_id=f"bench/{number}", person=f"person-{number}")


async def decide(ledger: BenchedLedger, asked: ActionRequest, *, now: datetime) -> Decision:
    """One decision; what may go is performed at once."""
    decision = await ledger.decide(asked, now=now)
    if isinstance(decision, Go):
        await ledger.finish(decision, now=now)
    return decision


async def wait_for_all(
    ledger: BenchedLedger,
    *,
    waiting: int,
    most_seconds: float = 30.0,
    most_woken: int | None = None,
) -> dict[str, Any]:
    """Visits wait: how long a decision takes meanwhile, and how often they came for each."""
    run = _Run(ledger, [request(number) for number in range(waiting)])
    await run.join()
    await run.come(most_seconds, most=most_woken)
    return {
        "waiting": waiting,
        "performed": len(run.went),
        "wake_ups_per_action": run.asks_per_action,
        **percentiles(run.taken),
    }


async def wait_mixed(
    ledger: BenchedLedger, *, of_each: int, most_seconds: float = 60.0
) -> dict[str, Any]:
    """As many of each kind wait, of several campaigns, after they asked in no order.

    Beside how long decisions take: how many went when they were told at first, and how much later
    the others did, who were told before a better-ranked one had asked.
    """
    kinds = [kind for kind in ACTION_KINDS for _ in range(of_each)]
    asked = [
        request_for(
            "acct_0",
            action_id=f"mixed/{number}",
            person=f"person-{number}",
            kind=kind,
            campaign_id=f"camp_{number % _CAMPAIGNS}",
        )
        for number, kind in enumerate(kinds)
    ]
    Random(1).shuffle(asked)  # noqa: S311 - an order, not a secret
    run = _Run(ledger, asked)
    await run.join()
    joining = percentiles(run.taken)
    run.taken.clear()
    told = dict(run.turns)
    await run.come(most_seconds)
    late = sorted(
        (run.went[number] - at).total_seconds() for number, at in told.items() if number in run.went
    )
    return {
        "waiting": len(asked),
        "performed": len(run.went),
        "wake_ups_per_action": run.asks_per_action,
        "as_told": round(sum(abs(each) < 1 for each in late) / max(1, len(late)), 3),
        "late_p50_s": late[len(late) // 2] if late else None,
        "late_p99_s": late[len(late) * 99 // 100] if late else None,
        "join_p50_ms": joining["p50_ms"],
        "join_p99_ms": joining["p99_ms"],
        **percentiles(run.taken),
    }


class _Run:
    """Requests on one account, and when each comes again."""

    def __init__(self, ledger: BenchedLedger, asked: Sequence[ActionRequest]) -> None:
        self._ledger = ledger
        self._asked = asked
        self._asks = 0
        self.turns: dict[int, datetime] = {}
        self.went: dict[int, datetime] = {}
        self.taken: list[float] = []

    @property
    def asks_per_action(self) -> float:
        """How often they came for each that went, their first time apart."""
        return round(self._asks / max(1, len(self.went)), 3)

    async def join(self) -> None:
        """All ask for the first time."""
        for number in range(len(self._asked)):
            await self._ask(number, now=START)

    async def come(self, most_seconds: float, *, most: int | None = None) -> None:
        """Each comes at its turn, as long as the bench has time, or so many of them."""
        self.taken.clear()
        self.went.clear()
        until = time.perf_counter() + most_seconds
        while self.turns and len(self.taken) != most and time.perf_counter() < until:
            number = min(self.turns, key=self.turns.__getitem__)
            self._asks += 1
            await self._ask(number, now=self.turns.pop(number))

    async def _ask(self, number: int, *, now: datetime) -> None:
        began = time.perf_counter()
        decision = await decide(self._ledger, self._asked[number], now=now)
        self.taken.append(time.perf_counter() - began)
        if isinstance(decision, Wait):
            self.turns[number] = now + decision.retry_after
        else:
            self.went[number] = now
