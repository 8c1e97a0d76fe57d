"""The leads of a campaign as they change, streamed from where a watcher was told last."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from campaigns.errors import CampaignNotFound
from campaigns.listings.lead_feed_repository import LeadFeedRepository
from campaigns.listings.leads import LeadPages, RemovedLead
from campaigns.models import Campaign, Lead
from servicekit.auth import require_theirs
from servicekit.lists.changes import Changes, Place, SyncTokenExpired

from campaign_api.metrics import Metrics
from campaign_api.watch.changes import CampaignChanges, Waiter
from campaign_api.watch.lead_readings import LeadReading, LeadReadings
from campaign_api.watch.shared_readings import SharedReadings


@dataclass(frozen=True, kw_only=True)
class ToldLeads:
    """Leads that have changed, those that are gone, and what to go on with behind them."""

    leads: Sequence[Lead]
    removed: Sequence[RemovedLead]
    resume_token: str


class LeadWatch:
    """Streams changed leads; whatever is read is read once for all who stand at the same place."""

    def __init__(
        self,
        feed: LeadFeedRepository,
        pages: LeadPages,
        tokens: Changes,
        changes: CampaignChanges,
        *,
        interval: timedelta,
        stopping: asyncio.Event,
        metrics: Metrics,
    ) -> None:
        self._pages = pages
        self._tokens = tokens
        self._changes = changes
        self._shared: SharedReadings[LeadReading] = SharedReadings(stopping)
        self._readings = LeadReadings(
            feed, pages, tokens, changes, interval=interval, shared=self._shared
        )
        self._metrics = metrics

    async def watch(
        self, campaign: Campaign, *, resume_token: str
    ) -> AsyncGenerator[ToldLeads, None]:
        """From where to go on, at once, and then the leads that change, for ever.

        Raises `PageTokenInvalid` for a token that is not of this campaign, `SyncTokenExpired` for
        one of another history, or behind which it was forgotten who is gone; `WatchTooSlow`;
        `ShuttingDown` when this process goes; `CampaignNotFound` once the campaign is deleted or
        has none of the caller's accounts.
        """
        watchers = self._metrics.lead_watchers.track_inprogress()
        try:
            with self._changes.of(campaign.id) as waiter, watchers:
                async for told in self._told(campaign, waiter, resume_token):
                    yield told
        finally:
            if not self._changes.is_watched(campaign.id):
                self._readings.forget(campaign.id)

    async def _told(
        self, campaign: Campaign, waiter: Waiter, resume_token: str
    ) -> AsyncGenerator[ToldLeads, None]:
        readings = self._readings
        if resume_token:
            place = await self._tokens.place(self._pages.changing(campaign), resume_token)
            reading = await readings.behind(campaign, place.cursor, live=False)
        else:
            reading = await readings.beginning(campaign)
            place = reading.followed.place
        first = True
        while True:
            self._require_same(campaign, reading, place)
            # As it is before it is sent: who is slow with that is not where the others are.
            live = readings.at_tip(campaign.id, reading.place)
            if first or reading.told:
                yield ToldLeads(
                    leads=reading.leads, removed=reading.removed, resume_token=reading.token
                )
            first = False
            # What was forgotten up to here is nothing that was missed.
            place = reading.followed.place
            if not reading.followed.more:
                await self._shared.unless_stopping(waiter.beyond(reading.generation))
            reading = await readings.behind(campaign, reading.place, live=live)

    @staticmethod
    def _require_same(campaign: Campaign, reading: LeadReading, place: Place) -> None:
        """Raise where the campaign is no longer the caller's to see, or its past not whole."""
        followed = reading.followed
        require_theirs(campaign.organization_id, CampaignNotFound, account_ids=followed.account_ids)
        if followed.campaign_is_gone:
            raise CampaignNotFound
        missed = max(place.cursor[0], place.forgotten) < followed.forgotten
        if followed.history != place.history or missed:
            raise SyncTokenExpired("resume_token")
