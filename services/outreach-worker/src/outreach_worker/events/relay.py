"""Sends the outbox to webhook-dispatcher: at least once, each subject's events in order."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter

from campaigns.outbox.outbox_repository import OutboxEvent, OutboxRepository, TakenEvents
from outreach.webhook.v1 import webhook_service_pb2 as pb
from outreach.webhook.v1 import webhook_service_pb2_grpc as rpc
from servicekit.backoff import Backoff
from servicekit.errors import DeadlineExceeded, Internal, ServiceError
from servicekit.postgres.listener import Listener
from servicekit.telemetry import logs

from outreach_worker.events.slow_organizations import SlowOrganizations
from outreach_worker.metrics import Metrics

SUBJECTS, OF_EACH = 100, 20
"""How many are taken at once: half a second of work for the dispatcher."""
LOOK_AGAIN = timedelta(seconds=5)
"""For what nobody woke us for, and at how old the oldest is."""
FORGETS = timedelta(minutes=1)
KEPT = timedelta(days=30)
_MOST_BYTES = 4 * 1024 * 1024
"""Of one call."""
_WITHIN = timedelta(seconds=20)
_SENDS_FOR = timedelta(seconds=30)
_TAKEN_FOR = _SENDS_FOR + _WITHIN + timedelta(seconds=10)
"""The last call begins while it is sent, and what came of it is written."""
_POSTPONED_BY, _LONGEST, _TIMES = timedelta(minutes=1), timedelta(hours=1), 30
"""An event that a bug keeps from being taken is tried again for a day."""

log = logs.get_logger(__name__)


class OutboxRelay:
    """Any number of processes may relay at once: each has subjects of its own meanwhile."""

    def __init__(
        self,
        outbox: OutboxRepository,
        dispatcher: rpc.WebhookServiceStub,
        metrics: Metrics,
        *,
        look_again: timedelta = LOOK_AGAIN,
    ) -> None:
        self._outbox = outbox
        self._look_again = look_again
        self._dispatcher = dispatcher
        self._metrics = metrics
        self._slow = SlowOrganizations()
        self._woken = asyncio.Event()

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
                await backoff.wait()
                continue
            backoff.reset()
            if not more:
                await self._rest()

    async def relay(self) -> bool:
        """Send some of what is unsent; whether there may be more.

        Who is slow to be taken holds up nobody else for long. Raises the `ServiceError` of a
        dispatcher that is away; what it took before is not sent again.
        """
        begun = _now()
        async with self._outbox.take(
            subjects=SUBJECTS,
            of_each=OF_EACH,
            lasts=_TAKEN_FOR,
            without=self._slow.resting(now=begun),
        ) as taken:
            for organization_id, of_one in groupby(taken.events, key=attrgetter("organization_id")):
                await self._send_those_of(
                    organization_id,
                    taken,
                    list(of_one),
                    until=begun + _SENDS_FOR.total_seconds(),
                )
        return bool(taken.events)

    async def note_oldest(self) -> None:
        """Say for how long the oldest unsent event has waited."""
        self._metrics.oldest_unsent.set((await self._outbox.oldest()).total_seconds())

    async def forget(self) -> None:
        """Drop what was sent or refused long ago."""
        await self._outbox.forget(older_than=KEPT)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._look_again.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _send_those_of(
        self,
        organization_id: str,
        taken: TakenEvents,
        events: Sequence[OutboxEvent],
        *,
        until: float,
    ) -> None:
        unsent = events
        while unsent and _now() < until:
            batch = _batch(unsent, most=self._slow.most(organization_id))
            unsent = unsent[len(batch) :]
            batch = await taken.ours(batch)
            if not batch:
                continue
            try:
                held_up = await self._send(taken, batch, until=until)
            except DeadlineExceeded as error:
                self._slow.took_too_long(organization_id, events=len(batch), now=_now())
                log.warning("events_not_taken_in_time", events=len(batch), error=error.message)
                if len(batch) == 1:
                    await self._postpone(taken, batch[0], error)
                return
            self._slow.was_in_time(organization_id)
            unsent = [each for each in unsent if each.subject not in held_up]

    async def _send(
        self, taken: TakenEvents, batch: Sequence[OutboxEvent], *, until: float
    ) -> Collection[str]:
        """Send some; the subjects of which nothing else is to be sent for now."""
        try:
            await self._publish(batch)
        except ServiceError as error:
            self._count(batch, "failed")
            if error.retried and not isinstance(error, Internal):
                raise
            return await self._send_singly(taken, batch, until=until)
        await taken.sent(batch)
        self._count(batch, "published")
        return ()

    async def _send_singly(
        self, taken: TakenEvents, batch: Sequence[OutboxEvent], *, until: float
    ) -> Collection[str]:
        """One of them keeps the others from being taken: it is set aside, or tried again later."""
        postponed = set[str]()
        for event in batch:
            if event.subject in postponed:
                continue
            if _now() >= until:
                break
            try:
                await self._publish([event])
            except Internal as error:
                # A bug of the dispatcher's, perhaps of its next minute only.
                postponed.add(event.subject)
                await self._postpone(taken, event, error)
            except ServiceError as error:
                if error.retried:
                    raise
                await self._set_aside(taken, event, error)
            else:
                await taken.sent([event])
                self._count([event], "published")
        return postponed

    async def _postpone(self, taken: TakenEvents, event: OutboxEvent, why: ServiceError) -> None:
        log.warning("event_postponed", type=event.type, why=why.reason)
        if not await taken.postponed(event, first=_POSTPONED_BY, longest=_LONGEST, times=_TIMES):
            await self._set_aside(taken, event, why)

    async def _set_aside(self, taken: TakenEvents, event: OutboxEvent, why: ServiceError) -> None:
        log.error("event_refused", type=event.type, event_id=event.event_id, exc_info=why)
        await taken.refused(event, reason=why.reason)
        self._count([event], "refused")

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


def _batch(events: Sequence[OutboxEvent], *, most: int) -> Sequence[OutboxEvent]:
    """The first ones, of one organization, that go in one call: one at the least."""
    size = 0
    for place, event in enumerate(events[:most]):
        size += len(event.body)
        if place and size > _MOST_BYTES:
            return events[:place]
    return events[:most]


def _now() -> float:
    return asyncio.get_running_loop().time()
