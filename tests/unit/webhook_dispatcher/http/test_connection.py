"""Connections lead only to addresses that were checked."""

from collections.abc import Sequence
from typing import Any

import httpcore
import pytest
from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.connection import GuardedBackend, Resolve
from webhook_dispatcher.http.destination import PUBLIC_ONLY


class FakeNetwork(httpcore.AsyncMockBackend):
    """Remembers whom it was asked to connect to; some do not answer."""

    def __init__(self, *dead: str) -> None:
        super().__init__([])
        self.dead = dead
        self.asked: list[str] = []

    async def connect_tcp(
        self, host: str, *args: Any, **kwargs: Any
    ) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        if host in self.dead:
            raise httpcore.ConnectError("refused")
        return await super().connect_tcp(host, *args, **kwargs)


def resolving_to(*addresses: str) -> Resolve:
    async def answer(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return answer


async def test_the_address_is_connected_to_not_the_name() -> None:
    """What the network is given is the very address that was checked."""
    network = FakeNetwork()
    backend = GuardedBackend(PUBLIC_ONLY, resolve=resolving_to("93.184.216.34"), backend=network)

    await backend.connect_tcp("hooks.example.com", 443)

    assert network.asked == ["93.184.216.34"]


async def test_the_next_address_is_tried() -> None:
    """When one address of a name is dead, the next one is tried."""
    network = FakeNetwork("93.184.216.34")
    backend = GuardedBackend(
        PUBLIC_ONLY, resolve=resolving_to("93.184.216.34", "93.184.216.35"), backend=network
    )

    await backend.connect_tcp("hooks.example.com", 443)

    assert network.asked == ["93.184.216.34", "93.184.216.35"]


async def test_all_dead_is_a_connection_error() -> None:
    """When no address answers, the last refusal is raised."""
    network = FakeNetwork("93.184.216.34")
    backend = GuardedBackend(PUBLIC_ONLY, resolve=resolving_to("93.184.216.34"), backend=network)

    with pytest.raises(httpcore.ConnectError, match="refused"):
        await backend.connect_tcp("hooks.example.com", 443)


async def test_one_private_address_stops_everything() -> None:
    """Not even the public address of a name is connected to when another one is private."""
    network = FakeNetwork()
    backend = GuardedBackend(
        PUBLIC_ONLY, resolve=resolving_to("93.184.216.34", "::ffff:10.0.0.1"), backend=network
    )

    with pytest.raises(DestinationForbidden):
        await backend.connect_tcp("hooks.example.com", 443)

    assert network.asked == []


async def test_unix_sockets_are_never_called() -> None:
    """There is no way to a local socket."""
    with pytest.raises(httpcore.ConnectError):
        await GuardedBackend(PUBLIC_ONLY, resolve=resolving_to()).connect_unix_socket(
            "/run/any.sock"
        )
