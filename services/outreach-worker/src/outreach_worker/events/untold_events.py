"""Ends of campaigns, told by rows: who failed with an end is told of before it."""

from datetime import datetime
from typing import Protocol

from campaigns.repositories.orphaned_lead_repository import CampaignEvent, UntoldEventRepository
from servicekit.errors import Unavailable
from servicekit.telemetry import logs

from outreach_worker.events.contracts import CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED, CustomerEvent
from outreach_worker.events.publisher import Publisher

_PAGE = 100
_ENDS = frozenset({CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED})

log = logs.get_logger(__name__)


class EndedWith(Protocol):
    """The leads that failed because their campaign is over."""

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        """Return once every event is published; repeating it changes nothing."""


class UntoldEvents:
    """A row stands from the end of a campaign until all that follows from it is published.

    There may be too many leads that failed with it for the transaction that ends it. Told twice is
    told once: an event's id is made from ids.
    """

    def __init__(
        self, repository: UntoldEventRepository, publisher: Publisher, ended_with: EndedWith
    ) -> None:
        self._repository = repository
        self._publisher = publisher
        self._ended_with = ended_with

    async def publish(self, event: CustomerEvent) -> None:
        """Publish what happened to a campaign, with all that comes before it."""
        if event.type in _ENDS:
            await self._ended_with.publish_failed(event.campaign_id, at=event.at)
        row = CampaignEvent(
            campaign_id=event.campaign_id, type=event.type, key=event.key, at=event.at
        )
        async with self._publisher.together():
            # What was told last of a pause is kept with it.
            await self._repository.note(row)
            await self._publisher.publish(event)
            await self._repository.told(row)

    async def settle(self) -> None:
        """Publish everything that has a row; what is away is asked again in the next round.

        An event that anything else keeps from being told holds up no other; the first failure is
        raised in the end.
        """
        after: CampaignEvent | None = None
        failure: Exception | None = None
        while page := await self._repository.untold(after=after, limit=_PAGE):
            for each in page:
                try:
                    await self._tell(each)
                except Unavailable as error:
                    log.warning("campaign_events_not_told", why=error.reason)
                    return
                except Exception as error:
                    log.warning("campaign_event_not_told", type=each.type, exc_info=True)
                    failure = failure or error
            after = page[-1]
        if failure is not None:
            raise failure

    async def _tell(self, row: CampaignEvent) -> None:
        with logs.bound(campaign_id=row.campaign_id):
            await self.publish(
                CustomerEvent(type=row.type, campaign_id=row.campaign_id, key=row.key, at=row.at)
            )
            log.info("campaign_event_told", type=row.type)
