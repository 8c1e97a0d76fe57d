"""Sittings: those who ask while others are decided about are decided about together.

A transaction costs hardly more for many decisions than for one. So who asks stands in line
for their account, and one sitting at a time takes from the line as many as have a seat. A
sitting that is held up, by a lock that another process keeps or by a slow database, holds up
only the accounts that sit in it: another begins without them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.errors import Unavailable

from linkedin_gateway.kinds.targets import ResolveTarget
from linkedin_gateway.models import ActionRequest
from linkedin_gateway.pace.decisions import Decision

SEATS = 32
"""Of one sitting. With two sittings at a time, each half as full, a process decides a fifth
less: what is saved is the round trips."""
SEATS_OF_ONE_ACCOUNT = 16
PATIENCE = 0.1
"""Seconds of real time until a sitting counts as held up; one takes a few milliseconds."""


@dataclass(kw_only=True, eq=False)
class Seat:
    """One who asks."""

    request: ActionRequest
    now: datetime
    resolve: ResolveTarget
    post_id: str
    answer: asyncio.Future[Decision] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def tell(self, answer: Decision | Exception) -> bool:
        """Answer; false if whoever asked has left."""
        if self.answer.done():
            return False
        if isinstance(answer, Exception):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)
        return True


class DecisionBatcher:
    """The line, and those who sit. `decide` answers everybody who sits, or raises."""

    def __init__(self, decide: Callable[[Sequence[Seat]], Awaitable[None]]) -> None:
        self._decide = decide
        self._line: dict[str, deque[Seat]] = {}
        self._sitting: set[str] = set()
        """The accounts about which is being decided."""
        self._sittings: set[asyncio.Task[None]] = set()
        self._current: asyncio.Task[None] | None = None
        """The one that takes from the line."""

    async def ask(self, seat: Seat) -> Decision:
        """Stand in line, and be decided about."""
        self._line.setdefault(seat.request.account_id, deque()).append(seat)
        if self._current is None:
            self._begin()
        return await seat.answer

    def _begin(self) -> None:
        # A sitting is nobody's own: it carries no caller's trace.
        self._current = asyncio.create_task(self._sit(), context=Context())
        self._sittings.add(self._current)
        self._current.add_done_callback(self._ended)

    async def _sit(self) -> None:
        this = asyncio.current_task()
        while self._current is this:
            # Who asks in the same breath sits as well.
            await asyncio.sleep(0)
            seats = self._seated()
            if not seats:
                self._current = None
                return
            accounts = {seat.request.account_id for seat in seats}
            self._sitting |= accounts
            held_up = asyncio.get_running_loop().call_later(PATIENCE, self._let_others_sit)
            try:
                await self._decided(seats)
            finally:
                held_up.cancel()
                self._sitting -= accounts
        if self._current is None and self._line:
            self._begin()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sittings.discard(task)
        if self._current is task:
            self._current = None

    def _let_others_sit(self) -> None:
        self._current = None
        if self._line:
            self._begin()

    async def _decided(self, seats: Sequence[Seat]) -> None:
        try:
            await self._decide(seats)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            if len(seats) == 1 or isinstance(error, Unavailable):
                for seat in seats:
                    seat.tell(error)
                return
            # Whoever spoils a sitting spoils only their own.
            for seat in seats:
                if not seat.answer.done():
                    await self._decided([seat])
        except BaseException:
            # The process ends: nobody is to wait for an answer that will not come.
            for seat in seats:
                seat.answer.cancel()
            raise

    def _seated(self) -> list[Seat]:
        """Take from the line as many as have a seat; who has left is passed over."""
        seats: list[Seat] = []
        for account_id in list(self._line):
            if len(seats) == SEATS:
                break
            if account_id in self._sitting:
                continue
            waiting = self._line.pop(account_id)
            most = min(SEATS_OF_ONE_ACCOUNT, SEATS - len(seats))
            while waiting and most:
                seat = waiting.popleft()
                if not seat.answer.done():
                    seats.append(seat)
                    most -= 1
            if waiting:
                # The next ones come after those of every other account.
                self._line[account_id] = waiting
        return seats
