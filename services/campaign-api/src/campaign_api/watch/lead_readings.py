"""Changed leads, read once for all who watch a campaign.

Who is told everything there is stands at one place, the tip of the campaign's feed: the next
reading begins there, for all of them, and what it gives is kept for a moment for those who are
still sending. Who comes back with a token reads by themselves until they have caught up.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from campaigns.listings.lead_feed_repository import FollowedLeads, LeadFeedRepository
from campaigns.listings.leads import LeadPages, RemovedLead
from campaigns.models import Campaign, Lead
from servicekit.backoff import Backoff
from servicekit.errors import NotYet, Unavailable
from servicekit.lists.changes import Changes
from servicekit.lists.pages import Cursor
from servicekit.telemetry import logs

from campaign_api.watch.changes import CampaignChanges
from campaign_api.watch.shared_readings import SharedReadings

_PAGE = 200
_MOST_KEPT = 10_000
"""Leads, of all campaigns together."""
_KEPT_FOR = 10.0
_TICK = 0.25
"""Seconds until it is looked again whether somebody who writes has ended."""

log = logs.get_logger(__name__)


class WatchTooSlow(NotYet):
    """Too much has changed while this was read slowly; go on with the last token."""

    reason = "WATCH_TOO_SLOW"


@dataclass(frozen=True)
class LeadReading:
    """What has changed behind a place, and the token of who has been told."""

    followed: FollowedLeads
    token: str
    generation: int
    read_at: float

    @property
    def leads(self) -> Sequence[Lead]:
        return self.followed.leads

    @property
    def removed(self) -> Sequence[RemovedLead]:
        return self.followed.removed

    @property
    def told(self) -> int:
        """How many leads it is about."""
        return len(self.leads) + len(self.removed)

    @property
    def place(self) -> Cursor:
        """Behind what it tells."""
        return self.followed.last


class LeadReadings:
    """The readings of every campaign whose leads are watched.

    At most `_MOST_KEPT` leads are kept, whoever reads how slowly.
    """

    def __init__(
        self,
        feed: LeadFeedRepository,
        pages: LeadPages,
        tokens: Changes,
        changes: CampaignChanges,
        *,
        interval: timedelta,
        shared: SharedReadings[LeadReading],
    ) -> None:
        self._feed = feed
        self._pages = pages
        self._tokens = tokens
        self._changes = changes
        self._interval = interval.total_seconds()
        self._shared = shared
        self._tips: dict[str, LeadReading] = {}
        self._kept: OrderedDict[tuple[str, Cursor], LeadReading] = OrderedDict()
        self._leads_kept = 0

    async def beginning(self, campaign: Campaign) -> LeadReading:
        """A reading without leads, behind which whatever changes from now on stands."""
        tip = self._tips.get(campaign.id)
        if tip is not None:
            return tip
        return await self._shared.read(
            (campaign.id, "now"), campaign.organization_id, lambda: self._begin(campaign)
        )

    async def behind(self, campaign: Campaign, place: Cursor, *, live: bool) -> LeadReading:
        """What stands behind a place; raises `WatchTooSlow` if a live watcher fell behind."""
        key, kept = (campaign.id, place), self._kept_of(campaign.id, place)
        if kept is not None and (
            kept.told or kept.generation == self._changes.generation(campaign.id)
        ):
            return kept
        if live and not self.at_tip(campaign.id, place):
            raise WatchTooSlow
        return await self._shared.read(
            key, campaign.organization_id, lambda: self._read(campaign, place)
        )

    def at_tip(self, campaign_id: str, place: Cursor) -> bool:
        """Whether nobody has been told more than who stands at this place."""
        tip = self._tips.get(campaign_id)
        return tip is not None and tip.place == place

    def forget(self, campaign_id: str) -> None:
        """Keep nothing of a campaign that nobody watches any more."""
        self._tips.pop(campaign_id, None)
        for key in [each for each in self._kept if each[0] == campaign_id]:
            self._drop(key)

    async def _begin(self, campaign: Campaign) -> LeadReading:
        generation = self._changes.generation(campaign.id)
        now = await self._feed.now(campaign.id)
        reading = await self._reading(campaign, now, generation)
        if self._changes.is_watched(campaign.id):
            return self._tips.setdefault(campaign.id, reading)
        return reading

    async def _read(self, campaign: Campaign, place: Cursor) -> LeadReading:
        tip = self._tips.get(campaign.id)
        if tip is not None and tip.place == place and not tip.followed.more:
            # What follows closely is told as one.
            await asyncio.sleep(tip.read_at + self._interval - time.monotonic())
        generation = self._changes.generation(campaign.id)
        followed = await self._whenever_possible(campaign.id, place)
        if (
            tip is not None
            and tip.followed.history == followed.history
            and not followed.more
            and followed.last < tip.place
        ):
            # All that is settled was told to both; from here on they go together. A tip of
            # another history stands nowhere in this one.
            followed = replace(followed, last=tip.place)
        reading = await self._reading(campaign, followed, generation)
        if not self._changes.is_watched(campaign.id):
            return reading
        self._keep((campaign.id, place), reading)
        self._move_tip(campaign.id, place, reading)
        if followed.unsettled:
            loop = asyncio.get_running_loop()
            loop.call_later(max(_TICK, self._interval), self._changes.wake, campaign.id)
        return reading

    def _move_tip(self, campaign_id: str, place: Cursor, reading: LeadReading) -> None:
        tip = self._tips.get(campaign_id)
        if tip is not None and tip.followed.history != reading.followed.history:
            del self._tips[campaign_id]
        elif (tip is None and not reading.followed.more) or self.at_tip(campaign_id, place):
            told = replace(reading.followed, leads=(), removed=())
            self._tips[campaign_id] = replace(reading, followed=told)

    async def _reading(
        self, campaign: Campaign, followed: FollowedLeads, generation: int
    ) -> LeadReading:
        rows = self._pages.changing(campaign)
        token = await self._tokens.token_at(followed.place, rows)
        return LeadReading(followed, token, generation, time.monotonic())

    async def _whenever_possible(self, campaign_id: str, place: Cursor) -> FollowedLeads:
        backoff = Backoff()
        while True:
            try:
                return await self._feed.after(campaign_id, place, limit=_PAGE)
            except Unavailable as error:
                log.warning("watch_delayed", campaign_id=campaign_id, reason=error.reason)
                await backoff.wait()

    def _kept_of(self, campaign_id: str, place: Cursor) -> LeadReading | None:
        kept = self._kept.get((campaign_id, place))
        if kept is not None and time.monotonic() - kept.read_at > _KEPT_FOR:
            self._drop((campaign_id, place))
            return None
        return kept

    def _keep(self, key: tuple[str, Cursor], reading: LeadReading) -> None:
        self._drop(key)
        self._kept[key] = reading
        self._leads_kept += _room(reading)
        while self._leads_kept > _MOST_KEPT:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[str, Cursor]) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._leads_kept -= _room(dropped)


def _room(reading: LeadReading) -> int:
    return 1 + reading.told
