"""Traces, by OpenTelemetry's own environment names.

Spans are exported only when `OTEL_EXPORTER_OTLP_ENDPOINT` (or its `_TRACES_` form) is
set; otherwise every tracer is OpenTelemetry's no-op and costs next to nothing.
"""

import os
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

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
    provider = TracerProvider(resource=resource, shutdown_on_exit=True)
    provider.add_span_processor(BatchSpanProcessor(_exporter(environ)))
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


def traced_headers() -> dict[str, str]:
    """W3C headers that carry the current span; empty when there is none."""
    headers: dict[str, str] = {}
    if trace.get_current_span().get_span_context().is_valid:
        propagate.inject(headers)
    return headers


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
