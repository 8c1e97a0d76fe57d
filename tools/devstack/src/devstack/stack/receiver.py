"""A customer's side of webhooks: receives them, verifies their signatures, keeps them."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servicekit.http_server import HttpServer
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True, kw_only=True)
class Received:
    """One webhook that arrived."""

    name: str
    """Under which name its endpoint was registered."""
    verified: bool
    webhook_id: str
    event: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.event.get("type", "?"))


class Receiver:
    """Listens on loopback under a path for each endpoint and answers 204.

    A webhook whose signature is wrong is kept too, and answered with 401.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._secrets: dict[str, str] = {}
        self.received: list[Received] = []
        self.refuses = False
        """While it is so, everything that arrives is answered 503 and forgotten."""
        self._arrived = asyncio.Condition()
        self._server = HttpServer(
            Starlette(routes=[Route("/hooks/{name}", self._receive, methods=["POST"])])
        )

    async def __aenter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.__aexit__(kind, error, trace)

    def url(self, name: str) -> str:
        """Where the endpoint of that name listens."""
        return f"{self._server.url}/hooks/{name}"

    def trust(self, name: str, secret: str) -> None:
        """Verify what arrives there with this secret."""
        self._secrets[name] = secret

    def events(self, *, name: str | None = None, type: str | None = None) -> list[Received]:  # noqa: A002 - the event's own word
        """What arrived and was verified, once for each event and endpoint, in order."""
        first = {(it.name, it.webhook_id): it for it in reversed(self.received) if it.verified}
        return [
            it
            for it in reversed(first.values())
            if (name is None or it.name == name) and (type is None or it.type == type)
        ]

    async def until(self, enough: Callable[[], bool], *, within: timedelta) -> bool:
        """Wait until enough has arrived; whether it did."""
        try:
            async with asyncio.timeout(within.total_seconds()), self._arrived:
                await self._arrived.wait_for(enough)
        except TimeoutError:
            return False
        return True

    async def _receive(self, request: Request) -> Response:
        name, body = request.path_params["name"], await request.body()
        if self.refuses:
            return Response(status_code=503)
        arrived = Received(
            name=name,
            verified=self._verify(name, body, dict(request.headers)),
            webhook_id=request.headers.get("webhook-id", ""),
            event=_parse(body),
        )
        async with self._arrived:
            self.received.append(arrived)
            self._arrived.notify_all()
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(arrived), ensure_ascii=False) + "\n")
        return Response(status_code=204 if arrived.verified else 401)

    def _verify(self, name: str, body: bytes, headers: dict[str, str]) -> bool:
        secret = self._secrets.get(name)
        if secret is None:
            return False
        try:
            Webhook(secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):
            return False
        return True


def count_types(events: Iterable[Received]) -> Counter[str]:
    """How many of each type."""
    return Counter(it.type for it in events)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
