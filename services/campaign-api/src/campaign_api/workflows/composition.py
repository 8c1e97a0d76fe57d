"""The parts of what is told of workflows, put together."""

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.page_tokens import PageTokens

from campaign_api.clients.temporal import TemporalConnection
from campaign_api.clients.temporal_workflows import TemporalWorkflows
from campaign_api.commands.lead_control import LeadRetry
from campaign_api.settings import Settings
from campaign_api.workflows.access import WorkflowAccess
from campaign_api.workflows.deeds import WorkflowDeeds
from campaign_api.workflows.health import TemporalHealth
from campaign_api.workflows.queries import WorkflowQueries


class Workflows:
    """On the connection that the rest of the service has."""

    def __init__(self, settings: Settings, temporal_connection: TemporalConnection) -> None:
        self._temporal = temporal_connection
        self._timeout = settings.call_timeout

    def queries(self, campaigns: CampaignRepository, tokens: PageTokens) -> WorkflowQueries:
        return WorkflowQueries(self._runs(), WorkflowAccess(campaigns), tokens)

    def deeds(
        self, campaigns: CampaignRepository, leads: LeadRepository, lead_retry: LeadRetry
    ) -> WorkflowDeeds:
        return WorkflowDeeds(
            self._runs(),
            WorkflowAccess(campaigns),
            campaigns=campaigns,
            leads=leads,
            lead_retry=lead_retry,
        )

    def health(self) -> TemporalHealth:
        return TemporalHealth(self._temporal, timeout=self._timeout)

    def _runs(self) -> TemporalWorkflows:
        return TemporalWorkflows(self._temporal, timeout=self._timeout)
