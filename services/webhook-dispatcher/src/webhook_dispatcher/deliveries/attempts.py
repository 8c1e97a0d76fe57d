"""One attempt to deliver, recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never

from servicekit.clock import Clock
from servicekit.telemetry import logs, metrics, traces

from webhook_dispatcher.channels.carrier import Carrier, Recipient
from webhook_dispatcher.deliveries.attempt_records import Recorded
from webhook_dispatcher.deliveries.delivery_repository import (
    DeliveryDetails,
    DeliveryRepository,
)
from webhook_dispatcher.deliveries.endpoint_failures import EndpointFailures
from webhook_dispatcher.deliveries.endpoint_limits import EndpointLimits
from webhook_dispatcher.deliveries.pending_repository import PendingDeliveryRepository
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.endpoints.request_headers import redacted
from webhook_dispatcher.endpoints.rows import Signing
from webhook_dispatcher.http.sender import FORGOTTEN, UNREADABLE, Answer
from webhook_dispatcher.limits.crowd import Crowd
from webhook_dispatcher.limits.endpoint_shares import Places
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Attempt, AttemptOutcome, DeliveryState, Dispatch

_LIMITED = "The endpoint is sent so many requests a minute; this one has its turn later."
_CROWDED = "Other events are under way to this endpoint."
_UNDER_WAY = "Another attempt at it is under way."

log = logs.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class AttemptResult:
    """Where an attempt leaves its delivery; while that is pending, another one is due."""

    state: DeliveryState
    error: str = ""
    retry_after: timedelta = timedelta(0)
    """When the next one is due, in real time."""
    parked: bool = False
    """It is not its turn, or its endpoint is spared or disabled: nobody waits for that."""
    next: Dispatch | None = None
    """What its end leaves the way to, or the room for."""
    crowded: bool = False
    """There was no room for it."""
    endpoint_is_back: bool = False
    """Its endpoint was spared until now: there may be others for it."""


class Attempts:
    """Safe to repeat: a delivery that has ended is not sent again.

    An attempt whose record was lost is made again, under the same `webhook-id`.
    """

    def __init__(
        self,
        *,
        deliveries: DeliveryRepository,
        pending: PendingDeliveryRepository,
        failures: EndpointFailures,
        limits: EndpointLimits,
        carrier: Carrier,
        retries: RetrySchedule,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._pending = pending
        self._failures = failures
        self._limits = limits
        self._carrier = carrier
        self._retries = retries
        self._metrics = metrics
        self._clock = clock
        self._under_way = set[str]()
        self._crowd = Crowd()

    async def make(self, delivery_id: str, *, places: Places | None = None) -> AttemptResult:
        """Post the event once and record what came of it.

        Where it is not its turn, or the endpoint has used up its limits, or it or its organization
        its share of the places, nothing is posted, and nothing recorded. Nor is it while this
        process is making another attempt at it.
        """
        if delivery_id in self._under_way:
            again = self._retries.crowded()
            return AttemptResult(state=DeliveryState.PENDING, error=_UNDER_WAY, retry_after=again)
        self._under_way.add(delivery_id)
        try:
            return await self._make_if_due(delivery_id, places)
        finally:
            self._under_way.discard(delivery_id)

    async def _make_if_due(self, delivery_id: str, places: Places | None) -> AttemptResult:
        details = await self._deliveries.details(delivery_id, now=self._clock.now())
        if details.deleted or details.disabled:
            self._crowd.forget(details.endpoint_id)
        if details.state is not DeliveryState.PENDING:
            return self._made_room(AttemptResult(state=details.state), details)
        if details.deleted or details.signing is None:
            return await self._given_up(delivery_id, details, DeliveryState.DROPPED)
        if details.disabled or details.blocked:
            return await self._park(delivery_id)
        if not self._limits.take(details):
            return self._crowded(delivery_id, details)
        try:
            result = await self._in_its_share(delivery_id, details, details.signing, places)
        finally:
            self._limits.give_back(details)
        return result if result.crowded else self._made_room(result, details)

    def _made_room(self, result: AttemptResult, details: DeliveryDetails) -> AttemptResult:
        """What follows in its subject has the room, or else who has waited longest."""
        if result.next is not None:
            return result
        return replace(result, next=self._crowd.first(details.endpoint_id))

    async def _in_its_share(
        self,
        delivery_id: str,
        details: DeliveryDetails,
        signing: Signing,
        places: Places | None,
    ) -> AttemptResult:
        if places is None:
            return await self._make(delivery_id, details, signing)
        if not places.take(details.endpoint_id, details.organization_id):
            return self._crowded(delivery_id, details)
        try:
            return await self._make(delivery_id, details, signing)
        finally:
            places.give_back(details.endpoint_id, details.organization_id)

    def _crowded(self, delivery_id: str, details: DeliveryDetails) -> AttemptResult:
        """It comes again later, or as soon as another one makes room here."""
        self._crowd.add(
            Dispatch(
                delivery_id,
                details.event_id,
                details.endpoint_id,
                details.created_at,
                numbered=details.number > 0,
                organization_id=details.organization_id,
            )
        )
        again = self._retries.crowded()
        return AttemptResult(state=details.state, error=_CROWDED, retry_after=again, crowded=True)

    async def _make(
        self, delivery_id: str, details: DeliveryDetails, signing: Signing
    ) -> AttemptResult:
        not_yet = await self._not_yet(delivery_id, details)
        if not_yet is not None:
            return not_yet
        attempted_at = self._clock.now()
        # Who wants to be sent so many a minute waits by their own wish.
        if not details.attempts and not details.max_per_minute:
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
        made = details.attempts - details.earlier_attempts + 1
        state = self._left_as(details, answer, made=made)
        recorded = await self._deliveries.record(
            delivery_id, attempt, details=details, state=state, now=self._clock.now()
        )
        # What we cannot open or sign, or hand to our mail server, is no fault of theirs.
        back = not answer.ours and await self._failures.note(details, answer)
        if recorded.state is DeliveryState.PENDING:
            if answer.gone:
                return await self._park(delivery_id)
            again = self._retries.after(made, answer.retry_after)
            return AttemptResult(state=recorded.state, error=answer.error, retry_after=again)
        self._tell_end(delivery_id, details, recorded)
        following = await self._next(details)
        return AttemptResult(state=recorded.state, next=following, endpoint_is_back=back)

    async def _not_yet(self, delivery_id: str, details: DeliveryDetails) -> AttemptResult | None:
        """What keeps it from being posted now; None if it is to be."""
        if await self._failures.spared(details):
            self._crowd.forget(details.endpoint_id)
            return await self._park(delivery_id)
        if details.circuit_open:
            # What is sent to see whether an endpoint is back comes seldom enough.
            return None
        # Asked last: whoever has taken its turn is posted.
        wait = await self._limits.until_turn(delivery_id, details)
        if not wait:
            return None
        if wait > self._retries.attempt_timeout:
            return await self._park(delivery_id)
        return AttemptResult(state=details.state, error=_LIMITED, retry_after=wait)

    def _left_as(self, details: DeliveryDetails, answer: Answer, *, made: int) -> DeliveryState:
        """Where an answer leaves a delivery after so many attempts."""
        state = state_after(answer)
        if state is not DeliveryState.PENDING:
            return state
        enough = details.forgotten or self._is_enough(details, made)
        return DeliveryState.LAPSED if enough else state

    def _tell_end(self, delivery_id: str, details: DeliveryDetails, recorded: Recorded) -> None:
        if recorded.ended:  # else it had ended meanwhile, and was counted then
            self._metrics.deliveries.labels(recorded.state).inc()
        # What lands is counted, and stands in its row.
        tell = log.debug if recorded.state is DeliveryState.DELIVERED else log.info
        tell(
            "delivery_ended",
            delivery_id=delivery_id,
            event_id=details.event_id,
            endpoint_id=details.endpoint_id,
            state=recorded.state,
        )

    async def lapse(self, delivery_id: str) -> AttemptResult:
        """Give a delivery up if it was tried for long enough, and did not end otherwise."""
        details = await self._deliveries.details(delivery_id, now=self._clock.now())
        if details.state is not DeliveryState.PENDING:
            return AttemptResult(state=details.state)
        if not self._is_enough(details, details.attempts - details.earlier_attempts):
            return AttemptResult(state=details.state)
        return await self._given_up(delivery_id, details, DeliveryState.LAPSED)

    def _is_enough(self, details: DeliveryDetails, attempts: int) -> bool:
        if details.first_attempted_at is None:
            return False
        within = self._clock.real(self._clock.now() - details.first_attempted_at)
        return self._retries.is_enough(attempts, within=within)

    async def _park(self, delivery_id: str) -> AttemptResult:
        """It stays pending, and nobody waits: it is found when it can go on."""
        await self._pending.park(delivery_id, now=self._clock.now())
        return AttemptResult(state=DeliveryState.PENDING, parked=True)

    async def _next(self, details: DeliveryDetails) -> Dispatch | None:
        """Whose turn it is at the endpoint after this one."""
        if not details.number:
            return None
        return await self._pending.next(details.endpoint_id, details.subject, after=details.number)

    async def _post(
        self, details: DeliveryDetails, signing: Signing
    ) -> tuple[Answer, Mapping[str, str]]:
        """What came of it, and the headers that it was sent with."""
        if not details.payload:
            # Whoever looks sees why. What cannot be opened is tried like any that failed.
            error = UNREADABLE if details.payload is None else FORGOTTEN
            log.warning("event_not_opened", event_id=details.event_id, error=error)
            self._metrics.attempts.labels(AttemptOutcome.UNANSWERED).inc()
            return Answer(latency=timedelta(0), error=error, ours=True), {}
        recipient = Recipient(
            url=details.url, channel=details.channel, form=details.payload_form, signing=signing
        )
        with traces.continued(details.trace):
            carried = await self._carrier.carry(
                recipient, event_id=details.event_id, payload=details.payload
            )
        answer = carried.answer
        self._metrics.attempts.labels(answer.outcome).inc()
        self._metrics.attempt_duration.observe(
            answer.latency.total_seconds(), exemplar=metrics.exemplar()
        )
        return answer, carried.headers

    async def _given_up(
        self, delivery_id: str, details: DeliveryDetails, state: DeliveryState
    ) -> AttemptResult:
        if await self._deliveries.end(delivery_id, state, now=self._clock.now()):
            self._metrics.deliveries.labels(state).inc()
            log.warning("delivery_given_up", delivery_id=delivery_id, state=state)
        return AttemptResult(state=state, next=await self._next(details))


def state_after(answer: Answer) -> DeliveryState:
    """Where an answer leaves a delivery; while that is pending it is tried again."""
    match answer.outcome:
        case AttemptOutcome.ACCEPTED:
            return DeliveryState.DELIVERED
        case AttemptOutcome.REFUSED | AttemptOutcome.UNANSWERED | AttemptOutcome.FORBIDDEN:
            # An address that leads elsewhere today may be mended tomorrow, and one that is gone is
            # disabled: whoever enables it gets what waits.
            return DeliveryState.PENDING
        case _:
            assert_never(answer.outcome)
