"""Things that go wrong on order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from unipile_simulator.dice import Dice
from unipile_simulator.errors import STATUS_BY_TYPE
from unipile_simulator.store import Store

KINDS = {
    "latency": "answer `seconds` late, or once it is cancelled; the call is carried out then",
    "429": "429 errors/too_many_requests; nothing is done",
    "500": "500 errors/provider_error; nothing is done",
    "500_after": "500 errors/provider_error, though the call was carried out",
    "503": "503 errors/no_client_session; nothing is done",
    "504": "504 errors/request_timeout; nothing is done",
    "504_after": "504 errors/request_timeout, though the call was carried out",
    "drop": "the connection is cut; nothing is done",
    "drop_after": "the connection is cut, though the call was carried out",
    "html_502": "502 with an HTML page; nothing is done",
    "html_502_after": "502 with an HTML page, though the call was carried out",
    "drop_late": "the connection is cut; the call is carried out `seconds` later",
    "500_late": "500 errors/provider_error; the call is carried out `seconds` later",
    "504_late": "504 errors/request_timeout; the call is carried out `seconds` later",
    "html_502_late": "502 with an HTML page; the call is carried out `seconds` later",
    "stale": "a read answers with what there was `seconds` ago",
    "webhook_lost": "a webhook is never sent",
    "webhook_doubled": "a webhook is sent twice",
    "webhook_late": "a webhook is sent `seconds` late",
    "webhook_reordered": "a webhook is sent after the next one to the same address",
    "credentials": "the account loses its session (CREDENTIALS); the call gets 401",
    "error": "the error named by `type`; nothing is done",
}
STALE, WEBHOOK = "stale", "webhook_"
CLOCKS = ("real", "virtual")


@dataclass(kw_only=True)
class Fault:
    """One order: which calls, what, and how often."""

    id: str
    route: str
    fault: str
    method: str | None = None
    account_id: str | None = None
    type: str | None = None
    event: str | None = None
    """Which event a webhook is of, for faults of webhooks; `None` is any."""
    times: int | None = 1
    """How many more calls it hits; `None` is all."""
    seconds: float = 1.0
    clock: str = "real"
    """By which clock `seconds` are counted: real | virtual"""
    probability: float = 1.0
    calls: int = 0
    hits: int = 0

    def matches(self, method: str, route: str, path: str, account_id: str | None) -> bool:
        """Whether a call is meant: by route template, or by a glob over the path."""
        return (
            self.times != 0
            and self.method in {None, method}
            and (self.account_id is None or self.account_id == account_id)
            and (self.route == route or fnmatchcase(path, self.route))
        )


class Faults:
    """All orders; the first one that matches hits."""

    def __init__(self, dice: Dice, store: Store) -> None:
        self._dice = dice
        self._store = store
        self._orders = {kept["id"]: Fault(**kept) for kept in store.documents("fault")}
        self._cancelled: dict[str, asyncio.Event] = {}
        self._count = max((int(name.removeprefix("fault_")) for name in self._orders), default=0)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._orders.values())

    def order(self, **given: object) -> Fault:
        """Place an order.

        Raises:
            ValueError: unknown kind, clock or error type.
            TypeError: seconds that are no number.
        """
        self._count += 1
        fault = Fault(id=f"fault_{self._count}", **given)  # type: ignore[arg-type]
        if fault.fault not in KINDS:
            raise ValueError(f"no such fault: {fault.fault!r}; known: {', '.join(KINDS)}")
        if fault.fault == "error" and fault.type not in STATUS_BY_TYPE:
            raise ValueError(f"no such error type: {fault.type!r}")
        if fault.clock not in CLOCKS:
            raise ValueError(f"no such clock: {fault.clock!r}; known: {', '.join(CLOCKS)}")
        if isinstance(fault.seconds, bool) or not isinstance(fault.seconds, int | float):
            raise TypeError("seconds is not a number")
        self._orders[fault.id] = fault
        self._store.put("fault", fault.id, fault)
        return fault

    def hit_event(self, event: str, account_id: str) -> Fault | None:
        """The order that hits this webhook, counted."""
        for fault in self._orders.values():
            if (
                fault.fault.startswith(WEBHOOK)
                and fault.times != 0
                and fault.event in {None, event}
                and fault.account_id in {None, account_id}
                and self._count_hit(fault)
            ):
                return fault
        return None

    def cancel(self, fault_id: str | None) -> int:
        """Cancel one order, or all; how many there were."""
        names = [name for name in self._orders if fault_id in {None, name}]
        for name in names:
            del self._orders[name]
            self._cancelled.pop(name, asyncio.Event()).set()
            self._store.drop("fault", name)
        return len(names)

    async def cancelled(self, fault_id: str) -> None:
        """Return when an order is cancelled."""
        if fault_id in self._orders:
            await self._cancelled.setdefault(fault_id, asyncio.Event()).wait()

    def hit(
        self,
        method: str,
        route: str,
        path: str,
        account_id: str | None,
        *,
        stale: bool = False,
    ) -> Fault | None:
        """The order that hits this call, counted; stale reads are orders of their own."""
        for fault in self._orders.values():
            if fault.fault.startswith(WEBHOOK) or (fault.fault == STALE) is not stale:
                continue
            if fault.matches(method, route, path, account_id) and self._count_hit(fault):
                return fault
        return None

    def _count_hit(self, fault: Fault) -> bool:
        fault.calls += 1
        if not self._dice.chance(fault.probability, "fault", fault.id, fault.calls):
            return False
        fault.hits += 1
        if fault.times is not None:
            fault.times -= 1
        self._store.put("fault", fault.id, fault)
        return True
