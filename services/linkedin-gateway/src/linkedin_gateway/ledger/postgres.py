"""The ledger across replicas: one table, one conditional statement per transition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool

from linkedin_gateway.errors import AccountNotFound, ActionNotFound
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.ledger.batcher import DecisionBatcher, Seat
from linkedin_gateway.ledger.mapping import ended_values, usage_of
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Position
from linkedin_gateway.ledger.sql import (
    ABSENT,
    CANCEL,
    CLAIM_LOST,
    COUNT_IN_FLIGHT,
    COUNTED_BY_KIND,
    DEFER,
    FINISH,
    LIST,
    QUEUED,
    READ,
    SETTLE,
    UNDECIDED,
    USED_POSTS,
)
from linkedin_gateway.ledger.transaction import DecisionTransaction
from linkedin_gateway.models import (
    MONTH,
    Action,
    ActionRequest,
    ActionState,
    Effect,
    HoldScope,
    Kind,
)
from linkedin_gateway.pace.decide import request_of
from linkedin_gateway.pace.decisions import Decision, Go
from linkedin_gateway.pace.explanation import explained
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot
from linkedin_gateway.storage.locks import locked
from linkedin_gateway.storage.rows import action_of


class PostgresLedger:
    """See `Ledger`. Those who ask at once are decided about in one transaction."""

    def __init__(self, pool: Pool, *, rules: PaceRules, lease: timedelta) -> None:
        self._pool = pool
        self._rules = rules
        self._decision_transaction = DecisionTransaction(rules=rules, lease=lease)
        self._sittings = DecisionBatcher(self._decide)

    async def decide(
        self, request: ActionRequest, *, now: datetime, resolve: ResolveTarget, post_id: str = ""
    ) -> Decision:
        """Decide about a request, under the lock of its account."""
        return await self._sittings.ask(
            Seat(request=request, now=now, resolve=resolve, post_id=post_id)
        )

    async def _decide(self, seats: Sequence[Seat]) -> None:
        """Decide about all who sit, and tell them once it is kept."""
        now = max(seat.now for seat in seats)
        async with self._pool.acquire() as connection:
            answers = await self._decision_transaction.decide(connection, seats, now=now)
        unheard = [answer for seat, answer in answers if not seat.tell(answer)]
        for answer in unheard:
            if isinstance(answer, Go):
                # Whoever asked has left meanwhile: it is certain that nothing is sent.
                back = AttemptResult(state=ActionState.QUEUED, turn_at=now)
                await self.finish(answer.action, back, now=now)

    async def explain(self, action_id: str, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now."""
        action = await self.read(action_id)
        if action is None:
            raise ActionNotFound
        if action.state is not ActionState.QUEUED:
            return ()
        request = request_of(action)
        # In a transaction like a sitting's: a connection plans each statement once for both.
        async with self._pool.acquire() as connection, locked(connection, ()):
            (snapshot,) = await self._decision_transaction.read(
                connection, [(request, "")], now=now
            )
            ahead = await self._decision_transaction.ahead(connection, action, now=now)
        if snapshot is None:
            raise AccountNotFound
        return explained(request, snapshot, ahead, self._rules, now=now)

    async def finish(self, action: Action, ended: AttemptResult, *, now: datetime) -> bool:
        """Write down how the attempt ended, and what was learnt of the person."""
        return bool(await self._pool.fetchval(FINISH, *ended_values(action, ended, now=now)))

    async def defer(self, action_id: str, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""
        await self._pool.execute(DEFER, action_id, reason, turn_at)

    async def fail_queued(
        self, action_id: str, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""
        row = await self._pool.fetchrow(SETTLE, action_id, reason, effect.value, message, now)
        return action_of(row) if row else None

    async def cancel(self, action_id: str, *, now: datetime) -> Action:
        """Call off an action that is not on the wire; one never asked for is recorded."""
        row = await self._pool.fetchrow(CANCEL, action_id, now)
        if row is None:
            # It is on the wire or has ended: it stays what it is.
            row = await self._pool.fetchrow(READ, action_id)
        if row is None:
            raise ActionNotFound
        return action_of(row)

    async def read(self, action_id: str) -> Action | None:
        """One action."""
        row = await self._pool.fetchrow(READ, action_id)
        return action_of(row) if row else None

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""
        rows = await self._pool.fetch(
            LIST,
            wanted.organization_id,
            wanted.account_id,
            wanted.campaign_id,
            wanted.lead_id,
            wanted.kind.value if wanted.kind else "",
            wanted.state.value if wanted.state else "",
            after[0] if after else None,
            after[1] if after else "",
            limit,
        )
        return [action_of(row) for row in rows]

    async def claim_lost(
        self, *, now: datetime, until: datetime, limit: int, action_id: str | None = None
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each."""
        rows = await self._pool.fetch(CLAIM_LOST, now, until, limit, action_id)
        return [action_of(row) for row in rows]

    async def record_not_found(
        self, action: Action, *, verify_at: datetime, needed: int, now: datetime
    ) -> Action:
        """It was looked up and is not there; after `needed` times it is queued again."""
        row = await self._pool.fetchrow(
            ABSENT, action.action_id, action.attempt, verify_at, needed, now
        )
        return action_of(row) if row else (await self.read(action.action_id) or action)

    async def record_inconclusive(
        self, action: Action, *, verify_at: datetime, counted: bool
    ) -> None:
        """A look for it said neither yes nor no."""
        await self._pool.execute(
            UNDECIDED, action.action_id, action.attempt, verify_at, int(counted)
        )

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Snapshot]:
        """What counts now, by kind."""
        rows = await self._pool.fetch(COUNTED_BY_KIND, account_id, now - MONTH)
        if not rows:
            raise AccountNotFound
        return usage_of(rows)

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""
        rows = await self._pool.fetch(QUEUED)
        counts = {row["kind"]: row["actions"] for row in rows}
        return {kind: counts.get(kind.value, 0) for kind in Kind if kind not in READS}

    async def count_in_flight(self, scope: HoldScope, subject_id: str, *, now: datetime) -> int:
        """How many writes of a scope are on the wire."""
        count: int = await self._pool.fetchval(COUNT_IN_FLIGHT, scope.value, subject_id, now)
        return count

    async def used_posts(self, account_id: str, person: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""
        rows = await self._pool.fetch(USED_POSTS, account_id, person, kind.value)
        return frozenset(row["post_id"] for row in rows)
