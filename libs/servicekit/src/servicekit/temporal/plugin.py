"""What clients, workers and replayers share, in one plugin of the SDK."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio import activity
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.plugin import SimplePlugin
from temporalio.service import ConnectConfig, ServiceClient
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from servicekit.clock import Clock
from servicekit.errors import NotYet, ServiceError
from servicekit.rehearsals.temporal import LookingClient
from servicekit.telemetry import logs
from servicekit.telemetry import traces as telemetry
from servicekit.telemetry.quiet_tracer import QuietTracer
from servicekit.temporal import bugs
from servicekit.temporal.attempt_metrics import AttemptMetrics
from servicekit.temporal.attempts import (
    UNCOUNTED,
    CountKept,
    Counts,
    LateAttempts,
    NeverHeardOf,
    going_on,
    in_time,
)
from servicekit.temporal.bugs import Bug, BugPolicy
from servicekit.temporal.converter import CONVERTER
from servicekit.temporal.payload_codec import payload_codec
from servicekit.temporal.principals import Principals


def new_plugin(
    clock: Clock,
    *,
    passthrough_modules: Sequence[str] = (),
    name: str = "servicekit",
    bug_policy: BugPolicy | None = None,
    metrics: AttemptMetrics | None = None,
    environ: Mapping[str, str] = os.environ,
) -> SimplePlugin:
    """What clients, workers and replayers share.

    The converter, with the codec that the environment asks for (see `payload_codec`), tracing when
    spans are exported, who asked, errors of our tree as `ApplicationError`, log fields, and modules
    the workflow sandbox does not load anew.
    `bug_policy` decides about activities that raise what belongs to no class of errors; without
    one they are tried again by their retry policy. `metrics` counts attempts.
    """
    activities = ActivityInterceptor(clock, bug_policy=bug_policy, metrics=metrics)
    interceptors: list[Any] = [activities, Principals()]
    if telemetry.exporting():
        interceptors.insert(0, TracingInterceptor(QuietTracer("servicekit.temporal")))
    return _Plugin(
        name,
        data_converter=replace(CONVERTER, payload_codec=payload_codec(environ)),
        interceptors=interceptors,
        workflow_runner=lambda runner: _passing_through(runner, passthrough_modules),
    )


class _Plugin(SimplePlugin):
    """A client of it only looks while a call is rehearsed."""

    async def connect_service_client(
        self,
        config: ConnectConfig,
        next: Callable[[ConnectConfig], Awaitable[ServiceClient]],  # noqa: A002 - the SDK's name
    ) -> ServiceClient:
        return LookingClient(await super().connect_service_client(config, next))


def _passing_through(runner: WorkflowRunner | None, modules: Sequence[str]) -> WorkflowRunner:
    if runner is not None and not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    restrictions = runner.restrictions if runner else SandboxRestrictions.default
    return SandboxedWorkflowRunner(
        restrictions=restrictions.with_passthrough_modules("servicekit", *modules)
    )


def to_application_error(
    error: ServiceError, clock: Clock, *, retried: bool = False
) -> ApplicationError:
    """The failure Temporal sees: typed by reason, retried or not as its class or `retried` says.

    Its details are the reason, the metadata, and the violations as
    `{field, description, reason}`. Its retry comes after `retry_after`, in real time.
    """
    delay = None
    if error.retry_after is not None:
        # A delay of nothing would mean: by the activity's own retry policy.
        delay = max(clock.real(error.retry_after), timedelta(milliseconds=1))
    return ApplicationError(
        error.message,
        error.reason,
        dict(error.metadata),
        [
            {"field": wrong.field, "description": wrong.description, "reason": wrong.reason}
            for wrong in error.violations
        ],
        type=error.reason,
        non_retryable=not (error.retried or retried),
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN
        if isinstance(error, NotYet)
        else ApplicationErrorCategory.UNSPECIFIED,
    )


class ActivityInterceptor(Interceptor):
    """Every activity: names itself in the log, and fails as its error's class says."""

    def __init__(
        self,
        clock: Clock,
        *,
        bug_policy: BugPolicy | None = None,
        metrics: AttemptMetrics | None = None,
    ) -> None:
        self._clock = clock
        self._bug_policy = bug_policy
        self._metrics = metrics
        self._late = LateAttempts()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        inbound = _ActivityInbound(next, self._clock, self._bug_policy, self._late)
        return inbound if self._metrics is None else _Counted(inbound, self._metrics)


