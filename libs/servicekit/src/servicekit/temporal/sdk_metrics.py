"""The SDK's own metrics, on the same page as the service's.

The SDK can only serve its metrics on a port of its own. `SdkMetrics` has it serve them on
a free loopback port and reads them back, so that a service's `/metrics` shows both:
`operations_app(..., more_metrics=[sdk_metrics.read])`.
"""

import asyncio
import logging
import socket
from collections.abc import Mapping

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from servicekit.telemetry import metrics


class SdkMetrics:
    """The SDK's own metrics, served by it on loopback and read back as text.

    Make one per process, before the client: it owns the SDK's runtime.
    """

    def __init__(self, *, tags: Mapping[str, str] | None = None) -> None:
        self.port, self.runtime = _runtime(tags or {})

    async def read(self) -> bytes:
        """The metrics in Prometheus' text format.

        Raises `ConnectionError` when the SDK answers with something else.
        """
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
            raise ConnectionError("the SDK did not serve its metrics")
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
