"""Every kind waits on one account, over the real ledger: what is told is what comes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from linkedin_gateway.kinds.registry import WRITES
from linkedin_gateway.models import Kind
from linkedin_gateway.pace.ranking import priority
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool

from tests.contracts.ledger import ACCOUNT
from tests.fakes.callers import Callers
from tests.integration.linkedin_gateway.ledger.test_postgres import PostgresStore
from tests.unit.linkedin_gateway.pace.test_mixed_kinds import explained, mixed, told, went

_serial = count()
mixes = st.dictionaries(st.sampled_from(sorted(WRITES)), st.integers(1, 6), min_size=2)


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, "gateway", max_size=4) as pool:
        yield pool


async def joined(pool: Pool, mix: dict[Kind, int], *, by_rank: bool, campaigns: int) -> Callers:
    """An account of its own, on which all of a mix have asked."""
    number, store = next(_serial), PostgresStore(pool)
    account = replace(
        ACCOUNT, account_id=f"acct_m{number}", unipile_account_id=f"unipile-m{number}"
    )
    await store.put_account(account)
    requests = [
        replace(
            each,
            account_id=account.account_id,
            action_id=f"{number}/{each.action_id}",
            campaign_id=f"{number}/{each.campaign_id}",
            person_id=f"person-{number}/{each.lead_id}",
        )
        for each in mixed(mix, campaigns=campaigns)
    ]
    await store.know(each.person_id for each in requests)
    callers = Callers(ledger=store.ledger)
    requests.sort(key=lambda each: priority(each, replied=False), reverse=not by_rank)
    for each in requests:
        await callers.join(each)
    return callers


@pytest.mark.lasts(seconds=20)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mixes)
async def test_told_is_explained_and_comes(pool: Pool, mix: dict[Kind, int]) -> None:
    """Who asks behind all who are ahead goes when it was told, once and not in vain."""
    callers = await joined(pool, mix, by_rank=True, campaigns=1)
    promised = await told(callers, callers.joined)
    explanation = await explained(callers, callers.joined)

    await callers.run()

    real = went(callers)
    assert explanation == promised == {action_id: real[action_id] for action_id in promised}
    assert callers.wake_ups == len(promised)


@pytest.mark.lasts(seconds=20)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mixes)
async def test_explained_comes_when_the_worst_asked_first(pool: Pool, mix: dict[Kind, int]) -> None:
    """Told before they knew of each other, they go when it is explained, with two asks each."""
    callers = await joined(pool, mix, by_rank=False, campaigns=2)
    explanation = await explained(callers, callers.joined)

    await callers.run()

    real = went(callers)
    assert explanation == {action_id: real[action_id] for action_id in explanation}
    assert callers.wake_ups <= 2 * len(callers.joined)
