"""The schedule of attempts over days, in skipped time; and that old histories still replay."""

import sysconfig
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from servicekit.clock import Clock
from servicekit.ids import new_id
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.worker import run_worker
from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer
from webhook_dispatcher.deliveries.workflow import DeliveryInput, DeliveryWorkflow
from webhook_dispatcher.models import DeliveryState

HISTORIES = Path(__file__).parents[3] / "histories"
DAYS = DeliveryInput(
    delivery_id="dlv_1",
    attempt_timeout_milliseconds=20_000,
    first_retry_milliseconds=5_000,
    longest_retry_milliseconds=6 * 3600 * 1000,
    lapse_after_milliseconds=3 * 86400 * 1000,
)


class FakeAttempts:
    """A receiver that fails so many times, and asks once for a pause of its own.

    Its delivery is given up when that is asked for the first time, if not a few times later.
    """

    def __init__(
        self,
        failures: int,
        *,
        asked_after: int = 0,
        asked: timedelta = timedelta(hours=1),
        goes_on: int = 0,
    ) -> None:
        self.failures = failures
        self.asked_after = asked_after
        self.asked = asked
        self.goes_on = goes_on
        self.at: list[datetime] = []
        self.lapsed: list[str] = []

    @activity.defn(name="attempt_delivery")
    async def attempt_delivery(self, _delivery_id: str) -> DeliveryState:
        self.at.append(activity.info().started_time)
        if len(self.at) <= self.failures:
            asked = self.asked if len(self.at) == self.asked_after else None
            raise ApplicationError("no", next_retry_delay=asked)
        return DeliveryState.DELIVERED

    @activity.defn(name="lapse_delivery")
    async def lapse_delivery(self, delivery_id: str) -> DeliveryState:
        self.lapsed.append(delivery_id)
        return DeliveryState.PENDING if len(self.lapsed) <= self.goes_on else DeliveryState.LAPSED

    def waits(self) -> list[timedelta]:
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A Temporal in which waiting takes no time."""
    server = Path(sysconfig.get_path("scripts")) / "temporal-test-server"
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(server)
    ) as environment:
        yield environment.client


async def run(client: Client, attempts: FakeAttempts) -> DeliveryState:
    async with run_worker(
        client,
        "deliveries",
        workflows=[DeliveryWorkflow],
        activities=[attempts.attempt_delivery, attempts.lapse_delivery],
        grace=timedelta(seconds=1),
    ):
        return await client.execute_workflow(
            DeliveryWorkflow.run, DAYS, id=new_id("delivery"), task_queue="deliveries"
        )


async def test_three_days_of_patience(client: Client) -> None:
    """Attempts come three times as late each time, at most six hours apart, for three days."""
    attempts = FakeAttempts(failures=1000)

    state = await run(client, attempts)

    seconds = [round(wait.total_seconds()) for wait in attempts.waits()]
    assert seconds[:8] == [5, 15, 45, 135, 405, 1215, 3645, 10935]
    assert set(seconds[8:]) == {6 * 3600}
    assert timedelta(days=2, hours=18) < attempts.at[-1] - attempts.at[0] <= timedelta(days=3)
    assert state is DeliveryState.LAPSED
    assert attempts.lapsed == ["dlv_1"]


async def test_a_late_success_is_a_success(client: Client) -> None:
    """A receiver that is back after a day gets the event, and nothing is given up."""
    attempts = FakeAttempts(failures=10)

    state = await run(client, attempts)

    assert state is DeliveryState.DELIVERED
    assert len(attempts.at) == 11
    assert attempts.lapsed == []


async def test_an_asked_pause_replaces_the_interval(client: Client) -> None:
    """The pause that a receiver asks for is kept; afterwards the schedule goes on."""
    attempts = FakeAttempts(failures=3, asked_after=2)

    await run(client, attempts)

    seconds = [round(wait.total_seconds()) for wait in attempts.waits()]
    assert seconds[:2] == [5, 3600]


async def test_a_turn_after_the_last_attempt_is_waited_for(client: Client) -> None:
    """What has its turn later than its activity may wait asks again then, and not at once.

    It asked sixty times a second, for as long as that took.
    """
    attempts = FakeAttempts(failures=1, asked_after=1, asked=timedelta(days=5), goes_on=1)

    state = await run(client, attempts)

    assert state is DeliveryState.DELIVERED
    assert [wait >= timedelta(days=5) for wait in attempts.waits()] == [True]


@pytest.mark.parametrize(
    "name",
    [
        "delivery-delivered",
        "delivery-lapsed",
        "delivery-went-on-at-once",
        "delivery-waits-before-it-goes-on",
    ],
)
async def test_recorded_histories_replay(name: str) -> None:
    """Deliveries that are under way when this is deployed go on."""
    text = (HISTORIES / f"{name}.json").read_text()

    replayed = await Replayer(
        workflows=[DeliveryWorkflow], plugins=[new_plugin(Clock.real_time())]
    ).replay_workflow(WorkflowHistory.from_json(name, text))

    assert replayed.replay_failure is None
