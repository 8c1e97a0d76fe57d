"""Whose campaigns a caller may see.

A caller who acts for an organization sees that one only. A caller without an
organization who has every permission is one of our own services and sees all.
"""

from campaigns.campaign_repository import CampaignRepository
from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from servicekit import logs
from servicekit.auth import EVERY_PERMISSION, Caller, current_caller
from servicekit.ids import has_prefix

from campaign_api.errors import OrganizationForbidden


def acts_for(caller: Caller, organization_id: str) -> bool:
    """Whether what belongs to the organization is the caller's to see."""
    if not caller.organization_id:
        return EVERY_PERMISSION in caller.permissions
    return caller.organization_id == organization_id


def require_organization(organization_id: str) -> None:
    """Refuse a caller who names an organization that is not theirs."""
    if not acts_for(current_caller(), organization_id):
        raise OrganizationForbidden


class CampaignAccess:
    """Reads campaigns on behalf of the caller of the rpc that is being served."""

    def __init__(self, repository: CampaignRepository) -> None:
        self._repository = repository

    async def campaign(self, campaign_id: str) -> Campaign:
        """The campaign; another organization's does not exist."""
        if not has_prefix(campaign_id, "camp"):
            raise CampaignNotFound
        logs.bind(campaign_id=campaign_id)
        campaign = await self._repository.get(campaign_id)
        if not acts_for(current_caller(), campaign.organization_id):
            raise CampaignNotFound
        return campaign
