"""The ledger across replicas: one table, one conditional statement per transition."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from servicekit.postgres import Pool

from linkedin_gateway.caps import MONTH
from linkedin_gateway.connection import Connection
from linkedin_gateway.errors import AccountNotFound, ActionNotFound
from linkedin_gateway.explanation import explained
from linkedin_gateway.kinds import ANSWERING, PRIORITY, READS, Kind
from linkedin_gateway.ledger import (
    ActionFilter,
    Decision,
    Ended,
    Position,
    Queue,
    Verdict,
    Wait,
    judge,
    place,
    request_of,
)
from linkedin_gateway.ledger_statements import (
    ABSENT,
    ARCHIVED,
    CANCEL,
    CLAIM_LOST,
    COUNTED_BY_KIND,
    DEFER,
    FINISH,
    INVITED,
    LIST,
    LOAD,
    LOCK,
    ON_THE_WIRE,
    QUEUE,
    QUEUED,
    READ,
    SETTLE,
    SUPPRESSED,
    UNDECIDED,
    USED_POSTS,
    WRITE,
)
from linkedin_gateway.models import (
    Action,
    ActionRequest,
    ActionState,
    Effect,
    Facts,
    HoldScope,
    Invited,
    person_key,
)
from linkedin_gateway.obstacles import Counted, Obstacle, PaceRules, Standing, sibling
from linkedin_gateway.rows import (
    Row,
    account_of,
    action_of,
    asked_hours_text,
    document,
    facts_of,
)
from linkedin_gateway.suppression_keys import Subject, key, keys_of
from linkedin_gateway.targets import TakeAim

GATE = 7_236_110
"""The lock that every decision shares, and that what stops decisions takes for itself."""

TURNS_READ = 300
"""How many turns of better-ranked requests are read one by one; the rest are counted."""


class PostgresLedger:
    """See `Ledger`. Decisions about one account are serialised by an advisory lock."""

    def __init__(self, pool: Pool, *, rules: PaceRules, lease: timedelta) -> None:
        self._pool = pool
        self._rules = rules
        self._lease = lease
        self._in_turn: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(
        self, request: ActionRequest, *, now: datetime, aim: TakeAim, post_id: str = ""
    ) -> Decision:
        """Decide about a request, under the lock of its account."""
        # Those of one account queue here, not on connections that other accounts could use.
        async with (
            self._in_turn.setdefault(request.account_id, asyncio.Lock()),
            self._pool.acquire() as connection,
            _deciding(connection, request.account_id),
        ):
            if request.kind is Kind.INVITATION:
                # Two accounts must not invite one person at once.
                person = f"{request.organization_id}/{request.person}"
                await connection.execute(LOCK, lock_key(person, of=b"person"))
            while True:
                verdict = await self._decide(connection, request, now=now, aim=aim, post_id=post_id)
                if verdict.write is None:
                    return verdict.decision
                if await connection.fetchval(WRITE, *_values(verdict.write)):
                    return verdict.decision
                # It was cancelled between reading and writing: what it is now decides.

    async def _decide(
        self,
        connection: Connection,
        request: ActionRequest,
        *,
        now: datetime,
        aim: TakeAim,
        post_id: str,
    ) -> Verdict:
        standing = await self._load(connection, request, now=now, post_id=post_id)
        verdict = judge(request, standing, rules=self._rules, aim=aim, now=now, lease=self._lease)
        if not verdict.rank:
            return verdict
        return await self._placed(connection, request, standing, verdict, now=now)

    async def _load(
        self,
        connection: Connection,
        request: ActionRequest,
        *,
        now: datetime,
        post_id: str = "",
    ) -> Standing:
        other = sibling(request.kind)
        row = await connection.fetchrow(
            LOAD,
            request.account_id,
            request.request_id,
            request.campaign_id,
            request.lead_id,
            request.person,
            request.organization_id,
            request.kind.value,
            other.value if other else "",
            now,
            now - MONTH if request.noted else now - timedelta(days=7),
            now - self._rules.grace,
            PRIORITY[request.kind],
            ANSWERING if request.kind is Kind.MESSAGE else PRIORITY[request.kind],
            float(max(1, request.weight)),
            request.kind in READS,
            post_id,
            keys_of(
                request.organization_id,
                person=request.person,
                email=request.email,
                company=request.company,
            ),
        )
        if row is None:
            raise AccountNotFound
        standing = _standing(row, request)
        if standing.action is None or standing.action.state is ActionState.QUEUED:
            return await self._with_history(connection, request, standing, now=now)
        return standing

    async def _with_history(
        self, connection: Connection, request: ActionRequest, standing: Standing, *, now: datetime
    ) -> Standing:
        """What only some decisions need: other spellings, archived rows, earlier invitations."""
        facts = standing.facts
        if facts is not None and facts.public_identifier and not standing.suppressed:
            spelling = person_key(facts.public_identifier)
            if spelling != request.person:
                other = key(request.organization_id, Subject.PERSON, spelling)
                suppressed = await connection.fetchval(
                    SUPPRESSED, request.organization_id, other, now
                )
                standing = replace(standing, suppressed=suppressed)
        if standing.action is None and request.kind not in READS:
            row = await connection.fetchrow(ARCHIVED, request.request_id)
            if row is not None:
                return replace(standing, action=action_of(row))
        if request.kind is not Kind.INVITATION:
            return standing
        rows = await connection.fetch(
            INVITED, request.organization_id, request.person, request.request_id
        )
        return replace(standing, invited=[_invited(row) for row in rows])

    async def _placed(
        self,
        connection: Connection,
        request: ActionRequest,
        standing: Standing,
        verdict: Verdict,
        *,
        now: datetime,
    ) -> Verdict:
        """The verdict with the request's own turn among those that wait."""
        if not isinstance(verdict.decision, Wait) or verdict.write is None:
            return verdict
        row = verdict.write
        ahead = await self._ahead(connection, row, now=now)
        wait = place(request, standing, verdict.decision, ahead, rules=self._rules, now=now)
        turn_at = now + wait.retry_after
        return Verdict(
            decision=wait, write=replace(row, turn_at=turn_at, reason=wait.obstacle.reason)
        )

    async def explain(self, request_id: str, *, now: datetime) -> Sequence[Obstacle]:
        """What stands in the way of a queued action now."""
        async with self._pool.acquire() as connection:
            action = await self._read(connection, request_id)
            if action is None:
                raise ActionNotFound
            if action.state is not ActionState.QUEUED:
                return ()
            request = request_of(action)
            standing = await self._load(connection, request, now=now)
            ahead = await self._ahead(connection, action, now=now)
        return explained(request, standing, ahead, self._rules, now=now)

    async def _ahead(self, connection: Connection, row: Action, *, now: datetime) -> Queue:
        """Better-ranked requests that still come for their turn."""
        found = await connection.fetchrow(
            QUEUE,
            row.account_id,
            row.priority,
            row.tag,
            row.request_id,
            now - self._rules.grace,
            row.kind.value,
            TURNS_READ,
        )
        return _queue(found)

    async def finish(self, action: Action, ended: Ended, *, now: datetime) -> bool:
        """Write down how the attempt ended, and what was learnt of the person."""
        not_sent = ended.state in {ActionState.QUEUED, ActionState.CANCELLED}
        open_end = ended.state is ActionState.QUEUED or ended.verify_at is not None
        facts = ended.facts or Facts(person="")
        return bool(
            await self._pool.fetchval(
                FINISH,
                action.request_id,
                action.attempt,
                ended.state.value,
                ended.reason,
                ended.effect.value if ended.effect else None,
                ended.message,
                document(ended.outcome),
                None if open_end else now,
                not_sent,
                ended.turn_at,
                ended.verify_at,
                action.account_id,
                facts.person,
                facts.provider_id,
                facts.public_identifier,
                facts.first_name,
                facts.last_name,
                facts.headline,
                facts.location,
                facts.connected,
                facts.open_profile,
                facts.read_at,
                facts.invited_at,
                facts.invitation_id,
                facts.chat_id,
            )
        )

    async def defer(self, request_id: str, *, reason: str, turn_at: datetime) -> None:
        """A queued action comes again at `turn_at`."""
        await self._pool.execute(DEFER, request_id, reason, turn_at)

    async def settle(
        self, request_id: str, *, reason: str, effect: Effect, message: str, now: datetime
    ) -> Action | None:
        """A queued action has failed before it was sent."""
        row = await self._pool.fetchrow(SETTLE, request_id, reason, effect.value, message, now)
        return action_of(row) if row else None

    async def cancel(self, request_id: str, *, now: datetime) -> Action:
        """Call off an action that is not on the wire; one never asked for is recorded."""
        row = await self._pool.fetchrow(CANCEL, request_id, now)
        if row is None:
            # It is on the wire or has ended: it stays what it is.
            row = await self._pool.fetchrow(READ, request_id)
        if row is None:
            raise ActionNotFound
        return action_of(row)

    async def read(self, request_id: str) -> Action | None:
        """One action."""
        async with self._pool.acquire() as connection:
            return await self._read(connection, request_id)

    @staticmethod
    async def _read(connection: Connection, request_id: str) -> Action | None:
        row = await connection.fetchrow(READ, request_id)
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
        self, *, now: datetime, until: datetime, limit: int, request_id: str | None = None
    ) -> Sequence[Action]:
        """Take over actions whose answer was lost, so that one asker verifies each."""
        rows = await self._pool.fetch(CLAIM_LOST, now, until, limit, request_id)
        return [action_of(row) for row in rows]

    async def absent(
        self, action: Action, *, verify_at: datetime, needed: int, now: datetime
    ) -> Action:
        """It was looked up and is not there; after `needed` times it is queued again."""
        row = await self._pool.fetchrow(
            ABSENT, action.request_id, action.attempt, verify_at, needed, now
        )
        return action_of(row) if row else (await self.read(action.request_id) or action)

    async def undecided(self, action: Action, *, verify_at: datetime, counted: bool) -> None:
        """A look for it said neither yes nor no."""
        await self._pool.execute(
            UNDECIDED, action.request_id, action.attempt, verify_at, int(counted)
        )

    async def usage(self, account_id: str, *, now: datetime) -> dict[Kind, Standing]:
        """What counts now, by kind."""
        rows = await self._pool.fetch(COUNTED_BY_KIND, account_id, now - MONTH)
        if not rows:
            raise AccountNotFound
        account = account_of(rows[0])
        by_kind = {(row["counted_kind"], row["counted_noted"]): _counted(row, "") for row in rows}
        return {kind: _usage(kind, by_kind, account=account) for kind in Kind}

    async def queued(self) -> dict[Kind, int]:
        """How many wait, by kind."""
        rows = await self._pool.fetch(QUEUED)
        counts = {row["kind"]: row["actions"] for row in rows}
        return {kind: counts.get(kind.value, 0) for kind in Kind if kind not in READS}

    async def on_the_wire(self, scope: HoldScope, subject_id: str, *, now: datetime) -> int:
        """How many writes of a scope are on the wire."""
        count: int = await self._pool.fetchval(ON_THE_WIRE, scope.value, subject_id, now)
        return count

    async def used_posts(self, account_id: str, person: str, kind: Kind) -> frozenset[str]:
        """Posts of a person that actions of this kind took, or may have taken."""
        rows = await self._pool.fetch(USED_POSTS, account_id, person, kind.value)
        return frozenset(row["post_id"] for row in rows)


