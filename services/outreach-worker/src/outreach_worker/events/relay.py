"""Sends the outbox to webhook-dispatcher: at least once, each subject's events in order."""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import assert_never

from campaigns.outbox.outbox_event import OutboxEvent
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.outbox.taken_events import Postponement, TakenEvents
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
        self._last = ""
        """The organization that was sent to last: the next pass begins behind it."""
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

        Who is slow to be taken, or is not taken now, holds up nobody else for long. Raises the
        `ServiceError` of a dispatcher that answers nobody; what it took before is not sent again.
        """
        begun = _now()
        async with self._outbox.take(
            subjects=SUBJECTS,
            of_each=OF_EACH,
            lasts=_TAKEN_FOR,
            without=self._slow.resting(now=begun),
        ) as taken:
            await self._send_in_turn(taken, until=begun + _SENDS_FOR.total_seconds())
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

    async def _send_in_turn(self, taken: TakenEvents, *, until: float) -> None:
        """One call for each organization after the other, until all is sent or the time is over."""
        turns = self._turns(taken.events)
        answered, failed = False, dict[str, ServiceError]()
        while turns and _now() < until:
            organization_id, events = turns.popleft()
            self._last = organization_id
            try:
                left = await self._send_some(organization_id, taken, events, until=until)
            except ServiceError as error:
                failed[organization_id] = error
                continue
            answered = True
            if left:
                turns.append((organization_id, left))
        for organization_id, failure in failed.items():
            if not answered:
                raise failure
            self._slow.was_not_taken(organization_id, now=_now())
            log.warning("events_not_published", reason=failure.reason, error=failure.message)

    def _turns(self, events: Sequence[OutboxEvent]) -> deque[tuple[str, Sequence[OutboxEvent]]]:
        """Those of each organization; who was sent to last has its turn last."""
        by_organization = groupby(events, key=attrgetter("organization_id"))
        turns = [(organization_id, list(of_one)) for organization_id, of_one in by_organization]
        return deque(sorted(turns, key=lambda turn: (turn[0] <= self._last, turn[0])))

    async def _send_some(
        self,
        organization_id: str,
        taken: TakenEvents,
        events: Sequence[OutboxEvent],
        *,
        until: float,
    ) -> Sequence[OutboxEvent]:
        """Send as many as go in one call; what is left to be sent after them for now."""
        batch = _batch(events, most=self._slow.most(organization_id))
        left = events[len(batch) :]
        batch = await taken.ours(batch)
        if not batch:
            return left
        try:
            held_up = await self._send(taken, batch, until=until)
        except DeadlineExceeded as error:
            self._slow.took_too_long(organization_id, events=len(batch), now=_now())
            log.warning("events_not_taken_in_time", events=len(batch), error=error.message)
            if len(batch) == 1:
                await self._postpone(taken, batch[0], error)
            return ()
        self._slow.was_in_time(organization_id)
        return [each for each in left if each.subject not in held_up]

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
        match await taken.postponed(event, first=_POSTPONED_BY, longest=_LONGEST, times=_TIMES):
            case Postponement.POSTPONED:
                log.warning("event_postponed", type=event.type, why=why.reason)
            case Postponement.TIMES_OVER:
                await self._set_aside(taken, event, why)
            case Postponement.NOT_OURS:
                # It was removed, or comes again: what it failed of is known then.
                return
            case never:
                assert_never(never)

    async def _set_aside(self, taken: TakenEvents, event: OutboxEvent, why: ServiceError) -> None:
        if not await taken.refused(event, reason=why.reason):
            return
        log.error("event_refused", type=event.type, event_id=event.event_id, exc_info=why)
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
