"""A lead changes its account: one that nobody has contacted yet, or whose sender was replaced."""

from campaigns.models import Campaign, Lead
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.senders.rotation import assign
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from outreach_worker.senders.capacities import Capacities
from outreach_worker.steps.errors import CANNOT_ACT
from outreach_worker.steps.task import StepTask

log = logs.get_logger(__name__)


class SenderReassignment:
    """The row first: an attempt after a crash finds the change and goes through with it."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        senders: SenderRepository,
        capacities: Capacities,
    ) -> None:
        self._campaigns = campaigns
        self._leads = leads
        self._senders = senders
        self._capacities = capacities

    async def reassigned(self, task: StepTask, error: ServiceError) -> Lead | None:
        """The lead with another account, if the error says that its own cannot act.

        None if the error is another one, or the lead is to wait for its account. The row says
        so when it returns; the action of the old account is the caller's to call off.
        """
        if error.reason not in CANNOT_ACT:
            return None
        lead = await self._leads.get(task.asked.campaign_id, task.asked.lead_id)
        if lead.reassigned_action_id == task.action_id:
            return lead
        if lead.replacement_account_id:
            return await self._senders.take_replacement(
                lead.id, action_id=task.action_id, contacted=task.asked.n > 1
            )
        campaign = await self._campaigns.get(task.asked.campaign_id)
        return await self._reassign(campaign, lead, task)

    async def complete(self, lead: Lead, task: StepTask) -> None:
        """It was in time: the old account does nothing more for the lead."""
        if lead.replacement_account_id:
            await self._senders.complete_replacement(lead.id, action_id=task.action_id)

    async def undo(self, lead: Lead, task: StepTask) -> None:
        """It was too late: the account that it had has contacted the lead."""
        await self._senders.undo_reassignment(lead.id, action_id=task.action_id)

    async def _reassign(self, campaign: Campaign, lead: Lead, task: StepTask) -> Lead | None:
        """Only a lead without any contact is reassigned, and only if an account can act now."""
        settings = campaign.settings
        if not settings.parked_senders.moves or task.asked.n > 1:
            return None
        self._capacities.parked(campaign, lead.account_id)
        capacities = await self._capacities.of(campaign)
        others = {
            account_id: capacity
            for account_id, capacity in capacities.items()
            if account_id != lead.account_id and capacity > 0
        }
        if not others:
            return None
        (account_id,) = assign(1, others, await self._senders.loads(campaign.id))
        reassigned = await self._senders.reassign(
            lead.id,
            from_account=lead.account_id,
            to_account=account_id,
            action_id=task.action_id,
        )
        if reassigned is not None:
            log.info(
                "lead_reassigned", lead_id=lead.id, from_account=lead.account_id, to=account_id
            )
        return reassigned