@asynccontextmanager
async def _deciding(connection: Connection, account_id: str) -> AsyncIterator[None]:
    """A transaction that alone decides about its account.

    The locks are taken by statements of their own: what is read after them is read with
    a snapshot that is younger than the locks.
    """
    await connection.execute(
        "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"
        f" SELECT pg_advisory_xact_lock_shared({GATE});"
        f" SELECT pg_advisory_xact_lock({lock_key(account_id)})"
    )
    try:
        yield
    except BaseException:
        await connection.execute("ROLLBACK")
        raise
    await connection.execute("COMMIT")


def lock_key(subject: str, *, of: bytes = b"account") -> int:
    """The advisory lock of an account, or of a person for an organization."""
    digest = hashlib.blake2b(subject.encode(), digest_size=8, person=of).digest()
    return int.from_bytes(digest, "big", signed=True)


def _standing(row: Row, request: ActionRequest) -> Standing:
    last_write = row["last_write"]
    return Standing(
        account=account_of(row),
        action=action_of(_Prefixed(row, "r_")) if row["r_request_id"] else None,
        facts=facts_of(_Prefixed(row, "p_")) if row["p_person"] else None,
        holds=[HoldScope(scope) for scope in row["holds"] or ()],
        suppressed=row["suppressed"],
        replied=row["replied"],
        post_taken=row["post_taken"],
        cools_until=row["cools_until"],
        counted=_counted(row, "own_"),
        counted_noted=_counted(row, "noted_") if request.noted else Counted(),
        counted_sibling=_counted(row, "sibling_"),
        wire_busy_until=row["wire_busy_until"],
        last_write=(last_write, row["last_write_at"]) if last_write else None,
        due_ahead=row["due_ahead"],
        priority=row["rank_priority"],
        tag=row["rank_tag"],
    )


