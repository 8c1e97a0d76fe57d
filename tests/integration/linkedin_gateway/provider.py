"""A provider that answers in ways of its own, and what callers are told."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from servicekit.errors import FailedPrecondition


class Scripted(httpx.AsyncBaseTransport):
    """A provider that answers some calls in ways of its own."""

    def __init__(self, own: httpx.AsyncBaseTransport) -> None:
        self._own = own
        self._next: dict[str, tuple[Callable[[httpx.Response], httpx.Response], bool]] = {}

    def next(
        self, path: str, change: Callable[[httpx.Response], httpx.Response], *, done: bool = True
    ) -> None:
        """Change the answer to the next call of a path, whether or not it is carried out."""
        self._next[path] = (change, done)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        change, done = self._next.pop(path, (lambda answer: answer, True))
        answer = httpx.Response(204)
        if done:
            answer = await self._own.handle_async_request(request)
            await answer.aread()
        return change(answer)


async def reason_of(performing: Awaitable[Any]) -> str:
    """Why it will never be performed; empty when it was."""
    try:
        await performing
    except FailedPrecondition as told:
        return told.reason
    return ""
