"""What happens to campaigns themselves, told by rows: who tells it may be gone before it is out."""

from datetime import datetime, timedelta
from typing import Protocol

from campaigns.repositories.orphaned_lead_repository import CampaignEvent, UntoldEventRepository
from servicekit.errors import ServiceError, Unavailable
from servicekit.telemetry import logs

from outreach_worker.events.contracts import CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED, CustomerEvent
from outreach_worker.events.publisher import Publisher

_PAGE = 100
_TIMEOUT = timedelta(seconds=10)
_ENDS = frozenset({CAMPAIGN_COMPLETED, CAMPAIGN_STOPPED})

log = logs.get_logger(__name__)


class EndedWith(Protocol):
    """The leads that failed because their campaign is over."""

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        """Return once every event is durable; repeating it changes nothing."""


class UntoldEvents:
    """A row stands from before the first attempt until one has come through.

    Told twice is told once: an event's id is made from ids. Whoever failed with a campaign's end is
    told of before it: the row of the end is what remembers them, too.
    """

    def __init__(
        self, repository: UntoldEventRepository, publisher: Publisher, ended_with: EndedWith
    ) -> None:
        self._repository = repository
        self._publisher = publisher
        self._ended_with = ended_with

    async def publish(self, event: CustomerEvent, *, within: timedelta) -> None:
        """Tell it now; whoever settles the rows does so if this comes to nothing."""
        row = _row(event)
        await self._repository.note(row)
        await self._publisher.publish(event, within=within)
        await self._repository.told(row)

    async def publish_at_once(self, event: CustomerEvent) -> tuple[CustomerEvent, ...]:
        """Tell what has its row already, if the dispatcher is there; hand it back if not.

        Who failed with a campaign's end is the caller's to tell first.
        """
        unpublished = await self._publisher.publish_at_once(event)
        if not unpublished:
            await self._repository.told(_row(event))
        return unpublished

    async def settle(self) -> None:
        """Tell everything that has a row; what is away is asked again in the next round.

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
            if row.type in _ENDS:
                await self._ended_with.publish_failed(row.campaign_id, at=row.at)
            event = CustomerEvent(
                type=row.type, campaign_id=row.campaign_id, key=row.key, at=row.at
            )
            try:
                await self._publisher.publish(event, within=_TIMEOUT)
            except ServiceError as error:
                if error.retried:
                    raise
                # It will never be taken, by whomever it is told.
                log.exception("event_refused", type=event.type)
            else:
                log.info("campaign_event_told", type=event.type)
            await self._repository.told(row)


def _row(event: CustomerEvent) -> CampaignEvent:
    return CampaignEvent(campaign_id=event.campaign_id, type=event.type, key=event.key, at=event.at)
