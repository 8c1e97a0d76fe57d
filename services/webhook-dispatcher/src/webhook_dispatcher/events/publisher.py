"""Publishing: an event is kept, then on its way to everyone who listens."""

from servicekit.clock import Clock

from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Event


class EventPublisher:
    def __init__(
        self, repository: EventRepository, *, router: DeliveryRouter, metrics: Metrics, clock: Clock
    ) -> None:
        self._repository = repository
        self._router = router
        self._metrics = metrics
        self._clock = clock

    async def publish(self, event: Event, *, endpoint_id: str = "") -> int:
        """Publish an event; returns how many deliveries there are of it.

        Rows first: a crash between the two steps leaves orphaned deliveries, which
        publishing the event again or the regular look for such takes up.
        What was delivered is not pending, so nothing is delivered again.
        """
        publication = await self._repository.publish(
            event, endpoint_id=endpoint_id, now=self._clock.now()
        )
        if publication.fresh:
            self._metrics.events.labels(event.type).inc()
        self._router.route(publication)
        return len(publication.dispatches)
