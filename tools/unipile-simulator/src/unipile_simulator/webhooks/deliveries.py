"""Carries events to webhooks: at least once, in no promised order, five retries."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from unipile_simulator.clock import MINUTE, Clock
from unipile_simulator.config import Knobs
from unipile_simulator.dice import Dice
from unipile_simulator.faults import Faults
from unipile_simulator.journal import CallKind, Entry, Journal
from unipile_simulator.store import Store, encode
from unipile_simulator.webhooks.webhooks import Webhooks

TIMEOUT = 30.0
RETRY_AFTER = (10.0, 30.0, 90.0, 270.0, 810.0)
"""Virtual seconds before each retry; the real schedule is not published."""
AT_ONCE = 16


@dataclass(kw_only=True)
class Delivery:
    """One event on its way to one address."""

    id: int
    url: str
    payload: dict[str, Any]
    event: str
    account_id: str
    webhook_id: str | None
    headers: dict[str, str]
    form: bool = False
    attempts: int = 0
    not_before: float = 0.0
    real_not_before: float = 0.0
    """The same by the real clock, unix seconds."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """What befalls an event on its way to one registration."""

    copies: int = 1
    late: float = 0.0
    real: bool = False
    overtaken: bool = False
    """Sent after the next one."""


class Deliveries:
    """Every delivery is a task; what is not delivered yet survives a restart."""

    def __init__(
        self,
        *,
        clock: Clock,
        dice: Dice,
        knobs: Knobs,
        journal: Journal,
        webhooks: Webhooks,
        faults: Faults,
        store: Store,
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._clock = clock
        self._dice = dice
        self._knobs = knobs
        self._journal = journal
        self._webhooks = webhooks
        self._faults = faults
        self._store = store
        self._transport = transport
        self._waiting = [Delivery(**kept) for kept in store.documents("delivery")]
        self._next_id = 1 + max((item.id for item in self._waiting), default=0)
        self._next_id = max(self._next_id, len(journal.entries) + 1)
        self._overtaken: dict[str, list[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wakes_at: dict[int, float] = {}
        """When a delivery that waits for its time goes on, by its id."""
        self._moved = asyncio.Event()
        self._client: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(AT_ONCE)

    def start(self) -> None:
        """Begin to deliver, on the running loop."""
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT,
            transport=self._transport or httpx.AsyncHTTPTransport(retries=0),
            trust_env=False,
            follow_redirects=False,
        )
        waiting, self._waiting = self._waiting, []
        for delivery in waiting:
            self._launch(delivery, self._client)

    async def stop(self) -> None:
        """Stop delivering; what is left stays kept."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def drain(self) -> None:
        """Wait until everything that is under way has ended."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_idle(self) -> None:
        """Wait until nothing is on the wire; what is left waits for its time."""
        while self._on_the_wire():
            self._moved.clear()
            await self._moved.wait()

    def emit(self, source: str, event: str, account_id: str, payload: dict[str, Any]) -> None:
        """Send an event to every webhook that wants it."""
        for webhook in self._webhooks:
            if not webhook.wants(source, event, account_id):
                continue
            mishap = self._mishap(webhook.id, event, account_id)
            named = dict(payload)
            if webhook.name and "event" in payload:
                named["webhook_name"] = webhook.name
            for _ in range(mishap.copies):
                self.send(
                    webhook.request_url,
                    webhook.select(named),
                    event=event,
                    account_id=account_id,
                    webhook_id=webhook.id,
                    headers={item["key"]: item["value"] for item in webhook.headers},
                    form=webhook.format == "form",
                    mishap=mishap,
                )

    def send(
        self,
        url: str,
        payload: dict[str, Any],
        *,
        event: str,
        account_id: str,
        webhook_id: str | None = None,
        headers: dict[str, str] | None = None,
        form: bool = False,
        mishap: Mishap = Mishap(),
    ) -> None:
        """Send one payload to one address."""
        late = mishap.late if mishap.late > 0 else None
        delivery = Delivery(
            id=self._next_id,
            url=url,
            payload=payload,
            event=event,
            account_id=account_id,
            webhook_id=webhook_id,
            headers=headers or {},
            form=form,
            not_before=0.0 if late is None or mishap.real else self._clock.now() + late,
            real_not_before=time.time() + late if late is not None and mishap.real else 0.0,
        )
        self._next_id += 1
        self._store.put("delivery", str(delivery.id), delivery)
        if self._client is None:
            self._waiting.append(delivery)
        elif mishap.overtaken:
            self._overtaken.setdefault(delivery.url, []).append(delivery)
        else:
            self._launch(delivery, self._client, self._overtaken.pop(delivery.url, []))

    def _mishap(self, webhook_id: str, event: str, account_id: str) -> Mishap:
        ordered = self._faults.hit_event(event, account_id)
        if ordered is not None:
            return Mishap(
                copies={"webhook_lost": 0, "webhook_doubled": 2}.get(ordered.fault, 1),
                late=ordered.seconds if ordered.fault == "webhook_late" else 0.0,
                real=ordered.clock == "real",
                overtaken=ordered.fault == "webhook_reordered",
            )
        keys, knobs = (webhook_id, self._next_id), self._knobs
        if self._dice.chance(knobs.lost_webhooks, "lost", *keys):
            return Mishap(copies=0)
        late = self._dice.chance(knobs.late_webhooks, "late", *keys)
        return Mishap(
            copies=1 + self._dice.chance(knobs.duplicate_webhooks, "twice", *keys),
            late=self._dice.between(MINUTE, 30 * MINUTE, "lateness", *keys) if late else 0.0,
            overtaken=self._dice.chance(knobs.reordered_webhooks, "overtaken", *keys),
        )

    def _launch(
        self, delivery: Delivery, client: httpx.AsyncClient, after: Sequence[Delivery] = ()
    ) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, client, after))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._moved.set()

    def _on_the_wire(self) -> int:
        waiting = sum(at > self._clock.now() for at in self._wakes_at.values())
        return len(self._tasks) - waiting

    async def _wait(self, delivery: Delivery, duration: float) -> None:
        self._wakes_at[delivery.id] = self._clock.now() + duration
        self._moved.set()
        try:
            await self._clock.sleep(duration)
        finally:
            del self._wakes_at[delivery.id]

    async def _deliver(
        self, delivery: Delivery, client: httpx.AsyncClient, after: Sequence[Delivery]
    ) -> None:
        if delivery.not_before:
            await self._wait(delivery, max(0.0, delivery.not_before - self._clock.now()))
        if delivery.real_not_before:
            await asyncio.sleep(max(0.0, delivery.real_not_before - time.time()))
        while True:
            async with self._slots:
                delivered = await self._attempt(delivery, client)
            for overtaken in after:
                self._launch(overtaken, client)
            after = ()
            gone = delivery.webhook_id and self._webhooks.find(delivery.webhook_id) is None
            if delivered or gone or delivery.attempts > len(RETRY_AFTER):
                self._store.drop("delivery", str(delivery.id))
                self._store.commit()
                return
            self._store.put("delivery", str(delivery.id), delivery)
            self._store.commit()
            floor = self._knobs.webhook_retry_floor * 2 ** (delivery.attempts - 1)
            pause = max(RETRY_AFTER[delivery.attempts - 1], floor * self._clock.speed)
            await self._wait(delivery, pause)

    async def _attempt(self, delivery: Delivery, client: httpx.AsyncClient) -> bool:
        delivery.attempts += 1
        entry = Entry(
            direction="out",
            received_at=self._clock.now(),
            method="POST",
            path=delivery.url,
            account_id=delivery.account_id,
            object_id=str(delivery.id),
            kind=CallKind.WEBHOOK,
            event=delivery.event,
            attempt=delivery.attempts,
            payload=delivery.payload,
        )
        headers = dict(delivery.headers)
        if delivery.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = await client.post(delivery.url, content=_encode(delivery), headers=headers)
            entry.status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failure:
            entry.error = type(failure).__name__
        entry.answered_at = self._clock.now()
        self._journal.add(entry)
        return entry.status == httpx.codes.OK


def _encode(delivery: Delivery) -> bytes:
    if not delivery.form:
        return encode(delivery.payload).encode()
    flat = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in delivery.payload.items()
    }
    return urlencode(flat, errors="surrogatepass").encode()
