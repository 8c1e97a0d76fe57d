"""A gRPC server for the lifetime of a process: health, reflection, and an orderly end."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from servicekit.credentials.tls import Tls
from servicekit.errors import NotFound
from servicekit.grpc import reflection
from servicekit.grpc.deadlines import STREAMS_END_WITHIN
from servicekit.grpc.interceptors import LayeredInterceptor
from servicekit.grpc.tls import server_credentials
from servicekit.health import Readiness
from servicekit.tasks import kept_up
from servicekit.telemetry import logs

Servicer = TypeVar("Servicer")

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

_AGE_GRACE = STREAMS_END_WITHIN + timedelta(minutes=1)
_HEALTH_PERIOD = 1.0
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING

log = logs.get_logger(__name__)


class GrpcServer:
    """Serves while the block runs; port 0 takes a free one.

    Add servicers before entering, which raises `PermissionUndeclared` where an interceptor
    asks for permissions and a method declares none. The health service answers for the
    server ("") and for every service, with what `readiness` says. On exit the server turns
    not serving, takes no new calls, and lets those in flight end within `grace`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        interceptors: Sequence[grpc.aio.ServerInterceptor] = (),
        readiness: Readiness | None = None,
        grace: timedelta = timedelta(seconds=25),
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        max_connection_age: timedelta = timedelta(minutes=30),
        tls: Tls | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._readiness = readiness
        self._grace = grace.total_seconds()
        self._tls = tls
        self._services: list[str] = []
        self._methods: list[str] = []
        self._layered = [each for each in interceptors if isinstance(each, LayeredInterceptor)]
        self._health = _Health()
        self._watching: asyncio.Task[None] | None = None
        self._server = grpc.aio.server(
            interceptors=list(interceptors),
            options=_options(max_message_bytes, max_connection_age),
        )

    def add(
        self, register: Callable[[Servicer, grpc.aio.Server], None], servicer: Servicer
    ) -> None:
        """Serve a servicer: `server.add(add_ThingServiceServicer_to_server, servicer)`."""
        register(servicer, _Recording(self._server, self._services, self._methods))  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Where this process itself reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "[::]": "[::1]"}.get(self.host, self.host)
        return f"{host}:{self.port}"

    async def __aenter__(self) -> Self:
        for method in self._methods:
            for interceptor in self._layered:
                interceptor.check(method)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable([*self._services, health.SERVICE_NAME], self._server)
        self._listen()
        await self._tell_health()
        await self._server.start()
        if self._readiness is not None:
            self._watching = asyncio.create_task(kept_up("health", self._watch))
        log.info("grpc_server_started", host=self.host, port=self.port, services=self._services)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._grace)

    def _listen(self) -> None:
        host = f"[{self.host}]" if ":" in self.host and not self.host.startswith("[") else self.host
        address = f"{host}:{self.port}"
        if self._tls is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, server_credentials(self._tls))

    async def _watch(self) -> None:
        """Tell health what readiness says, for ever."""
        while True:
            await asyncio.sleep(_HEALTH_PERIOD)
            await self._tell_health()

    async def _tell_health(self) -> None:
        ready = self._readiness is None or (await self._readiness.report()).ready
        for service in ("", *self._services):
            await self._health.set(service, _SERVING if ready else _NOT_SERVING)


_messages: Any = health_pb2
"""The stubs know no `List`."""


class _Health(health.aio.HealthServicer):
    """gRPC's own, which has no `List` and refuses without a reason."""

    def __init__(self) -> None:
        super().__init__()
        self._known = {""}

    async def set(self, service: str, status: Any) -> None:
        self._known.add(service)
        await super().set(service, status)

    async def Check(  # noqa: N802 - the contract's name
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> Any:
        if request.service not in self._known:
            raise NotFound("There is no such service here.")
        return await super().Check(request, context)

    async def List(self, _request: Any, context: Any) -> Any:  # noqa: N802 - the contract's name
        statuses = {
            service: await super(_Health, self).Check(
                health_pb2.HealthCheckRequest(service=service), context
            )
            for service in sorted(self._known)
        }
        return _messages.HealthListResponse(statuses=statuses)


class _Recording:
    """Hands registrations on to a server, and remembers the names of services and methods."""

    def __init__(self, server: grpc.aio.Server, services: list[str], methods: list[str]) -> None:
        self._server = server
        self._services = services
        self._methods = methods

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        self._server.add_generic_rpc_handlers(handlers)
        self._services.extend(
            handler.service_name()
            for handler in handlers
            if isinstance(handler, grpc.ServiceRpcHandler)
        )

    def add_registered_method_handlers(self, service: str, handlers: dict[str, Any]) -> None:
        self._server.add_registered_method_handlers(service, handlers)
        self._methods.extend(f"/{service}/{name}" for name in handlers)


def _options(max_message_bytes: int, max_connection_age: timedelta) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.max_metadata_size", 64 * 1024),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        # Clients come back through DNS now and then, and so find new replicas.
        ("grpc.max_connection_age_ms", round(max_connection_age.total_seconds() * 1000)),
        # What goes on for longer has ended by then: no stream is without an end.
        ("grpc.max_connection_age_grace_ms", round(_AGE_GRACE.total_seconds() * 1000)),
        # One connection cannot have more calls under way than a process can keep in mind.
        ("grpc.max_concurrent_streams", 1_000),
        # Two processes on one port is a mistake to hear about.
        ("grpc.so_reuseport", 0),
    ]
