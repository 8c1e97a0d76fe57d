"""SQL on accounts. A change of state tells its events and wakes who waited, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from servicekit.errors import EtagMismatch
from servicekit.postgres.pool import Pool

from linkedin_gateway.accounts.account_edit import AccountEdit, etag_of
from linkedin_gateway.errors import AccountNotFound
from linkedin_gateway.models import DOWN, Account, AccountState
from linkedin_gateway.outbox import linkedin_events, outbox_repository
from linkedin_gateway.outbox.linkedin_events import WOKEN_AT_ONCE, About, OutboxEvent
from linkedin_gateway.outbox.wake_ups import wake
from linkedin_gateway.storage.column_values import caps_text, hours_text
from linkedin_gateway.storage.rows import ACCOUNT_COLUMNS, account_of

_WAIT_FOR_ACCOUNT = ["ACCOUNT_PARKED", "ACCOUNT_REMOVED"]

READ = f"SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE account_id = $1"
BY_UNIPILE_ID = f"SELECT {ACCOUNT_COLUMNS} FROM accounts WHERE unipile_account_id = $1"
WENT_DOWN = """
INSERT INTO account_downs (organization_id, account_id, state, at) VALUES ($4, $1, $2, $3)
ON CONFLICT DO NOTHING
"""
UPDATE = f"""
UPDATE accounts
   SET working_hours = $2, caps = $3, updated_by = $4
 WHERE account_id = $1
RETURNING {ACCOUNT_COLUMNS}
"""
LOCK = f"""
SELECT {ACCOUNT_COLUMNS}, down_published FROM accounts WHERE account_id = $1 FOR UPDATE
"""
MOVE = f"""
UPDATE accounts
   SET state = $2, state_reason = $3, state_at = $4, down_published = $5, health_at = '-infinity',
       restart_at = CASE WHEN $2 = 'connecting' THEN restart_at END,
       -- A restriction may be followed by a checkpoint: it is over when the account can act.
       restored_at = CASE WHEN $2 = 'connected' AND EXISTS (
                               SELECT 1 FROM account_downs d
                                WHERE d.account_id = $1 AND d.state = 'restricted'
                                  AND d.at > coalesce(restored_at, '-infinity'))
                          THEN $4 ELSE restored_at END
 WHERE account_id = $1
RETURNING {ACCOUNT_COLUMNS}
"""
# An account that worked for long since the last time has all its restarts again.
FREEZE = f"""
UPDATE accounts
   SET state = 'connecting', state_reason = $2, state_at = $3, restart_at = $3,
       restarts = CASE WHEN state = 'connected' AND state_at < $4 THEN 0 ELSE restarts END
 WHERE account_id = $1
   AND (state = 'connected' OR (state = 'connecting' AND restart_at IS NULL))
RETURNING {ACCOUNT_COLUMNS}
"""
# Whoever takes a restart sets when the next one is due; `pauses` are those between them.
TAKE_RESTARTS = f"""
UPDATE accounts
   SET restarts = restarts + 1,
       restart_at = $1 + coalesce(($2::interval[])[restarts + 1], '0')
 WHERE account_id IN (SELECT account_id FROM accounts
                       WHERE restart_at <= $1 AND state = 'connecting'
                       ORDER BY restart_at LIMIT 100 FOR UPDATE SKIP LOCKED)
RETURNING {ACCOUNT_COLUMNS}, restarts
"""
WAITING_ACTIONS = """
SELECT count(*)
  FROM actions
 WHERE account_id = $1 AND campaign_id <> ''
   AND (state IN ('queued', 'sending') OR (state = 'unknown' AND finished_at IS NULL))
