"""Whose a workflow is, and how much of it is told to the caller; `servicekit.auth` has the rule."""

from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.auth import current_caller, require_theirs, visible_organization
from servicekit.telemetry import logs

from campaign_api.errors import WorkflowNotFound
from campaign_api.workflows.exposure import Exposure
from campaign_api.workflows.names import is_run_id, name_of

_OF_PEOPLE = "leads.read"


class WorkflowAccess:
    """Asked by the id alone, before Temporal is."""

    def __init__(self, campaigns: CampaignRepository) -> None:
        self._campaigns = campaigns

    async def exposure(self, workflow_id: str, run_id: str) -> Exposure:
        """How much of the workflow is told.

        Raises `WorkflowNotFound` if it is not the caller's to see, whether or not there is one:
        what names no campaign of an organization is our staff's alone.
        """
        logs.bind(workflow_id=workflow_id)
        if run_id and not is_run_id(run_id):
            raise WorkflowNotFound
        campaign = await self._campaign(workflow_id)
        if campaign is None:
            if visible_organization():
                raise WorkflowNotFound
            return Exposure(full=False)
        require_theirs(campaign.organization_id, WorkflowNotFound)
        return Exposure(
            full=current_caller().is_of(campaign.organization_id, permission=_OF_PEOPLE)
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
