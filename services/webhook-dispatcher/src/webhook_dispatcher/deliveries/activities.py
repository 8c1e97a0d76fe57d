"""What a delivery's workflow asks for: an attempt, and the end when no attempt succeeded."""

from typing import Protocol

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from webhook_dispatcher.deliveries.attempts import AttemptResult, Attempts
from webhook_dispatcher.limits.endpoint_shares import Places
from webhook_dispatcher.models import DeliveryState, Dispatch


class Followers(Protocol):
    """Who makes what the end of another delivery leaves the way to."""

    def follow(self, dispatch: Dispatch) -> None:
        """Have its first attempt made; nobody waits for that."""

    def look_for_more(self) -> None:
        """An endpoint is back: what waits for it is to be found."""


class DeliveryActivities:
    def __init__(self, attempts: Attempts, followers: Followers, *, at_once: int) -> None:
        self._attempts = attempts
        self._followers = followers
        self._places = Places(at_once)

    @activity.defn
    async def attempt_delivery(self, delivery_id: str) -> DeliveryState:
        """Post the event once; raises `ApplicationError` when another attempt is due.

        Temporal makes the next one, when it is due. One that is not due before others have ended
        stays pending without a workflow.
        """
        result = await self._attempts.make(delivery_id, places=self._places)
        if result.parked or result.state is not DeliveryState.PENDING:
            return self._ended(result)
        self._go_on(result)
        raise ApplicationError(
            result.error,
            type="DELIVERY_FAILED",
            next_retry_delay=result.retry_after,
            category=ApplicationErrorCategory.BENIGN,
        )

    @activity.defn
    async def lapse_delivery(self, delivery_id: str) -> DeliveryState:
        """Give a delivery up, if it did not end otherwise."""
        return self._ended(await self._attempts.lapse(delivery_id))

    def _ended(self, result: AttemptResult) -> DeliveryState:
        self._go_on(result)
        if result.endpoint_is_back:
            self._followers.look_for_more()
        return result.state

    def _go_on(self, result: AttemptResult) -> None:
        if result.next is not None:
            self._followers.follow(result.next)