class _Counted(ActivityInboundInterceptor):
    """Counts how one attempt ended, whichever way that is."""

    def __init__(self, following: ActivityInboundInterceptor, metrics: AttemptMetrics) -> None:
        super().__init__(following)
        self._metrics = metrics

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        name = activity.info().activity_type
        try:
            result = await super().execute_activity(input)
        except BaseException as error:
            # What the failure was made of says what it is; the failure says what Temporal does.
            cause = error.__cause__ if isinstance(error, ApplicationError) else None
            self._metrics.ended(name, cause or error)
            raise
        self._metrics.ended(name, None)
        return result


class _ActivityInbound(ActivityInboundInterceptor):
    """One attempt."""

    def __init__(
        self,
        following: ActivityInboundInterceptor,
        clock: Clock,
        bug_policy: BugPolicy | None,
        late: LateAttempts,
    ) -> None:
        super().__init__(following)
        self._clock = clock
        self._bug_policy = bug_policy
        self._late = late
        self._counts: Counts | None = None

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        super().init(CountKept(outbound, self._counted))

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        with (
            logs.bound(
                workflow_id=info.workflow_id, activity=info.activity_type, attempt=info.attempt
            ),
            going_on(info, self._counted),
        ):
            try:
                result = await self._result(info, input)
            except Exception as raised:
                error = bugs.first_of(raised)
                bug = await self._heard(info, error)
                if isinstance(error, ServiceError):
                    if not (bug or error.retried):
                        # Refused for good, as it may be: that is its end as well.
                        await self._over(info)
                    # A bug that does not end it is tried again, whatever class it has.
                    raise to_application_error(error, self._clock, retried=bug) from error
                # Temporal's own words too: an activity that is cancelled, a server that is away.
                raise
            await self._over(info)
            return result

    async def _over(self, info: activity.Info) -> None:
        if self._bug_policy is not None:
            await self._bug_policy.ended(info)

    async def _result(self, info: activity.Info, input: ExecuteActivityInput) -> Any:  # noqa: A002
        """What it comes to; where bugs are heard of, within its time."""
        run = partial(super().execute_activity, input)
        if self._bug_policy is None:
            return await run()
        if info.attempt > UNCOUNTED or self._late.of(info):
            await self._say_that_it_begins(info)
        began_at = time.monotonic()
        try:
            return await in_time(info, run)
        finally:
            self._late.ended(info, after=timedelta(seconds=time.monotonic() - began_at))

    async def _say_that_it_begins(self, info: activity.Info) -> None:
        """And hear of those before, if nothing was heard of them; raises if it ends with them."""
        before = self._counted()
        if before.unheard:
            error = NeverHeardOf()
            await self._hear_of_bug(info, error, times=before.bugs + before.unheard)
        self._counts = Counts(before.bugs, before.unheard + 1)
        self._counts.beat()
        # The SDK sends it from a task of its own, which a process that dies next would not run.
        await asyncio.sleep(0)

    async def _heard(self, info: activity.Info, error: BaseException) -> bool:
        """Count how it ended; True for a bug. Raises the failure that ends the activity."""
        policy, counts = self._bug_policy, self._counted()
        if policy is not None and policy.is_bug(info, error):
            self._counts = Counts(counts.bugs + 1)
            self._counts.beat()
            await self._hear_of_bug(info, error, times=counts.bugs + 1)
            return True
        if counts.unheard:
            self._counts = Counts(counts.bugs)
            self._counts.beat()
        return False

    async def _hear_of_bug(self, info: activity.Info, error: BaseException, *, times: int) -> None:
        """Raises the failure that ends the activity, if it ends."""
        bug = Bug(
            activity=info.activity_type,
            workflow_type=info.workflow_type or "",
            workflow_id=info.workflow_id or "",
            times=times,
            trace_id=bugs.trace_of_attempt(),
            error=error,
        )
        if self._bug_policy is not None and await self._bug_policy.raised(bug):
            if isinstance(error, ServiceError):
                raise bugs.ended_by(bug) from to_application_error(error, self._clock)
            raise bugs.ended_by(bug) from error

    def _counted(self) -> Counts:
        return self._counts or Counts.before(activity.info(), self._late)
