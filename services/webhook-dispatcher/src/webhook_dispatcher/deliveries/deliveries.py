"""Where the deliveries of an event go: tried here at once, or handed over."""

from datetime import timedelta

from servicekit.clock import Clock

from webhook_dispatcher.deliveries.first_attempts import FirstAttempts
from webhook_dispatcher.deliveries.retry_schedule import Retries
from webhook_dispatcher.deliveries.workflow_handover import Handover
from webhook_dispatcher.events.event_repository import Dispatch, Publication
from webhook_dispatcher.models import DeliveryState


class Deliveries:
    def __init__(
        self, first_attempts: FirstAttempts, handover: Handover, *, retries: Retries, clock: Clock
    ) -> None:
        self._first_attempts = first_attempts
        self._handover = handover
        self._retries = retries
        self._clock = clock

    async def begin(self, publication: Publication) -> None:
        """See to every pending delivery of an event; each is in somebody's hands then."""
        for dispatch in publication.dispatches:
            if dispatch.state is not DeliveryState.PENDING:
                continue
            if publication.fresh:
                if not self._first_attempts.begin(dispatch):
                    await self._handover.take([dispatch])
            elif not self._first_attempts.makes(dispatch):
                await self._handover.take([dispatch], after=self._another_may_try(dispatch))

    def _another_may_try(self, dispatch: Dispatch) -> timedelta:
        """For how long another process may still be at its first attempt, in real time."""
        age = self._clock.real(self._clock.now() - dispatch.created_at)
        return max(self._retries.attempt_timeout - age, timedelta(0))
