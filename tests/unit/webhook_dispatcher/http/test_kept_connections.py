"""A connection serves one request after the other, and none is left open unnoticed."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import pytest
from webhook_dispatcher.http.kept_connections import KeptConnections


@dataclass
class Host:
    """Answers after `answers` is set; how many connections there were, and how many there are."""

    port: int = 0
    made: int = 0
    open: int = 0
    closes: bool = False
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        await self._count(1)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await self.answers.wait()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                if self.closes:
                    break
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            await self._count(-1)

    async def _count(self, more: int) -> None:
        async with self.changed:
            self.open += more
            self.changed.notify_all()

    async def until_open(self, count: int) -> None:
        """Wait until so many are open."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: self.open == count)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def hosts(count: int = 1) -> AsyncIterator[Sequence[Host]]:
    """So many that answer at once."""
    found, servers = [Host() for _ in range(count)], []
    for host in found:
        host.answers.set()
        server = await asyncio.start_server(host.serve, "127.0.0.1", 0)
        host.port = server.sockets[0].getsockname()[1]
        servers.append(server)
    try:
        yield found
    finally:
        for server in servers:
            server.close()


def kept(*, most: int = 10, keep: float = 15.0) -> KeptConnections:
    backend = httpcore.AnyIOBackend()
    return KeptConnections(backend, ssl.create_default_context(), most=most, keep=keep)


async def ask(connections: KeptConnections, *of: Host) -> None:
    """One request to each, all of them at once."""
    answers = await asyncio.gather(*(connections.request("GET", each.url) for each in of))
    assert [answer.content for answer in answers] == [b"ok"] * len(of)


async def test_one_serves_one_after_the_other() -> None:
    """Three requests in turn take one connection; three at once take three."""
    async with hosts() as [host], kept() as connections:
        for _ in range(3):
            await ask(connections, host)
        assert host.made == 1

        await ask(connections, host, host, host)
        await ask(connections, host, host, host)

        assert host.made == 3


async def test_each_host_has_its_own() -> None:
    """What leads to one is never used for another."""
    async with hosts(2) as [one, other], kept() as connections:
        for _ in range(3):
            await ask(connections, one, other)

        assert (one.made, other.made) == (1, 1)


async def test_what_the_host_has_closed_is_not_used() -> None:
    """A host that closes after each answer is asked by a new connection each time."""
    async with hosts() as [host], kept() as connections:
        host.closes = True
        for _ in range(3):
            await ask(connections, host)
            await host.until_open(0)

        assert host.made == 3


async def test_as_many_are_kept_as_may_be() -> None:
    """Those idle for longest are closed first, whomever they lead to."""
    async with hosts(2) as [one, other], kept(most=2) as connections:
        await ask(connections, one, one)
        await ask(connections, other)
        await one.until_open(1)

        await ask(connections, one, other)

        assert (one.made, other.made) == (2, 1)


async def test_what_was_idle_for_too_long_is_closed() -> None:
    """By whoever leaves one next, to whichever host."""
    async with hosts(2) as [one, other], kept(keep=0.0) as connections:
        await ask(connections, one)
        await ask(connections, other)
        await one.until_open(0)

        await ask(connections, one)

        assert one.made == 2


async def test_whoever_gives_up_leaves_nothing_open() -> None:
    """A request that is cancelled before its answer has come takes its connection along."""
    async with hosts() as [host], kept() as connections:
        host.answers.clear()
        asked = asyncio.create_task(connections.request("GET", host.url))
        await host.until_open(1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        host.answers.set()
        await host.until_open(0)

        await ask(connections, host)

        assert host.made == 2


async def test_whoever_gives_up_while_others_are_closed_closes_their_own_alone() -> None:
    """The connection that another request has taken by then is left to it."""
    async with hosts(2) as [one, other], kept(most=1) as connections:
        await ask(connections, other)
        (idle,) = connections.connections
        closing, may_close = asyncio.Event(), asyncio.Event()
        close = idle.aclose

        async def slowly() -> None:
            closing.set()
            await may_close.wait()
            await close()

        idle.aclose = slowly  # type: ignore[method-assign]
        asked = asyncio.create_task(connections.request("GET", one.url))
        await closing.wait()
        beside = asyncio.create_task(connections.request("GET", one.url))
        asked.cancel()
        may_close.set()

        assert (await beside).content == b"ok"
        assert all(not each.is_closed() for each in connections.connections)


async def test_an_answer_that_is_not_read_closes_its_connection() -> None:
    """What is left of it would be taken for the next answer."""
    async with hosts() as [host], kept() as connections:
        async with connections.stream("GET", host.url):
            pass
        await ask(connections, host)

        assert host.made == 2


async def test_at_the_end_all_are_closed() -> None:
    """Those that are idle at once, one that is under way with its answer."""
    async with hosts() as [host]:
        async with kept() as connections:
            await ask(connections, host, host)
            async with connections.stream("GET", host.url) as answer:
                await connections.aclose()
                await host.until_open(1)
                async for _ in answer.aiter_stream():
                    pass
        await host.until_open(0)
