"""One event to one endpoint that did not land at once, until it lands or lapses."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

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
                        initial_interval=timedelta(milliseconds=delivery.first_retry_milliseconds),
                        maximum_interval=timedelta(
                            milliseconds=delivery.longest_retry_milliseconds
                        ),
                        backoff_coefficient=FACTOR,
                    ),
                )
            except ActivityError:
                state = await workflow.execute_activity_method(
                    DeliveryActivities.lapse_delivery,
                    delivery.delivery_id,
                    start_to_close_timeout=_RECORDING_TIMEOUT,
                    schedule_to_close_timeout=_RECORDED_WITHIN,
                )
                if state is not DeliveryState.PENDING:
                    return state
                # It had too few attempts yet: its endpoint was crowded, or asked for long pauses.
