"""The gateway's ledger by itself, on a database: all that the benches use of the gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from linkedin_gateway.accounts.member_repository import MemberRepository
from linkedin_gateway.controls.hold_repository import HoldRepository
from linkedin_gateway.kinds.registry import WRITES
from linkedin_gateway.kinds.targets import Resolved
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Ledger, Position
from linkedin_gateway.ledger.postgres import PostgresLedger
from linkedin_gateway.models import (
    Account,
    Action,
    ActionRequest,
    ActionState,
    Cap,
    HoldScope,
    Kind,
    Profile,
    Target,
    Tier,
)
from linkedin_gateway.models.working_hours import ALWAYS
from linkedin_gateway.pace.decisions import Decision, Go
from linkedin_gateway.pace.snapshot import PaceRules
from servicekit.credentials.secrets import Secret
from servicekit.postgres import pool as postgres
from servicekit.postgres.pool import Pool
from servicekit.sealing.composition import OF_SANDBOX
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal
from servicekit.sealing.wrapping_keys import KeysOfSettings

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = PaceRules()
_SEAL = Seal(KeysOfSettings(Secret.of(OF_SANDBOX)), KeyedHashes(bytes(32)))
ACTION_KINDS = tuple(sorted(WRITES))
"""Every kind that waits in turn."""
ORGANIZATION = "org_bench"
HOT_ACCOUNT = "acct_0"
"""On which the others wait."""
CAMPAIGN = "camp_bench"
_HELD = """
UPDATE actions SET reason = 'HELD'
 WHERE account_id = $1 AND campaign_id = $2 AND state = 'queued' AND reason <> 'HELD'
"""
# Service has passed all that waits.
_SERVED = """
UPDATE actions SET virtual_finish = (SELECT max(virtual_finish) FROM actions
                                      WHERE account_id = $1 AND state = 'queued')
 WHERE action_id = (SELECT action_id FROM actions
                     WHERE account_id = $1 AND sent_at IS NOT NULL LIMIT 1)
"""
_PUT_PEOPLE = """
INSERT INTO people (organization_id, person_id, created_at, resolved_at)
SELECT $1, $2 || '-' || n, $4, $4 FROM generate_series(0, $3 - 1) AS n
ON CONFLICT DO NOTHING
"""


class BenchedLedger:
    """A ledger and its accounts; every action is known to be possible."""

    def __init__(self, pool: Pool, *, lease: timedelta) -> None:
        self.pool = pool
        self._ledger: Ledger = PostgresLedger(
            pool,
            pool,
            _SEAL,
            rules=RULES,
            lease=lease,
            clock=DatabaseClock.real_time(),
        )
        self._members = MemberRepository(pool)
        self._holds = HoldRepository(pool, pool)

    async def put_account(self, account_id: str, *, caps: tuple[Cap, ...] = ()) -> None:
        """An established account that acts at any hour."""
        account = Account(
            account_id=account_id,
            organization_id=ORGANIZATION,
            unipile_account_id=account_id,
            tier=Tier.PREMIUM,
            state_at=START,
            working_hours=ALWAYS,
            caps=caps,
            created_at=START,
        )
        await self._members.register(account)

    async def put_people(self, name: str, people: int) -> None:
        """People whose profiles were seen: `name-0`, `name-1` and so on."""
        await self.pool.execute(_PUT_PEOPLE, ORGANIZATION, name, people, START)

    async def decide(self, request: ActionRequest, *, now: datetime) -> Decision:
        """One decision."""
        return await self._ledger.decide(request, now=now, resolve=_resolve)

    async def finish(self, go: Go, state: ActionState = ActionState.DONE, *, now: datetime) -> None:
        """What was let go has ended; what did not happen comes again at once."""
        turn_at = now if state is ActionState.QUEUED else None
        await self._ledger.finish(go.action, AttemptResult(state=state, turn_at=turn_at), now=now)

    async def hold_all(self, account_id: str) -> None:
        """All that waits on an account for the campaign is held, and others went on meanwhile."""
        await self._holds.put(
            HoldScope.CAMPAIGN,
            CAMPAIGN,
            owner=ORGANIZATION,
            reason="a bench",
            caller="bench",
            now=START,
        )
        await self.pool.execute(_HELD, account_id, CAMPAIGN)
        await self.pool.execute(_SERVED, account_id)

    async def lift(self) -> None:
        """What the call does that lifts the campaign's hold."""
        await self._holds.lift(
            HoldScope.CAMPAIGN, CAMPAIGN, organization_id=ORGANIZATION, caller="bench", now=START
        )
        await self._holds.go_on(CAMPAIGN, owner=ORGANIZATION, now=START)

    async def end_lifted(self) -> None:
        """What is left of it."""
        while not await self._holds.go_on(CAMPAIGN, owner=ORGANIZATION, now=START):
            pass

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind: what the gauge shows."""
        return await self._ledger.queued()

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """A page of actions."""
        return await self._ledger.list(wanted, after=after, limit=limit)


@asynccontextmanager
async def benched_ledger(
    url: str, *, max_size: int, lease: timedelta = timedelta(seconds=80)
) -> AsyncIterator[BenchedLedger]:
    """A ledger on a pool of its own."""
    async with postgres.connect_pool(url, "gateway", max_size=max_size) as pool:
        yield BenchedLedger(pool, lease=lease)


def request_for(
    account_id: str,
    *,
    action_id: str,
    person: str,
    kind: Kind = Kind.VISIT,
    campaign_id: str = CAMPAIGN,
    weight: int = 1,
) -> ActionRequest:
    """An action on a person that a lead of their own needs."""
    return ActionRequest(
        action_id=action_id,
        organization_id=ORGANIZATION,
        account_id=account_id,
        campaign_id=campaign_id,
        lead_id=f"lead_{person}",
        identifier=person,
        person_id=person,
        kind=kind,
        weight=weight,
    )


def _resolve(_account: Account, _profile: Profile | None) -> Resolved:
    return Resolved(target=Target(provider_id="ACo-bench"))
