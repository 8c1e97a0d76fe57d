"""What callers do with replays and deliveries that have ended."""

from datetime import datetime, timedelta

from servicekit.postgres.pool import Pool
from servicekit.telemetry import logs

from webhook_dispatcher.database_clock import DatabaseClock
from webhook_dispatcher.deliveries.router import DeliveryRouter
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.errors import EndpointNotServed
from webhook_dispatcher.models import Delivery
from webhook_dispatcher.replays.models import Replay
from webhook_dispatcher.replays.replay_repository import ReplayRepository
from webhook_dispatcher.replays.resend_repository import ResendRepository

_NEXT = timedelta(microseconds=1)
"""The least by which one instant is behind another."""

log = logs.get_logger(__name__)


class ReplayControl:
    def __init__(
        self,
        replays: ReplayRepository,
        *,
        resends: ResendRepository,
        endpoints: EndpointRepository,
        router: DeliveryRouter,
        pool: Pool,
        clock: DatabaseClock,
    ) -> None:
        self._replays = replays
        self._resends = resends
        self._endpoints = endpoints
        self._router = router
        self._pool = pool
        self._clock = clock

    async def now(self) -> datetime:
        """When something is asked for, by the clock by which events are published."""
        return await self._clock.read(self._pool)

    async def published_before(self, organization_id: str, *, now: datetime) -> datetime:
        """Before when everything was published so far.

        That is now, or later where the database's clock was set back.
        """
        newest = await self._replays.newest(organization_id)
        return now if newest is None else max(now, newest + _NEXT)

    async def resend(self, organization_id: str, delivery_id: str) -> Delivery:
        """Have one delivery made again; raises what `ResendRepository.resend` does."""
        now = self._clock.now()
        resent = await self._resends.resend(organization_id, delivery_id, now=now)
        if resent.dispatch is not None:
            log.info("delivery_resent", delivery_id=delivery_id)
            await self._router.send_again([resent.dispatch])
        return resent.delivery

    async def create(self, replay: Replay) -> Replay:
        """Begin a replay; raises `EndpointNotFound`, `EndpointNotServed`, `RequestIdReused`."""
        endpoint = await self._endpoints.get(replay.organization_id, replay.endpoint_id)
        if endpoint.disabled_at is not None:
            raise EndpointNotServed
        kept = await self._replays.create(replay)
        log.info("replay_created", replay_id=kept.id, endpoint_id=kept.endpoint_id)
        return kept

    async def get(self, organization_id: str, replay_id: str) -> Replay:
        """Raises `ReplayNotFound`."""
        return await self._replays.get(organization_id, replay_id)

    async def cancel(self, organization_id: str, replay_id: str) -> Replay:
        """End a replay that runs; raises `ReplayNotFound`."""
        now = self._clock.now()
        return await self._replays.cancel(organization_id, replay_id, now=now)
