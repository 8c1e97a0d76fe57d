"""Deciding together is deciding one after the other, only faster."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linkedin_gateway.kinds.targets import NeedsLookup, Resolution
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import Account, ActionRequest, ActionState, Cap, Kind, Profile
from linkedin_gateway.pace.decisions import Decision, Go, Wait
from linkedin_gateway.storage.locks import LONGEST_IDLE
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import ACCOUNT, LEASE, NOW, RULES, asked, resolved
from tests.fakes.memory_ledger import MemoryLedger
from tests.integration.linkedin_gateway.ledger.test_postgres import PostgresStore

_serial = count()

requests = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from([Kind.VISIT, Kind.REACTION, Kind.INVITATION, Kind.MESSAGE, Kind.LOOKUP]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=14,
)
rounds = st.lists(
    st.tuples(st.integers(0, 3000).map(lambda seconds: timedelta(seconds=seconds)), requests),
    min_size=1,
    max_size=4,
)


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, "gateway", max_size=4) as pool:
        yield pool


def told(decision: Decision) -> Any:
    """What a caller hears."""
    if isinstance(decision, Wait):
        return decision.obstacle.reason, decision.retry_after
    return type(decision).__name__


async def in_memory(
    ledger: MemoryLedger, batch: list[ActionRequest], *, now: datetime
) -> list[Decision]:
    return [await ledger.decide(request, now=now, resolve=resolved) for request in batch]


async def together(
    ledger: PostgresLedger, batch: list[ActionRequest], *, now: datetime
) -> list[Decision]:
    return await asyncio.gather(*(ledger.decide(each, now=now, resolve=resolved) for each in batch))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rounds)
async def test_together_is_one_after_the_other(
    pool: Pool, rounds: list[tuple[timedelta, list[tuple[int, Kind, int]]]]
) -> None:
    """One campaign's leads hear, asked for at once, what they would have heard in turn.

    Whatever waits, goes, ends and comes again in between, twice in one batch too.
    """
    number = next(_serial)
    account = replace(
        ACCOUNT,
        account_id=f"acct_t{number}",
        unipile_account_id=f"unipile-t{number}",
        caps=(Cap(kind=Kind.VISIT, per=timedelta(hours=1), actions=2),),
    )
    memory = MemoryLedger(rules=RULES, lease=LEASE)
    memory.tables.accounts[account.account_id] = account
    store = PostgresStore(pool)
    await store.put_account(account)
    await store.know(f"person-{number}-{lead}" for lead in range(10))
    now = NOW
    for pause, batch in rounds:
        now += pause
        wanted = [
            asked(
                lead,
                kind=kind,
                account_id=account.account_id,
                campaign_id=f"camp_{number}",
                action_id=f"{number}/{lead}/{kind.value}",
                person_id=f"person-{number}-{lead}",
                weight=weight,
            )
            for lead, kind, weight in batch
        ]
        expected = await in_memory(memory, wanted, now=now)
        found = await together(store.ledger, wanted, now=now)

        assert [told(each) for each in found] == [told(each) for each in expected]
        for go, twin in zip(found, expected, strict=True):
            if isinstance(go, Go) and isinstance(twin, Go):
                ended = AttemptResult(state=ActionState.DONE)
                await store.ledger.finish(go.action, ended, now=now)
                await memory.finish(twin.action, ended, now=now)


async def test_turns_of_campaigns_that_ask_together_are_apart(pool: Pool) -> None:
    """Three campaigns at once: everybody has a turn of their own, and small ones are early."""
    store = PostgresStore(pool)
    await store.put_account(ACCOUNT)
    await store.know(f"person-apart-{lead}" for lead in range(15))
    batch = [
        asked(
            lead,
            campaign_id=f"camp_{lead % 3}",
            action_id=f"apart/{lead}",
            person_id=f"person-apart-{lead}",
        )
        for lead in range(15)
    ]

    decisions = await together(store.ledger, batch, now=NOW)

    waits = [each.retry_after for each in decisions if isinstance(each, Wait)]
    assert len(waits) == 14
    assert len(set(waits)) == 14


async def test_one_invitation_to_a_person_from_accounts_that_ask_together(pool: Pool) -> None:
    """Two accounts invite one person in one batch: one goes, the other hears of it."""
    store = PostgresStore(pool)
    for account_id in ("acct_1", "acct_2"):
        await store.put_account(
            replace(ACCOUNT, account_id=account_id, unipile_account_id=f"u-{account_id}")
        )
    batch = [
        asked(1, kind=Kind.INVITATION, account_id=account_id, action_id=f"both/{account_id}")
        for account_id in ("acct_1", "acct_2")
    ]

    decisions = await together(store.ledger, batch, now=NOW)

    assert sorted(type(each).__name__ for each in decisions) == ["AlreadyDecided", "Go"]


async def test_one_that_cannot_be_decided_fails_only_itself(pool: Pool) -> None:
    """A stranger's account, a target that cannot be resolved, and one that is fine."""
    store = PostgresStore(pool)
    await store.put_account(ACCOUNT)

    def broken(_account: Any, _profile: Any) -> Resolution:
        raise ArithmeticError

    decisions = await asyncio.gather(
        store.ledger.decide(asked(1, organization_id="org_2"), now=NOW, resolve=resolved),
        store.ledger.decide(asked(2), now=NOW, resolve=broken),
        store.ledger.decide(asked(3), now=NOW, resolve=resolved),
        return_exceptions=True,
    )

    assert [type(each).__name__ for each in decisions] == [
        "AccountNotFound",
        "ArithmeticError",
        "Go",
    ]


