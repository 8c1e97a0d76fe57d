"""Sends the outbox to webhook-dispatcher: at least once, each subject's events in order."""

import asyncio
import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from campaigns.outbox.outbox_repository import OutboxEvent, OutboxRepository, TakenEvents
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from servicekit.backoff import Backoff
from servicekit.errors import Internal, ServiceError
from servicekit.postgres.listener import Listener
from servicekit.telemetry import logs

from outreach_worker.metrics import Metrics

SUBJECTS, OF_EACH = 100, 20
"""How many are taken at once: half a second of work for the dispatcher."""
_MOST_EVENTS, _MOST_BYTES = 500, 4 * 1024 * 1024
"""Of one call."""
_LOOK_AGAIN = timedelta(seconds=5)
"""For what nobody woke us for."""
_WITHIN = timedelta(seconds=20)
_POSTPONED_BY = timedelta(minutes=1)
KEPT = timedelta(days=30)

log = logs.get_logger(__name__)


class OutboxRelay:
    """Any number of processes may relay at once: each has subjects of its own meanwhile."""

    def __init__(
        self,
        outbox: OutboxRepository,
        dispatcher: rpc.WebhookServiceStub,
        metrics: Metrics,
        *,
        look_again: timedelta = _LOOK_AGAIN,
    ) -> None:
        self._outbox = outbox
        self._look_again = look_again
        self._dispatcher = dispatcher
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._noted_at = -math.inf

    async def listen(self, listener: Listener) -> None:
        """Be woken by whoever writes. For ever."""
        async for _ in listener:
            self._woken.set()

    async def run(self) -> None:
        """Relay for ever."""
        backoff = Backoff(longest=timedelta(seconds=30))
        while True:
            self._woken.clear()
            try:
                more = await self.relay()
            except ServiceError as error:
                log.warning("events_not_published", reason=error.reason, error=error.message)
                await self._note_oldest()
                await backoff.wait()
                continue
            backoff.reset()
            if more:
                await self._note_oldest_in_time()
            else:
                await self._rest()

    async def relay(self) -> bool:
        """Send some of what is unsent; whether there may be more.

        Raises the `ServiceError` of a dispatcher that is away; what it took before is not sent
        again.
        """
        failure: ServiceError | None = None
        async with self._outbox.take(subjects=SUBJECTS, of_each=OF_EACH) as taken:
            for batch in _batches(taken.events):
                try:
                    await self._send(taken, batch)
                except ServiceError as error:
                    failure = error
                    break
        if failure is not None:
            raise failure
        return bool(taken.events)

    async def _rest(self) -> None:
        await self._note_oldest()
        try:
            async with asyncio.timeout(self._look_again.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            await self._outbox.forget(older_than=KEPT)

    async def _note_oldest_in_time(self) -> None:
        """Also where more is written than can be sent, so that it never rests."""
        since = asyncio.get_running_loop().time() - self._noted_at
        if since >= self._look_again.total_seconds():
            await self._note_oldest()

    async def _note_oldest(self) -> None:
        self._noted_at = asyncio.get_running_loop().time()
        self._metrics.oldest_unsent.set((await self._outbox.oldest()).total_seconds())

    async def _send(self, taken: TakenEvents, batch: Sequence[OutboxEvent]) -> None:
        try:
            await self._publish(batch)
        except ServiceError as error:
            self._count(batch, "failed")
            if error.retried and not isinstance(error, Internal):
                raise
            await self._send_singly(taken, batch)
            return
        await taken.sent(batch)
        self._count(batch, "published")

    async def _send_singly(self, taken: TakenEvents, batch: Sequence[OutboxEvent]) -> None:
        """One of them keeps the others from being taken: it is set aside, or tried again later."""
        postponed = set[str]()
        for event in batch:
            if event.subject in postponed:
                continue
            try:
                await self._publish([event])
            except Internal as error:
                # A bug of the dispatcher's, perhaps of its next minute only.
                postponed.add(event.subject)
                log.warning("event_postponed", type=event.type, why=error.reason)
                await taken.postponed(event, by=_POSTPONED_BY)
            except ServiceError as error:
                if error.retried:
                    raise
                log.exception("event_refused", type=event.type, event_id=event.event_id)
                await taken.refused(event, reason=error.reason)
                self._count([event], "refused")
            else:
                await taken.sent([event])
                self._count([event], "published")

    async def _publish(self, events: Sequence[OutboxEvent]) -> None:
        await self._dispatcher.PublishEvents(
            pb.PublishEventsRequest(
                organization_id=events[0].organization_id,
                events=[pb.PublishEventRequest.FromString(event.body) for event in events],
            ),
            timeout=_WITHIN.total_seconds(),
            wait_for_ready=False,
        )

    def _count(self, events: Sequence[OutboxEvent], outcome: str) -> None:
        for event in events:
            self._metrics.events_published.labels(event.type, outcome).inc()


def _batches(events: Sequence[OutboxEvent]) -> Iterator[Sequence[OutboxEvent]]:
    """What goes in one call: of one organization, and not too much."""
    for _, of_one in groupby(events, key=attrgetter("organization_id")):
        batch, size = list[OutboxEvent](), 0
        for event in of_one:
            if batch and (len(batch) == _MOST_EVENTS or size + len(event.body) > _MOST_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(event)
            size += len(event.body)
        if batch:
            yield batch
