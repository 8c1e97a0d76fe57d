"""Temporal: one way to connect, one plugin, one way to run a worker.

Connections follow the SDK's own environment names (`temporalio.envconfig`), plus a client
certificate and key in base64: `TEMPORAL_CLIENT_CERT`, `TEMPORAL_CLIENT_KEY`.

SDK metrics: the SDK can only serve its metrics on a port of its own. `SdkMetrics` has it
serve them on a free loopback port and reads them back, so that a service's `/metrics`
shows both: `operations_app(..., more_metrics=[sdk_metrics.read])`.
"""

import asyncio
import base64
import binascii
import logging
import os
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import temporalio.converter
from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.plugin import SimplePlugin
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.service import RPCError, RPCStatusCode, TLSConfig
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
    PollerBehaviorSimpleMaximum,
    Worker,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from servicekit.backoff import Backoff
from servicekit.clock import Clock
from servicekit.errors import NotYet, ServiceError, Unavailable
from servicekit.telemetry import logs, metrics
from servicekit.telemetry import traces as telemetry

DEFAULT_ADDRESS = "localhost:7233"

log = logs.get_logger(__name__)


class TemporalUnavailable(Unavailable):
    """Temporal cannot be reached for the moment."""

    reason = "TEMPORAL_UNAVAILABLE"


def unavailable(error: BaseException) -> ServiceError | None:
    """The error of our tree that a client's error stands for, if it is one of being away."""
    if isinstance(error, RPCError) and error.status in _AWAY:
        return TemporalUnavailable(metadata={"dependency": "temporal"})
    return None


_AWAY = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
}


def connect_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The arguments of `Client.connect` that the environment asks for."""
    config: dict[str, Any] = dict(
        ClientConfig.load_client_connect_config(override_env_vars=dict(environ))
    )
    config.setdefault("target_host", DEFAULT_ADDRESS)
    certificate = _decoded(environ, "TEMPORAL_CLIENT_CERT")
    key = _decoded(environ, "TEMPORAL_CLIENT_KEY")
    if (certificate is None) != (key is None):
        raise ValueError("TEMPORAL_CLIENT_CERT and TEMPORAL_CLIENT_KEY go together")
    if certificate is not None:
        given = config.get("tls")
        tls = given if isinstance(given, TLSConfig) else TLSConfig()
        config["tls"] = TLSConfig(
            server_root_ca_cert=tls.server_root_ca_cert,
            domain=tls.domain,
            client_cert=certificate,
            client_private_key=key,
        )
    return config


def _decoded(environ: Mapping[str, str], name: str) -> bytes | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name} must be base64") from error


async def connect(
    plugin: SimplePlugin,
    *,
    environ: Mapping[str, str] = os.environ,
    sdk_metrics: "SdkMetrics | None" = None,
    identity: str | None = None,
) -> Client:
    """A client, once Temporal is reachable; it waits for that for ever."""
    config = connect_config(environ)
    backoff = Backoff()
    while True:
        try:
            return await Client.connect(
                **config,
                plugins=[plugin],
                runtime=sdk_metrics.runtime if sdk_metrics else None,
                identity=identity,
            )
        except RuntimeError as error:
            # The SDK has no narrower type for a connection it could not make.
            log.warning("temporal_unreachable", address=config["target_host"], error=str(error))
            await backoff.wait()


async def check(client: Client) -> None:
    """Ask the server for an answer; for readiness."""
    await client.service_client.check_health(timeout=timedelta(seconds=2))


def new_plugin(
    clock: Clock,
    *,
    passthrough_modules: Sequence[str] = (),
    name: str = "servicekit",
) -> SimplePlugin:
    """What clients, workers and replayers share.

    The JSON converter, tracing when spans are exported, errors of our tree as
    `ApplicationError`, log fields, and modules the workflow sandbox does not load anew.
    """
    interceptors: list[Any] = [ActivityInterceptor(clock)]
    if telemetry.exporting():
        interceptors.insert(0, TracingInterceptor())
    return SimplePlugin(
        name,
        data_converter=temporalio.converter.DataConverter.default,
        interceptors=interceptors,
        workflow_runner=lambda runner: _passing_through(runner, passthrough_modules),
    )


def _passing_through(runner: WorkflowRunner | None, modules: Sequence[str]) -> WorkflowRunner:
    if runner is not None and not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    restrictions = runner.restrictions if runner else SandboxRestrictions.default
    return SandboxedWorkflowRunner(
        restrictions=restrictions.with_passthrough_modules("servicekit", *modules)
    )


def to_application_error(error: ServiceError, clock: Clock) -> ApplicationError:
    """The failure Temporal sees: typed by reason, retried or not as its class says.

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
        non_retryable=not error.retried,
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN
        if isinstance(error, NotYet)
        else ApplicationErrorCategory.UNSPECIFIED,
    )


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """Tells Temporal that the activity is alive while the block runs.

    Three times in every heartbeat timeout, so that the death of a worker is noticed within
    it; an activity that is over sooner tells nothing. Without a timeout it does nothing.
    """
    timeout = activity.info().heartbeat_timeout
    if timeout is None:
        yield
        return

    async def beat() -> None:
        while True:
            await asyncio.sleep(timeout.total_seconds() / 3)
            activity.heartbeat()

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()


