"""What workflows send, too, leaves places to others, whatever one customer's endpoints do."""

import asyncio
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.exceptions import ApplicationError
from webhook_dispatcher.deliveries.activities import DeliveryActivities
from webhook_dispatcher.deliveries.delivery_repository import DeliveryDetails
from webhook_dispatcher.deliveries.retry_schedule import RetrySchedule
from webhook_dispatcher.deliveries.workflow_starter import WorkflowStarter
from webhook_dispatcher.metrics import Metrics
from webhook_dispatcher.models import Dispatch

from tests.unit.webhook_dispatcher.deliveries.test_every_attempt import (
    CLOCK,
    DETAILS,
    Rows,
    attempts_at,
)

AT_ONCE = 8


class Customers(Rows):
    """A delivery is of the endpoint and the organization in its id; the first one's hang."""

    def __init__(self) -> None:
        super().__init__()
        self.hang = asyncio.Event()
        self.hanging = 0

    async def details(self, delivery_id: str, **_: Any) -> DeliveryDetails:
        organization_id, endpoint_id, _number = delivery_id.split("/")
        return replace(DETAILS, organization_id=organization_id, endpoint_id=endpoint_id)

    async def spared(self, details: DeliveryDetails) -> bool:
        if details.organization_id == "org_a":
            self.hanging += 1
            await self.hang.wait()
        return False


async def test_one_customer_does_not_take_all_places() -> None:
    """Four endpoints of one hang, with two deliveries each: another one's is made meanwhile."""
    rows = Customers()
    slots = asyncio.Semaphore(AT_ONCE)
    async with attempts_at(rows) as attempts:
        activities = DeliveryActivities(attempts, Followers(), at_once=AT_ONCE)

        async def run(delivery_id: str) -> None:
            async with slots:
                try:
                    await activities.attempt_delivery(delivery_id)
                except ApplicationError:
                    return

        theirs = [
            asyncio.create_task(run(f"org_a/ep_{endpoint}/{number}"))
            for endpoint in range(4)
            for number in range(2)
        ]
        async with asyncio.timeout(5):
            await run("org_b/ep_b/1")
        made, hanging = len(rows.attempts), rows.hanging
        rows.hang.set()
        await asyncio.gather(*theirs)

    assert (made, hanging) == (1, 6)


class Followers:
    def follow(self, dispatch: Dispatch) -> None:
        """What is made room for is followed by nobody here."""

    def look_for_more(self) -> None:
        raise AssertionError("no endpoint was away")


class Temporal:
    def __init__(self) -> None:
        self.keys: list[str | None] = []

    async def start_workflow(self, *_: Any, priority: Any, **__: Any) -> None:
        self.keys.append(priority.fairness_key)


class Noted:
    async def workflows_started(self, *_: Any, **__: Any) -> None:
        pass


async def test_customers_take_turns() -> None:
    """However many endpoints one has, the worker's next attempt is as soon another one's."""
    temporal: Any = Temporal()
    repository: Any = Noted()
    starter = WorkflowStarter(
        repository,
        temporal=temporal,
        retries=RetrySchedule(CLOCK),
        metrics=Metrics(CollectorRegistry()),
        clock=CLOCK,
    )
    of = [("org_a", "ep_1"), ("org_a", "ep_2"), ("org_b", "ep_3"), ("", "ep_4")]

    dispatches = [Dispatch("dlv", "evt", endpoint, CLOCK.now()) for _, endpoint in of]
    await starter.start(
        [
            replace(each, organization_id=organization)
            for each, (organization, _) in zip(dispatches, of, strict=True)
        ]
    )

    assert temporal.keys == ["org_a", "org_a", "org_b", "ep_4"]
