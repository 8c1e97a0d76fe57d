"""What hears what happens at LinkedIn, put together."""

from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.reply_scope_repository import ReplyScopeRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import LeadWorkflows
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.linkedin_events.relay import LinkedInEventRelay
from campaign_api.linkedin_events.reply_scope import LeadsInReplyScope
from campaign_api.metrics import Metrics
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.settings import Settings


def linkedin_event_servicer(
    settings: Settings,
    clock: Clock,
    pool: postgres.Pool,
    *,
    workflows: LeadWorkflows,
    gateway: Gateway,
    dispatcher: Dispatcher,
    metrics: Metrics,
) -> LinkedInEventServicer:
    """What linkedin-gateway tells, passed on to whom it concerns."""
    campaigns, leads = CampaignRepository(pool), LeadRepository(pool)
    in_scope = LeadsInReplyScope(
        campaigns, ReplyScopeRepository(pool), gateway=gateway, workflows=workflows, clock=clock
    )
    relay = LinkedInEventRelay(
        workflows,
        campaigns,
        leads,
        HeardMessageRepository(pool),
        dispatcher,
        in_scope,
        clock=clock,
        wake_spread=settings.wake_spread,
        metrics=metrics,
    )
    return LinkedInEventServicer(relay, leads)
