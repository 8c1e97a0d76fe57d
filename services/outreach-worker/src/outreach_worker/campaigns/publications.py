"""What a campaign's own workflow publishes, in the background."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from campaigns.workflow.contracts import UntoldEvent

    from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract
    from outreach_worker.policies import PUBLISH


class Publications:
    """The dispatcher's absence holds no campaign up, and nothing is lost by it."""

    def __init__(self) -> None:
        self._begun: list[tuple[CustomerEvent, workflow.ActivityHandle[None]]] = []

    @property
    def untold(self) -> tuple[UntoldEvent, ...]:
        """What is still to be published, for the run that follows."""
        return tuple(
            UntoldEvent(type=event.type, at=event.at, key=event.key)
            for event, published in self._begun
            if not published.done()
        )

    def begin(self, *events: CustomerEvent) -> None:
        """Publish for as long as it takes."""
        for event in events:
            publishing = workflow.start_activity_method(
                EventActivitiesContract.publish_event, event, **PUBLISH
            )
            self._begun.append((event, publishing))

    async def end(self) -> None:
        """Wait until everything is out, or has been tried for too long."""
        while self._begun:
            _, published = self._begun.pop(0)
            try:
                await published
            except ActivityError as error:
                workflow.logger.error("event_never_published", exc_info=error)
