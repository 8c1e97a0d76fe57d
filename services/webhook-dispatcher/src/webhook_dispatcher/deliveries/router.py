"""Where the deliveries of an event go: tried here at once, or to a workflow."""

from collections.abc import Sequence
from datetime import timedelta

from servicekit.clock import Clock

from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.models import DeliveryState, Dispatch, Publication


class DeliveryRouter:
    def __init__(
        self,
        first_attempts: FirstAttempts,
        workflows: WorkflowStarter,
        pending: PendingDeliveryRepository,
        *,
        retries: RetrySchedule,
        clock: Clock,
    ) -> None:
        self._first_attempts = first_attempts
        self._workflows = workflows
        self._pending = pending
        self._retries = retries
        self._clock = clock

    async def route(self, publications: Sequence[Publication]) -> None:
        """Give every delivery whose turn it is its first attempt, or its workflow.

        None is waited for: what is published stands in the rows. What has to wait for another
        one of its subject gets its attempt when that has ended.
        """
        pending = [
            (publication.fresh, dispatch)
            for publication in publications
            for dispatch in publication.dispatches
            if dispatch.state is DeliveryState.PENDING
        ]
        blocked = await self._blocked([dispatch for _, dispatch in pending])
        for fresh, dispatch in pending:
            if dispatch.delivery_id in blocked:
                continue
            if fresh:
                self.follow(dispatch)
            elif not self._first_attempts.keeps(dispatch):
                self._workflows.hand_over(dispatch, after=self._another_may_try(dispatch))

    async def send_again(self, dispatches: Sequence[Dispatch]) -> None:
        """Give deliveries that are pending once more their next attempt, or a workflow.

        One that is numbered waits for those of its subject before it, as when it is published.
        """
        blocked = await self._blocked(dispatches)
        for dispatch in dispatches:
            if dispatch.delivery_id in blocked:
                continue
            if self._first_attempts.makes(dispatch):
                # It was sent again before the end of the attempt that ended it was noted here.
                self._workflows.hand_over(dispatch)
            else:
                self.follow(dispatch)

    async def _blocked(self, dispatches: Sequence[Dispatch]) -> set[str]:
        """Those that wait for another one of their subject.

        Asked when the rows are there for everybody: whoever ends the one before sees this one, or
        is seen here to have ended it.
        """
        numbered = {dispatch.delivery_id for dispatch in dispatches if dispatch.numbered}
        if not numbered:
            return set()
        return numbered - await self._pending.ready(list(numbered), now=self._clock.now())

    def follow(self, dispatch: Dispatch) -> None:
        """Have its first attempt made, or its workflow started; nobody waits for that."""
        if not self._first_attempts.begin(dispatch):
            self._workflows.hand_over(dispatch)

    def look_for_more(self) -> None:
        """An endpoint is back: what waits for it is to be found."""
        self._workflows.note_orphans()

    def _another_may_try(self, dispatch: Dispatch) -> timedelta:
        """For how long another process may still be at its first attempt, in real time."""
        age = self._clock.real(self._clock.now() - dispatch.created_at)
        # None is younger than nothing: the database's clock was set back meanwhile.
        return max(self._retries.first_attempt_timeout - max(age, timedelta(0)), timedelta(0))
