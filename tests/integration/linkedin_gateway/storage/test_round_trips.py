"""A column is a field: what a dataclass has, its table keeps."""

from collections.abc import AsyncIterator
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.member_repository import MemberRepository
from linkedin_gateway.controls.suppression_repository import SuppressionRepository
from linkedin_gateway.listings.suppressions import SuppressionList
from linkedin_gateway.models import (
    Account,
    AccountState,
    Cap,
    Kind,
    Suppression,
    Tier,
    WorkingHours,
)
from linkedin_gateway.sign_in.checkpoints import Checkpoint
from linkedin_gateway.sign_in.sign_in_repository import SignInRepository, SignInRow, SignInState
from linkedin_gateway.storage.sealed_ids import SealedIds
from servicekit.lists.listing import Asked
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import SEAL
from tests.integration.linkedin_gateway.conftest import IDS, SCHEMA

AT = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
ACCOUNT = Account(
    account_id="acct_1",
    organization_id="org_1",
    unipile_account_id="unipile-1",
    name="Ada “the first” Lovelace",
    tier=Tier.RECRUITER,
    provider_id="ACoAAA",
    state=AccountState.RESTRICTED,
    state_reason="PERMISSIONS",
    state_at=AT,
    working_hours=WorkingHours(
        time_zone="Europe/Berlin",
        weekdays=frozenset({1, 2}),
        opens=time(8),
        closes=time(16, 30),
        holidays=frozenset({date(2026, 12, 24)}),
    ),
    caps=(Cap(kind=Kind.INVITATION, per=timedelta(days=1), actions=7),),
    created_at=AT - timedelta(days=3),
    since=AT - timedelta(days=300),
    restored_at=AT - timedelta(days=2),
    resumed_at=AT - timedelta(days=1),
    multiplier=0.7,
    connections=312,
    updated_at=AT - timedelta(hours=1),
    created_by="mem_1",
    updated_by="mem_2",
)
SUPPRESSION = Suppression(
    suppression_id="supp_1",
    organization_id="org_1",
    subject="email",
    key="a hash",
    label="ad…",
    reason="asked for it",
    created_at=AT,
    expires_at=AT + timedelta(days=90),
)
SIGN_IN = SignInRow(
    token_hash="a hash",
    organization_id="org_1",
    account_id="acct_1",
    unipile_account_id="unipile-1",
    kind=Checkpoint.IN_APP,
    state=SignInState.OPEN,
    created_at=AT,
    expires_at=AT + timedelta(minutes=5),
)


@pytest.fixture
async def pool(gateway_url: str) -> AsyncIterator[Pool]:
    async with postgres.connect_pool(gateway_url, SCHEMA[0]) as pool:
        yield pool


@pytest.mark.parametrize("value", [ACCOUNT, SUPPRESSION, SIGN_IN], ids=lambda v: type(v).__name__)
def test_the_examples_leave_nothing_at_its_default(value: Any) -> None:
    """A field that is forgotten on its way cannot hide behind its default."""
    for field in fields(value):
        assert field.default is MISSING or getattr(value, field.name) != field.default, field.name


async def test_every_field_of_an_account_is_kept(pool: Pool) -> None:
    """What is registered is read again, whatever column was added last."""
    repository = AccountRepository(pool)

    registered = await MemberRepository(pool).register(ACCOUNT)

    assert registered == ACCOUNT
    assert await repository.read(ACCOUNT.account_id) == ACCOUNT


async def test_every_field_of_a_suppression_is_kept(pool: Pool) -> None:
    """One by one and in a list, what is added is read again."""
    repository = SuppressionRepository(pool, pool, IDS)

    assert await repository.add([SUPPRESSION], (), now=AT) == [SUPPRESSION]
    assert await repository.add_all([SUPPRESSION]) == 1
    listed = SuppressionList(pool, PageTokens(PageTokenKey(pool)))
    page = await listed.page("org_1", Asked())
    assert [each.suppression for each in page.rows] == [SUPPRESSION]


async def test_a_list_that_comes_again_is_hashed_by_the_key_of_today(pool: Pool) -> None:
    """After a hash key was lost: whoever is on it is found by their other names again."""
    other = Seal(SEAL.keys, KeyedHashes(bytes(32)))
    hashed = "SELECT hashed FROM suppressions"
    await SuppressionRepository(pool, pool, SealedIds(other)).add_all([SUPPRESSION])
    before = await pool.fetchval(hashed)

    await SuppressionRepository(pool, pool, IDS).add_all([SUPPRESSION])

    assert await pool.fetchval(hashed) == IDS.suppression("org_1", SUPPRESSION.key) != before


async def test_every_field_of_a_sign_in_is_kept(pool: Pool) -> None:
    """What an owner began is found again by its token."""
    repository = SignInRepository(pool)

    await repository.add(SIGN_IN)

    assert await repository.read(SIGN_IN.token_hash) == SIGN_IN
