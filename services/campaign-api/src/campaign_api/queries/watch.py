"""The status of a campaign, streamed at every change."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from servicekit.backoff import Backoff
from servicekit.errors import Unavailable
from servicekit.postgres.listener import Listener
from servicekit.telemetry import logs

from campaign_api.errors import ShuttingDown
from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatus, CampaignStatuses

CHANNEL = "campaign_changed"

_RESTS_PER_READING = 4
_LONGEST_REST = 2.0

log = logs.get_logger(__name__)


class CampaignChanges:
    """Wakes everybody who waits for a change, from one connection that listens."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def listen(self, listener: Listener) -> None:
        """For ever. After a lost connection everybody looks again."""
        async for notification in listener:
            missed = notification.missed
            for campaign_id in [*self._waiting] if missed else [notification.payload]:
                for changed in self._waiting.get(campaign_id, ()):
                    changed.set()

    @contextmanager
    def of(self, campaign_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each change of the campaign while the block runs."""
        changed = asyncio.Event()
        self._waiting[campaign_id].add(changed)
        try:
            yield changed
        finally:
            self._waiting[campaign_id].discard(changed)
            if not self._waiting[campaign_id]:
                del self._waiting[campaign_id]


class CampaignWatch:
    """Streams where a campaign stands, at most once per `interval` of real time."""

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
        self._stopping = stopping
        self._metrics = metrics

    async def watch(self, campaign_id: str) -> AsyncIterator[CampaignStatus]:
        """The status at once and after every change, until the campaign has ended.

        Raises `ShuttingDown` when this process goes: another one goes on.
        """
        with self._changes.of(campaign_id) as changed, self._metrics.watchers.track_inprogress():
            status, rest = await self._timed(self._statuses.read(campaign_id))
            yield status
            while not status.ended:
                told_at = time.monotonic()
                await self._until(changed)
                # What follows closely is told as one.
                await self._pause(rest - (time.monotonic() - told_at))
                changed.clear()
                before = status
                status, rest = await self._timed(self._read_again(campaign_id))
                if status.tells_more_than(before):
                    yield status

    async def _timed(self, reading: Awaitable[CampaignStatus]) -> tuple[CampaignStatus, float]:
        """The status, and for how long not to read the next one.

        Counting a large campaign after each of its changes must not keep the
        database busy with nothing else.
        """
        begun_at = time.monotonic()
        status = await reading
        rest = (time.monotonic() - begun_at) * _RESTS_PER_READING
        return status, max(self._interval, min(rest, _LONGEST_REST))

    async def _read_again(self, campaign_id: str) -> CampaignStatus:
        """The status, also when the database is away for a while."""
        backoff = Backoff()
        while True:
            try:
                return await self._statuses.read(campaign_id)
            except Unavailable as error:
                log.warning("watch_delayed", campaign_id=campaign_id, reason=error.reason)
                await self._pause(backoff.following().total_seconds())

    async def _until(self, changed: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (changed, self._stopping)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._stopping.is_set():
            raise ShuttingDown

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0)):
                await self._stopping.wait()
        except TimeoutError:
            return
        raise ShuttingDown
