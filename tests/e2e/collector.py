"""A collector of traces, as OTLP over HTTP brings them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True, kw_only=True)
class Received:
    """A span as it came."""

    service: str
    trace_id: bytes
    name: str
    kind: int
    attributes: dict[str, Any]
    links: tuple[bytes, ...]
    """The traces that it is linked to."""
    failed: bool
    text: str
    """Everything in it, to be searched."""


class Collector:
    """`spans[trace][service]` are the names of the spans that came; `received` are all of them."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.spans: dict[bytes, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.app = Starlette(routes=[Route("/v1/traces", self._collect, methods=["POST"])])

    def traces_of(self, service: str, span: str) -> list[dict[str, list[str]]]:
        """Every trace in which the service has a span of that name."""
        return [trace for trace in self.spans.values() if span in trace[service]]

    async def _collect(self, request: Request) -> Response:
        for resource in ExportTraceServiceRequest.FromString(await request.body()).resource_spans:
            (service,) = (
                attribute.value.string_value
                for attribute in resource.resource.attributes
                if attribute.key == "service.name"
            )
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans[span.trace_id][service].append(span.name)
                    self.received.append(_received(service, span))
        return Response(
            ExportTraceServiceResponse().SerializeToString(), media_type="application/x-protobuf"
        )


def _received(service: str, span: Span) -> Received:
    return Received(
        service=service,
        trace_id=span.trace_id,
        name=span.name,
        kind=span.kind,
        attributes={
            each.key: each.value.string_value or each.value.int_value for each in span.attributes
        },
        links=tuple(link.trace_id for link in span.links),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        text=str(span),
    )
