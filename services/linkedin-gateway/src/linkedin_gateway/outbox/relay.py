"""Publishes the outbox to campaign-api: at least once, in order, one relay at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.metrics import Metrics
from linkedin_gateway.outbox.outbox_repository import OutboxBatch, OutboxEntry, OutboxRepository

_BATCH = 100
_LOOK_AGAIN = timedelta(seconds=5)
"""For what another replica left behind when it died."""
_KEPT = timedelta(days=30)
_LEFT_ASIDE = timedelta(minutes=5)
"""How long an event that does not open is left aside: its key may be given back."""

log = get_logger(__name__)


class EventPublisher(Protocol):
    """Where events are published."""

    async def __call__(self, bodies: Sequence[bytes], /) -> None:
        """Publish events; raises a `ServiceError` when they were not all taken."""


class OutboxRelay:
    def __init__(
        self, outbox: OutboxRepository, publish: EventPublisher, metrics: Metrics, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._publish = publish
        self._metrics = metrics
        self._clock = clock
        self._woken = asyncio.Event()
        self._left_aside: dict[int, float] = {}

    def wake(self) -> None:
        """There may be something new in the outbox."""
        self._woken.set()

    async def run(self) -> None:
        """Relay for ever."""
        backoff = Backoff()
        while True:
            self._woken.clear()
            try:
                done = await self.relay_batch()
            except ServiceError as error:
                log.warning("events_not_published", reason=error.reason, error=error.message)
                self._metrics.events.labels("failed").inc()
                await backoff.wait()
                continue
            backoff.reset()
            if done:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            await self._outbox.forget(before=self._clock.now() - _KEPT)

    async def relay_batch(self) -> bool:
        """Publish one batch; true when nothing is left for now."""
        async with self._outbox.batch(_BATCH, without=self._aside()) as batch:
            if batch is None:
                # Another replica relays; it may have read before our event was there.
                self._woken.set()
                await asyncio.sleep(0.05)
                return True
            self._leave_aside(batch.unopened)
            if batch.events:
                await self._publish_batch(batch)
            return len(batch.events) + len(batch.unopened) < _BATCH

    def _aside(self) -> Sequence[int]:
        """Positions of events that did not open lately."""
        since = time.monotonic() - _LEFT_ASIDE.total_seconds()
        self._left_aside = {position: at for position, at in self._left_aside.items() if at > since}
        return list(self._left_aside)

    def _leave_aside(self, positions: Sequence[int]) -> None:
        """Their key is lost, or they were changed: the others do not wait for them."""
        for position in positions:
            log.warning("event_not_opened", position=position)
            self._metrics.events.labels("not_opened").inc()
            self._left_aside[position] = time.monotonic()

    async def _publish_batch(self, batch: OutboxBatch) -> None:
        try:
            await self._publish([event.body for event in batch.events])
        except ServiceError as error:
            if error.retried:
                raise
            await self._publish_singly(batch)
            return
        await self._mark_delivered(batch, batch.events)

    async def _publish_singly(self, batch: OutboxBatch) -> None:
        """One of them cannot be published: it is set aside, so that the others are."""
        for event in batch.events:
            try:
                await self._publish([event.body])
            except ServiceError as error:
                if error.retried:
                    raise
                log.error(  # noqa: TRY400 - the reason says whose fault it is
                    "event_refused", position=event.position, reason=error.reason
                )
                self._metrics.events.labels("refused").inc()
                await batch.refused(event, now=self._clock.now())
            else:
                await self._mark_delivered(batch, [event])

    async def _mark_delivered(self, batch: OutboxBatch, events: Sequence[OutboxEntry]) -> None:
        await batch.delivered(events, now=self._clock.now())
        self._metrics.events.labels("delivered").inc(len(events))
