"""One event to one endpoint that did not land at once, until it lands or lapses."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from webhook_dispatcher.deliveries.activities import DeliveryActivities
    from webhook_dispatcher.deliveries.retry_schedule import FACTOR
    from webhook_dispatcher.models import DeliveryState

TASK_QUEUE = "webhook-delivery"

_RECORDING_TIMEOUT = timedelta(seconds=20)
_RECORDED_WITHIN = timedelta(days=30)


def delivery_workflow_id(event_id: str, endpoint_id: str) -> str:
    """Made from ids, so that delivering twice is delivering once."""
    return f"delivery/{event_id}/{endpoint_id}"


@dataclass(frozen=True, kw_only=True)
class DeliveryInput:
    """Which delivery, and how patiently. All durations are real time."""

    delivery_id: str
    attempt_timeout_milliseconds: int
    """One whole attempt, its record included; a lost worker is noticed after that long."""
    first_retry_milliseconds: int
    longest_retry_milliseconds: int
    lapse_after_milliseconds: int


@workflow.defn(name="Delivery")
class DeliveryWorkflow:
    """One activity does it all: its retry policy is the schedule of attempts.

    A delivery that is not to be sent yet ends it as pending; another one is started when it is.
    """

    @workflow.run
    async def run(self, delivery: DeliveryInput) -> DeliveryState:
        first_retry = timedelta(milliseconds=delivery.first_retry_milliseconds)
        while True:
            try:
                return await workflow.execute_activity_method(
                    DeliveryActivities.attempt_delivery,
                    delivery.delivery_id,
                    start_to_close_timeout=timedelta(
                        milliseconds=delivery.attempt_timeout_milliseconds
                    ),
                    schedule_to_close_timeout=timedelta(
                        milliseconds=delivery.lapse_after_milliseconds
                    ),
                    retry_policy=RetryPolicy(
                        initial_interval=first_retry,
                        maximum_interval=timedelta(
                            milliseconds=delivery.longest_retry_milliseconds
                        ),
                        backoff_coefficient=FACTOR,
                    ),
                )
            except ActivityError as error:
                state = await workflow.execute_activity_method(
                    DeliveryActivities.lapse_delivery,
                    delivery.delivery_id,
                    start_to_close_timeout=_RECORDING_TIMEOUT,
                    schedule_to_close_timeout=_RECORDED_WITHIN,
                )
                if state is not DeliveryState.PENDING:
                    return state
                # It had too few attempts yet: its endpoint was crowded, or asked for long pauses.
                # What it is to wait may be longer than what an activity had left: it ended at once.
                if workflow.patched("waits-before-it-goes-on"):
                    await workflow.sleep(_asked_for(error) or first_retry)


def _asked_for(error: ActivityError) -> timedelta | None:
    """What the last attempt was to be followed by; None if it was lost."""
    return error.cause.next_retry_delay if isinstance(error.cause, ApplicationError) else None
