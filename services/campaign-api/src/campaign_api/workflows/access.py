"""Whose a workflow is, and how much of it is told to the caller; `servicekit.auth` has the rule."""

from collections.abc import Sequence

from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import (
    current_caller,
    require_accounts,
    require_theirs,
    visible_accounts,
    visible_organization,
)
from servicekit.telemetry import logs

from campaign_api.errors import WorkflowNotFound
from campaign_api.workflows.exposure import Exposure
from campaign_api.workflows.names import is_run_id, name_of

MOST_CAMPAIGNS = 2_000
"""Of which workflows are listed to who is limited to accounts: one query names them."""
_OF_PEOPLE = "leads.read"


class WorkflowAccess:
    """Asked by the id alone, before Temporal is."""

    def __init__(self, campaigns: CampaignRepository) -> None:
        self._campaigns = campaigns

    async def exposure(self, workflow_id: str, run_id: str) -> Exposure:
        """How much of the workflow is told.

        Raises `WorkflowNotFound` if it is not the caller's to see, whether or not there is one:
        what names no campaign of an organization is our staff's alone, as long as they are not
        limited; what does is its campaign's. Raises `AccountForbidden` if the rpc changes it and
        not all accounts of the campaign are theirs.
        """
        logs.bind(workflow_id=workflow_id)
        if run_id and not is_run_id(run_id):
            raise WorkflowNotFound
        campaign = await self._campaign(workflow_id)
        if campaign is None:
            if visible_organization() or current_caller().limited:
                raise WorkflowNotFound
            return Exposure(full=False)
        require_theirs(campaign.organization_id, WorkflowNotFound, account_ids=campaign.account_ids)
        require_accounts(campaign.account_ids)
        return Exposure(
            full=current_caller().is_of(campaign.organization_id, permission=_OF_PEOPLE)
        )

    async def campaigns(self, organization_id: str) -> Sequence[str] | None:
        """The campaigns whose workflows alone are the caller's to see, the newest ones.

        None: those of all. Of every organization if none is named.
        """
        account_ids = visible_accounts()
        if account_ids is None:
            return None
        return await self._campaigns.ids_of_accounts(
            organization_id, sorted(account_ids), limit=MOST_CAMPAIGNS
        )

    async def _campaign(self, workflow_id: str) -> Campaign | None:
        """The campaign that it is of, also a deleted one; None where there is none."""
        name = name_of(workflow_id)
        if not name.campaign_id:
            return None
        try:
            return await self._campaigns.get(name.campaign_id)
        except CampaignNotFound:
            return None
