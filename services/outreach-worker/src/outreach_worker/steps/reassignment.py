"""A lead that nobody has contacted yet does not wait for an account that cannot act."""

from campaigns.models import Campaign, Lead, ParkedSenders
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.sender_rotation import assign
from servicekit.telemetry import logs

from outreach_worker.senders.capacities import Capacities
from outreach_worker.steps.contracts import PerformStep

ACCOUNT_PARKED = "ACCOUNT_PARKED"

log = logs.get_logger(__name__)


class SenderReassignment:
    """The row first: an attempt after a crash finds the change and goes through with it."""

    def __init__(self, senders: SenderRepository, capacities: Capacities) -> None:
        self._senders = senders
        self._capacities = capacities

    async def undo(self, lead: Lead, action: PerformStep) -> None:
        """It was too late: the account that it had has contacted the lead."""
        await self._senders.undo_reassignment(lead.id, action_id=action.action_id)

    async def choose(self, campaign: Campaign, lead: Lead, action: PerformStep) -> Lead | None:
        """The lead with another account of its campaign; None if it stays where it is.

        Only a lead without any contact is reassigned, and only if an account can act now.
        """
        settings = campaign.settings
        if settings.parked_senders is not ParkedSenders.MOVE or action.n > 1:
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
            lead.id, from_account=lead.account_id, to_account=account_id, action_id=action.action_id
        )
        if reassigned is not None:
            log.info(
                "lead_reassigned", lead_id=lead.id, from_account=lead.account_id, to=account_id
            )
        return reassigned
