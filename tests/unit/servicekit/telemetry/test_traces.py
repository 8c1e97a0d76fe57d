"""servicekit.telemetry.traces."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from servicekit.http_server import HttpServer
from servicekit.telemetry import traces as telemetry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {**ENDPOINT, "OTEL_SDK_DISABLED": "true"},
        {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_is_exported_unless_asked(environ: dict[str, str]) -> None:
    """No endpoint, no spans: tracers stay OpenTelemetry's no-op."""
    with telemetry.tracing("test", environ=environ) as exporting:
        assert not exporting
        assert not telemetry.exporting()
        assert telemetry.traced_headers() == {}


def test_unknown_protocols_are_refused() -> None:
    """A protocol that does not exist is a mistake to hear about."""
    environ = {**ENDPOINT, "OTEL_EXPORTER_OTLP_PROTOCOL": "pigeon"}

    with pytest.raises(ValueError, match="pigeon"), telemetry.tracing("test", environ=environ):
        pass


def test_a_span_goes_from_one_side_to_the_other() -> None:
    """What was injected into headers or metadata is extracted as the same trace."""
    provider = TracerProvider(shutdown_on_exit=False)
    headers: dict[str, str] = {}
    with provider.get_tracer("t").start_as_current_span("outer") as span:
        telemetry.inject(headers)
        metadata = telemetry.with_trace([("key", "value")])

    sent = span.get_span_context()
    for context in (telemetry.extract(headers), telemetry.from_metadata(metadata)):
        received = trace.get_current_span(context).get_span_context()
        assert (received.trace_id, received.span_id) == (sent.trace_id, sent.span_id)
    assert ("key", "value") in metadata


PROGRAM = """
from opentelemetry import trace
from servicekit.telemetry import traces as telemetry

with telemetry.tracing("test-service", version="1.0") as exporting:
    assert exporting and telemetry.exporting()
    with trace.get_tracer("t").start_as_current_span("a span"):
        pass
"""


async def test_spans_are_exported_and_flushed_at_the_end() -> None:
    """A short process loses no span, and they carry the service's name."""
    received: list[bytes] = []

    async def collect(request: Request) -> Response:
        received.append(await request.body())
        return Response(media_type="application/x-protobuf")

    app = Starlette(routes=[Route("/v1/traces", collect, methods=["POST"])])
    async with HttpServer(app) as collector:
        # The provider is global to a process: hence one of its own.
        await _run(
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
            OTEL_EXPORTER_OTLP_COMPRESSION="none",
        )

    assert b"a span" in b"".join(received)
    assert b"test-service" in b"".join(received)


async def _run(**environ: Any) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env={**os.environ, **environ}, stderr=subprocess.PIPE
    )
    _, told = await program.communicate()
    assert program.returncode == 0, told
