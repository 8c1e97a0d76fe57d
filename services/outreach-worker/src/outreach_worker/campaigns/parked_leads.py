"""How much stands still because of us, counted for who watches."""

from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.status_repository import StatusRepository

from outreach_worker.metrics import Metrics


class ParkedLeads:
    """Looked at from outside: what stands still tells nothing by itself."""

    def __init__(
        self, leads: LeadRepository, statuses: StatusRepository, *, metrics: Metrics
    ) -> None:
        self._leads = leads
        self._statuses = statuses
        self._metrics = metrics

    async def count(self) -> None:
        """Have the metrics say how many leads are parked, and how many campaigns stalled."""
        self._metrics.leads_parked.set(await self._leads.parked())
        self._metrics.campaigns_stalled.set(await self._statuses.stalled())
