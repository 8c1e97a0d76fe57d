"""Publish what a workflow has to say of its own."""

from servicekit.telemetry import logs
from temporalio import activity

from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract
from outreach_worker.events.publisher import Publisher
from outreach_worker.events.untold_events import UntoldEvents


class EventActivities(EventActivitiesContract):
    """What happens to a campaign itself, and what workflows of before still carry."""

    def __init__(self, publisher: Publisher, untold: UntoldEvents) -> None:
        self._publisher = publisher
        self._untold = untold

    @activity.defn(name="publish_event")
    async def publish_event(self, event: CustomerEvent) -> None:
        """Make it known to every endpoint that wants it.

        Safe to retry: the event's id is made from ids.
        """
        with logs.bound(campaign_id=event.campaign_id, lead_id=event.lead_id):
            if event.lead_id:
                await self._publisher.publish(event)
            else:
                await self._untold.publish(event)
