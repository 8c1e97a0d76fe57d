"""Structured logs: one JSON object a line, with the trace and what is bound to the task.

`configure` is called once, in `main`. Modules log through `get_logger(__name__)`, in
the past tense: `log.info("server_started", port=50051)`. Libraries that use the
standard `logging` or `warnings` come out in the same form.
"""

import logging
import re
import sys
import warnings
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, TextIO

import structlog
from opentelemetry import trace
from structlog.typing import EventDict, Processor, WrappedLogger

from servicekit.settings import ServiceSettings
from servicekit.telemetry.redaction import Redactor

_BYTES = re.compile(r"""\bb(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
_NOISY = ("httpx", "httpcore", "uvicorn.access", "hpack", "alembic.runtime.migration")


def configure(
    service: str,
    *,
    level: str = "INFO",
    log_format: Literal["json", "console"] = "json",
    stream: TextIO | None = None,
    secrets: Iterable[str] = (),
) -> None:
    """Route structlog and the standard library's logging to one stream.

    No line holds one of `secrets`, nor what `redaction` knows by its name or looks.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _StaticFields({"service": service}),
        add_trace,
    ]
    warnings.showwarning = _log_warning
    handler = _Handler(stream or sys.stdout, Redactor(secrets))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Before anything is blanked, so that nothing is rendered after it.
                structlog.processors.format_exc_info,
                handler.redactor,
                _renderer(log_format),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configure_by(settings: ServiceSettings, *, service: str) -> None:
    """As the settings of a service say; none of their secrets is in a line."""
    configure(
        service,
        level=settings.log_level,
        log_format=settings.log_format,
        secrets=settings.secrets(),
    )


def withhold(secrets: Iterable[str]) -> None:
    """Blank secrets that have become known after `configure`."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Handler):
            handler.redactor.know(secrets)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines, and has what blanks them."""

    def __init__(self, stream: TextIO, redactor: Redactor) -> None:
        super().__init__(stream)
        self.redactor = redactor


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 - how `warnings` calls it
    line: str | None = None,  # noqa: ARG001 - likewise
) -> None:
    """Log what a library warns of by `warnings`, which would write lines of its own form.

    Bytes in its words are withheld: a token of Temporal holds the ids that it was made of, and who
    has it may end an activity.
    """
    get_logger("py.warnings").warning(
        "library_warned",
        warning=_BYTES.sub("[bytes]", str(message)),
        category=category.__name__,
        source=f"{filename}:{lineno}",
    )


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(
            colors=sys.stdout.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.processors.JSONRenderer(default=str)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    return structlog.stdlib.get_logger(name)


def bound(**fields: Any) -> AbstractContextManager[None]:
    """Add fields to every line logged inside the block, in this task and those it starts."""
    return structlog.contextvars.bound_contextvars(**fields)


def bind(**fields: Any) -> None:
    """Add fields to every line logged from here on in this task."""
    structlog.contextvars.bind_contextvars(**fields)


class _StaticFields:
    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for name, value in self._fields.items():
            event.setdefault(name, value)
        return event


def add_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add the ids of the current span, if there is one."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event