async def test_an_id_that_no_text_may_have_fails_only_itself(pool: Pool) -> None:
    """PostgreSQL refuses the whole statement; the others are decided without it."""
    store = PostgresStore(pool)
    await store.put_account(ACCOUNT)

    decisions = await asyncio.gather(
        store.ledger.decide(asked(1, lead_id="nul\x00"), now=NOW, resolve=resolved),
        store.ledger.decide(asked(2), now=NOW, resolve=resolved),
        return_exceptions=True,
    )

    assert isinstance(decisions[0], Exception)
    assert isinstance(decisions[1], Go)


async def test_one_that_stood_still_is_made_again(pool: Pool) -> None:
    """A process that stood still for so long that the database ended its decision makes it anew:
    nobody is told that the database is away."""
    store = PostgresStore(pool)
    await store.put_account(ACCOUNT)
    begun: list[Account] = []

    def stands_still(account: Account, profile: Profile | None) -> Resolution:
        begun.append(account)
        if len(begun) == 1:
            time.sleep(LONGEST_IDLE.total_seconds() + 0.5)
        return resolved(account, profile)

    decision = await store.ledger.decide(asked(1), now=NOW, resolve=stands_still)

    assert isinstance(decision, Go)
    assert len(begun) == 2


async def test_who_left_before_the_answer_has_sent_nothing(pool: Pool) -> None:
    """The row of a caller that left while it was decided about waits again, and goes later."""
    store = PostgresStore(pool)
    await store.put_account(ACCOUNT)
    asking: list[asyncio.Task[Decision]] = []

    def leaves(_account: Any, _profile: Any) -> Resolution:
        asking[0].cancel()
        return resolved(_account, _profile)

    asking.append(asyncio.create_task(store.ledger.decide(asked(1), now=NOW, resolve=leaves)))
    await asyncio.wait(asking)
    # Whoever asks next does so behind that batch.
    prepare = await store.ledger.decide(asked(2), now=NOW, resolve=lambda _a, _f: NeedsLookup())

    row = await store.ledger.read(asked(1).key)
    assert row is not None
    assert (row.state, row.sent_at) == (ActionState.QUEUED, None)
    assert prepare is not None
    assert isinstance(await store.ledger.decide(asked(1), now=NOW, resolve=resolved), Go)
