"""Whose campaigns and lists a caller may see and change; `servicekit.auth` has the rule."""

from collections.abc import Mapping, Sequence

from campaigns.errors import CampaignNotFound, LeadListNotFound
from campaigns.lead_list_import import Destination, LeadList
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from servicekit.auth import (
    AccountForbidden,
    current_caller,
    require_accounts,
    require_theirs,
    sees_accounts,
    visible_accounts,
)
from servicekit.ids import has_prefix
from servicekit.postgres.companions import note_created
from servicekit.request_ids.errors import RequestIdReused
from servicekit.telemetry import logs

from campaign_api.errors import InvalidFields, invalid, required
from campaign_api.imports.lead_import import into_campaign


class CampaignAccess:
    """Reads campaigns on behalf of the caller of the rpc that is being served."""

    def __init__(self, repository: CampaignRepository) -> None:
        self._repository = repository

    async def campaign(self, campaign_id: str, *, deleted: bool = False) -> Campaign:
        """The campaign, also a deleted one, until it is purged, if that is asked for.

        Raises `CampaignNotFound` if there is none that the caller may see: another
        organization's does not exist, nor one that has none of the caller's accounts. Raises
        `AccountForbidden` if the rpc changes something and not all of its accounts are theirs.
        """
        if not has_prefix(campaign_id, "camp"):
            raise CampaignNotFound
        logs.bind(campaign_id=campaign_id)
        campaign = await self._repository.get(campaign_id)
        require_theirs(campaign.organization_id, CampaignNotFound, account_ids=campaign.account_ids)
        if campaign.purged_at is not None or (campaign.deleted_at is not None and not deleted):
            raise CampaignNotFound
        require_accounts(campaign.account_ids)
        return campaign

    async def campaigns(
        self, organization_id: str, campaign_ids: Sequence[str]
    ) -> Mapping[str, Campaign]:
        """Those of some campaigns that are the organization's, and that the caller may see."""
        asked = [each for each in campaign_ids if has_prefix(each, "camp")]
        found = await self._repository.several(organization_id, asked)
        return {each.id: each for each in found if sees_accounts(each.account_ids)}


class LeadListAccess:
    """Reads lists of people on behalf of the caller of the rpc that is being served."""

    def __init__(self, repository: LeadListRepository) -> None:
        self._repository = repository

    async def lead_list(
        self, lead_list_id: str, *, deleted: bool = False, taking: bool = False
    ) -> LeadList:
        """The list, also a deleted one if that is asked for.

        It is of the accounts that its maker is limited to, and of those of the campaigns that took
        from it. Raises `LeadListNotFound` if there is none that the caller may see: for whoever is
        limited one that is of none of their accounts. Raises `AccountForbidden` if the rpc changes
        it, more than by `taking` from it, and it is the organization's or not all of its accounts
        are theirs.
        """
        if not has_prefix(lead_list_id, "list"):
            raise LeadListNotFound
        logs.bind(lead_list_id=lead_list_id)
        found = await self._repository.get(lead_list_id)
        require_theirs(found.organization_id, LeadListNotFound)
        if found.deleted_at is not None and not deleted:
            raise LeadListNotFound
        if current_caller().limited:
            account_ids = await self._accounts(found)
            if not sees_accounts(account_ids):
                raise LeadListNotFound
            if not taking:
                # What somebody unlimited has made is of every account there may be.
                require_accounts(account_ids if found.account_ids else {*account_ids, ""})
        return found

    def of_maker(self) -> tuple[str, ...]:
        """The accounts that a list is of which the caller makes.

        Raises `AccountForbidden` if they could not see it themselves.
        """
        account_ids = visible_accounts()
        if account_ids is not None and not account_ids:
            raise AccountForbidden
        return tuple(sorted(account_ids or ()))

    async def made(self, created: LeadList) -> LeadList:
        """A list that a request has made, now or before; `RequestIdReused` if it was another's."""
        if current_caller().limited and not sees_accounts(await self._accounts(created)):
            raise RequestIdReused
        return created

    async def _accounts(self, of: LeadList) -> frozenset[str]:
        return await self._repository.accounts_of_users(of.id) | frozenset(of.account_ids)


class ImportAccess:
    """Where the people of a file go, on behalf of the caller of the rpc that is being served."""

    def __init__(self, campaigns: CampaignAccess, lead_lists: LeadListAccess) -> None:
        self._campaigns = campaigns
        self._lead_lists = lead_lists

    async def destination(
        self, *, campaign_id: str, lead_list_id: str, within: str = ""
    ) -> Destination:
        """The campaign or the list, whichever is named.

        Raises `InvalidFields` if none is, or both, by the fields `within` a request, and what the
        access to either raises.
        """
        if campaign_id and lead_list_id:
            text = "A campaign is named already; an import goes into one of the two."
            raise InvalidFields([invalid(f"{within}lead_list_id", text)])
        if lead_list_id:
            found = await self._lead_lists.lead_list(lead_list_id)
            # The audit looks for a campaign, and finds none.
            note_created("lead_list_id", found.id)
            return Destination(organization_id=found.organization_id, lead_list_id=found.id)
        if not campaign_id:
            raise InvalidFields([required(f"{within}campaign_id")])
        return into_campaign(await self._campaigns.campaign(campaign_id))
