"""Customers' servers on one port, as little of them as there can be: what came, and when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_ID = b"webhook-id: "
_LENGTH = b"content-length: "
_ANSWERS = {
    204: b"HTTP/1.1 204 No Content\r\n\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
}


@dataclass
class Receivers:
    """Each path is a customer; whoever asks waits for a number of answers."""

    hang: set[str] = field(default_factory=set)
    """They take a request and never answer."""
    uncounted: set[str] = field(default_factory=set)
    """Nobody asks what comes to them."""
    refusals: int = 0
    """How often each event is refused at each before it is taken."""
    bodies: list[bytes] = field(default_factory=list)
    """What came, as many as there is room for."""
    keep: int = 0
    port: int = 0
    _taken: dict[tuple[str, str], float] = field(default_factory=dict)
    _tried: dict[tuple[str, str], int] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str) -> str:
        """Where a customer listens."""
        return f"http://127.0.0.1:{self.port}/{path}"

    def forget(self) -> None:
        """Begin anew."""
        self._taken.clear()
        self._tried.clear()

    def taken(self) -> dict[tuple[str, str], float]:
        """When each was taken (`time.monotonic`), by customer and event."""
        return dict(self._taken)

    async def arrived(self, count: int, *, within: float) -> None:
        """Wait until so many were taken; raises `TimeoutError` after so many seconds."""
        async with asyncio.timeout(within):
            while len(self._taken) < count:
                self._news.clear()
                await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes on one connection, until it is closed."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = await reader.readexactly(int(_header(head, _LENGTH) or b"0"))
                path = head.split(b" ", 2)[1].decode().strip("/")
                if path in self.hang:
                    await reader.read()
                    return
                writer.write(_ANSWERS[self._answer(path, _header(head, _ID).decode(), body)])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str, event_id: str, body: bytes) -> int:
        if path in self.uncounted:
            return 204
        key = (path, event_id)
        self._tried[key] = self._tried.get(key, 0) + 1
        if self._tried[key] <= self.refusals:
            return 503
        self._taken.setdefault(key, time.monotonic())
        if len(self.bodies) < self.keep:
            self.bodies.append(body)
        self._news.set()
        return 204


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header; empty if there is none."""
    begin = head.lower().find(b"\r\n" + name)
    if begin < 0:
        return b""
    begin += len(name) + 2
    return head[begin : head.index(b"\r\n", begin)].strip()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receivers]:
    """Receivers on a free port, while the block runs."""
    receivers = Receivers()
    server = await asyncio.start_server(receivers.serve, "127.0.0.1", 0)
    receivers.port = server.sockets[0].getsockname()[1]
    try:
        yield receivers
    finally:
        server.close()
