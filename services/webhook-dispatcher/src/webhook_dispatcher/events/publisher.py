"""Publishing: events are kept, then on their way to everyone who listens."""

from collections.abc import Sequence

from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.events.event_repository import EventRepository
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Event


class EventPublisher:
    def __init__(
        self, repository: EventRepository, *, router: DeliveryRouter, metrics: Metrics
    ) -> None:
        self._repository = repository
        self._router = router
        self._metrics = metrics

    async def publish(self, events: Sequence[Event]) -> Sequence[int]:
        """Publish events of one organization, all or none; how many deliveries there are of each.

        Rows first: a crash between the two steps leaves orphaned deliveries, which
        publishing the event again or the regular look for such takes up.
        What was delivered is not pending, so nothing is delivered again.
        Raises what `EventRepository.publish` does.
        """
        publications = await self._repository.publish(events)
        for event, publication in zip(events, publications, strict=True):
            if publication.fresh:
                self._metrics.events.labels(event.type).inc()
        await self._router.route(publications)
        return [len(publication.dispatches) for publication in publications]
