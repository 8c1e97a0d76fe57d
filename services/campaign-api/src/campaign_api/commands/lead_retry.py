"""Send a parked lead on from where a fault of ours has stopped it."""

from campaigns.errors import LeadNotFound, LeadNotParked
from campaigns.models import Campaign, Lead, LeadState
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.ids import has_prefix
from servicekit.telemetry import logs
from servicekit.temporal.connection import TemporalUnavailable

from campaign_api.clients.temporal import LeadWorkflows

log = logs.get_logger(__name__)


class LeadRetry:
    """The workflow first: it writes the row too, which mends a crash between the two."""

    def __init__(self, leads: LeadRepository, workflows: LeadWorkflows) -> None:
        self._leads = leads
        self._workflows = workflows

    async def retry(self, campaign: Campaign, lead_id: str) -> Lead:
        """The lead, sent on.

        Raises `LeadNotFound` if the campaign has no such lead, `LeadNotParked` if nothing has
        stopped it, and `TemporalUnavailable` if its workflow cannot be told.
        """
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        lead = await self._leads.get(campaign.id, lead_id)
        if lead.state is not LeadState.PARKED:
            raise LeadNotParked(
                f"The lead is {lead.state}; only a parked one can be sent on.",
                metadata={"state": lead.state},
            )
        if not await self._workflows.retry(campaign.id, lead_id):
            # Nobody is there to be told; the worker ends such a lead within minutes.
            raise TemporalUnavailable(
                "The lead's workflow is gone.", metadata={"dependency": "temporal"}
            )
        # What has parked it again meanwhile has another moment, and stays.
        await self._leads.unpark(campaign.id, lead_id, parked_at=lead.parked_at)
        log.info("lead_sent_on", campaign_id=campaign.id, lead_id=lead_id, because=lead.reason)
        return await self._leads.get(campaign.id, lead_id)
