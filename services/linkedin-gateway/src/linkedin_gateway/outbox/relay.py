"""Publishes the outbox to campaign-api: at least once, in order, one relay at a time."""

from __future__ import annotations

import asyncio
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
        async with self._outbox.batch(_BATCH) as batch:
            if batch is None:
                # Another replica relays; it may have read before our event was there.
                self._woken.set()
                await asyncio.sleep(0.05)
                return True
            if batch.events:
                await self._publish_batch(batch)
            return len(batch.events) < _BATCH

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
