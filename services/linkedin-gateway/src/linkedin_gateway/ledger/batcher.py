"""Decision batches: requests that come while others are decided about are decided together.

A transaction costs hardly more for many decisions than for one. So a request waits behind
others of its account, and one batch at a time takes as many requests as it has room for. A
batch that is held up, by a lock that another process keeps or by a slow database, holds up
only the accounts in it: another begins without them. One that is given up for that is decided
anew by account, so that it fails only whoever the lock concerns.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.errors import Unavailable
from servicekit.postgres.errors import DatabaseBusy

from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.pace.decisions import Decision

BATCH_SIZE = 32
"""Requests at most. With two batches at a time, each half as full, a process decides a fifth
less: what is saved is the round trips."""
BATCH_SIZE_PER_ACCOUNT = 16
HELD_UP_AFTER = 0.1
"""Seconds of real time until a batch counts as held up; one takes a few milliseconds."""


@dataclass(kw_only=True, eq=False)
class PendingRequest:
    """A request, and whoever waits for the decision about it."""

    request: ActionRequest
    now: datetime | None
    """The time; None if the database tells it."""
    resolve: ResolveTarget
    post_id: str
    decision: asyncio.Future[Decision] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def answer(self, decision: Decision | Exception) -> bool:
        """Hand over the decision, or why there is none; false if whoever asked has left."""
        if self.decision.done():
            return False
        if isinstance(decision, Exception):
            self.decision.set_exception(decision)
        else:
            self.decision.set_result(decision)
        return True


class DecisionBatcher:
    """Makes batches. `decide` answers every request of one, or raises."""

    def __init__(self, decide: Callable[[Sequence[PendingRequest]], Awaitable[None]]) -> None:
        self._decide = decide
        self._pending: dict[str, deque[PendingRequest]] = {}
        """Requests that no batch has taken, by account."""
        self._busy: set[str] = set()
        """The accounts about which is being decided."""
        self._alone: set[str] = set()
        """Accounts whose last batch was given up: each is decided about in a batch of its own."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._current: asyncio.Task[None] | None = None
        """The one that takes requests."""

    async def decide(self, pending: PendingRequest) -> Decision:
        """Have a request decided about in one of the next batches."""
        self._pending.setdefault(pending.request.account_id, deque()).append(pending)
        if self._current is None:
            self._begin()
        return await pending.decision

    def _begin(self) -> None:
        # A batch is nobody's own: it carries no caller's trace.
        self._current = asyncio.create_task(self._run(), context=Context())
        self._tasks.add(self._current)
        self._current.add_done_callback(self._ended)

    async def _run(self) -> None:
        """One batch after the other, until nothing is pending or this task is held up."""
        this = asyncio.current_task()
        while self._current is this:
            # Requests that come in the same turn of the loop are in the batch as well.
            await asyncio.sleep(0)
            batch = self._next_batch()
            if not batch:
                self._current = None
                return
            accounts = {pending.request.account_id for pending in batch}
            self._busy |= accounts
            held_up = asyncio.get_running_loop().call_later(HELD_UP_AFTER, self._begin_another)
            try:
                await self._decide_batch(batch)
            finally:
                held_up.cancel()
                self._busy -= accounts
        if self._current is None and self._pending:
            self._begin()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._current is task:
            self._current = None

    def _begin_another(self) -> None:
        self._current = None
        if self._pending:
            self._begin()

    async def _decide_batch(self, batch: Sequence[PendingRequest]) -> None:
        try:
            await self._decide(batch)
        except DatabaseBusy as error:
            self._given_up(batch, error)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            if len(batch) == 1 or isinstance(error, Unavailable):
                for pending in batch:
                    pending.answer(error)
                return
            # A request that fails the batch fails only itself.
            for pending in batch:
                if not pending.decision.done():
                    await self._decide_batch([pending])
        except BaseException:
            # The process ends: nobody is to wait for an answer that will not come.
            for pending in batch:
                pending.decision.cancel()
            raise
        else:
            self._alone.difference_update(pending.request.account_id for pending in batch)

    def _given_up(self, batch: Sequence[PendingRequest], error: DatabaseBusy) -> None:
        """Somebody's lock was waited for in vain: of one account all are told, of several none."""
        accounts = {pending.request.account_id for pending in batch}
        self._alone |= accounts
        if len(accounts) == 1:
            for pending in batch:
                pending.answer(error)
            return
        # In the order in which they came, and before those who came meanwhile.
        for pending in batch:
            self._pending.setdefault(pending.request.account_id, deque())
        for pending in reversed(batch):
            self._pending[pending.request.account_id].appendleft(pending)

    def _next_batch(self) -> list[PendingRequest]:
        """Take as many requests as there is room for; who has left is passed over."""
        batch: list[PendingRequest] = []
        for account_id in list(self._pending):
            if len(batch) == BATCH_SIZE:
                break
            if account_id in self._busy or (batch and account_id in self._alone):
                continue
            waiting = self._pending.pop(account_id)
            room = min(BATCH_SIZE_PER_ACCOUNT, BATCH_SIZE - len(batch))
            while waiting and room:
                pending = waiting.popleft()
                if not pending.decision.done():
                    batch.append(pending)
                    room -= 1
            if waiting:
                # The next ones come after those of every other account.
                self._pending[account_id] = waiting
            if batch and account_id in self._alone:
                break
        return batch
