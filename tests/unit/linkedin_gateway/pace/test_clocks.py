"""Clocks differ and jump: no window is over its cap by any of them, nobody waits for nothing."""

from dataclasses import replace
from datetime import datetime, timedelta

from devstack.bench.exactness import Performed, over_limit, too_close
from hypothesis import given, settings
from hypothesis import strategies as st
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult
from linkedin_gateway.models import DAY, HOUR, ActionState, Cap, Kind
from linkedin_gateway.pace.decisions import Go, Wait

from tests.contracts.ledger import ACCOUNT, LEASE, NOW, RULES, asked, resolved
from tests.fakes.memory_ledger import MemoryLedger

CAPS = (
    Cap(kind=Kind.VISIT, per=HOUR, actions=2),
    Cap(kind=Kind.VISIT, per=DAY, actions=5),
    Cap(kind=Kind.REACTION, per=HOUR, actions=1),
)
KINDS = st.sampled_from([Kind.VISIT, Kind.REACTION, Kind.LOOKUP])
seconds = st.integers(0, 1800).map(lambda s: timedelta(seconds=s))


def ledger_of_one() -> MemoryLedger:
    ledger = MemoryLedger(rules=RULES, lease=LEASE)
    ledger.tables.accounts[ACCOUNT.account_id] = replace(ACCOUNT, caps=CAPS)
    return ledger


async def performed(ledger: MemoryLedger) -> list[Performed]:
    wanted = ActionFilter(organization_id=ACCOUNT.organization_id)
    return [
        Performed(
            action_id=action.action_id,
            kind=action.kind,
            sent_at=action.sent_at,
            finished_at=action.finished_at,
        )
        for action in await ledger.list(wanted, after=None, limit=10_000)
        if action.sent_at is not None
    ]


steps = st.lists(
    st.tuples(
        seconds,
        st.integers(0, 2),
        st.one_of(st.just(0), st.integers(-7200, 7200)),
        st.integers(0, 2),
        KINDS,
    ),
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(steps)
async def test_caps_hold_by_any_clock(
    steps: list[tuple[timedelta, int, int, int, Kind]],
) -> None:
    """Three replicas, each by a clock of its own that steps by hours, forwards and backwards.

    One asks, and another may be the one that hears the answer.
    """
    ledger = ledger_of_one()
    off = [timedelta(0), timedelta(seconds=4), timedelta(seconds=-3)]
    true = NOW
    for number, (pause, asker, step, hearer, kind) in enumerate(steps):
        true += pause
        off[asker] += timedelta(seconds=step)
        request = asked(number, kind=kind)
        decision = await ledger.decide(request, now=true + off[asker], resolve=resolved)
        if isinstance(decision, Go):
            ended = AttemptResult(state=ActionState.DONE)
            await ledger.finish(decision.action, ended, now=true + off[hearer])

    actions = await performed(ledger)
    assert not over_limit(actions, caps=CAPS)
    assert not too_close(ACCOUNT.account_id, actions, gap=RULES.gap)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(seconds, KINDS), max_size=30), KINDS)
async def test_told_no_later_than_needed(history: list[tuple[timedelta, Kind]], kind: Kind) -> None:
    """Whoever waits alone goes at the very moment that was told, and not a moment sooner."""
    ledger, now = ledger_of_one(), NOW
    for number, (pause, before) in enumerate(history):
        now += pause
        decision = await ledger.decide(asked(number, kind=before), now=now, resolve=resolved)
        if isinstance(decision, Go):
            await ledger.finish(decision.action, AttemptResult(state=ActionState.DONE), now=now)
        else:
            await ledger.cancel(asked(number, kind=before).key, now=now)
    alone = asked(999, kind=kind)

    decision = await ledger.decide(alone, now=now, resolve=resolved)

    if isinstance(decision, Wait):
        told: datetime = now + decision.retry_after
        sooner = await ledger.decide(alone, now=told - timedelta(microseconds=1), resolve=resolved)
        decision = await ledger.decide(alone, now=told, resolve=resolved)
        assert isinstance(sooner, Wait)
    assert isinstance(decision, Go)
