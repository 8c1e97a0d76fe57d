"""The layers of a server around whoever is let in: trace, log fields, metrics, errors, deadline."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from opentelemetry import trace
from prometheus_client import CollectorRegistry, Counter, Histogram

from servicekit.errors import DeadlineExceeded, Internal, ServiceError, Unavailable
from servicekit.grpc.calls import (
    NOTHING,
    OPEN_SERVICES,
    Around,
    Call,
    Context,
    EndedAfter,
    Layer,
    Translator,
)
from servicekit.grpc.deadlines import STREAMS_END_WITHIN, PromiseOf
from servicekit.grpc.status import (
    DOMAIN,
    FAILURES,
    STATUS_METADATA_KEY,
    from_rpc_error,
    pushback,
    to_status,
)
from servicekit.telemetry import logs, metrics
from servicekit.telemetry import traces as telemetry

PATIENCE = timedelta(milliseconds=300)
"""Who waits less for an answer has not been kept waiting, whatever deadline they set."""
_ON_THE_WAY = timedelta(milliseconds=100)
"""How much earlier than here a deadline may be over where it was set."""

log = logs.get_logger(__name__)


def traced() -> Layer:
    """A server span, child of the caller's; nothing where the process exports no spans."""
    if not telemetry.exporting():
        return lambda _: NOTHING
    tracer = trace.get_tracer("servicekit.grpc")

    @asynccontextmanager
    async def layer(call: Call) -> AsyncIterator[None]:
        service, _, name = call.method.lstrip("/").partition("/")
        with tracer.start_as_current_span(
            call.method.lstrip("/"),
            context=telemetry.from_metadata(tuple(call.metadata.items())),
            kind=trace.SpanKind.SERVER,
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield
            finally:
                span.set_attribute("rpc.grpc.status_code", call.code.value[0])
                if call.code in FAILURES:
                    span.set_status(trace.StatusCode.ERROR, call.code.name)

    return layer


def logged() -> Layer:
    """Every line logged while serving names the rpc, and what its request names by an id."""

    def layer(call: Call) -> Around:
        ids = {} if call.request is None else _ids_in(call.request)
        # A call is a task of its own, with which they end.
        logs.bind(rpc=call.method.lstrip("/"), **ids)
        return NOTHING

    return layer


def _ids_in(request: Message) -> dict[str, str]:
    """The ids of a request, by their names; no other value may be in a log."""
    return {
        name: value[:_LONGEST_ID]
        for name in _id_names(request.DESCRIPTOR)
        if (value := getattr(request, name))
    }


@cache
def _id_names(descriptor: Descriptor) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in descriptor.fields
        if field.name.endswith("_id") and field.type == field.TYPE_STRING and not field.is_repeated
    )


_LONGEST_ID = 200


def measured(registry: CollectorRegistry) -> Layer:
    """How many rpcs ended how, and how long they took."""
    handled = Counter(
        "rpc_server_handled_total",
        "Calls served, by method and status code.",
        ["method", "code"],
        registry=registry,
    )
    duration = Histogram(
        "rpc_server_duration_seconds",
        "How long calls took to serve, real time, by method.",
        ["method"],
        buckets=metrics.RPC,
        registry=registry,
    )

    @cache
    def duration_of(method: str) -> Histogram:
        return duration.labels(method.lstrip("/"))

    @cache
    def handled_of(method: str, code: grpc.StatusCode) -> Counter:
        return handled.labels(method.lstrip("/"), code.name)

    def count(call: Call, took: float) -> None:
        duration_of(call.method).observe(took, exemplar=metrics.exemplar())
        handled_of(call.method, call.code).inc()

    return lambda call: _Measured(call, count)


class _Measured:
    __slots__ = ("_begun_at", "_call", "_count")

    def __init__(self, call: Call, count: Callable[[Call, float], None]) -> None:
        self._call = call
        self._count = count

    async def __aenter__(self) -> None:
        self._begun_at = time.perf_counter()

    async def __aexit__(self, *_: object) -> None:
        self._count(self._call, time.perf_counter() - self._begun_at)


