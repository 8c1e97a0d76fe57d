"""Leads that were held back until their campaign was over: customers hear that they failed."""

import asyncio
from datetime import datetime

from campaigns.repositories.held_lead_repository import HeldLeadRepository
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from outreach_worker.events.contracts import LEAD_FAILED, CustomerEvent
from outreach_worker.events.publisher import Publisher

_PAGE = 100
_AT_ONCE = 20

log = logs.get_logger(__name__)


class HeldLeads:
    """A page at a time: what was published stays so when the rest must be tried again."""

    def __init__(self, repository: HeldLeadRepository, publisher: Publisher) -> None:
        self._repository = repository
        self._publisher = publisher
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        """Return once every event is durable; repeating it changes nothing."""
        while lead_ids := await self._repository.failed(campaign_id, limit=_PAGE):
            await asyncio.gather(*(self._publish(campaign_id, each, at=at) for each in lead_ids))
            await self._repository.mark_published(lead_ids)

    async def _publish(self, campaign_id: str, lead_id: str, *, at: datetime) -> None:
        failed = CustomerEvent(type=LEAD_FAILED, campaign_id=campaign_id, lead_id=lead_id, at=at)
        async with self._room:
            try:
                await self._publisher.publish(failed)
            except ServiceError as error:
                if error.retried:
                    raise
                # It will never be taken; the others, and the campaign's end, do not wait for it.
                log.exception("event_refused", type=failed.type, lead_id=lead_id)
