"""Where a connection may lead: only to an address that was checked a moment before.

A name is resolved here, every address it has is checked, and one of those very addresses
is connected to. TLS still verifies the name. A name that changes its answer between two
look-ups (DNS rebinding) therefore gains nothing.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

from webhook_dispatcher.http.destination import Rules, require_allowed

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Every address of a name; raises `OSError` when it has none."""

_FAILED_TO_CONNECT = (httpcore.ConnectError, httpcore.ConnectTimeout)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to allowed addresses only; raises `DestinationForbidden` for others."""

    def __init__(
        self,
        rules: Rules,
        *,
        resolve: Resolve,
        backend: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._rules = rules
        self._resolve = resolve
        self._backend = backend or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the name's addresses; raises `ConnectError` when none answers."""
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"the name {host} cannot be resolved") from error
        require_allowed(addresses, self._rules)
        failure: Exception | None = None
        for address in addresses:
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except _FAILED_TO_CONNECT as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises `ConnectError`: there is nothing of a customer on this machine."""
        del path, timeout, socket_options
        raise httpcore.ConnectError("unix sockets are never called")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
