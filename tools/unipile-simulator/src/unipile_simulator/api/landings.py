"""Calls that are carried out long after their answer was lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, QueryParams

from unipile_simulator.api.calls import Call, Operation, Reply
from unipile_simulator.faults import Fault
from unipile_simulator.journal import Entry
from unipile_simulator.world.world import World

Perform = Callable[[Operation, Call, float | None], Reply]


@dataclass(kw_only=True)
class Landing:
    """A call that will be carried out, and what is needed to do so in another process."""

    id: str
    method: str
    path: str
    route: str
    account_id: str | None
    fault: str
    left_at: float
    """When it was received, virtual time."""
    due_at: float
    """Virtual time; or unix seconds of the real clock if `real`."""
    real: bool
    base_url: str
    params: dict[str, str] = field(default_factory=dict)
    query: list[list[str]] = field(default_factory=list)
    body: dict[str, Any] = field(default_factory=dict)
    form: list[list[str]] | None = None


class Landings:
    """Carries each out once its time has come, whether or not anybody asks meanwhile."""

    def __init__(self, world: World, operations: Iterable[Operation], perform: Perform) -> None:
        self._world = world
        self._perform = perform
        self._operations = {(each.method, each.path): each for each in operations}
        kept = (Landing(**stored) for stored in world.store.documents("landing"))
        self._waiting = {landing.id: landing for landing in kept}
        self._count = max((int(name.removeprefix("late_")) for name in self._waiting), default=0)
        self._started = False
        world.on_catch_up = self.catch_up

    def start(self) -> None:
        """Wait for those that another process left."""
        if not self._started:
            self._started = True
            for landing in self._waiting.values():
                self._world.errand(self._wait(landing))

    def order(self, fault: Fault, operation: Operation, call: Call) -> str:
        """Carry a call out `fault.seconds` from now; the landing's name."""
        self._count += 1
        real = fault.clock == "real"
        landing = Landing(
            id=f"late_{max(self._count, len(self._world.journal.entries) + 1)}",
            method=operation.method,
            path=call.entry.path,
            route=operation.path,
            account_id=call.entry.account_id,
            fault=fault.fault,
            left_at=call.entry.received_at,
            due_at=(time.time() if real else self._world.clock.now()) + fault.seconds,
            real=real,
            base_url=call.base_url,
            params=dict(call.path),
            query=[list(pair) for pair in call.query.multi_items()],
            body=call.body,
            form=None
            if call.form is None
            else [[name, it] for name, it in call.form.multi_items() if isinstance(it, str)],
        )
        self._waiting[landing.id] = landing
        self._world.store.put("landing", landing.id, landing)
        self._world.errand(self._wait(landing))
        return landing.id

    def catch_up(self) -> bool:
        """Carry out what is due; true if anything was."""
        due = [landing for landing in self._waiting.values() if self._left(landing) <= 0]
        for landing in sorted(due, key=lambda each: each.due_at):
            if self._waiting.pop(landing.id, None) is not None:
                self._land(landing)
        return bool(due)

    async def _wait(self, landing: Landing) -> None:
        while landing.id in self._waiting:
            left = self._left(landing)
            if left > 0:
                await (asyncio.sleep(left) if landing.real else self._world.clock.sleep(left))
            else:
                self._world.catch_up()

    def _left(self, landing: Landing) -> float:
        now = time.time() if landing.real else self._world.clock.now()
        return landing.due_at - now

    def _land(self, landing: Landing) -> None:
        world, operation = self._world, self._operations[landing.method, landing.route]
        entry = Entry(
            direction="late",
            received_at=landing.left_at,
            method=landing.method,
            path=landing.path,
            route=landing.route,
            account_id=landing.account_id,
            kind=operation.kind,
            fault=landing.fault,
            landing=landing.id,
        )
        form = landing.form
        call = Call(
            world=world,
            path=landing.params,
            query=QueryParams([(name, value) for name, value in landing.query]),
            body=landing.body,
            form=None if form is None else FormData([(name, value) for name, value in form]),
            entry=entry,
            base_url=landing.base_url,
        )
        # A clock that was moved by more than was left stands behind the moment that counts.
        at = None if landing.real else min(landing.due_at, world.clock.now())
        reply = self._perform(operation, call, at)
        entry.status = reply.status
        if not reply.ok and isinstance(reply.content, dict):
            entry.error = reply.content.get("type")
        entry.answered_at = world.clock.now()
        world.journal.add(entry)
        world.store.drop("landing", landing.id)
        world.store.commit()
