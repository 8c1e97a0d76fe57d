"""What is going to happen, and when."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from unipile_simulator.clock import Clock
from unipile_simulator.store import Store


@dataclass(kw_only=True)
class Act:
    """Something a person, or Unipile itself, will do at an instant."""

    id: int
    due_at: float
    name: str
    account_id: str
    public_id: str
    data: dict[str, Any] = field(default_factory=dict)


class Scheduler:
    """Carries out acts in the order of their instants, each once.

    Every request catches up first, so what has become due is visible whatever the speed of the
    clock; between requests a single timer waits for the earliest act.
    """

    def __init__(self, clock: Clock, store: Store, perform: Callable[[Act], None]) -> None:
        self._clock = clock
        self._store = store
        self._perform = perform
        self._heap = sorted(
            (act.due_at, act.id, act) for act in (Act(**kept) for kept in store.documents("act"))
        )
        self._next_id = max((number for _, number, _ in self._heap), default=0) + 1
        self._earlier = asyncio.Event()

    def add(
        self,
        due_at: float,
        name: str,
        *,
        account_id: str,
        public_id: str,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Plan an act."""
        act = Act(
            id=self._next_id,
            due_at=due_at,
            name=name,
            account_id=account_id,
            public_id=public_id,
            data=data or {},
        )
        self._next_id += 1
        heapq.heappush(self._heap, (act.due_at, act.id, act))
        self._store.put("act", str(act.id), act)
        if self._heap[0][2] is act:
            self._earlier.set()

    def pending(self, public_id: str) -> list[Act]:
        """What a person is going to do."""
        return [act for _, _, act in sorted(self._heap) if act.public_id == public_id]

    def catch_up(self) -> bool:
        """Carry out what is due; true if anything was."""
        heap, now, any_due = self._heap, self._clock.now(), False
        while heap and heap[0][0] <= now:
            act = heapq.heappop(heap)[2]
            self._store.drop("act", str(act.id))
            self._perform(act)
            any_due = True
        return any_due

    async def run(self) -> None:
        """Carry acts out as their time comes, for ever."""
        while True:
            self._earlier.clear()
            if self.catch_up():
                self._store.commit()
            if self._heap:
                await self._first_of(self._heap[0][0] - self._clock.now())
            else:
                await self._earlier.wait()

    async def _first_of(self, duration: float) -> None:
        timer = asyncio.ensure_future(self._clock.sleep(duration))
        earlier = asyncio.ensure_future(self._earlier.wait())
        try:
            await asyncio.wait({timer, earlier}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in (timer, earlier):
                waiter.cancel()
                with suppress(asyncio.CancelledError):
                    await waiter
