"""What a campaign's own workflow publishes, in the background."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from campaigns.workflow.contracts import UntoldEvent

    from outreach_worker.events.contracts import CustomerEvent, EventActivitiesContract
    from outreach_worker.policies import PUBLISH

_HELD_UP_AT_MOST = timedelta(hours=1)
"""So long an event waits for the one before it, as while the database is away: one that cannot be
written is no reason to wait for as long as that is tried."""


class Publications:
    """Nothing that keeps an event from being told holds the campaign up, or is lost by it.

    Their order is that in which they are begun: of a pause and a resume in the same moment
    customers hear in this order.
    """

    def __init__(self) -> None:
        self._begun: list[tuple[CustomerEvent, asyncio.Task[None]]] = []
        self._last: asyncio.Task[None] | None = None

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
            self._last = self._publishing(event, after=self._last)
            self._begun.append((event, self._last))

    async def end(self) -> None:
        """Wait until everything is out, or has been tried for too long."""
        while self._begun:
            _, published = self._begun.pop(0)
            try:
                await published
            except ActivityError as error:
                workflow.logger.error("event_never_published", exc_info=error)

    def _publishing(
        self, event: CustomerEvent, *, after: asyncio.Task[None] | None
    ) -> asyncio.Task[None]:
        if after is None or after.done() or not workflow.patched("publishes-in-turn"):
            return workflow.start_activity_method(
                EventActivitiesContract.publish_event, event, **PUBLISH
            )
        return asyncio.create_task(self._publish_after(after, event))

    async def _publish_after(self, before: asyncio.Task[None], event: CustomerEvent) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(before.done, timeout=_HELD_UP_AT_MOST)
        await workflow.execute_activity_method(
            EventActivitiesContract.publish_event, event, **PUBLISH
        )