def _invited(row: Row) -> Invited:
    return Invited(
        account_id=row["account_id"],
        campaign_id=row["campaign_id"],
        at=row["sent_at"],
        ended_at=row["ended_at"],
    )


class _Prefixed:
    """The columns of a row that begin with a prefix, without it."""

    def __init__(self, row: Row, prefix: str) -> None:
        self._row = row
        self._prefix = prefix

    def __getitem__(self, name: str) -> Any:
        return self._row[self._prefix + name]


def _counted(row: Row, prefix: str) -> Counted:
    return Counted(ended=row[f"{prefix}ended"] or (), open_ends=row[f"{prefix}open_ends"] or 0)


def _usage(kind: Kind, by_kind: dict[tuple[str, bool], Counted], *, account: Any) -> Standing:
    def total(of: Kind | None) -> Counted:
        if of is None:
            return Counted()
        parts = [by_kind.get((of.value, noted), Counted()) for noted in (False, True)]
        return Counted(
            ended=sorted(end for part in parts for end in part.ended),
            open_ends=sum(part.open_ends for part in parts),
        )

    return Standing(
        account=account,
        action=None,
        facts=None,
        counted=total(kind),
        counted_noted=by_kind.get((kind.value, True), Counted()),
        counted_sibling=total(sibling(kind)),
    )


def _queue(row: Row | None) -> Queue:
    if row is None:
        return Queue()
    same_kind = row["same_kind"] or ()
    return Queue(
        same_kind=same_kind,
        more_same_kind=max(0, row["same_kind_total"] - len(same_kind)),
        other_kinds=row["other_kinds"] or (),
    )


def _values(action: Action) -> tuple[Any, ...]:
    return (
        action.request_id,
        action.organization_id,
        action.account_id,
        action.campaign_id,
        action.lead_id,
        action.person,
        action.kind.value,
        action.noted,
        action.text_hash,
        action.state.value,
        action.reason,
        action.effect.value if action.effect else None,
        action.message,
        action.attempt,
        action.priority,
        action.tag,
        action.created_at,
        action.turn_at,
        action.sent_at,
        action.finished_at,
        action.lease_until,
        action.absences,
        action.target.provider_id,
        action.target.post_id,
        document(action.target) if action.attempt else None,
        document(action.outcome),
        asked_hours_text(action.sending_window, action.person_time_zone),
    )
