"""What hears what happens, and whoever watches it, put together."""

import asyncio

from campaigns.listings.lead_feed_repository import LeadFeedRepository
from campaigns.listings.leads import LeadPages
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.reply_scope_repository import ReplyScopeRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from servicekit.clock import Clock
from servicekit.lists.changes import Changes
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import LeadWorkflows
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.linkedin_events.relay import LinkedInEventRelay
from campaign_api.linkedin_events.reply_scope import LeadsInReplyScope
from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.settings import Settings
from campaign_api.watch.changes import CampaignChanges
from campaign_api.watch.leads import LeadWatch
from campaign_api.watch.statuses import CampaignWatch


def linkedin_event_servicer(
    settings: Settings,
    clock: Clock,
    pool: postgres.Pool,
    seal: Seal,
    *,
    workflows: LeadWorkflows,
    gateway: Gateway,
    dispatcher: Dispatcher,
    metrics: Metrics,
) -> LinkedInEventServicer:
    """What linkedin-gateway tells, passed on to whom it concerns."""
    campaigns, leads = CampaignRepository(pool), LeadRepository(pool, seal)
    in_scope = LeadsInReplyScope(
        campaigns,
        ReplyScopeRepository(pool, seal),
        gateway=gateway,
        workflows=workflows,
        clock=clock,
    )
    relay = LinkedInEventRelay(
        workflows,
        campaigns,
        leads,
        HeardMessageRepository(pool, seal),
        dispatcher,
        in_scope,
        clock=clock,
        wake_spread=settings.wake_spread,
        metrics=metrics,
    )
    return LinkedInEventServicer(relay, leads)


class Watches:
    """Both kinds, woken by the same changes."""

    def __init__(
        self,
        settings: Settings,
        pool: postgres.Pool,
        seal: Seal,
        changes: CampaignChanges,
        *,
        stopping: asyncio.Event,
        metrics: Metrics,
    ) -> None:
        self._pool, self._seal = pool, seal
        self._changes = changes
        self._interval = settings.watch_interval
        self._stopping = stopping
        self._metrics = metrics

    def campaigns(self, statuses: CampaignStatuses) -> CampaignWatch:
        return CampaignWatch(
            statuses,
            self._changes,
            interval=self._interval,
            stopping=self._stopping,
            metrics=self._metrics,
        )

    def leads(self, pages: LeadPages, tokens: Changes) -> LeadWatch:
        return LeadWatch(
            LeadFeedRepository(self._pool, self._seal),
            pages,
            tokens,
            self._changes.beside(),
            interval=self._interval,
            stopping=self._stopping,
            metrics=self._metrics,
        )
