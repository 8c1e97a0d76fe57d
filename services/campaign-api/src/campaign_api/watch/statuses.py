"""The status of a campaign, streamed at every change; read once for all who watch it."""

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

from campaigns.errors import CampaignNotFound
from campaigns.models import Campaign
from servicekit.auth import require_theirs
from servicekit.backoff import Backoff
from servicekit.errors import Unavailable
from servicekit.telemetry import logs

from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatus, CampaignStatuses
from campaign_api.watch.changes import CampaignChanges, Waiter
from campaign_api.watch.shared_readings import SharedReadings

_RESTS_PER_READING = 4
_LONGEST_REST = 2.0
_FRESH = 2.0
"""Seconds; whoever comes later is not told what was read before the others last looked."""

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class _Reading:
    status: CampaignStatus
    generation: int
    read_at: float
    rests_until: float


class CampaignWatch:
    """Streams where campaigns stand, each read at most once per `interval` of real time.

    However many watch a campaign: who reads slowly misses what came in between, and is told the
    latest. Nothing is kept for them.
    """

    def __init__(
        self,
        statuses: CampaignStatuses,
        changes: CampaignChanges,
        *,
        interval: timedelta,
        stopping: asyncio.Event,
        metrics: Metrics,
    ) -> None:
        self._statuses = statuses
        self._changes = changes
        self._interval = interval.total_seconds()
        self._shared: SharedReadings[_Reading] = SharedReadings(stopping)
        self._latest: dict[str, _Reading] = {}
        self._metrics = metrics

    async def watch(self, campaign: Campaign) -> AsyncGenerator[CampaignStatus, None]:
        """The status at once and after every change, until the campaign has ended.

        Raises `ShuttingDown` when this process goes: another one goes on. Raises `CampaignNotFound`
        once the campaign is deleted, or has none of the caller's accounts any more.
        """
        try:
            with self._changes.of(campaign.id) as waiter, self._metrics.watchers.track_inprogress():
                async for status in self._statuses_of(campaign, waiter):
                    yield status
        finally:
            if not self._changes.is_watched(campaign.id):
                self._latest.pop(campaign.id, None)

    async def _statuses_of(
        self, campaign: Campaign, waiter: Waiter
    ) -> AsyncGenerator[CampaignStatus, None]:
        reading = await self._read(campaign, fresh=True)
        told: CampaignStatus | None = None
        while True:
            status = reading.status
            _require_visible(status.campaign)
            if told is None or status.tells_more_than(told):
                yield status
                told = status
            if status.ended:
                return
            await self._shared.unless_stopping(waiter.beyond(reading.generation))
            reading = await self._read(campaign)

    async def _read(self, campaign: Campaign, *, fresh: bool = False) -> _Reading:
        """What was read of this generation, by whomever; else what is read now for everybody."""
        latest = self._latest.get(campaign.id)
        if (
            latest is not None
            and latest.generation == self._changes.generation(campaign.id)
            and not (fresh and time.monotonic() - latest.read_at > _FRESH)
        ):
            return latest
        return await self._shared.read(
            campaign.id, campaign.organization_id, lambda: self._reading(campaign.id)
        )

    async def _reading(self, campaign_id: str) -> _Reading:
        """The status, and until when not to read the next one.

        What follows closely is told as one, and counting a large campaign after each of its changes
        must not keep the database busy with nothing else.
        """
        if (latest := self._latest.get(campaign_id)) is not None:
            await asyncio.sleep(latest.rests_until - time.monotonic())
        generation, begun_at = self._changes.generation(campaign_id), time.monotonic()
        status = await self._whenever_possible(campaign_id)
        read_at = time.monotonic()
        rest = max(self._interval, min((read_at - begun_at) * _RESTS_PER_READING, _LONGEST_REST))
        reading = _Reading(status, generation, read_at, read_at + rest)
        if self._changes.is_watched(campaign_id):
            self._latest[campaign_id] = reading
        return reading

    async def _whenever_possible(self, campaign_id: str) -> CampaignStatus:
        """The status, also when the database is away for a while."""
        backoff = Backoff()
        while True:
            try:
                return await self._statuses.read(campaign_id)
            except Unavailable as error:
                log.warning("watch_delayed", campaign_id=campaign_id, reason=error.reason)
                await backoff.wait()


def _require_visible(campaign: Campaign) -> None:
    require_theirs(campaign.organization_id, CampaignNotFound, account_ids=campaign.account_ids)
    if campaign.deleted_at is not None:
        raise CampaignNotFound
