"""servicekit.temporal.connection against a real server."""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from servicekit.clock import Clock
from servicekit.errors import BadInput, FieldViolation, NotYet, Unavailable
from servicekit.temporal import connection as temporal
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

FAST = Clock(datetime(2026, 1, 1, tzinfo=UTC), 10_000.0)


class QuotaUsedUp(NotYet):
    """Wait for the next hour."""

    reason = "QUOTA_USED_UP"


class Attempts:
    """An activity that fails with the given errors, then succeeds."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.fields: list[dict[str, Any]] = []

    @activity.defn(name="attempt")
    async def attempt(self) -> str:
        self.fields.append(dict(structlog.contextvars.get_contextvars()))
        if self._errors:
            raise self._errors.pop(0)
        return "done"


@workflow.defn(name="Attempting")
class Attempting:
    @workflow.run
    async def run(self) -> str:
        answer: str = await workflow.execute_activity(
            "attempt", start_to_close_timeout=timedelta(seconds=10)
        )
        return answer


class Long:
    """An activity whose first attempt takes long, and tells so or not."""

    def __init__(self, *, tells: bool) -> None:
        self._tells = tells
        self.attempts = 0

    @activity.defn(name="take_long")
    async def take_long(self) -> int:
        self.attempts += 1
        attempt = self.attempts
        if attempt == 1:
            async with temporal.beating() if self._tells else AsyncExitStack():
                await asyncio.sleep(2.5)
        return attempt


@workflow.defn(name="TakingLong")
class TakingLong:
    @workflow.run
    async def run(self) -> int:
        answer: int = await workflow.execute_activity(
            "take_long",
            start_to_close_timeout=timedelta(minutes=1),
            heartbeat_timeout=timedelta(seconds=1),
        )
        return answer


@pytest.fixture
def attempting(
    temporal_server: Any,
) -> Callable[[Attempts], Any]:
    """Runs the workflow once with these attempts, on a fast clock, and returns its result."""

    async def run(attempts: Attempts) -> Any:
        queue = f"queue-{uuid.uuid4()}"
        # Test modules are not importable by name: the sandbox takes this one as it is.
        plugin = temporal.new_plugin(FAST, passthrough_modules=[__name__.partition(".")[0]])
        client = await temporal.connect(plugin, environ=temporal_server.environ)
        async with (
            asyncio.timeout(20),
            temporal.worker(
                client, queue, workflows=[Attempting], activities=[attempts.attempt], pollers=2
            ),
        ):
            return await client.execute_workflow(Attempting.run, id=queue, task_queue=queue)

    return run


async def test_not_yet_is_retried_after_its_delay_on_the_clock(attempting: Any) -> None:
    """An hour's wait on a clock 10,000 times as fast takes a third of a second."""
    attempts = Attempts(QuotaUsedUp(retry_after=timedelta(hours=1)))
    begun_at = asyncio.get_running_loop().time()

    assert await attempting(attempts) == "done"

    assert asyncio.get_running_loop().time() - begun_at >= 0.36
    assert [fields["attempt"] for fields in attempts.fields] == [1, 2]


async def test_transient_errors_are_retried(attempting: Any) -> None:
    """`Unavailable` goes by the activity's own retry policy."""
    assert await attempting(Attempts(Unavailable())) == "done"


async def test_refusals_fail_at_once_and_tell_why(attempting: Any) -> None:
    """What can never be right is not retried; the reason and the fields come along."""
    attempts = Attempts(BadInput([FieldViolation("name", "is empty", "EMPTY")]))

    with pytest.raises(WorkflowFailureError) as failed:
        await attempting(attempts)

    assert isinstance(failed.value.cause, ActivityError)
    cause = failed.value.cause.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "INVALID_ARGUMENT"
    assert cause.non_retryable
    assert cause.details == (
        "INVALID_ARGUMENT",
        {},
        [{"field": "name", "description": "is empty", "reason": "EMPTY"}],
    )
    assert len(attempts.fields) == 1


async def test_activities_name_themselves_in_the_log(attempting: Any) -> None:
    """Lines logged by an activity carry the workflow, the activity and the attempt."""
    attempts = Attempts()
    await attempting(attempts)

    (fields,) = attempts.fields
    assert fields["workflow_id"].startswith("queue-")
    assert (fields["activity"], fields["attempt"]) == ("attempt", 1)


async def test_check_passes_when_the_server_answers(temporal_client: Client) -> None:
    """A readiness check of a server that is there says nothing."""
    await temporal.check(temporal_client)


async def test_connect_waits_for_the_server() -> None:
    """A service may start before Temporal: connecting goes on until it is told to stop."""
    connecting = asyncio.create_task(
        temporal.connect(
            temporal.new_plugin(Clock.real_time()), environ={"TEMPORAL_ADDRESS": "127.0.0.1:1"}
        )
    )

    done, _ = await asyncio.wait({connecting}, timeout=0.5)

    assert not done
    connecting.cancel()


async def test_sdk_metrics_are_read_with_conventional_names(temporal_server: Any) -> None:
    """The SDK's metrics come in Prometheus' form, counted in seconds and with `_total`."""
    sdk_metrics = temporal.SdkMetrics(tags={"service": "test"})
    client = await temporal.connect(
        temporal.new_plugin(Clock.real_time()),
        environ=temporal_server.environ,
        sdk_metrics=sdk_metrics,
    )
    with pytest.raises(RPCError):
        await client.get_workflow_handle("no such workflow").describe()

    text = (await sdk_metrics.read()).decode()

    samples = {
        sample.name: sample.labels
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["temporal_request_total"]["service"] == "test"
    buckets = {
        sample.labels["le"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "temporal_request_latency_seconds_bucket"
    }
    assert "0.025" in buckets


@pytest.mark.parametrize(("tells", "answered_by"), [(True, 1), (False, 2)])
async def test_an_activity_is_alive_as_long_as_it_beats(
    temporal_server: Any, *, tells: bool, answered_by: int
) -> None:
    """One that beats may take long; one that fell silent is tried again within its timeout."""
    queue = f"queue-{uuid.uuid4()}"
    plugin = temporal.new_plugin(FAST, passthrough_modules=[__name__.partition(".")[0]])
    client = await temporal.connect(plugin, environ=temporal_server.environ)
    long = Long(tells=tells)

    async with (
        asyncio.timeout(20),
        temporal.worker(
            client, queue, workflows=[TakingLong], activities=[long.take_long], pollers=2
        ),
    ):
        answer = await client.execute_workflow(TakingLong.run, id=queue, task_queue=queue)

    assert answer == answered_by
