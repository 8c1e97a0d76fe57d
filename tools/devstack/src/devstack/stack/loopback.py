"""This machine's own addresses: free ports, and HTTP to what listens there."""

import random
import socket
import ssl
import threading
from collections.abc import Iterator
from itertools import islice

import httpx

# Below the range from which systems draw the ports of outgoing connections, so that a
# port found free is still free when its server starts, and when it starts again.
_FIRST, _LAST = 20_000, 32_000

# A process draws from blocks that it holds, so that no two give out one port while
# neither's server listens yet. Whoever listens on a block's first port holds it, and
# lets go of it by ending, however it ends.
_BLOCK = 100

# It believes nobody: the system's authorities take 20 ms to read, and nobody here needs them.
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def loopback_client(url: str = "", *, timeout: float = 5.0) -> httpx.AsyncClient:
    """A client for plain HTTP, whatever proxy its user has; gives up after so many seconds."""
    return httpx.AsyncClient(base_url=url, timeout=timeout, verify=_NOBODY, trust_env=False)


def free_ports(count: int) -> list[int]:
    """Ports on which nothing listens, and that no process was given while this one runs.

    Raises `OSError` when there are not so many.
    """
    found = list(islice(_PORTS, count))
    if len(found) < count:
        raise OSError(f"fewer than {count} free ports between {_FIRST} and {_LAST}")
    return found


class _Ports:
    """The free ports of one block after another, each handed out once."""

    def __init__(self) -> None:
        self._guards: list[socket.socket] = []
        self._lock = threading.Lock()
        self._ports = self._draw()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        with self._lock:
            return next(self._ports)

    def _draw(self) -> Iterator[int]:
        blocks = range(_FIRST, _LAST, _BLOCK)
        for first in random.SystemRandom().sample(blocks, len(blocks)):
            guard = _listening(first)
            if guard is not None:
                self._guards.append(guard)
                yield from filter(_is_free, range(first + 1, first + _BLOCK))


def _listening(port: int) -> socket.socket | None:
    guard = socket.socket()
    try:
        guard.bind(("127.0.0.1", port))
        guard.listen()
    except OSError:
        guard.close()
        return None
    return guard


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS = _Ports()
