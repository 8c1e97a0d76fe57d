"""One attempt to deliver, recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from servicekit.clock import Clock
from servicekit.telemetry import logs

from webhook_dispatcher.deliveries.delivery_repository import DeliveryRepository, Parcel
from webhook_dispatcher.endpoints.endpoint_repository import EndpointRepository
from webhook_dispatcher.endpoints.secret_box import SecretBox
from webhook_dispatcher.http.sender import Answer, Sender
from webhook_dispatcher.http.signature import signed_headers
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Attempt, DeliveryState

log = logs.get_logger(__name__)


def _real_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """Where an attempt leaves its delivery; while that is pending, another one is due."""

    state: DeliveryState
    error: str = ""
    retry_after: timedelta | None = None
    """How long the receiver asks to be left alone."""


class Attempts:
    """Safe to repeat: a delivery that has ended is not sent again.

    An attempt whose record was lost is made again, under the same `webhook-id`.
    """

    def __init__(
        self,
        *,
        deliveries: DeliveryRepository,
        endpoints: EndpointRepository,
        sender: Sender,
        secrets: SecretBox,
        metrics: Metrics,
        clock: Clock,
        real_now: Callable[[], datetime] = _real_now,
    ) -> None:
        self._deliveries = deliveries
        self._endpoints = endpoints
        self._sender = sender
        self._secrets = secrets
        self._metrics = metrics
        self._clock = clock
        self._real_now = real_now

    async def make(self, delivery_id: str) -> Attempted:
        """Post the event once and record what came of it."""
        parcel = await self._deliveries.parcel(delivery_id)
        if parcel.state is not DeliveryState.PENDING:
            return Attempted(state=parcel.state)
        if not parcel.listens or parcel.secret is None:
            return Attempted(state=await self._end(delivery_id, DeliveryState.DROPPED))
        attempted_at = self._clock.now()
        answer = await self._post(parcel, self._secrets.open(parcel.secret))
        attempt = Attempt(
            number=0,  # the row counts
            attempted_at=attempted_at,
            latency=answer.latency,
            status_code=answer.status_code,
            error=answer.error,
        )
        wanted = _state_after(answer)
        state = await self._deliveries.record(
            delivery_id, attempt, state=wanted, now=self._clock.now()
        )
        if answer.gone:
            await self._disable(parcel.endpoint_id)
        if state is DeliveryState.PENDING:
            return Attempted(state=state, error=answer.error, retry_after=answer.retry_after)
        if state is wanted:  # else it was dropped meanwhile, and counted then
            self._metrics.deliveries.labels(state).inc()
        log.info(
            "delivery_ended",
            delivery_id=delivery_id,
            event_id=parcel.event_id,
            endpoint_id=parcel.endpoint_id,
            state=state,
        )
        return Attempted(state=state)

    async def lapse(self, delivery_id: str) -> DeliveryState:
        """Give a delivery up, if it did not end otherwise."""
        await self._end(delivery_id, DeliveryState.LAPSED)
        return (await self._deliveries.parcel(delivery_id)).state

    async def _post(self, parcel: Parcel, secret: str) -> Answer:
        headers = signed_headers(
            secret, event_id=parcel.event_id, body=parcel.payload, sent_at=self._real_now()
        )
        answer = await self._sender.post(parcel.url, body=parcel.payload, headers=headers)
        self._metrics.attempts.labels(_outcome(answer)).inc()
        self._metrics.attempt_duration.observe(answer.latency.total_seconds())
        return answer

    async def _end(self, delivery_id: str, state: DeliveryState) -> DeliveryState:
        if await self._deliveries.end(delivery_id, state, now=self._clock.now()):
            self._metrics.deliveries.labels(state).inc()
            log.warning("delivery_given_up", delivery_id=delivery_id, state=state)
        return state

    async def _disable(self, endpoint_id: str) -> None:
        dropped = await self._endpoints.disable(endpoint_id, now=self._clock.now())
        self._metrics.deliveries.labels(DeliveryState.DROPPED).inc(dropped)
        log.warning("endpoint_disabled", endpoint_id=endpoint_id, dropped=dropped)


def _state_after(answer: Answer) -> DeliveryState:
    if answer.accepted:
        return DeliveryState.DELIVERED
    return DeliveryState.DROPPED if answer.gone else DeliveryState.PENDING


def _outcome(answer: Answer) -> str:
    if answer.accepted:
        return "accepted"
    if answer.forbidden:
        return "forbidden"
    return "refused" if answer.status_code else "unanswered"
