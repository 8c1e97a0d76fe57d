"""Which addresses a name has: asked without a thread, bounded in time and number, and kept.

The system's own look-up (`getaddrinfo`) holds a thread for as long as a name server is silent, and
there are few threads: a dozen slow names would hold up everybody's deliveries.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import aiodns
from servicekit.ttl_cache import TtlCache

Ask = Callable[[str], Awaitable[Sequence[str]]]
"""Every address of a name; raises `OSError` when it has none."""

KEPT_FOR = timedelta(seconds=30)
"""What is kept is still judged before each connection: a name gains nothing by changing."""
_REFUSED_FOR = timedelta(seconds=5)
_SECONDS, _TRIES = 2.0, 2
"""A silent name server costs a few seconds, less than a POST may take."""
_AT_ONCE = 100


@dataclass(frozen=True)
class NoAddress:
    """A name that has none, and why."""

    why: str


class NameResolver:
    """Addresses of names, asked for once by however many want them at a time.

    An async context manager. At most a hundred names are asked for at once.
    """

    def __init__(self, ask: Ask | None = None) -> None:
        self._ask = ask or self._ask_servers
        self._servers: aiodns.DNSResolver | None = None
        self._room = asyncio.Semaphore(_AT_ONCE)
        self._asking: dict[str, asyncio.Task[Sequence[str] | NoAddress]] = {}
        self._found: TtlCache[str, Sequence[str]] = TtlCache(KEPT_FOR)
        self._refused: TtlCache[str, NoAddress] = TtlCache(_REFUSED_FOR)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)
        if self._servers is not None:
            await self._servers.close()

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """Every address of a name, without repetition; raises `OSError` when it has none."""
        answer = self._found.get(host) or self._refused.get(host) or await self._asked(host)
        if isinstance(answer, NoAddress):
            raise OSError(answer.why)
        return answer

    async def _asked(self, host: str) -> Sequence[str] | NoAddress:
        task = self._asking.get(host)
        if task is None:
            task = asyncio.create_task(self._look_up(host), name=f"look up {host}")
            self._asking[host] = task
            task.add_done_callback(lambda _: self._asking.pop(host, None))
        # Whoever asked first may leave: others wait for the same answer.
        return await asyncio.shield(task)

    async def _look_up(self, host: str) -> Sequence[str] | NoAddress:
        async with self._room:
            try:
                addresses = list(dict.fromkeys(await self._ask(host)))
            except OSError as error:
                refused = NoAddress(str(error))
                self._refused.put(host, refused)
                return refused
        self._found.put(host, addresses)
        return addresses

    async def _ask_servers(self, host: str) -> Sequence[str]:
        if self._servers is None:
            self._servers = aiodns.DNSResolver(timeout=_SECONDS, tries=_TRIES)
        try:
            answer = await self._servers.getaddrinfo(host, type=socket.SOCK_STREAM)
        except aiodns.error.DNSError as error:
            raise OSError(str(error.args[-1])) from error
        return [str(ip_address(node.addr[0].decode())) for node in answer.nodes]
