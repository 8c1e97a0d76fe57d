"""An action whose answer was lost: how often it is looked for, and when that is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from linkedin_gateway.actions.verification import Verifier
from linkedin_gateway.kinds.action_kind import Deferred, Finding, Inconclusive, Missing
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, Action, ActionState
from linkedin_gateway.pace.decisions import Go
from prometheus_client import CollectorRegistry

from tests.contracts.ledger import ACCOUNT, LEASE, NOW, RULES, asked, resolved
from tests.fakes.memory_ledger import MemoryLedger

PAUSE = timedelta(seconds=10)
MARGIN = timedelta(minutes=21)


class StillClock:
    """Real time that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment

    def virtual(self, duration: timedelta) -> timedelta:
        return duration


class Accounts:
    async def read(self, _account_id: str) -> Account:
        return ACCOUNT


class ScriptedVerifier(Verifier):
    """Its looks find what it is told; later ones find nothing."""

    def __init__(self, ledger: Any, clock: Any, findings: Sequence[Finding]) -> None:
        accounts: Any = Accounts()
        ports: Any = None
        metrics = Metrics(CollectorRegistry())
        super().__init__(
            ledger, accounts, ports, metrics, clock, pause=PAUSE, lease=LEASE, margin=MARGIN
        )
        self.findings = list(findings)
        self.looks: list[datetime] = []

    async def look(self, action: Action, account: Account) -> Finding:
        del action, account
        self.looks.append(self._clock.now())
        return self.findings.pop(0) if self.findings else Missing()


async def looked_for(*attempts: Sequence[Finding]) -> tuple[Action, list[list[datetime]]]:
    """Attempts whose answers are lost one after the other, each looked for until it is settled."""
    clock: Any = StillClock()
    ledger = MemoryLedger(rules=RULES, lease=LEASE, clock=clock)
    ledger.tables.accounts[ACCOUNT.account_id] = ACCOUNT
    looks = []
    for findings in attempts:
        decision = await ledger.decide(asked(), resolve=resolved)
        assert isinstance(decision, Go), decision
        lost = AttemptResult(state=ActionState.UNKNOWN, verify_at=clock.moment + PAUSE)
        await ledger.finish(decision.action, lost)
        verifier = ScriptedVerifier(ledger, clock, findings)
        while (row := await ledger.read(decision.action.key)) and row.verify_at:
            clock.moment = row.verify_at
            await verifier.verify_due()
        looks.append(verifier.looks)
        assert row is not None
        clock.moment += timedelta(hours=1)
    return row, looks


@given(inconclusive=st.integers(0, 8), missing=st.integers(0, 8))
def test_only_looks_that_say_neither_are_counted(inconclusive: int, missing: int) -> None:
    """However often it was not there yet, it is settled; each attempt is looked for anew."""
    attempt = [*[Missing()] * missing, *[Inconclusive()] * inconclusive]

    row, _ = asyncio.run(looked_for(attempt, attempt))

    assert row.state is ActionState.QUEUED
    assert row.attempt == 2


def test_it_is_given_up_in_the_end() -> None:
    """Who can never be told stays unknown, and is not sent again."""
    row, (looks,) = asyncio.run(looked_for([Inconclusive()] * 20))

    assert (row.state, row.reason) == (ActionState.UNKNOWN, "OUTCOME_UNKNOWN")
    assert len(looks) == 9


def test_an_account_that_does_not_come_back_is_not_waited_for_for_ever() -> None:
    """Nobody can be asked: a lead that was to end, because its sender was replaced, never did.

    For two weeks it is put off without being counted.
    """
    row, (looks,) = asyncio.run(looked_for([Deferred()] * 5_000))

    assert (row.state, row.reason) == (ActionState.UNKNOWN, "OUTCOME_UNKNOWN")
    assert timedelta(days=13, hours=23) < looks[-1] - looks[0] <= timedelta(days=14)
    assert row.verifications == 0


def test_pauses_double_and_the_last_look_settles() -> None:
    """Each attempt is looked for from short pauses on; the last comes when absence is proof."""
    row, attempts = asyncio.run(looked_for([], []))

    assert row.state is ActionState.QUEUED
    for looks in attempts:
        sent_at = looks[0] - PAUSE
        after = [(at - sent_at).total_seconds() for at in looks]
        assert after == [10, 20, 40, 80, 160, 320, 640, MARGIN.total_seconds()]
