"""Deliveries on their way: started under their own ids, so starting again is harmless."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from servicekit import logs
from servicekit.backoff import Backoff
from servicekit.errors import Unavailable
from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from webhook_dispatcher.delivery_repository import DeliveryRepository
from webhook_dispatcher.delivery_workflow import (
    TASK_QUEUE,
    DeliveryInput,
    DeliveryWorkflow,
    delivery_workflow_id,
)
from webhook_dispatcher.event_repository import Dispatch
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import DeliveryState
from webhook_dispatcher.retries import Retries

_PAGE = 200
_AT_ONCE = 20

log = logs.get_logger(__name__)


class Deliveries:
    """Starts the workflow of every pending delivery, and makes up for starts that failed.

    No delivery is left behind, and nothing polls. A publisher that got no answer repeats
    itself, which starts what is pending. Should it not, then either this process is still
    there, remembers that it owes starts, and makes them as soon as Temporal is back; or it
    crashed, and owes them when it starts.
    """

    def __init__(
        self,
        repository: DeliveryRepository,
        *,
        temporal: Client,
        retries: Retries,
        metrics: Metrics,
        task_queue: str = TASK_QUEUE,
    ) -> None:
        self._repository = repository
        self._temporal = temporal
        self._retries = retries
        self._metrics = metrics
        self._task_queue = task_queue
        self._owed = asyncio.Event()
        self._owed.set()

    async def start(self, dispatches: Sequence[Dispatch]) -> None:
        """Start those that are pending; all of them are running when it returns."""
        pending = [each for each in dispatches if each.state is DeliveryState.PENDING]
        try:
            for first in range(0, len(pending), _AT_ONCE):
                await asyncio.gather(*map(self._start, pending[first : first + _AT_ONCE]))
        except BaseException:
            self._owed.set()
            raise

    async def repair(self) -> None:
        """Start what should run and does not: now, and whenever a start has failed. For ever."""
        backoff = Backoff(longest=timedelta(seconds=30))
        while True:
            await self._owed.wait()
            self._owed.clear()
            self._metrics.starts_owed.set(1)
            try:
                await self._start_all()
            except (RPCError, Unavailable) as error:
                self._owed.set()
                log.warning("deliveries_not_started", error=repr(error))
                await backoff.wait()
            else:
                backoff.reset()
                self._metrics.starts_owed.set(0)

    async def _start_all(self) -> None:
        after, started = "", 0
        while dispatches := await self._repository.not_tried(after=after, limit=_PAGE):
            await self.start(dispatches)
            after, started = dispatches[-1].delivery_id, started + len(dispatches)
        if started:
            log.info("untried_deliveries_started", deliveries=started)

    async def _start(self, dispatch: Dispatch) -> None:
        try:
            await self._temporal.start_workflow(
                DeliveryWorkflow.run,
                DeliveryInput(
                    delivery_id=dispatch.delivery_id,
                    attempt_timeout_milliseconds=_milliseconds(self._retries.attempt_timeout),
                    first_retry_milliseconds=_milliseconds(self._retries.first),
                    longest_retry_milliseconds=_milliseconds(self._retries.longest),
                    lapse_after_milliseconds=_milliseconds(self._retries.lapse_after),
                ),
                id=delivery_workflow_id(dispatch.event_id, dispatch.endpoint_id),
                task_queue=self._task_queue,
                request_eager_start=True,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                # One that was terminated by hand, for example, starts again.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                # A slow endpoint takes its share of the attempts, not all of them.
                priority=Priority(fairness_key=dispatch.endpoint_id),
            )
        except WorkflowAlreadyStartedError:
            # It has run to its end; its row says so, or is about to.
            log.info("delivery_already_ended", delivery_id=dispatch.delivery_id)


def _milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
