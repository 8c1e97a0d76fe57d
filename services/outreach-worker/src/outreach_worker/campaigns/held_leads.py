"""Leads that were held back until their campaign was over: customers hear that they failed."""

from datetime import datetime

from campaigns.repositories.held_lead_repository import HeldLeadRepository

from outreach_worker.events.contracts import LEAD_FAILED, CustomerEvent
from outreach_worker.events.publisher import Publisher

_PAGE = 100


class HeldLeads:
    """A page at a time: what was published stays so when the rest must be tried again."""

    def __init__(self, repository: HeldLeadRepository, publisher: Publisher) -> None:
        self._repository = repository
        self._publisher = publisher

    async def publish_failed(self, campaign_id: str, *, at: datetime) -> None:
        """Return once every event is published; repeating it changes nothing."""
        while lead_ids := await self._repository.failed(campaign_id, limit=_PAGE):
            failed = [
                CustomerEvent(type=LEAD_FAILED, campaign_id=campaign_id, lead_id=lead_id, at=at)
                for lead_id in lead_ids
            ]
            async with self._publisher.together():
                await self._publisher.publish(*failed)
                await self._repository.mark_published(lead_ids)
