"""The workflows of deliveries that did not land at once, each under its own id."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.errors import ServiceError, Unavailable
from servicekit.telemetry import logs
from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.deliveries.workflow import (
    TASK_QUEUE,
    DeliveryInput,
    DeliveryWorkflow,
    delivery_workflow_id,
)
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import DeliveryState, Dispatch

_PAGE = 200
_AT_ONCE = 20
_ENDED, _STATEMENTS = 1000, 20
"""Deliveries that one statement ends at most, for an endpoint may have any number; and how many
statements one look makes of that."""
_NOW = timedelta(0)
_ENDS_WITHIN = timedelta(seconds=2)
"""How long a workflow takes to end that has nothing more to do."""
_HAS_ENDED_AFTER = timedelta(seconds=15)
"""After that long it has ended, also where its worker went away as soon as it had parked.

Temporal keeps the workflow's next task for that worker for ten seconds (the SDK's sticky queue)
before it gives it to another one. Until then a start may come to the workflow that is ending: if
that were noted as one that goes on, nobody would try the delivery for as long as such a one may be
silent.
"""

log = logs.get_logger(__name__)


class _EndSome(Protocol):
    async def __call__(self, *, before: datetime, now: datetime, limit: int) -> int: ...


class WorkflowStarter:
    """Starts workflows of deliveries, those that were orphaned included.

    Starting one twice is harmless. No delivery is lost: one is orphaned when it has no
    workflow and no process can be trying it any more, and `adopt_orphans` finds it. So it does
    what has lost its workflow at Temporal, once that would have tried it.
    """

    def __init__(
        self,
        repository: PendingDeliveryRepository,
        *,
        temporal: Client,
        retries: RetrySchedule,
        metrics: Metrics,
        clock: Clock,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._repository = repository
        self._temporal = temporal
        self._retries = retries
        self._metrics = metrics
        self._clock = clock
        self._task_queue = task_queue
        self._handed_over: set[asyncio.Task[None]] = set()
        self._orphaned = asyncio.Event()
        self._orphaned.set()

    async def start(self, dispatches: Sequence[Dispatch], *, after: timedelta = _NOW) -> None:
        """Start the workflow of each, to begin `after` (real time)."""
        try:
            for first in range(0, len(dispatches), _AT_ONCE):
                some = dispatches[first : first + _AT_ONCE]
                self._metrics.workflows_started.inc(len(some))
                await self._have_workflows(some, after)
        except BaseException:
            self.note_orphans()
            raise

    async def _have_workflows(self, some: Sequence[Dispatch], after: timedelta) -> None:
        begun = self._clock.now()
        await asyncio.gather(*(self._start_one(each, after) for each in some))
        await self._repository.workflows_started(
            [each.delivery_id for each in some],
            now=begun,
            parked_before=begun - self._clock.virtual(_HAS_ENDED_AFTER),
        )

    def _ended_by(self, now: datetime) -> datetime:
        """Of what was parked before, the workflow has ended, or is about to: it may be started."""
        return now - self._clock.virtual(_ENDS_WITHIN)

    def hand_over(self, *dispatches: Dispatch, after: timedelta = _NOW) -> None:
        """Have workflows started soon, to begin `after` (real time); nobody waits for that.

        However many are handed over at once, they go together. Where too much is on its way
        already, as while Temporal is away, the look for orphans finds them.
        """
        if len(self._handed_over) >= _PAGE:
            self.note_orphans()
            return
        task = asyncio.create_task(self._start_handed_over(dispatches, after))
        self._handed_over.add(task)
        task.add_done_callback(self._handed_over.discard)

    @property
    def handed_over(self) -> Collection[asyncio.Task[None]]:
        """What is on its way, for whoever leaves; who cancels it leaves it to others."""
        return frozenset(self._handed_over)

    async def _start_handed_over(self, dispatches: Sequence[Dispatch], after: timedelta) -> None:
        try:
            await self.start(dispatches, after=after)
        except (RPCError, ServiceError) as error:
            log.warning("deliveries_not_started", error=repr(error))

    def note_orphans(self) -> None:
        """Some delivery is known to be orphaned."""
        self._orphaned.set()

    async def adopt_orphans(self) -> None:
        """Start what is orphaned: as soon as that is known, and as a regular look. For ever."""
        backoff = Backoff(longest=timedelta(seconds=30))
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._retries.attempt_timeout.total_seconds()):
                    await self._orphaned.wait()
            known = self._orphaned.is_set()
            self._orphaned.clear()
            self._metrics.orphaned.set(int(known))
            if await self._look():
                backoff.reset()
                self._metrics.orphaned.set(0)
            else:
                self.note_orphans()
                await backoff.wait()

    async def _look(self) -> bool:
        """Whether all went well. What fails keeps nobody from what comes after it."""
        went_well = True
        for look in (
            self._start_orphans,
            self._start_probes,
            self._lapse_kept,
            self._drop_left,
            self._look_after_unseen,
        ):
            try:
                await look()
            except (RPCError, Unavailable) as error:
                went_well = False
                log.warning("deliveries_not_started", error=repr(error))
        return went_well

    async def _start_orphans(self) -> None:
        """Those tried in vain, and those so old that nobody can be trying them any more."""
        now = self._clock.now()
        before = now - self._clock.virtual(self._retries.first_attempt_timeout)
        position, started = "", 0
        while dispatches := await self._repository.orphaned(
            before=before,
            parked_before=self._ended_by(now),
            now=now,
            look_every=self._retries.attempt_timeout,
            after=position,
            limit=_PAGE,
        ):
            await self.start(dispatches)
            position, started = dispatches[-1].delivery_id, started + len(dispatches)
        if started:
            log.info("orphaned_deliveries_started", deliveries=started)

    async def _start_probes(self) -> None:
        """One delivery to each endpoint that is spared and was left alone for long enough."""
        now = self._clock.now()
        await self.start(
            await self._repository.probes(now=now, parked_before=self._ended_by(now), limit=_PAGE)
        )

    async def _lapse_kept(self) -> None:
        """Give up what waits for endpoints that nobody has enabled for too long."""
        before = self._clock.now() - self._clock.virtual(self._retries.kept_for)
        lapsed = await self._end(self._repository.lapse_kept, DeliveryState.LAPSED, before)
        if lapsed:
            log.warning("kept_deliveries_lapsed", deliveries=lapsed)

    async def _drop_left(self) -> None:
        """End what nobody can be trying any more of endpoints that were deleted."""
        before = self._clock.now() - self._clock.virtual(self._retries.first_attempt_timeout)
        dropped = await self._end(self._repository.drop_left, DeliveryState.DROPPED, before)
        if dropped:
            log.warning("deliveries_of_deleted_endpoints_dropped", deliveries=dropped)

    async def _end(self, end: _EndSome, state: DeliveryState, before: datetime) -> int:
        """End some at a time, and leave what is more than a look has time for to the next one."""
        now, ended = self._clock.now(), 0
        for _ in range(_STATEMENTS):
            some = await end(before=before, now=now, limit=_ENDED)
            self._metrics.deliveries.labels(state).inc(some)
            ended += some
            if some < _ENDED:
                break
        return ended

    async def _look_after_unseen(self) -> None:
        """Start those again whose workflow somebody has ended at Temporal, some at a time.

        Nothing tells that to a row. Of one that goes on, starting it changes nothing.
        """
        before = self._clock.now() - self._clock.virtual(self._retries.seen_every)
        unseen = await self._repository.unseen(before=before, limit=_PAGE)
        for first in range(0, len(unseen), _AT_ONCE):
            await self._have_workflows(unseen[first : first + _AT_ONCE], _NOW)

    async def _start_one(self, dispatch: Dispatch, after: timedelta) -> None:
        # What waits here has had its first attempt: the next interval is the second one.
        first_retry = self._retries.second if after else self._retries.first
        await self._temporal.start_workflow(
            DeliveryWorkflow.run,
            DeliveryInput(
                delivery_id=dispatch.delivery_id,
                attempt_timeout_milliseconds=_milliseconds(self._retries.attempt_timeout),
                first_retry_milliseconds=_milliseconds(first_retry),
                longest_retry_milliseconds=_milliseconds(self._retries.longest),
                lapse_after_milliseconds=_milliseconds(self._retries.lapse_after),
            ),
            id=delivery_workflow_id(dispatch.event_id, dispatch.endpoint_id),
            task_queue=self._task_queue,
            start_delay=after or None,
            request_eager_start=not after,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # One that was terminated by hand, for example, starts again, and so does one that
            # ended because it was not its turn, or that is sent again. Of a delivery that has
            # ended nothing is sent.
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            # However many wait of one customer, those of another are as soon their worker's next; a
            # slow endpoint takes its share of the places, not all of them.
            priority=Priority(fairness_key=dispatch.organization_id or dispatch.endpoint_id),
        )


def _milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
