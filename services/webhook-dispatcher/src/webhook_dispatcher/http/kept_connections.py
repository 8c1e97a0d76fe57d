"""Connections that are kept open, found by the host that they lead to.

The pool of httpcore asks each of its connections, at every request, whether it is still open: with
fifty of them that takes as long as the request does. Here a request looks at one. How many there
are at once is bounded by whoever posts.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpcore

_Host = tuple[bytes, bytes, int]


@dataclass(frozen=True, eq=False)
class _Connection:
    to: _Host
    http: httpcore.AsyncConnectionInterface


class KeptConnections(httpcore.AsyncConnectionPool):
    """At most `most` idle ones, each for `keep` seconds; of a host's the latest is used first."""

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        ssl_context: ssl.SSLContext,
        *,
        most: int,
        keep: float,
    ) -> None:
        super().__init__(ssl_context=ssl_context, keepalive_expiry=keep, network_backend=backend)
        self._most = most
        self._idle: dict[_Connection, None] = {}
        """Those that have been idle for longest first."""
        self._idle_to: dict[_Host, list[_Connection]] = {}

    @property
    def connections(self) -> list[httpcore.AsyncConnectionInterface]:
        """Those that are idle."""
        return [each.http for each in self._idle]

    async def aclose(self) -> None:
        """Close those that are idle, and from now on each as soon as it is."""
        self._most = 0
        await self._close_surplus()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Ask, by a connection that is there or a new one; raises what httpcore's pool does.

        Whoever closes the answer's stream leaves the connection to the next request.
        """
        connection = await self._to(request.url.origin)
        try:
            response = await connection.http.handle_async_request(request)
        except BaseException:
            await _closed(connection)
            raise
        return httpcore.Response(
            status=response.status,
            headers=response.headers,
            content=_Content(response.stream, connection, self._leave),
            extensions=response.extensions,
        )

    async def _to(self, origin: httpcore.Origin) -> _Connection:
        host = (origin.scheme, origin.host, origin.port)
        while idle := self._idle_to.get(host):
            connection = self._taken(idle[-1])
            if not (connection.http.is_closed() or connection.http.has_expired()):
                return connection
            await connection.http.aclose()
        return _Connection(host, self.create_connection(origin))

    def _taken(self, connection: _Connection) -> _Connection:
        del self._idle[connection]
        idle = self._idle_to[connection.to]
        idle.remove(connection)
        if not idle:
            del self._idle_to[connection.to]
        return connection

    async def _leave(self, connection: _Connection) -> None:
        """Its answer was read; it is idle from now on, unless one side has closed it."""
        if connection.http.is_idle():
            # Before it is for others: whoever is cancelled meanwhile closes it.
            await self._close_surplus(beside=1)
        if self._most and connection.http.is_idle():
            self._idle[connection] = None
            self._idle_to.setdefault(connection.to, []).append(connection)
        else:
            await connection.http.aclose()

    async def _close_surplus(self, *, beside: int = 0) -> None:
        """Close what is one too many beside so many others, and what was idle for too long."""
        while self._idle:
            oldest = next(iter(self._idle))
            if len(self._idle) + beside <= self._most and not oldest.http.has_expired():
                return
            await self._taken(oldest).http.aclose()


class _Content:
    """What an answer says."""

    def __init__(
        self,
        stream: Any,
        connection: _Connection,
        leave: Callable[[_Connection], Awaitable[None]],
    ) -> None:
        self._stream = stream
        self._connection = connection
        self._leave = leave
        self._closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            await self._stream.aclose()
            await self._leave(self._connection)
        except BaseException:
            await _closed(self._connection)
            raise


async def _closed(connection: _Connection) -> None:
    """Close it although whoever used it is cancelled once more: none stays open unnoticed."""
    await asyncio.shield(asyncio.ensure_future(connection.http.aclose()))