class ActivityInterceptor(Interceptor):
    """Every activity: names itself in the log, and fails as its error's class says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _ActivityInbound(next, self._clock)


class _ActivityInbound(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, clock: Clock) -> None:
        super().__init__(following)
        self._clock = clock

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        with logs.bound(
            workflow_id=info.workflow_id, activity=info.activity_type, attempt=info.attempt
        ):
            try:
                return await super().execute_activity(input)
            except ServiceError as error:
                raise to_application_error(error, self._clock) from error


@asynccontextmanager
async def worker(
    client: Client,
    task_queue: str,
    *,
    workflows: Sequence[type] = (),
    activities: Sequence[Callable[..., Any]] = (),
    max_concurrent_activities: int = 100,
    max_concurrent_workflow_tasks: int = 100,
    max_cached_workflows: int = 1000,
    pollers: int = 20,
    grace: timedelta = timedelta(seconds=25),
    on_failure: Callable[[BaseException], object] | None = None,
    **options: Any,
) -> AsyncIterator[Worker]:
    """A worker that polls while the block runs.

    Slots and pollers are fixed; the cache must hold every workflow that is active at once.
    On exit it takes no new tasks and gives activities `grace` to end. If it fails for
    good, `on_failure` is called: stop the process there. `options` are the SDK's own.
    """
    polling = PollerBehaviorSimpleMaximum(maximum=pollers)
    running = Worker(
        client,
        task_queue=task_queue,
        workflows=list(workflows),
        activities=list(activities),
        max_concurrent_activities=max_concurrent_activities,
        max_concurrent_workflow_tasks=max_concurrent_workflow_tasks,
        max_cached_workflows=max_cached_workflows,
        workflow_task_poller_behavior=polling,
        activity_task_poller_behavior=polling,
        graceful_shutdown_timeout=grace,
        **options,
    )
    polls = asyncio.create_task(running.run(), name=f"worker {task_queue}")

    def ended(task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("worker_failed", task_queue=task_queue, exc_info=error)
            if on_failure is not None:
                on_failure(error)

    polls.add_done_callback(ended)
    log.info("worker_started", task_queue=task_queue)
    try:
        yield running
    finally:
        if not polls.done():
            await running.shutdown()
        await asyncio.wait({polls})
        log.info("worker_stopped", task_queue=task_queue)


class SdkMetrics:
    """The SDK's own metrics, served by it on loopback and read back as text.

    Make one per process, before the client: it owns the SDK's runtime.
    """

    def __init__(self, *, tags: Mapping[str, str] | None = None) -> None:
        self.port, self.runtime = _runtime(tags or {})

    async def read(self) -> bytes:
        """The metrics in Prometheus' text format."""
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(b"GET /metrics HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                await writer.drain()
                answer = await reader.read()
            finally:
                writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise ConnectionError("the SDK did not tell its metrics")
        return body


def _runtime(tags: Mapping[str, str]) -> tuple[int, Runtime]:
    port = _free_port()
    runtime = Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
            ),
            metrics=PrometheusConfig(
                bind_address=f"127.0.0.1:{port}",
                # Without these the names lack _total and _seconds, and times are milliseconds.
                counters_total_suffix=True,
                unit_suffix=True,
                durations_as_seconds=True,
                histogram_bucket_overrides=dict.fromkeys(_LATENCIES, metrics.RPC),
            ),
            global_tags=dict(tags),
        )
    )
    return port, runtime


_LATENCIES = (
    "activity_execution_latency",
    "activity_schedule_to_start_latency",
    "activity_succeed_endtoend_latency",
    "long_request_latency",
    "request_latency",
    "workflow_task_execution_latency",
    "workflow_task_replay_latency",
    "workflow_task_schedule_to_start_latency",
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