"""
# Whoever takes a probe sets when the next one is due, so that one process makes it.
TAKE_PROBES = f"""
UPDATE accounts
   SET probe_at = $2
 WHERE account_id IN (SELECT account_id FROM accounts
                       WHERE probe_at <= $1 AND state <> 'removed'
                       ORDER BY probe_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING {ACCOUNT_COLUMNS}
"""
CONNECTED = f"""
SELECT {ACCOUNT_COLUMNS}
  FROM accounts
 WHERE state = 'connected' AND account_id > $1
 ORDER BY account_id
 LIMIT $2
"""
STATES = "SELECT state, count(*) AS accounts FROM accounts GROUP BY state"


@dataclass(frozen=True, kw_only=True)
class Moved:
    """An account and whether its state changed."""

    account: Account
    changed: bool


class AccountRepository:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, account_id: str) -> Account:
        """One account.

        Raises `AccountNotFound` when there is no such account.
        """
        row = await self._pool.fetchrow(READ, account_id)
        if row is None:
            raise AccountNotFound
        return account_of(row)

    async def find(self, unipile_account_id: str) -> Account | None:
        """The account that Unipile knows by this id."""
        row = await self._pool.fetchrow(BY_UNIPILE_ID, unipile_account_id)
        return account_of(row) if row else None

    async def update(
        self, account_id: str, edit: AccountEdit, *, now: datetime, by: str = ""
    ) -> Account:
        """Change what the customer sets, and wake those who may go earlier now.

        Raises `EtagMismatch` if the account is not as its editor has read it, and
        `AccountNotFound` when there is no such account.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(LOCK, account_id)
            if row is None:
                raise AccountNotFound
            before = account_of(row)
            if not edit.is_of(before):
                raise EtagMismatch(metadata={"etag": etag_of(before)})
            after = edit.of(before)
            by = before.updated_by if after == before else by
            given = (hours_text(after.working_hours), caps_text(after.caps), by)
            row = await connection.fetchrow(UPDATE, account_id, *given)
            account = after if row is None else account_of(row)
            waits = ["WAITING_FOR_CAP", "WAITING_FOR_HOURS", "WAITING_FOR_TURN"]
            await wake(connection, account, waits, "pace changed", now=now, most=WOKEN_AT_ONCE)
            return account

    async def move(
        self, account_id: str, state: AccountState, *, reason: str, now: datetime
    ) -> Moved:
        """Move an account to a state, and publish what people and leads must know of it.

        Raises `AccountNotFound` when there is no such account.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(LOCK, account_id)
            if row is None:
                raise AccountNotFound
            before, published = account_of(row), row["down_published"]
            if (before.state, before.state_reason) == (state, reason):
                return Moved(account=before, changed=False)
            goes_down = state in DOWN and not published
            comes_back = state is AccountState.CONNECTED and before.state is not state
            stays_published = (published or goes_down) and state is not AccountState.CONNECTED
            moved = await connection.fetchrow(
                MOVE, account_id, state.value, reason, now, stays_published
            )
            if moved is None:
                raise AccountNotFound
            account = account_of(moved)
            about = About.of(account, now)
            events: list[OutboxEvent] = []
            if state in DOWN and before.state is not state:
                await connection.execute(
                    WENT_DOWN, account_id, state.value, now, account.organization_id
                )
            if goes_down:
                events = [linkedin_events.account_disconnected(about, reason=reason)]
            elif comes_back and published:
                events = [linkedin_events.account_reconnected(about)]
            await outbox_repository.append(connection, events, now=now)
            if comes_back:
                await wake(connection, account, _WAIT_FOR_ACCOUNT, "account is back", now=now)
            return Moved(account=account, changed=before.state is not state)

    async def freeze(
        self, account_id: str, *, reason: str, now: datetime, recovered_before: datetime
    ) -> Account | None:
        """Begin to start an account anew; None if that has begun, or is of no use."""
        row = await self._pool.fetchrow(FREEZE, account_id, reason, now, recovered_before)
        return account_of(row) if row else None

    async def take_restarts(
        self, *, now: datetime, pauses: Sequence[timedelta]
    ) -> Sequence[tuple[Account, int]]:
        """Accounts to be started anew now, by this process alone, and for which time."""
        rows = await self._pool.fetch(TAKE_RESTARTS, now, list(pauses))
        return [(account_of(row), row["restarts"]) for row in rows]

    async def waiting_actions(self, account_id: str) -> int:
        """How many actions of campaigns are not over."""
        count: int = await self._pool.fetchval(WAITING_ACTIONS, account_id)
        return count

    async def take_probes(
        self, *, now: datetime, next_at: datetime, limit: int
    ) -> Sequence[Account]:
        """Accounts whose state is to be asked for, by this process alone."""
        rows = await self._pool.fetch(TAKE_PROBES, now, next_at, limit)
        return [account_of(row) for row in rows]

    async def connected(self, *, after: str, limit: int) -> Sequence[Account]:
        """A page of the accounts that may act, of all organizations, by id."""
        rows = await self._pool.fetch(CONNECTED, after, limit)
        return [account_of(row) for row in rows]

    async def states(self) -> dict[str, int]:
        """How many accounts are in each state."""
        return {row["state"]: row["accounts"] for row in await self._pool.fetch(STATES)}
