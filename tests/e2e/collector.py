"""A collector of traces, as OTLP over HTTP brings them."""

from collections import defaultdict

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


class Collector:
    """`spans[trace][service]` are the names of the spans that came."""

    def __init__(self) -> None:
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
        return Response(
            ExportTraceServiceResponse().SerializeToString(), media_type="application/x-protobuf"
        )