def translated(
    translators: Sequence[Translator], *, domain: str = DOMAIN, patience: timedelta = PATIENCE
) -> Layer:
    """Every failure leaves as a rich status; what is not of our tree as INTERNAL.

    The message of a bug is withheld and logged with its trace. Who leaves before they are answered
    has cancelled, unless the deadline that they set is over, of `patience` at least: then they are
    told DEADLINE_EXCEEDED by their own side, and so it is counted here.
    """

    async def tell(call: Call, failure: BaseException, waited: timedelta) -> None:
        if isinstance(failure, asyncio.CancelledError):
            gave_up = waited >= patience and _is_out_of_time(call)
            code = grpc.StatusCode
            call.code = code.DEADLINE_EXCEEDED if gave_up else code.CANCELLED
        elif isinstance(failure, grpc.aio.AbortError):
            call.code = _code(call.context)
        elif isinstance(failure, Exception):
            error = _of_our_tree(failure, translators)
            call.code = error.code
            status = to_status(error, domain)
            told = ((STATUS_METADATA_KEY, status.SerializeToString()), *pushback(error))
            trailing = (*(call.context.trailing_metadata() or ()), *told)
            await call.context.abort(error.code, status.message, trailing)

    return lambda call: _Translated(call, tell)


class _Translated:
    __slots__ = ("_begun_at", "_call", "_tell")

    def __init__(
        self, call: Call, tell: Callable[[Call, BaseException, timedelta], Awaitable[None]]
    ) -> None:
        self._call = call
        self._tell = tell

    async def __aenter__(self) -> None:
        self._begun_at = time.perf_counter()

    async def __aexit__(
        self, _: type[BaseException] | None, failure: BaseException | None, __: TracebackType | None
    ) -> None:
        if failure is not None:
            waited = timedelta(seconds=time.perf_counter() - self._begun_at)
            await self._tell(self._call, failure, waited)


def _is_out_of_time(call: Call) -> bool:
    """Whether the caller's deadline is over; that of a stream says how long somebody watches."""
    left = call.context.time_remaining()
    return not call.converses and left is not None and left <= _ON_THE_WAY.total_seconds()


def _of_our_tree(failure: Exception, translators: Sequence[Translator]) -> ServiceError:
    if isinstance(failure, ServiceError):
        error: ServiceError | None = failure
    elif isinstance(failure, grpc.aio.AioRpcError):
        error = from_rpc_error(failure)
    else:
        known = (translator(failure) for translator in translators)
        error = next((error for error in known if error is not None), None)
    if error is None:
        log.error("rpc_failed", exc_info=failure)
        return Internal()
    if isinstance(error, Unavailable):
        cause = failure.__cause__ or failure
        log.warning("dependency_unavailable", reason=error.reason, cause=repr(cause))
    return error


def network_unavailable(error: BaseException) -> ServiceError | None:
    """A connection that was refused or lost, or an answer that did not come in time."""
    if isinstance(error, ConnectionError | TimeoutError):
        return Unavailable(
            "A connection this call needs is away for the moment.",
            metadata={"dependency": "network"},
        )
    return None


def in_time(promise_of: PromiseOf, *, streams: timedelta = STREAMS_END_WITHIN) -> Layer:
    """No call lasts longer than its contract says; what it had begun is given up.

    A stream of answers, of which no contract says anything, lasts as long as its caller has said
    that it may, and `streams` where the caller has said nothing.
    """

    def longest(call: Call) -> timedelta | None:
        if not call.converses:
            return promise_of(call.method)
        if call.method.startswith(OPEN_SERVICES) or call.context.time_remaining() is not None:
            return None
        return streams

    def layer(call: Call) -> Around:
        within = longest(call)
        return NOTHING if within is None else EndedAfter(call, within, DeadlineExceeded)

    return layer


def _code(context: Context) -> grpc.StatusCode:
    code: Any = context.code()
    if isinstance(code, grpc.StatusCode):
        return code
    return next(
        (known for known in grpc.StatusCode if known.value[0] == code), grpc.StatusCode.UNKNOWN
    )
