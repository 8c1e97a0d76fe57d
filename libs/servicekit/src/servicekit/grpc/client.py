"""Channels to our other services, whose failures are errors of our tree."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from opentelemetry import trace

from servicekit.credentials.tls import Tls
from servicekit.errors import DeadlineExceeded, ServiceError
from servicekit.grpc.channels.first_status import FirstStatus
from servicekit.grpc.channels.renewed_channel import RenewedChannel
from servicekit.grpc.deadlines import MARGIN, PromiseOf
from servicekit.grpc.server import MAX_MESSAGE_BYTES
from servicekit.grpc.status import FAILURES, from_rpc_error
from servicekit.grpc.tls import channel_credentials
from servicekit.rehearsals.calls import asked, require_reading
from servicekit.tasks import answered_outside
from servicekit.telemetry import traces as telemetry

DEFAULT_TIMEOUT = timedelta(seconds=30)
ROUND_ROBIN: Mapping[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
_CONNECTION: Mapping[str, int] = {
    "grpc.max_metadata_size": 64 * 1024,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.keepalive_permit_without_calls": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.dns_min_time_between_resolutions_ms": 1_000,
}
"""How every channel finds its server, sees that it is gone, and comes back to it."""

Details = grpc.aio.ClientCallDetails
Continuation = Callable[..., Any]
Token = Callable[[], str]


def channel(
    address: str,
    *,
    timeout: timedelta = DEFAULT_TIMEOUT,
    promise_of: PromiseOf | None = None,
    token: Token | None = None,
    wait_for_ready: bool = True,
    credentials: grpc.ChannelCredentials | None = None,
    tls: Tls | None = None,
    max_message_bytes: int = MAX_MESSAGE_BYTES,
    service_config: Mapping[str, Any] = ROUND_ROBIN,
) -> grpc.aio.Channel:
    """A channel for the lifetime of a process; it is an async context manager.

    Calls that give no timeout of their own get `timeout` (streams of answers get none), and more
    where `promise_of` says that the server may take longer. They wait for a server that is not
    there yet, within their timeout. They carry the current span, and `token()` as bearer token.
    When one fails, the `ServiceError` that the server raised is raised here: `DeadlineExceeded` if
    the server was there and no answer came, `Unavailable` if there was no server. `host:port` is
    resolved by DNS and every address behind it gets its share, as a headless Kubernetes service
    needs it. With `tls` both sides show a certificate, and a new one is in force with the next
    call. What `service_config` says of calling again is done by gRPC itself.
    """
    options: list[tuple[str, Any]] = [
        ("grpc.service_config", json.dumps(service_config)),
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        *_CONNECTION.items(),
    ]
    target = address if "://" in address or address.startswith("unix:") else f"dns:///{address}"

    def make(credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
        prepare = _Prepare(
            timeout, promise_of, token, host=_host(address), wait_for_ready=wait_for_ready
        )
        prepare.channel = _made(target, credentials, options, prepare)
        return prepare.channel

    if tls is not None:
        return RenewedChannel(tls.pair, lambda pair: make(channel_credentials(pair)))
    return make(credentials)


def _made(
    target: str,
    credentials: grpc.ChannelCredentials | None,
    options: list[tuple[str, Any]],
    prepare: "_Prepare",
) -> grpc.aio.Channel:
    kinds = (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)
    interceptors = [kind(prepare) for kind in kinds]
    if credentials is None:
        return grpc.aio.insecure_channel(target, options=options, interceptors=interceptors)
    return grpc.aio.secure_channel(target, credentials, options=options, interceptors=interceptors)


def standing(to_it: grpc.aio.Channel) -> Callable[[], Awaitable[None]]:
    """A check that raises `ConnectionError` while nobody answers at the other end of a channel."""

    async def check() -> None:
        # A channel that nobody uses would never find out.
        if to_it.get_state(try_to_connect=True) is grpc.ChannelConnectivity.TRANSIENT_FAILURE:
            raise ConnectionError("nobody answers there")

    return check


async def health_of(address: str, *, tls: Tls | None, within: timedelta) -> str:
    """What a server says of itself, `SERVING` or `NOT_SERVING`; raises what any call does."""
    async with channel(address, timeout=within, tls=tls) as to_it:
        stub: Any = health_pb2_grpc.HealthStub(to_it)
        said = await stub.Check(health_pb2.HealthCheckRequest())
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(said.status))


class _Prepare:
    """What every call is given before it goes."""

    channel: grpc.aio.Channel | None = None
    """The channel whose calls they are, once it is there."""

    def __init__(
        self,
        timeout: timedelta,
        promise_of: PromiseOf | None,
        token: Token | None,
        *,
        host: str,
        wait_for_ready: bool,
    ) -> None:
        self._host = host
        self._timeout = timeout
        self._promise_of = promise_of
        self._token = token
        self._wait_for_ready = wait_for_ready
        self._tracer = trace.get_tracer("servicekit.grpc")

    def span(self, details: Details) -> AbstractContextManager[Any]:
        if not telemetry.exporting():
            return nullcontext()
        return self._span(_method(details).lstrip("/"))

    @contextmanager
    def _span(self, method: str) -> Iterator[None]:
        """A client's span; a refusal or a wait that the server means is no failure of the call."""
        service, _, name = method.partition("/")
        with self._tracer.start_as_current_span(
            method,
            kind=trace.SpanKind.CLIENT,
            attributes={
                "rpc.system": "grpc",
                "rpc.service": service,
                "rpc.method": name,
                "server.address": self._host,
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            code = grpc.StatusCode.OK
            try:
                yield
            except ServiceError as error:
                code = error.code
                raise
            except asyncio.CancelledError:
                code = grpc.StatusCode.CANCELLED
                raise
            finally:
                span.set_attribute("rpc.grpc.status_code", code.value[0])
                if code in FAILURES:
                    span.set_status(trace.StatusCode.ERROR, code.name)

    def __call__(self, details: Details, *, limited: bool = True) -> Details:
        metadata = [*telemetry.with_trace(tuple(details.metadata or ()))]
        if self._token is not None and "authorization" not in dict(metadata):
            metadata.append(("authorization", f"Bearer {self._token()}"))
        timeout = details.timeout
        if timeout is None and limited:
            timeout = self._limit(_method(details)).total_seconds()
        waits = details.wait_for_ready
        return grpc.aio.ClientCallDetails(
            details.method,
            timeout,
            grpc.aio.Metadata(*metadata),
            details.credentials,
            self._wait_for_ready if waits is None else waits,
        )

    def _limit(self, method: str) -> timedelta:
        promise = self._promise_of(method) if self._promise_of is not None else None
        return self._timeout if promise is None else max(self._timeout, promise + MARGIN)

    def failure(self, error: grpc.aio.AioRpcError) -> ServiceError:
        """The error of our tree; a call that waited for a server in vain is not a slow one."""
        failure = from_rpc_error(error)
        if isinstance(failure, DeadlineExceeded) and not self._reached():
            away = grpc.aio.AioRpcError(
                grpc.StatusCode.UNAVAILABLE,
                error.initial_metadata(),
                error.trailing_metadata(),
                "There is no server.",
            )
            return from_rpc_error(away)
        return failure

    def _reached(self) -> bool:
        return self.channel is None or self.channel.get_state() is grpc.ChannelConnectivity.READY


class _UnaryUnary(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, prepare: _Prepare) -> None:
        self._prepare = prepare

    async def intercept_unary_unary(
        self, continuation: Continuation, client_call_details: Details, request: Any
    ) -> Any:
        request = asked(_method(client_call_details), request)
        with self._prepare.span(client_call_details):
            call = await continuation(self._prepare(client_call_details), request)
            return await _answered(call, self._prepare)


class _StreamUnary(grpc.aio.StreamUnaryClientInterceptor):
    def __init__(self, prepare: _Prepare) -> None:
        self._prepare = prepare

    async def intercept_stream_unary(
        self, continuation: Continuation, client_call_details: Details, request_iterator: Any
    ) -> Any:
        require_reading(_method(client_call_details))
        with self._prepare.span(client_call_details):
            call = await continuation(self._prepare(client_call_details), request_iterator)
            return await _answered(call, self._prepare, FirstStatus(call))


class _UnaryStream(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, prepare: _Prepare) -> None:
        self._prepare = prepare

    async def intercept_unary_stream(
        self, continuation: Continuation, client_call_details: Details, request: Any
    ) -> Any:
        require_reading(_method(client_call_details))
        call = await continuation(self._prepare(client_call_details, limited=False), request)
        return _answers(call, self._prepare)


class _StreamStream(grpc.aio.StreamStreamClientInterceptor):
    def __init__(self, prepare: _Prepare) -> None:
        self._prepare = prepare

    async def intercept_stream_stream(
        self, continuation: Continuation, client_call_details: Details, request_iterator: Any
    ) -> Any:
        require_reading(_method(client_call_details))
        details = self._prepare(client_call_details, limited=False)
        call = await continuation(details, request_iterator)
        return _answers(call, self._prepare, FirstStatus(call))


async def _answered(call: Any, prepare: _Prepare, first: FirstStatus | None = None) -> Any:
    """The call, once its answer is there."""
    try:
        with answered_outside():
            await call
    except grpc.aio.AioRpcError as error:
        raise _failure(error if first is None else first.of(error), prepare) from error
    return call


async def _answers(
    call: Any, prepare: _Prepare, first: FirstStatus | None = None
) -> AsyncIterator[Any]:
    try:
        async for answer in call:
            yield answer
    except grpc.aio.AioRpcError as error:
        raise _failure(error if first is None else first.of(error), prepare) from error


def _failure(error: grpc.aio.AioRpcError, prepare: _Prepare) -> BaseException:
    """Of a call that fails as its caller is cancelled gRPC tells the failure alone."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        return asyncio.CancelledError()
    return prepare.failure(error)


def _host(address: str) -> str:
    """Without scheme and port; a path of a socket as it is."""
    host = address.rpartition("/")[2]
    return host.rpartition(":")[0] or host


def _method(details: Details) -> str:
    method: str | bytes = details.method
    return method.decode() if isinstance(method, bytes) else method
