"""What must hold before a campaign is started."""

from campaigns.errors import (
    AccountNotConnected,
    CampaignWithoutLeads,
    EndTimePassed,
    HoursNeverMeet,
)
from campaigns.models import Campaign
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.sending_hours import can_send
from servicekit.clock import Clock

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.commands.lead_review import LeadReview


class StartRequirements:
    """A campaign starts with leads that something can be said to, and accounts that can act."""

    def __init__(
        self, leads: LeadRepository, review: LeadReview, gateway: Gateway, clock: Clock
    ) -> None:
        self._leads = leads
        self._review = review
        self._gateway = gateway
        self._clock = clock

    async def require(self, campaign: Campaign) -> None:
        """Review the leads of a draft, and refuse to start it if something is missing.

        Raises `CampaignWithoutLeads` if there are none or every one is held back, and
        `AccountNotConnected` if an account cannot act, and `HoursNeverMeet` if one can never act
        in the sending window, and `EndTimePassed` if nobody could begin any more.
        """
        end_at = campaign.settings.end_at
        if end_at is not None and end_at <= self._clock.now():
            raise EndTimePassed(metadata={"end_time": end_at.isoformat()})
        # Accounts may have changed since the import, or could not be asked then.
        await self._review.review(campaign)
        if not await self._leads.has_any(campaign.id):
            held_back = await self._review.held_back(campaign)
            raise CampaignWithoutLeads(
                f"Every one of the {held_back} leads is held back, because a text of the sequence"
                " cannot be said to it."
                if held_back
                else ""
            )
        found = await self._gateway.accounts(campaign.organization_id, campaign.account_ids)
        accounts = {account_id: found.get(account_id) for account_id in campaign.account_ids}
        missing = [
            f"{account_id} ({account.state if account else 'unknown'})"
            for account_id, account in accounts.items()
            if account is None or not account.connected
        ]
        if missing:
            raise AccountNotConnected(
                f"These accounts are not connected: {', '.join(missing)}.",
                metadata={"accounts": ",".join(name.split(" ", 1)[0] for name in missing)},
            )
        window, now = campaign.settings.sending_window, self._clock.now()
        never = [
            each.id
            for each in accounts.values()
            if each and not can_send(window, each.hours, now=now)
        ]
        if never:
            raise HoursNeverMeet(
                f"The sending window never meets the working hours, less the days off, of"
                f" {', '.join(never)}.",
                metadata={"accounts": ",".join(never)},
            )
