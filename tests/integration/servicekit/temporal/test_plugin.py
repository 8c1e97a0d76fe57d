"""servicekit.temporal.plugin, around activities on a real server."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from servicekit.clock import Clock
from servicekit.errors import BadInput, FieldViolation, NotYet, Unavailable
from servicekit.temporal import connection as temporal
from servicekit.temporal.bugs import Bug, BugPolicy, bug_in, is_bug
from servicekit.temporal.plugin import new_plugin
from servicekit.temporal.worker import run_worker
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

FAST = Clock(datetime(2026, 1, 1, tzinfo=UTC), 10_000.0)


class QuotaUsedUp(NotYet):
    """Wait for the next hour."""

    reason = "QUOTA_USED_UP"


class Attempts:
    """An activity that fails with the given errors, then succeeds."""

    def __init__(self, *errors: Exception, beats: bool = False) -> None:
        self._errors = list(errors)
        self._beats = beats
        self.fields: list[dict[str, Any]] = []

    @activity.defn(name="attempt")
    async def attempt(self) -> str:
        self.fields.append(dict(structlog.contextvars.get_contextvars()))
        if self._beats:
            activity.heartbeat()
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


@pytest.fixture
def attempting(
    temporal_server: Any,
) -> Callable[[Attempts], Any]:
    """Runs the workflow once with these attempts, on a fast clock, and returns its result."""

    async def run(attempts: Attempts, bug_policy: BugPolicy | None = None) -> Any:
        queue = f"queue-{uuid.uuid4()}"
        # Test modules are not importable by name: the sandbox takes this one as it is.
        plugin = new_plugin(
            FAST, passthrough_modules=[__name__.partition(".")[0]], bug_policy=bug_policy
        )
        client = await temporal.connect(plugin, environ=temporal_server.environ)
        async with (
            asyncio.timeout(20),
            run_worker(
                client, queue, workflows=[Attempting], activities=[attempts.attempt], pollers=2
            ),
        ):
            return await client.execute_workflow(Attempting.run, id=queue, task_queue=queue)

    return run


class ThirdEnds:
    """An activity ends with its third bug."""

    def is_bug(self, _info: activity.Info, error: BaseException) -> bool:
        return is_bug(error)

    async def raised(self, bug: Bug) -> bool:
        return bug.times >= 3

    async def ended(self, info: activity.Info) -> None:
        """Not asked for here."""


async def test_bugs_are_counted_through_waits_and_beats(attempting: Any) -> None:
    """Waits between them are attempts and count for nothing; the count outlives each attempt."""
    wait = QuotaUsedUp(retry_after=timedelta(seconds=1))
    attempts = Attempts(KeyError("a"), wait, wait, KeyError("b"), wait, KeyError("c"), beats=True)

    with pytest.raises(WorkflowFailureError) as failed:
        await attempting(attempts, ThirdEnds())

    assert isinstance(failed.value.cause, ActivityError)
    bug = bug_in(failed.value.cause)
    assert bug is not None
    assert bug.activity == "attempt"
    assert len(attempts.fields) == 6


class Late:
    """Activities that are never heard of in time."""

    @activity.defn(name="hangs")
    async def hangs(self) -> None:
        await asyncio.Event().wait()

    @activity.defn(name="blocks")
    async def blocks(self) -> None:
        """Keep the whole process from working: the server hears of it when it is too late."""
        time.sleep(0.7)  # noqa: ASYNC251 - this is the fault


@workflow.defn(name="Waiting")
class Waiting:
    @workflow.run
    async def run(self, name: str) -> None:
        # A server that is kept from working takes an answer that comes too late: then once more.
        while True:
            await workflow.execute_activity(
                name,
                start_to_close_timeout=timedelta(milliseconds=100),
                retry_policy=RetryPolicy(
                    initial_interval=timedelta(milliseconds=1), backoff_coefficient=1.0
                ),
            )


@pytest.mark.parametrize("name", ["hangs", "blocks"])
async def test_what_only_ever_times_out_ends(temporal_server: Any, name: str) -> None:
    """The server tried it again for ever, and no policy of bugs heard of it."""
    queue, late = f"queue-{uuid.uuid4()}", Late()
    plugin = new_plugin(
        FAST, passthrough_modules=[__name__.partition(".")[0]], bug_policy=ThirdEnds()
    )
    client = await temporal.connect(plugin, environ=temporal_server.environ)
    async with (
        asyncio.timeout(30),
        run_worker(
            client, queue, workflows=[Waiting], activities=[late.hangs, late.blocks], pollers=2
        ),
    ):
        with pytest.raises(WorkflowFailureError) as failed:
            await client.execute_workflow(Waiting.run, name, id=queue, task_queue=queue)

    assert isinstance(failed.value.cause, ActivityError)
    bug = bug_in(failed.value.cause)
    assert bug is not None
    assert bug.activity == name


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """What an activity is given; another shape cannot be read as it."""

    number: int


class Serving:
    """Activities that fail before they begin, or after they have ended."""

    @activity.defn(name="takes_a_number")
    async def takes_a_number(self, given: Numbered) -> int:
        return given.number

    @activity.defn(name="answers_nonsense")
    async def answers_nonsense(self, given: Numbered) -> Any:
        return given.number + 1j


@workflow.defn(name="Asking")
class Asking:
    @workflow.run
    async def run(self, name: str, given: dict[str, Any]) -> int:
        answer: int = await workflow.execute_activity(
            name,
            given,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10)),
        )
        return answer


@pytest.fixture
async def asking(temporal_server: Any) -> AsyncIterator[Callable[[str, dict[str, Any]], Any]]:
    """Runs an activity by its name with that input, where the third bug ends it."""
    queue = f"queue-{uuid.uuid4()}"
    plugin = new_plugin(
        FAST, passthrough_modules=[__name__.partition(".")[0]], bug_policy=ThirdEnds()
    )
    client = await temporal.connect(plugin, environ=temporal_server.environ)
    serving = Serving()
    activities = [serving.takes_a_number, serving.answers_nonsense]

    async def run(name: str, given: dict[str, Any]) -> Any:
        return await client.execute_workflow(
            Asking.run, args=[name, given], id=f"{queue}/{name}", task_queue=queue
        )

    async with (
        asyncio.timeout(20),
        run_worker(client, queue, workflows=[Asking], activities=activities, pollers=2),
    ):
        yield run


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("nobody_knows_it", {"number": 1}),
        ("takes_a_number", {"count": 1}),
        ("answers_nonsense", {"number": 1}),
    ],
)
async def test_what_fails_outside_of_an_activity_is_counted_too(
    asking: Any, name: str, given: dict[str, Any]
) -> None:
    """An activity that is not registered, an input or a result that cannot be converted.

    They failed outside of the interceptors, and were tried again for ever.
    """
    with pytest.raises(WorkflowFailureError) as failed:
        await asking(name, given)

    assert isinstance(failed.value.cause, ActivityError)
    bug = bug_in(failed.value.cause)
    assert bug is not None
    assert bug.activity == name


async def test_an_activity_has_its_input_and_result_as_declared(asking: Any) -> None:
    """Converted where it is served, as the SDK would have done it."""
    assert await asking("takes_a_number", {"number": 7}) == 7


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
    assert cause.type == "INVALID_FIELDS"
    assert cause.non_retryable
    assert cause.details == (
        "INVALID_FIELDS",
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
