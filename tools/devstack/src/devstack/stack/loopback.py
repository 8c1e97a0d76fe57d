"""This machine's own addresses: free ports, and HTTP to what listens there."""

import random
import socket
import ssl
from collections.abc import Iterator

import httpx

# Below the range from which systems draw the ports of outgoing connections, so that a
# port found free is still free when its server starts, and when it starts again.
_FIRST, _LAST = 20_000, 32_000

# It believes nobody: the system's authorities take 20 ms to read, and nobody here needs them.
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def loopback_client(url: str = "", *, timeout: float = 5.0) -> httpx.AsyncClient:
    """A client for plain HTTP, whatever proxy its user has; gives up after so many seconds."""
    return httpx.AsyncClient(base_url=url, timeout=timeout, verify=_NOBODY, trust_env=False)


def free_ports(count: int) -> list[int]:
    """Ports on which nothing listens; drawn at random, so that two stacks seldom meet.

    Raises `OSError` when there are not so many.
    """
    found = []
    for port in _candidates():
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"fewer than {count} free ports between {_FIRST} and {_LAST}")


def _candidates() -> Iterator[int]:
    yield from random.SystemRandom().sample(range(_FIRST, _LAST), _LAST - _FIRST)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
