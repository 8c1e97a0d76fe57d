"""Traces, by OpenTelemetry's own environment names.

Spans are exported only when `OTEL_EXPORTER_OTLP_ENDPOINT` (or its `_TRACES_` form) is
set; otherwise every tracer is OpenTelemetry's no-op and costs next to nothing.
"""

import os
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import propagate, trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
    Sampler,
    TraceIdRatioBased,
)

from servicekit.telemetry.sampling import KeepFailures, RecordAll

Metadata = Sequence[tuple[str, str | bytes]]


@contextmanager
def tracing(
    service: str, *, version: str = "", environ: Mapping[str, str] = os.environ
) -> Iterator[bool]:
    """Export spans while the block runs, and flush them at its end.

    Yields whether anything is exported.
    """
    if not _wanted(environ):
        yield False
        return
    resource = Resource.create({SERVICE_VERSION: version} if version else {})
    if not environ.get("OTEL_SERVICE_NAME") and not _names_service(environ):
        resource = resource.merge(Resource({SERVICE_NAME: service}))
    sampler = RecordAll(_sampler(environ))
    provider = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=True)
    provider.add_span_processor(KeepFailures(_exporter(environ)))
    trace.set_tracer_provider(provider)
    try:
        yield True
    finally:
        provider.shutdown()


def _wanted(environ: Mapping[str, str]) -> bool:
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    exporter = environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    endpoint = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environ.get(
        "OTEL_EXPORTER_OTLP_ENDPOINT"
    )
    return bool(endpoint) and exporter != "none" and not disabled


def _names_service(environ: Mapping[str, str]) -> bool:
    attributes = environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",")
    return any(attribute.strip().startswith("service.name=") for attribute in attributes)


def _exporter(environ: Mapping[str, str]) -> SpanExporter:
    """The OTLP exporter of the protocol asked for; the default is gRPC."""
    protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get(
        "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"
    )
    # Imported here: loading an exporter costs more than a service without one should pay.
    if protocol == "http/protobuf":
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter as HttpExporter,
        )

        return HttpExporter()
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter as GrpcExporter,
        )

        return GrpcExporter()
    raise ValueError(f"OTEL_EXPORTER_OTLP_PROTOCOL must be grpc or http/protobuf, not {protocol!r}")


def _sampler(environ: Mapping[str, str]) -> Sampler:
    """The sampler asked for by OpenTelemetry's own names; the default takes everything."""
    name = environ.get("OTEL_TRACES_SAMPLER", "").strip() or "parentbased_always_on"
    ratio = float(environ.get("OTEL_TRACES_SAMPLER_ARG", "").strip() or 1.0)
    samplers = {
        "always_on": ALWAYS_ON,
        "always_off": ALWAYS_OFF,
        "traceidratio": TraceIdRatioBased(ratio),
    }
    own = name.removeprefix("parentbased_")
    if own not in samplers:
        raise ValueError(f"OTEL_TRACES_SAMPLER must be one of OpenTelemetry's, not {name!r}")
    return samplers[own] if own == name else ParentBased(samplers[own])


@contextmanager
def own_trace(name: str) -> Iterator[None]:
    """A trace of its own for what is done inside the block, linked to the current one.

    For what goes on long after whoever began it: one trace of everything is none.
    """
    if not exporting():
        yield
        return
    begun_by = trace.get_current_span().get_span_context()
    links = [trace.Link(begun_by)] if begun_by.is_valid else []
    tracer = trace.get_tracer("servicekit.telemetry")
    with tracer.start_as_current_span(name, context=Context(), links=links, record_exception=False):
        yield


def database_span(statement: str) -> AbstractContextManager[None]:
    """A client's span of a statement, by its first word; none outside of a trace.

    What is asked with it is in no span.
    """
    recorded = trace.get_current_span().is_recording()
    return _database_span(statement) if recorded else _NO_SPAN


_NO_SPAN = nullcontext()


@contextmanager
def _database_span(statement: str) -> Iterator[None]:
    words = _COMMENT.sub("", statement).split(maxsplit=1)
    operation = words[0].upper() if words else "STATEMENT"
    with trace.get_tracer("servicekit.postgres").start_as_current_span(
        f"postgres {operation}",
        kind=trace.SpanKind.CLIENT,
        attributes={"db.system.name": "postgresql", "db.operation.name": operation},
        record_exception=False,
    ):
        yield


_COMMENT = re.compile(r"\A\s*/\*.*?\*/")


def traced_headers() -> dict[str, str]:
    """W3C headers that carry the current span; empty when there is none."""
    headers: dict[str, str] = {}
    if trace.get_current_span().get_span_context().is_valid:
        propagate.inject(headers)
    return headers


@contextmanager
def continued(traceparent: str) -> Iterator[None]:
    """Spans in the block go on from a remote one, kept as W3C's header; as ever if it is empty."""
    if not traceparent:
        yield
        return
    token = attach(extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        detach(token)


def inject(headers: MutableMapping[str, str]) -> None:
    """Add the current span to HTTP headers."""
    headers.update(traced_headers())


def extract(headers: Mapping[str, str]) -> Context:
    """The remote span of HTTP headers, as a context to start spans in."""
    return propagate.extract({name.lower(): value for name, value in headers.items()})


def with_trace(metadata: Metadata | None) -> Metadata:
    """GRPC metadata that also carries the current span."""
    return (*(metadata or ()), *traced_headers().items())


def from_metadata(metadata: Metadata | None) -> Context:
    """The remote span of gRPC metadata, as a context to start spans in."""
    return propagate.extract(
        {name: value for name, value in metadata or () if isinstance(value, str)}
    )


def exporting() -> bool:
    """Whether spans go anywhere."""
    return isinstance(trace.get_tracer_provider(), TracerProvider)
