"""A stream, of answers or of requests, ends when the token does that it was asked by."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from prometheus_client import CollectorRegistry
from servicekit.errors import Unauthenticated, Unavailable
from servicekit.grpc import client as grpc_client
from servicekit.grpc.interceptors import standard_interceptor
from servicekit.grpc.server import GrpcServer
from servicekit.identity.authenticator import Authenticator
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings

SERVICE = "campaign-api"
LEEWAY = 30.0
"""For which a token is believed after its end."""
LEFT = 60.0
"""Seconds for which the token is still believed when the call arrives."""


class LoopClock:
    """The clock of the event loop, by which the time of a call ends; a test moves it on."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        real, self._ahead = loop.time, 0.0
        loop.time = lambda: real() + self._ahead  # type: ignore[method-assign]

    def end_token(self) -> None:
        """Move it beyond the end of a token that the server has believed."""
        self._ahead += LEFT + 1


class News:
    """Tells something at once, and then nothing, or as much as is read."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.told = 0

    async def Follow(self, request: bytes, _: Any) -> AsyncIterator[bytes]:  # noqa: N802
        try:
            while True:
                self.told += 1
                yield b"news" * (20_000 if request == b"all" else 1)
                if request != b"all":
                    await asyncio.Event().wait()
        finally:
            self.ended.set()

    async def Upload(self, requests: AsyncIterator[bytes], _: Any) -> bytes:  # noqa: N802
        try:
            async for _each in requests:
                self.told += 1
                self.begun.set()
        finally:
            self.ended.set()
        return b"all of it"

    async def Ponder(self, _request: bytes, _: Any) -> bytes:  # noqa: N802
        self.begun.set()
        await asyncio.sleep(LEFT + 0.5)  # beyond the token's end, by the clock that is moved on
        return b"an answer"

    async def stands_still(self) -> None:
        """Until what it tells waits to be read."""
        before = -1
        while before != self.told:
            before = self.told
            await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(news: News, tmp_path: Path) -> AsyncIterator[Any]:
    """The methods, asked by a token that is believed for `LEFT` from when a call arrives."""
    keys = Keys(tmp_path / "keys")
    settings = ServiceSettings(**keys.settings(SERVICE))
    identity = Identity.of_server(settings, service=SERVICE, sandbox=False, calls=True)
    ends_at = int(time.time()) + 60
    authenticator = Authenticator(
        SERVICE,
        issuers=identity.issuers,
        services=identity.services,
        now=lambda: ends_at + LEEWAY - LEFT,
    )
    interceptor = standard_interceptor(CollectorRegistry(), authenticator=authenticator)
    server = GrpcServer(interceptors=[interceptor], grace=timedelta(0))
    handlers = {
        "Follow": grpc.unary_stream_rpc_method_handler(news.Follow),
        "Upload": grpc.stream_unary_rpc_method_handler(news.Upload),
        "Ponder": grpc.unary_unary_rpc_method_handler(news.Ponder),
    }
    server.add(
        lambda _, to: to.add_registered_method_handlers("a.Service", handlers),  # type: ignore[attr-defined]
        news,
    )
    async with server:
        token = keys.token(org="org_1", exp=ends_at)
        async with grpc_client.channel(server.address, token=lambda: token) as channel:
            yield channel


async def test_a_stream_ends_with_its_token(tmp_path: Path) -> None:
    """Whoever was thrown out followed for an hour; now they come again, with a new token."""
    news, clock = News(), LoopClock()
    async with asyncio.timeout(2 * LEFT), serving(news, tmp_path) as channel:
        answers = aiter(channel.unary_stream("/a.Service/Follow")(b""))
        assert await anext(answers) == b"news"
        clock.end_token()
        with pytest.raises(Unauthenticated) as ended:
            await anext(answers)
        await news.ended.wait()

    assert ended.value.reason == "TOKEN_ENDED"


async def test_who_reads_nothing_is_ended_too(tmp_path: Path) -> None:
    """Its end was lost while an answer waited to be read: whoever read on then waited for ever."""
    news, clock = News(), LoopClock()
    async with asyncio.timeout(2 * LEFT), serving(news, tmp_path) as channel:
        answers = aiter(channel.unary_stream("/a.Service/Follow")(b"all"))
        assert await anext(answers)
        await news.stands_still()
        told = news.told
        clock.end_token()
        await asyncio.sleep(0.01)  # what is due has come, and nobody reads yet
        with pytest.raises(Unauthenticated) as ended:
            await _all(answers)
        await news.ended.wait()

    assert ended.value.reason == "TOKEN_ENDED"
    assert news.told <= told + 1


@pytest.mark.parametrize("sends", ["on and on", "nothing more"])
async def test_an_upload_ends_with_its_token(tmp_path: Path, sends: str) -> None:
    """Whoever was thrown out went on bringing leads for half an hour."""
    news, clock = News(), LoopClock()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        while sends == "on and on":
            await asyncio.sleep(0.01)
            yield b"next"
        await asyncio.Event().wait()

    async with asyncio.timeout(2 * LEFT), serving(news, tmp_path) as channel:
        upload = channel.stream_unary("/a.Service/Upload")(pieces())
        await news.begun.wait()
        clock.end_token()
        with pytest.raises((Unauthenticated, Unavailable)) as ended:
            await upload
        await news.ended.wait()

    # Of one that ends while a piece is sent gRPC does not tell what the server said.
    assert ended.value.reason in {"TOKEN_ENDED"} | (
        {"UNAVAILABLE"} if sends == "on and on" else set()
    )


async def test_one_question_is_answered_all_the_same(tmp_path: Path) -> None:
    """It was asked in time, and its contract says within which time it is answered."""
    news, clock = News(), LoopClock()
    async with asyncio.timeout(2 * LEFT), serving(news, tmp_path) as channel:
        asked = channel.unary_unary("/a.Service/Ponder")(b"")
        await news.begun.wait()
        clock.end_token()
        answer = await asked

    assert answer == b"an answer"


async def _all(answers: AsyncIterable[bytes]) -> None:
    async for _ in answers:
        pass
