"""Whatever a receiver answers, every POST ends in time and says how."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhook_dispatcher.http.destination import Rules
from webhook_dispatcher.http.sender import Sender

from tests.fakes.names import literally

LOOPBACK = Rules(loopback=True)
TIMEOUT = timedelta(seconds=2)
OK = b"HTTP/1.1 200 OK\r\n"

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def receiver(speak: Speak) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A receiver that says this to whoever has asked, and what it was asked."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                heard.append(head)
                await reader.readexactly(2)
                await speak(writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", heard
    finally:
        server.close()


def to_itself(timeout: timedelta = TIMEOUT) -> Sender:
    return Sender(LOOPBACK, timeout=timeout, resolve=literally)


def said(*pieces: bytes, close: bool = True) -> Speak:
    async def speak(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
        if close:
            writer.close()

    return speak


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(OK + b"transfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "speak",
    [
        said(OK + b"content-length: 100\r\n\r\n", b"half"),
        said(OK + b"content-length: 100\r\n\r\n", close=False),
        said(OK + b"transfer-encoding: chunked\r\n\r\n", b"no chunk at all"),
        endless,
    ],
    ids=["cut off", "never comes", "no HTTP", "endless"],
)
async def test_a_2xx_is_success_whatever_its_body(speak: Speak) -> None:
    """The event has arrived: a body that is none does not have it sent again."""
    async with (
        receiver(speak) as (url, _),
        to_itself() as sender,
    ):
        began = time.monotonic()
        answer = await sender.post(url, body="{}", headers={})

    assert (answer.accepted, answer.status_code) == (True, 200)
    assert time.monotonic() - began < 2
    assert answer.latency < timedelta(seconds=1)


async def test_a_failure_stays_one_whatever_its_body() -> None:
    """A status of refusal is told though its body is cut off."""
    speak = said(b"HTTP/1.1 503 No\r\ncontent-length: 9\r\n\r\n", b"later")
    async with (
        receiver(speak) as (url, _),
        to_itself() as sender,
    ):
        answer = await sender.post(url, body="{}", headers={})

    assert (answer.error, answer.excerpt) == ("Answered 503.", "later")


async def test_no_cookie_is_kept() -> None:
    """What one receiver sets is sent to nobody, itself included."""
    speak = said(
        OK + b"set-cookie: a=1; path=/\r\nset-cookie: b=2\r\ncontent-length: 0\r\n\r\n",
        close=False,
    )
    async with (
        receiver(speak) as (url, heard),
        to_itself() as sender,
    ):
        for _ in range(3):
            await sender.post(url, body="{}", headers={})

    assert len(heard) == 3
    assert not any(b"cookie" in each.lower() for each in heard)


@pytest.mark.parametrize(
    "url",
    [
        "https://" + "a" * 64 + ".example.com/",
        "https://xn--a.example.com/",
        "https://ex\u00adample.com/",
        "https://example.com:99999/",
    ],
)
async def test_a_host_that_cannot_be_is_an_answer(url: str) -> None:
    """What cannot even be asked for is an attempt with its reason."""
    async with to_itself() as sender:
        answer = await sender.post(url, body="{}", headers={})

    assert not answer.accepted
    assert answer.error


async def test_what_breaks_us_is_an_answer() -> None:
    """A failure that nobody thought of is one too, without what it says."""

    async def broken(_host: str, _port: int) -> list[str]:
        raise KeyError("a-secret-name")

    async with Sender(LOOPBACK, timeout=TIMEOUT, resolve=broken) as sender:
        answer = await sender.post("http://localhost:1/", body="{}", headers={})

    assert answer.error == "No answer: KeyError"


@settings(max_examples=40)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 500 \r\nretry-after: "]),
)
def test_any_bytes_are_an_answer(content: bytes, head: bytes) -> None:
    """Any stream of bytes ends in an answer, in time."""

    async def ask() -> None:
        async with (
            receiver(said(head + content)) as (url, _),
            to_itself(timedelta(seconds=0.5)) as sender,
        ):
            answer = await sender.post(url, body="{}", headers={})
        assert answer.accepted is (200 <= answer.status_code < 300)
        assert len(answer.error) < 400

    asyncio.run(ask())
