"""Whose campaigns a caller may see and change; `servicekit.auth` has the rule."""

from collections.abc import Mapping, Sequence

from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import require_accounts, require_theirs, sees_accounts
from servicekit.ids import has_prefix
from servicekit.telemetry import logs


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
