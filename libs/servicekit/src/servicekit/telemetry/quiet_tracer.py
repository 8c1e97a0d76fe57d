"""A tracer whose spans hold no exceptions: a wait is raised as one, and texts may be personal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace


class QuietTracer(trace.Tracer):
    """The process's tracer; what a span comes to is its status, and the log has the rest."""

    def __init__(self, name: str) -> None:
        self._tracer = trace.get_tracer(name)

    def start_span(self, name: str, *args: Any, **options: Any) -> trace.Span:
        return self._tracer.start_span(name, *args, **{**options, "record_exception": False})

    @contextmanager
    def start_as_current_span(  # type: ignore[override] # its options go on as they are
        self, name: str, *args: Any, **options: Any
    ) -> Iterator[trace.Span]:
        options["record_exception"] = False
        with self._tracer.start_as_current_span(name, *args, **options) as span:
            yield span
