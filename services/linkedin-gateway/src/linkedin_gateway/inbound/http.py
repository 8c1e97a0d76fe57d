"""The only exposed port: who calls is authenticated, and what they send is kept before 200."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from servicekit.credentials.secrets import Secret
from servicekit.postgres.scope import across
from servicekit.telemetry.logs import get_logger
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from linkedin_gateway.inbound.handler import InboundHandler
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.unipile import document

WEBHOOKS_PATH = "/webhooks/unipile"
"""Below it is everything that Unipile calls."""
SECRET_HEADER = "Unipile-Auth"  # noqa: S105 - the header's name
_LARGEST = 4 * 1024 * 1024
_UNAVAILABLE = 503
_NOBODYS_YET = "whose it is is found by what it says"

log = get_logger(__name__)


def inbound_app(
    inbound: InboundHandler,
    *,
    on_connected: Callable[[Mapping[str, Any]], Awaitable[bool]],
    token: str,
    secret: Secret,
    metrics: Metrics,
) -> Starlette:
    """The routes; `on_connected` takes the callback of a connect link, or refuses its token."""
    port = _Port(inbound, on_connected, token=token, secret=secret, metrics=metrics)
    return Starlette(
        routes=[
            Route(f"{WEBHOOKS_PATH}/{{token}}", port.webhook, methods=["POST"]),
            Route(f"{WEBHOOKS_PATH}/{{token}}/connected", port.callback, methods=["POST"]),
        ]
    )


class _Port:
    """Unipile signs nothing. Of webhooks the path is unguessable and a header carries a secret.

    Of a connect link's callback, which has no header of ours, the path is unguessable and
    the body has a token.
    """

    def __init__(
        self,
        inbound: InboundHandler,
        on_connected: Callable[[Mapping[str, Any]], Awaitable[bool]],
        *,
        token: str,
        secret: Secret,
        metrics: Metrics,
    ) -> None:
        self._inbound = inbound
        self._on_connected = on_connected
        self._token = token
        self._secret = secret
        self._metrics = metrics

    async def webhook(self, request: Request) -> Response:
        """What happened to an account, or to somebody it knows."""
        given = request.headers.get(SECRET_HEADER, "")
        known = any(_same(given, secret) for secret in self._secret.all())
        if not (_same(request.path_params["token"], self._token) and known):
            return self._unauthenticated()
        raw = await _limited_body(request)
        if raw is None:
            return _too_large()
        try:
            with across(_NOBODYS_YET):
                readable = await self._inbound.receive(raw)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is to come again
            return _not_stored(error)
        return PlainTextResponse("ok\n") if readable else _unreadable(self._metrics)

    async def callback(self, request: Request) -> Response:
        """An owner is done with signing in."""
        if not _same(request.path_params["token"], self._token):
            return self._unauthenticated()
        raw = await _limited_body(request)
        if raw is None:
            return _too_large()
        body = document(raw)
        if body is None:
            return _unreadable(self._metrics)
        try:
            with across(_NOBODYS_YET):
                taken = await self._on_connected(body)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is to come again
            return _not_stored(error)
        if not taken:
            self._metrics.inbound.labels("connected", "refused").inc()
            return PlainTextResponse("not found\n", status_code=404)
        self._metrics.inbound.labels("connected", "stored").inc()
        return PlainTextResponse("ok\n")

    def _unauthenticated(self) -> Response:
        self._metrics.inbound.labels("other", "unauthenticated").inc()
        return PlainTextResponse("not found\n", status_code=404)


def _not_stored(error: Exception) -> Response:
    log.error("webhook_not_stored", exc_info=error)
    return PlainTextResponse("not stored\n", status_code=_UNAVAILABLE)


def _too_large() -> Response:
    return PlainTextResponse("too large\n", status_code=413)


def _unreadable(metrics: Metrics) -> Response:
    metrics.inbound.labels("other", "unreadable").inc()
    return PlainTextResponse("not a JSON object\n", status_code=400)


async def _limited_body(request: Request) -> bytes | None:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _LARGEST:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
