"""The ledger across replicas: one table, one conditional statement per transition."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from servicekit.postgres.errors import again_if_ended
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from linkedin_gateway.errors import AccountNotFound, ActionNotFound
from linkedin_gateway.kinds.action_kind import Twins
from linkedin_gateway.kinds.registry import READS
from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.ledger.batcher import DecisionBatcher, PendingRequest
from linkedin_gateway.ledger.clock import DatabaseClock
from linkedin_gateway.ledger.port import ActionFilter, AttemptResult, Position
from linkedin_gateway.ledger.queue_sql import read_queues, with_profile_reads
from linkedin_gateway.ledger.snapshots import read_snapshots, usage_of
from linkedin_gateway.ledger.transaction import DecisionTransaction
from linkedin_gateway.ledger.transition_sql import (
    CANCEL,
    CLAIM_LOST,
    COUNTED_BY_KIND,
    DEFER,
    FAIL_QUEUED,
    FINISH,
    FINISH_CLAIMING,
    NOTE_EARLIER,
    ON_THE_WIRE,
    QUEUED,
    READ,
    RECORD_INCONCLUSIVE,
    RECORD_NOT_FOUND,
    claiming_values,
    finish_values,
    listing,
)
from linkedin_gateway.ledger.twin_sql import twins, used_posts
from linkedin_gateway.models import (
    MONTH,
    Action,
    ActionKey,
    ActionRequest,
    ActionState,
    Effect,
    HoldScope,
    Kind,
    OnTheWire,
)
from linkedin_gateway.pace.action_rows import request_of
from linkedin_gateway.pace.decisions import Decision, Go
from linkedin_gateway.pace.explanation import explain
from linkedin_gateway.pace.obstacles import Obstacle
from linkedin_gateway.pace.ranking import QueueAhead
from linkedin_gateway.pace.snapshot import PaceRules, Snapshot
from linkedin_gateway.storage.frozen_sessions import FrozenSessions
from linkedin_gateway.storage.locks import lock_key, locked, locks_of
from linkedin_gateway.storage.rows import on_the_wire_of
from linkedin_gateway.storage.sealed_ids import SealedIds


class PostgresLedger:
    """See `Ledger`. Who asks at once is decided about in one transaction, `by` its own role."""

    def __init__(
        self,
        pool: Pool,
        by: Pool,
        seal: Seal,
        *,
        rules: PaceRules,
        lease: timedelta,
        clock: DatabaseClock,
    ) -> None:
        self._pool, self._decisions = pool, by
        self._frozen = FrozenSessions(pool, by)
        self._ids = ids = SealedIds(seal)
        self._rules, self._clock = rules, clock
        self._transaction = DecisionTransaction(rules=rules, lease=lease, clock=clock, ids=ids)
        self._batcher = DecisionBatcher(self._decide)

    async def decide(
        self,
        request: ActionRequest,
        *,
        resolve: ResolveTarget,
        post_id: str = "",
        now: datetime | None = None,
    ) -> Decision:
        """Decide about a request, under the lock of its account."""
        return await self._batcher.decide(
            PendingRequest(request=request, now=now, resolve=resolve, post_id=post_id)
        )

    async def _decide(self, batch: Sequence[PendingRequest]) -> None:
        """Decide about a batch, and answer once it is written down."""
        now = max((pending.now for pending in batch if pending.now is not None), default=None)
        decide = self._transaction.decide

        locks = locks_of(pending.request for pending in batch)
        answers = await self._frozen.outlasted(
            locks, lambda: decide(self._decisions, batch, now=now)
        )
        unheard = [decision for pending, decision in answers if not pending.answer(decision)]
        for decision in unheard:
            if isinstance(decision, Go):
                # Whoever asked has left meanwhile: it is certain that nothing is sent.
                back = AttemptResult(state=ActionState.QUEUED, turn_at=decision.action.sent_at)
                await self.finish(decision.action, back, now=now)

    async def explain(self, key: ActionKey, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now.

        Raises `ActionNotFound` if there is no such action, and `AccountNotFound` if its
        account is gone.
        """
        action = await self.read(key)
        if action is None:
            raise ActionNotFound
        if action.state is not ActionState.QUEUED:
            return ()
        request = request_of(action)
        snapshot, ahead = await again_if_ended(lambda: self._read(action, request, now=now))
        if snapshot is None:
            raise AccountNotFound
        return explain(request, snapshot, ahead, self._rules, now=now)

    async def _read(
        self, action: Action, request: ActionRequest, *, now: datetime
    ) -> tuple[Snapshot | None, QueueAhead]:
        """What a decision about a queued action would be based on."""
        # In a transaction like a batch's: a connection plans each statement once for both.
        async with self._decisions.acquire() as connection, locked(connection, ()):
            _, (snapshot,) = await read_snapshots(
                connection,
                [(request, "")],
                clock=self._clock.values(now),
                rules=self._rules,
                ids=self._ids,
            )
            if action.needs_lookup:
                (snapshot,) = await with_profile_reads(connection, [snapshot], [0], now=now)
            queues = await read_queues(connection, [action], rules=self._rules, now=now)
        return snapshot, queues[action.key]

    async def finish(
        self, action: Action, result: AttemptResult, *, now: datetime | None = None
    ) -> bool:
        """Write down what the attempt came to, and what was learnt of the person."""
        if result.claims:
            return await self._finish_claiming(action, result, now=now)
        values = FINISH.given(**finish_values(action, result, self._ids), **self._clock.values(now))
        return bool(await self._pool.fetchval(FINISH.sql, *values))

    async def _finish_claiming(
        self, action: Action, result: AttemptResult, *, now: datetime | None
    ) -> bool:
        values = FINISH_CLAIMING.given(
            **claiming_values(action, result, self._ids), **self._clock.values(now)
        )

        async def transaction() -> bool:
            # Two that were found by the same id do not see each other's claim but under a lock.
            async with (
                self._pool.acquire() as connection,
                locked(connection, [lock_key(action.account_id)]),
            ):
                return bool(await connection.fetchval(FINISH_CLAIMING.sql, *values))

        return await again_if_ended(transaction)

    async def defer(self, key: ActionKey, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""
        await self._pool.execute(DEFER, *key, reason, turn_at)

    async def fail_queued(
        self, key: ActionKey, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""
        values = FAIL_QUEUED.given(
            **key._asdict(), reason=reason, effect=effect.value, message=message, now=now
        )
        row = await self._pool.fetchrow(FAIL_QUEUED.sql, *values)
        return self._ids.action_of(row) if row else None

    async def cancel(self, key: ActionKey, *, now: datetime) -> Action:
        """Call off an action that is not in flight; one never asked for is recorded.

        Raises `ActionNotFound` if its row is gone by the time it is read.
        """
        row = await self._pool.fetchrow(CANCEL, *key, now)
        if row is None:
            # It is in flight or has ended: it stays what it is.
            row = await self._pool.fetchrow(READ, *key)
            if row is None:
                raise ActionNotFound
        return self._ids.action_of(row)

    async def read(self, key: ActionKey) -> Action | None:
        """One action."""
        row = await self._pool.fetchrow(READ, *key)
        return self._ids.action_of(row) if row else None

    async def list(
        self, wanted: ActionFilter, *, after: Position | None, limit: int
    ) -> Sequence[Action]:
        """Actions, newest first."""
        given, of, paged = wanted.given, wanted.account_ids, after is not None
        accounts = {} if of is None else {"visible_accounts": sorted(of)}
        statement = listing(frozenset(given), wanted.state, after=paged, limited=bool(accounts))
        position = dict(zip(("after_created_at", "after_action_id"), after or (), strict=False))
        values = statement.given(
            organization_id=wanted.organization_id, limit=limit, **given, **position, **accounts
        )
        rows = await self._pool.fetch(statement.sql, *values)
        return [self._ids.action_of(row) for row in rows]

    async def claim_lost(
        self,
        *,
        until: datetime,
        limit: int,
        key: ActionKey | None = None,
        now: datetime | None = None,
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each."""
        named = key._asdict() if key else dict.fromkeys(ActionKey._fields)
        values = CLAIM_LOST.given(until=until, limit=limit, **named, **self._clock.values(now))
        rows = await self._pool.fetch(CLAIM_LOST.sql, *values)
        return [self._ids.action_of(row) for row in rows]

    async def record_not_found(
        self, action: Action, *, verify_at: datetime, settled: bool, now: datetime
    ) -> Action:
        """It was looked for and is not there; if that is `settled`, it is queued again."""
        values = RECORD_NOT_FOUND.given(
            **action.key._asdict(),
            attempt=action.attempt,
            verify_at=verify_at,
            settled=settled,
            now=now,
        )
        row = await self._pool.fetchrow(RECORD_NOT_FOUND.sql, *values)
        return self._ids.action_of(row) if row else (await self.read(action.key) or action)

    async def record_inconclusive(
        self, action: Action, *, verify_at: datetime, counted: bool
    ) -> None:
        """A look for it said neither yes nor no."""
        values = RECORD_INCONCLUSIVE.given(
            **action.key._asdict(),
            attempt=action.attempt,
            verify_at=verify_at,
            counted=int(counted),
        )
        await self._pool.execute(RECORD_INCONCLUSIVE.sql, *values)

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Snapshot]:
        """What counts now, by kind, also by the member's accounts with other organizations.

        Raises `AccountNotFound` if there is no such account.
        """
        rows = await self._decisions.fetch(COUNTED_BY_KIND, account_id, now - MONTH)
        if not rows:
            raise AccountNotFound
        return usage_of(rows)

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""
        rows = await self._pool.fetch(QUEUED)
        counts = {row["kind"]: row["actions"] for row in rows}
        return {kind: counts.get(kind.value, 0) for kind in Kind if kind not in READS}

    async def on_the_wire(
        self, scope: HoldScope, subject_id: str, *, now: datetime | None = None
    ) -> OnTheWire:
        """The writes of a scope that have begun and not ended."""
        clock = self._clock.values(now)
        values = ON_THE_WIRE.given(scope=scope.value, subject_id=subject_id, **clock)
        return on_the_wire_of(await self._pool.fetchrow(ON_THE_WIRE.sql, *values))

    async def note_earlier(self, action: Action, message_ids: Collection[str]) -> None:
        """Messages with its words are there before it goes."""
        earlier = sorted({*action.earlier_ids, *message_ids})
        kept = self._ids.joined(action.organization_id, earlier)
        await self._pool.execute(NOTE_EARLIER, *action.key, action.attempt, kept)

    async def twins(self, action: Action, provider_ids: Collection[str]) -> Twins:
        """What other actions to the person have made of these messages and invitations."""
        return await twins(self._pool, self._ids, action, provider_ids)

    async def used_posts(self, account_id: str, person_id: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken.

        Raises `ActionFailed` where one of them does not open: it may be any that is there.
        """
        return await used_posts(self._pool, self._ids, account_id, person_id, kind)
