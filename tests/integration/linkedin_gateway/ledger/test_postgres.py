"""The ledger on PostgreSQL keeps the contract."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

import psycopg
import pytest
from linkedin_gateway.controls.suppression_repository import SuppressionRepository
from linkedin_gateway.controls.suppressions import suppression
from linkedin_gateway.kinds.targets import Resolution
from linkedin_gateway.ledger.archive_repository import ArchiveRepository
from linkedin_gateway.ledger.port import AttemptResult
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import Account, ActionState, HoldScope, Kind, Outcome, Profile
from linkedin_gateway.models.suppression_keys import Subject
from linkedin_gateway.pace.decisions import AlreadyDecided, Go, Wait
from linkedin_gateway.storage.rows import ACCOUNTS
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.postgres.statement import Statement

from tests.contracts.ledger import (
    ACCOUNT,
    ANOTHER,
    CLOCK,
    GAP,
    LEASE,
    NOW,
    RULES,
    LedgerContract,
    asked,
    of_another,
    resolved,
)
from tests.fakes.sealing import sealing
from tests.integration.linkedin_gateway.conftest import IDS
from tests.servers.postgres import as_role

PUT_ACCOUNT = Statement(f"""
INSERT INTO accounts ({ACCOUNTS.names}) VALUES ({ACCOUNTS.parameters()})
ON CONFLICT (account_id) DO UPDATE SET {ACCOUNTS.updates}
""")


PUT_PEOPLE = """
INSERT INTO people (organization_id, person_id, created_at, resolved_at)
SELECT $3, person_id, $2, $2 FROM unnest($1::text[]) AS known (person_id)
ON CONFLICT DO NOTHING
"""
PUT_HOLD = """
INSERT INTO holds (scope, subject_id, reason, created_at) VALUES ($1, $2, 'test', $3)
"""


class PostgresStore:
    """The tables themselves."""

    def __init__(self, pool: Pool, decisions: Pool | None = None) -> None:
        self._pool = pool
        self._by = decisions or pool
        self.ledger = PostgresLedger(
            pool, self._by, sealing(), rules=RULES, lease=LEASE, clock=CLOCK
        )

    async def put_account(self, account: Account) -> None:
        values = PUT_ACCOUNT.given(**ACCOUNTS.values(account))
        await self._pool.execute(PUT_ACCOUNT.sql, *values)
        known = [f"person-{number}" for number in range(100)]
        await self.know(known, organization_id=account.organization_id)

    async def know(self, people: Iterable[str], *, organization_id: str = "org_1") -> None:
        """Their profiles were seen."""
        await self._pool.execute(PUT_PEOPLE, list(people), NOW, organization_id)

    async def forget(self, person_id: str) -> None:
        await self._pool.execute(
            "UPDATE people SET resolved_at = NULL WHERE person_id = $1", person_id
        )

    async def hold(self, scope: HoldScope, subject_id: str) -> None:
        await self._pool.execute(PUT_HOLD, scope.value, subject_id, NOW)

    async def suppress(self, organization_id: str, subject: Subject, label: str) -> None:
        forbidden = suppression(
            organization_id, subject, label, reason="test", expires_at=None, now=NOW
        )
        await SuppressionRepository(self._pool, self._by, IDS).add([forbidden], (), now=NOW)

    async def connect(self, account_id: str, person_id: str) -> None:
        await self._pool.execute(
            "INSERT INTO profiles (account_id, person_id, connected) VALUES ($1, $2, true)",
            account_id,
            person_id,
        )

    async def gone(self, account_id: str, person_id: str, at: datetime) -> None:
        await self._pool.execute(
            "INSERT INTO profiles (account_id, person_id, invitation_gone_at) VALUES ($1, $2, $3)",
            account_id,
            person_id,
            at,
        )

    async def reply(self, campaign_id: str, lead_id: str) -> None:
        await self._pool.execute(
            "INSERT INTO replies (organization_id, campaign_id, lead_id, account_id, replied_at)"
            " VALUES ('org_1', $1, $2, 'acct_1', $3)",
            campaign_id,
            lead_id,
            NOW,
        )

    async def owner_wrote(self, campaign_id: str, lead_id: str, at: datetime) -> None:
        await self._pool.execute(
            "INSERT INTO owner_messages VALUES ('org_1', $1, $2, 'acct_1', $3)",
            campaign_id,
            lead_id,
            at,
        )

    async def cool(self, account_id: str, kind: Kind, until: datetime) -> None:
        await self._pool.execute(
            "INSERT INTO cool_downs VALUES ($1, $2, 0, 'test', $3, $4)",
            account_id,
            kind.value,
            NOW,
            until,
        )


class TestPostgresLedger(LedgerContract):
    @pytest.fixture
    async def store(self, gateway_url: str) -> AsyncIterator[PostgresStore]:
        role = as_role(gateway_url, "gateway_decisions")
        async with (
            postgres.connect_pool(gateway_url, "gateway", max_size=8) as pool,
            postgres.connect_pool(role, "gateway", max_size=8) as decisions,
        ):
            yield PostgresStore(pool, decisions)


async def test_archived_by_the_same_name(gateway_url: str) -> None:
    """Two organizations' actions of one name are archived each, and answer each as they did."""
    async with postgres.connect_pool(gateway_url, "gateway", max_size=2) as pool:
        store = PostgresStore(pool)
        for account in (ACCOUNT, ANOTHER):
            await store.put_account(account)
        for number, request in enumerate((asked(), of_another())):
            go = await store.ledger.decide(request, resolve=resolved, now=NOW)
            assert isinstance(go, Go)
            ended = AttemptResult(
                state=ActionState.DONE, outcome=Outcome(provider_id=f"ACo-{number}")
            )
            await store.ledger.finish(go.action, ended, now=NOW)
        archive = ArchiveRepository(pool)

        moved = [await archive.archive(before=NOW + GAP, limit=1) for _ in range(3)]
        again = await asyncio.gather(
            *(
                store.ledger.decide(request, resolve=resolved, now=NOW + GAP)
                for request in (asked(), of_another())
            )
        )

    assert moved == [1, 1, 0]
    told = [each.action.outcome for each in again if isinstance(each, AlreadyDecided)]
    assert told == [Outcome(provider_id="ACo-0"), Outcome(provider_id="ACo-1")]


