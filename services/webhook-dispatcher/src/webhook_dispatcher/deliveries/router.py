"""Where the deliveries of an event go: tried here at once, or to a workflow."""

from collections.abc import Sequence
from datetime import timedelta

from servicekit.clock import Clock

from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.models import DeliveryState, Dispatch, Publication


class DeliveryRouter:
    def __init__(
        self,
        first_attempts: FirstAttempts,
        workflows: WorkflowStarter,
        *,
        retries: RetrySchedule,
        clock: Clock,
    ) -> None:
        self._first_attempts = first_attempts
        self._workflows = workflows
        self._retries = retries
        self._clock = clock

    def route(self, publication: Publication) -> None:
        """Give every pending delivery of an event its first attempt, or its workflow.

        None is waited for: what is published stands in the rows.
        """
        for dispatch in publication.dispatches:
            if dispatch.state is not DeliveryState.PENDING:
                continue
            if publication.fresh:
                if not self._first_attempts.begin(dispatch):
                    self._workflows.hand_over(dispatch)
            elif not self._first_attempts.makes(dispatch):
                self._workflows.hand_over(dispatch, after=self._another_may_try(dispatch))

    async def send_again(self, dispatches: Sequence[Dispatch]) -> None:
        """Give deliveries that are pending once more their next attempt, or a workflow."""
        self.route(Publication(dispatches, fresh=True))

    def _another_may_try(self, dispatch: Dispatch) -> timedelta:
        """For how long another process may still be at its first attempt, in real time."""
        age = self._clock.real(self._clock.now() - dispatch.created_at)
        return max(self._retries.attempt_timeout - age, timedelta(0))
