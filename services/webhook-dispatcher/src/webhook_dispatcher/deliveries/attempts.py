"""One attempt to deliver, recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from servicekit.clock import Clock
from servicekit.telemetry import logs, metrics

from webhook_dispatcher.deliveries.delivery_repository import (
    DeliveryDetails,
    DeliveryRepository,
    Recorded,
)
from webhook_dispatcher.deliveries.endpoint_shares import EndpointShares
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.endpoints.request_headers import RequestHeaders, redacted
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.endpoints.secret_box import SecretUnreadable
from webhook_dispatcher.http.sender import UNSIGNED, Answer, Sender
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Attempt, AttemptOutcome, DeliveryState

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """Where an attempt leaves its delivery; while that is pending, another one is due."""

    state: DeliveryState
    error: str = ""
    retry_after: timedelta = timedelta(0)
    """When the next one is due, in real time."""


class Attempts:
    """Safe to repeat: a delivery that has ended is not sent again.

    An attempt whose record was lost is made again, under the same `webhook-id`.
    """

    def __init__(
        self,
        *,
        deliveries: DeliveryRepository,
        sender: Sender,
        request_headers: RequestHeaders,
        retries: RetrySchedule,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._sender = sender
        self._request_headers = request_headers
        self._retries = retries
        self._metrics = metrics
        self._clock = clock

    async def make(
        self, delivery_id: str, *, shares: EndpointShares | None = None
    ) -> AttemptResult:
        """Post the event once and record what came of it.

        Where the endpoint has used up its share nothing is posted, and nothing recorded.
        """
        details = await self._deliveries.details(delivery_id)
        if details.state is not DeliveryState.PENDING:
            return AttemptResult(state=details.state)
        if not details.listens or details.signing is None:
            return AttemptResult(state=await self._end(delivery_id, DeliveryState.DROPPED))
        if shares is None:
            return await self._make(delivery_id, details, details.signing)
        if not shares.take(details.endpoint_id):
            crowded = "Other events are under way to this endpoint."
            return AttemptResult(
                state=details.state, error=crowded, retry_after=self._retries.crowded()
            )
        try:
            return await self._make(delivery_id, details, details.signing)
        finally:
            shares.give_back(details.endpoint_id)

    async def _make(
        self, delivery_id: str, details: DeliveryDetails, signing: Signing
    ) -> AttemptResult:
        attempted_at = self._clock.now()
        if not details.attempts:
            lag = self._clock.real(attempted_at - details.created_at)
            self._metrics.first_attempt_lag.observe(max(0.0, lag.total_seconds()))
        answer, headers = await self._post(details, signing)
        attempt = Attempt(
            number=0,  # the row counts
            attempted_at=attempted_at,
            latency=answer.latency,
            status_code=answer.status_code,
            error=answer.error,
            request_headers=redacted(headers, signing=signing),
            response_headers=answer.headers,
            response_excerpt=answer.excerpt,
        )
        recorded = await self._record(delivery_id, details.endpoint_id, attempt, answer)
        if recorded.state is DeliveryState.PENDING:
            made = details.attempts - details.earlier_attempts + 1
            again = self._retries.after(made, answer.retry_after)
            return AttemptResult(state=recorded.state, error=answer.error, retry_after=again)
        if recorded.ended:  # else it had ended meanwhile, and was counted then
            self._metrics.deliveries.labels(recorded.state).inc()
        log.info(
            "delivery_ended",
            delivery_id=delivery_id,
            event_id=details.event_id,
            endpoint_id=details.endpoint_id,
            state=recorded.state,
        )
        return AttemptResult(state=recorded.state)

    async def _record(
        self, delivery_id: str, endpoint_id: str, attempt: Attempt, answer: Answer
    ) -> Recorded:
        now = self._clock.now()
        if not answer.gone:
            return await self._deliveries.record(
                delivery_id, attempt, state=state_after(answer), now=now
            )
        recorded = await self._deliveries.record_gone(
            delivery_id, attempt, endpoint_id=endpoint_id, now=now
        )
        self._metrics.deliveries.labels(DeliveryState.DROPPED).inc(recorded.dropped)
        log.warning("endpoint_disabled", endpoint_id=endpoint_id, dropped=recorded.dropped)
        return recorded

    async def lapse(self, delivery_id: str) -> DeliveryState:
        """Give a delivery up, if it did not end otherwise."""
        await self._end(delivery_id, DeliveryState.LAPSED)
        return (await self._deliveries.details(delivery_id)).state

    async def _post(
        self, details: DeliveryDetails, signing: Signing
    ) -> tuple[Answer, Mapping[str, str]]:
        """What came of it, and the headers that it was sent with."""
        headers: Mapping[str, str] = {}
        try:
            headers = self._request_headers.of(
                signing, event_id=details.event_id, body=details.payload
            )
        except (SecretUnreadable, ValueError) as error:
            # Nothing goes unsigned. Whoever looks sees why, and an operator can mend it.
            log.warning("delivery_not_signed", endpoint_id=details.endpoint_id, error=repr(error))
            answer = Answer(latency=timedelta(0), error=UNSIGNED)
        else:
            answer = await self._sender.post(details.url, body=details.payload, headers=headers)
        self._metrics.attempts.labels(outcome_of(answer)).inc()
        self._metrics.attempt_duration.observe(
            answer.latency.total_seconds(), exemplar=metrics.exemplar()
        )
        return answer, headers

    async def _end(self, delivery_id: str, state: DeliveryState) -> DeliveryState:
        if await self._deliveries.end(delivery_id, state, now=self._clock.now()):
            self._metrics.deliveries.labels(state).inc()
            log.warning("delivery_given_up", delivery_id=delivery_id, state=state)
        return state


def state_after(answer: Answer) -> DeliveryState:
    """Where an answer leaves a delivery; while that is pending it is tried again."""
    outcome = outcome_of(answer)
    match outcome:
        case AttemptOutcome.ACCEPTED:
            return DeliveryState.DELIVERED
        case AttemptOutcome.REFUSED:
            return DeliveryState.DROPPED if answer.gone else DeliveryState.PENDING
        case AttemptOutcome.UNANSWERED | AttemptOutcome.FORBIDDEN:
            # An address that leads elsewhere today may be mended tomorrow.
            return DeliveryState.PENDING
        case _:
            assert_never(outcome)


def outcome_of(answer: Answer) -> AttemptOutcome:
    """How a POST ended, as it is counted."""
    if answer.accepted:
        return AttemptOutcome.ACCEPTED
    if answer.forbidden:
        return AttemptOutcome.FORBIDDEN
    return AttemptOutcome.REFUSED if answer.status_code else AttemptOutcome.UNANSWERED