async def test_each_lead_of_the_same_name_begins_by_itself(gateway_url: str) -> None:
    """Of two requests of one name in a batch, only the lead of the one that goes is enrolled."""
    async with postgres.connect_pool(gateway_url, "gateway", max_size=2) as pool:
        store = PostgresStore(pool)
        for account in (ACCOUNT, ANOTHER):
            await store.put_account(account)
        await store.ledger.decide(asked(0), resolve=resolved, now=NOW)

        wait, go = await asyncio.gather(
            *(
                store.ledger.decide(request, resolve=resolved, now=NOW)
                for request in (asked(), of_another())
            )
        )

        begun = await pool.fetch("SELECT organization_id FROM enrolments WHERE lead_id = 'lead_1'")
    assert isinstance(wait, Wait)
    assert isinstance(go, Go)
    assert [row["organization_id"] for row in begun] == ["org_2"]


async def test_what_is_cancelled_while_it_is_decided_enrols_nobody(gateway_url: str) -> None:
    """A row that is cancelled between reading and writing goes nowhere, nor does its lead begin."""

    def cancelled_meanwhile(account: Account, profile: Profile | None) -> Resolution:
        with psycopg.connect(gateway_url, autocommit=True) as connection:
            connection.execute(
                "UPDATE gateway.actions SET state = 'cancelled' WHERE action_id = %s",
                (asked(1).action_id,),
            )
        return resolved(account, profile)

    async with postgres.connect_pool(gateway_url, "gateway", max_size=2) as pool:
        store = PostgresStore(pool)
        await store.put_account(ACCOUNT)
        go = await store.ledger.decide(asked(0), resolve=resolved, now=NOW)
        assert isinstance(go, Go)
        await store.ledger.finish(go.action, AttemptResult(state=ActionState.DONE), now=NOW)
        waits = await store.ledger.decide(asked(1), resolve=resolved, now=NOW)
        assert isinstance(waits, Wait)

        decision = await store.ledger.decide(
            asked(1), resolve=cancelled_meanwhile, now=NOW + 2 * GAP
        )

        begun = await pool.fetch("SELECT lead_id FROM enrolments")
    assert isinstance(decision, AlreadyDecided)
    assert decision.action.state is ActionState.CANCELLED
    assert [row["lead_id"] for row in begun] == ["lead_0"]
