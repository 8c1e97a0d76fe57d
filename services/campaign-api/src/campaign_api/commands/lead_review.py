"""Leads to whom a text of the sequence cannot be said are held back before any contact."""

from collections.abc import Sequence

from campaigns.models import Campaign, Person
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.revision_cache import RevisionCache
from campaigns.texts.lead_check import Check, fallback_check, lead_check
from campaigns.texts.render import Sender
from servicekit.errors import ServiceError
from servicekit.telemetry import logs

from campaign_api.clients.gateway_answers import SendingAccount
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.commands.lead_outlook import LeadOutlook, clocks

log = logs.get_logger(__name__)


class LeadReview:
    """Checks leads by the sequence they will walk and the accounts that will send."""

    def __init__(
        self, repository: HeldLeadRepository, revisions: RevisionCache, gateway: Gateway
    ) -> None:
        self._repository = repository
        self._revisions = revisions
        self._gateway = gateway

    async def outlook(self, campaign: Campaign) -> LeadOutlook:
        """How leads of this campaign are judged now, and what is foreseen of them.

        While the gateway is away they are judged without the names, plans and hours of
        accounts; a start checks them again.
        """
        sequence = (await self._revisions.get(campaign.revision_id)).sequence
        accounts = await self._accounts(campaign.organization_id, campaign.account_ids)
        senders = _senders(accounts)
        hours = {each.name or each.id: each.hours for each in accounts}
        return LeadOutlook(
            check=lead_check(sequence, senders),
            fallbacks=fallback_check(sequence, senders),
            unkept=clocks(campaign.settings.sending_window, hours),
        )

    async def check(self, campaign: Campaign) -> Check:
        """How leads of this campaign are checked now."""
        return (await self.outlook(campaign)).check

    async def complete(self, campaign: Campaign, people: Sequence[Person], check: Check) -> int:
        """Complete held-back leads with what a further list has; returns how many it released."""
        return await self._repository.complete(campaign.id, people, check)

    async def review(self, campaign: Campaign) -> None:
        """Check every lead that waits to enter the sequence anew."""
        checked = await self._repository.review(campaign.id, await self.check(campaign))
        log.info("leads_reviewed", campaign_id=campaign.id, checked=checked)

    async def held_back(self, campaign: Campaign) -> int:
        """How many leads of the campaign are held back."""
        return await self._repository.count(campaign.id)

    async def senders(self, organization_id: str, account_ids: Sequence[str]) -> list[Sender]:
        """The accounts as senders; those of which nothing is known now are left out."""
        return _senders(await self._accounts(organization_id, account_ids))

    async def _accounts(
        self, organization_id: str, account_ids: Sequence[str]
    ) -> list[SendingAccount]:
        try:
            found = await self._gateway.glance_at_accounts(organization_id, account_ids)
        except ServiceError as error:
            log.warning("sender_lookup_failed", account_ids=account_ids, reason=error.reason)
            return []
        return [found[account_id] for account_id in account_ids if account_id in found]


def _senders(accounts: Sequence[SendingAccount]) -> list[Sender]:
    return [Sender(account_id=each.id, name=each.name, pays=each.pays) for each in accounts]
