"""Publishing: an event is kept, then on its way to everyone who listens."""

from servicekit.clock import Clock

from webhook_dispatcher.deliveries.deliveries import Deliveries
from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Event


class Events:
    def __init__(
        self, repository: EventRepository, *, deliveries: Deliveries, metrics: Metrics, clock: Clock
    ) -> None:
        self._repository = repository
        self._deliveries = deliveries
        self._metrics = metrics
        self._clock = clock

    async def publish(self, event: Event, *, endpoint_id: str = "") -> int:
        """Publish an event; returns how many deliveries there are of it.

        Rows first: a crash between the two steps leaves pending deliveries in nobody's
        hands, and publishing the event again or the regular look for such takes them up.
        What was delivered is not pending, so nothing is delivered again.
        """
        publication = await self._repository.publish(
            event, endpoint_id=endpoint_id, now=self._clock.now()
        )
        if publication.fresh:
            self._metrics.events.labels(event.type).inc()
        await self._deliveries.begin(publication)
        return len(publication.dispatches)
