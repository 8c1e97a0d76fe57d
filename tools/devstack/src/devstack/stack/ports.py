"""Free ports on loopback."""

import random
import socket
from collections.abc import Iterator

# Below the range from which systems draw the ports of outgoing connections, so that a
# port found free is still free when its server starts, and when it starts again.
_FIRST, _LAST = 20_000, 32_000


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
