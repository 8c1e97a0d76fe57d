"""What watchers share, put together."""

import asyncio

from campaigns.listings.lead_feed_repository import LeadFeedRepository
from campaigns.listings.leads import LeadPages
from servicekit.lists.changes import Changes
from servicekit.postgres import pool as postgres

from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.settings import Settings
from campaign_api.watch.changes import CampaignChanges
from campaign_api.watch.leads import LeadWatch
from campaign_api.watch.statuses import CampaignWatch


class Watches:
    """Both kinds, woken by the same changes."""

    def __init__(
        self,
        settings: Settings,
        pool: postgres.Pool,
        changes: CampaignChanges,
        *,
        stopping: asyncio.Event,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
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
            LeadFeedRepository(self._pool),
            pages,
            tokens,
            self._changes.beside(),
            interval=self._interval,
            stopping=self._stopping,
            metrics=self._metrics,
        )
