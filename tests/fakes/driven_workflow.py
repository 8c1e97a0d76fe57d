"""A workflow's own code on the SDK's own engine, without a server: thousands of weeks in a second.

The driver does what Temporal and a worker do between them: it activates the workflow's
instance, takes its commands, fires its timers, runs its activities with their retries, and
delivers what happens from outside, in the order of a clock that jumps. It knows nothing of
any workflow. Activities run to their end in one moment and answer `latency` later, so that
what happens from outside can come between an effect and its answer.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

import temporalio.bridge.proto.workflow_completion as bridge
from servicekit.errors import NotYet, ServiceError
from servicekit.temporal.bugs import Bug, ended_by, is_bug
from servicekit.temporal.converter import CONVERTER
from temporalio import common, workflow
from temporalio import exceptions as temporal_errors
from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto import activity_result, workflow_activation, workflow_commands
from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker._workflow_instance import WorkflowInstanceDetails

Job = workflow_activation.WorkflowActivationJob
Run = Callable[[Callable[..., Any], Any], Any]
"""Runs an activity to its end: its function and its input."""

LATENCY = timedelta(seconds=1)
RETRY = timedelta(seconds=30)
LONG = timedelta(minutes=5)
_CONVERTER = CONVERTER.payload_converter
_FAILURES = CONVERTER.failure_converter


class Broken(AssertionError):
    """The workflow's code raised, or did not come to an end."""


@dataclass
class _Scheduled:
    """An activity that has not been resolved."""

    command: workflow_commands.ScheduleActivity
    expires_at: datetime | None
    bugs: int = 0
    answer: Job | None = None
    turn: int = 0
    """Which of its attempts is the next one; those that were to come before it do not."""


