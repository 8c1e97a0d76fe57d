"""HTTP ports: any ASGI app on an address, and the app every service serves on one of them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from servicekit.credentials.tls import Tls
from servicekit.health import Readiness
from servicekit.tasks import kept_up
from servicekit.telemetry import logs
from servicekit.telemetry.exposition import expose
from servicekit.telemetry.loop_lag import LoopLag

MetricsSource = Callable[[], Awaitable[bytes]]
"""More metrics in Prometheus' text format, for example those of a native library."""

log = logs.get_logger(__name__)

OPERATIONS_PATHS = ("/metrics", "/livez", "/readyz")
"""What the port for metrics and probes answers."""


def operations_app(
    registry: CollectorRegistry,
    readiness: Readiness,
    *,
    more_metrics: Sequence[MetricsSource] = (),
) -> Starlette:
    """`/metrics`, `/livez` and `/readyz`; while it is served it measures the event loop's lag."""
    lag = LoopLag(registry)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        measuring = asyncio.create_task(kept_up("event loop lag", lag.measure))
        try:
            yield
        finally:
            measuring.cancel()
            await asyncio.wait({measuring})

    async def metrics(request: Request) -> Response:
        parts = []
        for source in more_metrics:
            try:
                parts.append(await source())
            except (OSError, EOFError) as error:
                log.warning("metrics_source_failed", error=repr(error))
        page = expose(registry, parts, accept=request.headers.get("accept", ""))
        return Response(page.body, media_type=page.content_type)

    async def livez(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        report = await readiness.report()
        body: dict[str, Any] = {"ready": report.ready, "checks": dict(report.checks)}
        if report.notes:
            body["notes"] = dict(report.notes)
        return JSONResponse(body, status_code=200 if report.ready else 503)

    return Starlette(
        routes=[
            Route(path, endpoint)
            for path, endpoint in zip(OPERATIONS_PATHS, (metrics, livez, readyz), strict=True)
        ],
        lifespan=lifespan,
    )


class HttpServer:
    """Serves an ASGI app while the block runs; port 0 takes a free one.

    With `tls` it shows the certificate that there is when a connection is made, and asks callers
    for none. On exit it stops listening and lets requests in flight end, within `grace`.
    """

    def __init__(
        self,
        app: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        grace: timedelta = timedelta(seconds=10),
        tls: Tls | None = None,
    ) -> None:
        self._socket = _listen(host, port)
        self._scheme = "http" if tls is None else "https"
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="auto",
                server_header=False,
                timeout_graceful_shutdown=max(1, round(grace.total_seconds())),
                ssl_context_factory=(lambda *_: tls.http_context()) if tls is not None else None,
            )
        )
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"{self._scheme}://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        begun = asyncio.create_task(self._server.begun.wait())
        await asyncio.wait({self._serving, begun}, return_when=asyncio.FIRST_COMPLETED)
        begun.cancel()
        if self._serving.done():
            self._socket.close()
            await self._serving
            raise RuntimeError("the HTTP server did not start")
        log.info("http_server_started", host=self.host, port=self.port)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving
        self._socket.close()


class _Server(uvicorn.Server):
    """Leaves signals to the process, and says when it has begun to listen."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
