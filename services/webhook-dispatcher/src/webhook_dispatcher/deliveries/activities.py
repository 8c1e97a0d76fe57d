"""What a delivery's workflow asks for: an attempt, and the end when no attempt succeeded."""

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from webhook_dispatcher.deliveries.attempts import Attempts
from webhook_dispatcher.deliveries.endpoint_shares import EndpointShares
from webhook_dispatcher.models import DeliveryState


class DeliveryActivities:
    def __init__(self, attempts: Attempts, *, at_once: int) -> None:
        self._attempts = attempts
        self._shares = EndpointShares(at_once)

    @activity.defn
    async def attempt_delivery(self, delivery_id: str) -> DeliveryState:
        """Post the event once; raises `ApplicationError` when another attempt is due.

        Temporal makes the next one, when it is due.
        """
        result = await self._attempts.make(delivery_id, shares=self._shares)
        if result.state is not DeliveryState.PENDING:
            return result.state
        raise ApplicationError(
            result.error,
            type="DELIVERY_FAILED",
            next_retry_delay=result.retry_after,
            category=ApplicationErrorCategory.BENIGN,
        )

    @activity.defn
    async def lapse_delivery(self, delivery_id: str) -> DeliveryState:
        """Give a delivery up, if it did not end otherwise."""
        return await self._attempts.lapse(delivery_id)