@dataclass
class DrivenWorkflow:
    """One run from its start to its result."""

    definition: type
    argument: Any
    activities: Mapping[str, Callable[..., Any]]
    run_activity: Run
    now: datetime
    result: Any = None
    ended: bool = False
    quiet: Callable[[], None] = lambda: None
    """Called before the clock jumps by more than `LONG`: nothing is under way then."""
    lost: frozenset[int] = frozenset()
    """Which attempts, counted from 1, take effect without an answer: the worker died."""
    ends_after_bugs: Callable[[str], int | None] = lambda _: None
    """After how many bugs an activity ends, by its type; None where it is tried again."""
    is_bug: Callable[[str, BaseException], bool] = lambda _, error: is_bug(error)
    """Whether nobody foresaw what an activity raised, by its type."""
    unheard: list[str] = field(default_factory=list)
    """What asyncio says of errors that nobody asked for."""
    _attempts: int = 0
    _events: list[tuple[datetime, int, Callable[[], list[Job]]]] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)
    _timers: set[int] = field(default_factory=set)
    _scheduled: dict[int, _Scheduled] = field(default_factory=dict)

    def at(self, moment: datetime, happens: Callable[[], list[Job]]) -> None:
        """Have something happen, which comes to jobs for the workflow."""
        heapq.heappush(self._events, (max(moment, self.now), next(self._numbers), happens))

    def signal(self, moment: datetime, name: str, *arguments: Any) -> None:
        payloads = [_CONVERTER.to_payload(argument) for argument in arguments]
        job = Job(
            signal_workflow=workflow_activation.SignalWorkflow(
                signal_name=name, input=payloads, originating_event_id=1
            )
        )
        self.at(moment, lambda: [job])

    def cancel(self, moment: datetime) -> None:
        self.at(moment, lambda: [Job(cancel_workflow=workflow_activation.CancelWorkflow())])

    def until_ended(self, *, most: int = 3_000) -> Any:
        """Drive it to its result; Broken if that takes more than `most` events."""
        instance = asyncio.run(self._instance())
        self._activate(instance, [self._start()])
        for _ in range(most):
            if self.ended:
                return self.result
            if not self._events:
                raise Broken("nothing will ever happen to it any more")
            if self._events[0][0] - self.now > LONG:
                self.quiet()
            self.now, _, happens = heapq.heappop(self._events)
            jobs = happens()
            if jobs:
                self._activate(instance, jobs)
        raise Broken("it does not end")

    def _activate(self, instance: Any, jobs: list[Job]) -> None:
        activation = workflow_activation.WorkflowActivation(run_id="run", jobs=jobs)
        activation.timestamp.FromDatetime(self.now)
        completion: bridge.WorkflowActivationCompletion = instance.activate(activation)
        if completion.HasField("failed"):
            raise Broken(completion.failed.failure)
        for command in completion.successful.commands:
            self._obey(command)

    def _obey(self, command: workflow_commands.WorkflowCommand) -> None:
        match command.WhichOneof("variant"):
            case "start_timer":
                self._start_timer(command.start_timer)
            case "cancel_timer":
                self._timers.discard(command.cancel_timer.seq)
            case "schedule_activity":
                self._schedule(command.schedule_activity)
            case "request_cancel_activity":
                self._cancel_activity(command.request_cancel_activity.seq)
            case "complete_workflow_execution":
                hints = get_type_hints(self.definition.run)  # type: ignore[attr-defined]
                payload = command.complete_workflow_execution.result
                self.result = _CONVERTER.from_payload(payload, hints["return"])
                self.ended = True
            case "fail_workflow_execution":
                raise Broken(command.fail_workflow_execution.failure)
            case "set_patch_marker" | "upsert_workflow_search_attributes":
                pass
            case other:
                raise Broken(f"the driver does not know the command {other}")

    def _start_timer(self, timer: workflow_commands.StartTimer) -> None:
        self._timers.add(timer.seq)

        def fires() -> list[Job]:
            if timer.seq not in self._timers:
                return []
            self._timers.remove(timer.seq)
            return [Job(fire_timer=workflow_activation.FireTimer(seq=timer.seq))]

        self.at(self.now + timer.start_to_fire_timeout.ToTimedelta(), fires)

    # --- Activities ---------------------------------------------------------------

    def _schedule(self, command: workflow_commands.ScheduleActivity) -> None:
        whole = command.schedule_to_close_timeout
        expires_at = self.now + whole.ToTimedelta() if whole.ToTimedelta() else None
        self._scheduled[command.seq] = _Scheduled(command=command, expires_at=expires_at)
        self._attempt_at(self.now + LATENCY, command.seq)

    def wake(self) -> None:
        """Have whatever waits for its next attempt make it now, as a reset of an activity does."""
        for seq, scheduled in self._scheduled.items():
            if scheduled.answer is None:
                self._attempt_at(self.now, seq)

    def _attempt_at(self, moment: datetime, seq: int) -> None:
        scheduled = self._scheduled[seq]
        scheduled.turn += 1
        turn = scheduled.turn
        self.at(moment, lambda: self._attempt(seq, turn))

    def _attempt(self, seq: int, turn: int) -> list[Job]:
        """One attempt now; its answer comes later, and so does the next attempt."""
        scheduled = self._scheduled.get(seq)
        if scheduled is None or scheduled.turn != turn:
            return []
        function = self.activities[scheduled.command.activity_type]
        argument = _CONVERTER.from_payload(
            scheduled.command.arguments[0], _input_of(getattr(function, "__func__", function))
        )
        self._attempts += 1
        try:
            result = self.run_activity(function, argument)
            if self._attempts in self.lost:
                return self._try_again(seq, scheduled, RETRY)
        except ServiceError as error:
            if self.is_bug(scheduled.command.activity_type, error):
                return self._after_bug(seq, scheduled, error)
            if error.retried:
                delay = error.retry_after if isinstance(error, NotYet) else None
                return self._try_again(seq, scheduled, delay or RETRY)
            self._answer_with(seq, scheduled, error)
        except AssertionError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a bug
            return self._after_bug(seq, scheduled, error)
        else:
            completed = activity_result.Success(result=_CONVERTER.to_payload(result))
            scheduled.answer = _resolved(
                seq, activity_result.ActivityResolution(completed=completed)
            )
            self.at(self.now + LATENCY, lambda: self._resolve(seq))
        return []

    def _after_bug(self, seq: int, scheduled: _Scheduled, error: Exception) -> list[Job]:
        """As the interceptor of a worker has it."""
        scheduled.bugs += 1
        name = scheduled.command.activity_type
        most = self.ends_after_bugs(name)
        if most is None or scheduled.bugs < most:
            # The longest pause: that many attempts take the longest time.
            pause = scheduled.command.retry_policy.maximum_interval.ToTimedelta()
            return self._try_again(seq, scheduled, pause)
        bug = Bug(
            activity=name,
            workflow_type=self.definition.__name__,
            workflow_id="driven",
            times=scheduled.bugs,
            trace_id="7f",
            error=error,
        )
        self._answer_with(seq, scheduled, ended_by(bug))
        return []

    def _try_again(self, seq: int, scheduled: _Scheduled, delay: timedelta) -> list[Job]:
        if scheduled.expires_at is not None and self.now + delay >= scheduled.expires_at:
            timeout = temporal_errors.TimeoutError(
                "its turn never came",
                type=temporal_errors.TimeoutType.SCHEDULE_TO_CLOSE,
                last_heartbeat_details=[],
            )
            self._answer_with(seq, scheduled, timeout, at=scheduled.expires_at)
        else:
            self._attempt_at(self.now + delay, seq)
        return []

    def _answer_with(
        self, seq: int, scheduled: _Scheduled, error: BaseException, *, at: datetime | None = None
    ) -> None:
        failed = activity_result.Failure(failure=_activity_failure(scheduled, error))
        scheduled.answer = _resolved(seq, activity_result.ActivityResolution(failed=failed))
        self.at(at or self.now + LATENCY, lambda: self._resolve(seq))

    def _resolve(self, seq: int) -> list[Job]:
        scheduled = self._scheduled.pop(seq, None)
        return [] if scheduled is None or scheduled.answer is None else [scheduled.answer]

    def _cancel_activity(self, seq: int) -> None:
        """At once, unless the workflow wants to wait for an attempt that is under way."""
        scheduled = self._scheduled.get(seq)
        if scheduled is None:
            # Its answer came with what it was cancelled for: the engine drops such a command.
            return
        waits = workflow_commands.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
        if scheduled.command.cancellation_type == waits and scheduled.answer is not None:
            return
        failure = _activity_failure(scheduled, temporal_errors.CancelledError("cancelled"))
        cancelled = activity_result.Cancellation(failure=failure)
        scheduled.answer = _resolved(seq, activity_result.ActivityResolution(cancelled=cancelled))
        self.at(self.now, lambda: self._resolve(seq))

    # --- The instance -------------------------------------------------------------

    def _start(self) -> Job:
        start = workflow_activation.InitializeWorkflow(
            workflow_type=self.definition.__name__,
            workflow_id="driven",
            arguments=[_CONVERTER.to_payload(self.argument)],
            randomness_seed=1,
            attempt=1,
        )
        return Job(initialize_workflow=start)

    async def _instance(self) -> Any:
        # It wants to be made where a loop runs, and brings its own afterwards.
        instance: Any = UnsandboxedWorkflowRunner().create_instance(self._details())
        # What an activity raised, and nobody asked for, is told when it is collected; that may be
        # while pytest parses a module, and CPython 3.11 cannot parse the traceback meanwhile.
        unheard = self.unheard
        instance.set_exception_handler(lambda _, context: unheard.append(context["message"]))
        return instance

    def _details(self) -> WorkflowInstanceDetails:
        definition = workflow._Definition.must_from_class(self.definition)
        info = workflow.Info(
            attempt=1,
            continued_run_id=None,
            cron_schedule=None,
            execution_timeout=None,
            first_execution_run_id="run",
            headers={},
            namespace="default",
            original_execution_run_id="run",
            parent=None,
            root=None,
            priority=common.Priority.default,
            raw_memo={},
            retry_policy=None,
            run_id="run",
            run_timeout=None,
            search_attributes={},
            start_time=self.now,
            workflow_start_time=self.now,
            task_queue="driven",
            task_timeout=timedelta(seconds=10),
            typed_search_attributes=common.TypedSearchAttributes.empty,
            workflow_id="driven",
            workflow_type=definition.name or "",
        )
        return WorkflowInstanceDetails(
            payload_converter_factory=CONVERTER._new_payload_converter,
            failure_converter_class=CONVERTER.failure_converter_class,
            interceptor_classes=[],
            defn=definition,
            info=info,
            randomness_seed=1,
            extern_functions={},
            disable_eager_activity_execution=True,
            worker_level_failure_exception_types=[],
            patch_activation_callback=None,
            last_completion_result=Payloads(),
            last_failure=None,
        )


@cache
def _input_of(function: Callable[..., Any]) -> Any:
    """The type of an activity's only argument; thousands of attempts ask."""
    (hint,) = [each for name, each in get_type_hints(function).items() if name != "return"]
    return hint


def _resolved(seq: int, result: activity_result.ActivityResolution) -> Job:
    return Job(resolve_activity=workflow_activation.ResolveActivity(seq=seq, result=result))


def _activity_failure(scheduled: _Scheduled, cause: BaseException) -> Failure:
    command = scheduled.command
    error = temporal_errors.ActivityError(
        "activity",
        scheduled_event_id=1,
        started_event_id=2,
        identity="driver",
        activity_type=command.activity_type,
        activity_id=command.activity_id,
        retry_state=temporal_errors.RetryState.TIMEOUT,
    )
    error.__cause__ = cause
    failure = Failure()
    _FAILURES.to_failure(error, _CONVERTER, failure)
    return failure
