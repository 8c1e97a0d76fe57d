"""One POST: what a receiver's answer means, and what is never called."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from servicekit.http_server import HttpServer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route
from webhook_dispatcher.http.destination import PUBLIC_ONLY, Rules
from webhook_dispatcher.http.sender import Sender, retry_after

from tests.fakes.names import literally

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOPBACK = Rules(loopback=True)


async def echo(request: Request) -> Response:
    headers = {name: request.headers.get(name, "") for name in ("content-type", "user-agent")}
    return PlainTextResponse(f"{headers} {(await request.body()).decode()}", status_code=299)


async def failing(_: Request) -> Response:
    return PlainTextResponse("database\n\x00 down " + "x" * 1000, status_code=500)


async def busy(_: Request) -> Response:
    return PlainTextResponse("", status_code=429, headers={"retry-after": "120"})


async def busy_until(_: Request) -> Response:
    until = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    return PlainTextResponse("", status_code=503, headers={"retry-after": until})


async def redirecting(_: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:1/", status_code=307)


async def long_winded(_: Request) -> Response:
    async def content() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 65536
            await asyncio.sleep(0)

    return StreamingResponse(content())


async def silent(_: Request) -> None:
    await asyncio.Event().wait()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    routes = [
        Route(f"/{handler.__name__}", handler, methods=["POST"])
        for handler in (echo, failing, busy, busy_until, redirecting, long_winded, silent)
    ]
    async with HttpServer(Starlette(routes=routes), grace=timedelta(seconds=1)) as server:
        yield server.url


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(LOOPBACK, timeout=timedelta(seconds=5), resolve=literally) as sender:
        yield sender


async def test_any_2xx_is_accepted(sender: Sender, url: str) -> None:
    """A 2xx status is success, whatever the body; JSON is sent as JSON."""
    answer = await sender.post(f"{url}/echo", body='{"a":"ü"}', headers={"webhook-id": "evt_1"})

    assert answer.accepted
    assert answer.status_code == 299
    assert answer.latency > timedelta(0)


async def test_a_failure_keeps_how_the_answer_began(sender: Sender, url: str) -> None:
    """What a receiver says is kept, short and printable, for the people who look into it."""
    answer = await sender.post(f"{url}/failing", body="{}", headers={})

    assert not answer.accepted
    assert answer.error == "Answered 500."
    assert answer.excerpt.startswith("database down xxx")
    assert len(answer.excerpt) <= 1000


async def test_retry_after_is_in_the_answer(sender: Sender, url: str) -> None:
    """The wait that a receiver asks for comes back."""
    answer = await sender.post(f"{url}/busy", body="{}", headers={})

    assert (answer.status_code, answer.retry_after) == (429, timedelta(seconds=120))


async def test_until_when_goes_by_the_databases_clock(url: str) -> None:
    """A process whose own clock was wrong waited for hours, or not at all."""
    async with Sender(LOOPBACK, resolve=literally, now=lambda: NOW) as sender:
        answer = await sender.post(f"{url}/busy_until", body="{}", headers={})

    assert answer.retry_after == timedelta(seconds=90)


async def test_redirects_are_not_followed(sender: Sender, url: str) -> None:
    """A redirect is a failure: it could lead anywhere."""
    answer = await sender.post(f"{url}/redirecting", body="{}", headers={})

    assert answer.error == "Answered 307: redirects are not followed."


async def test_a_long_answer_is_cut(sender: Sender, url: str) -> None:
    """Only the beginning of an answer is read."""
    answer = await sender.post(f"{url}/long_winded", body="{}", headers={})

    assert answer.accepted
    assert answer.latency < timedelta(seconds=4)


async def test_silence_ends(url: str) -> None:
    """A receiver that never answers costs one time-out."""
    async with Sender(LOOPBACK, timeout=timedelta(seconds=0.2), resolve=literally) as sender:
        answer = await sender.post(f"{url}/silent", body="{}", headers={})

    assert answer.error == "No answer within 0.2 s."


async def test_nobody_there(sender: Sender) -> None:
    """A refused connection is an answer of its own, without a status."""
    answer = await sender.post("http://127.0.0.1:1/", body="{}", headers={})

    assert answer.status_code == 0
    assert answer.error.startswith("No answer")


async def test_a_private_address_is_not_called(url: str) -> None:
    """Without the sandbox's rule this machine is not called."""
    async with Sender(PUBLIC_ONLY, resolve=literally) as sender:
        answer = await sender.post(f"{url}/echo", body="{}", headers={})

    assert answer.forbidden


async def test_a_name_that_leads_inside_is_not_called() -> None:
    """A public name that resolves to a private address is refused when connecting."""

    async def inside(_host: str, _port: int) -> list[str]:
        return ["169.254.169.254"]

    async with Sender(PUBLIC_ONLY, resolve=inside) as sender:
        answer = await sender.post("https://hooks.example.com/", body="{}", headers={})

    assert answer.forbidden
    assert "169.254.169.254" in answer.error


async def test_the_checked_address_is_the_one_connected_to(url: str) -> None:
    """A name is resolved once per connection: a second answer has no say (DNS rebinding)."""
    port = int(url.rpartition(":")[2])
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(_host: str, _port: int) -> list[str]:
        return next(answers)

    async with Sender(LOOPBACK, resolve=rebinding) as sender:
        first = await sender.post(f"http://localhost:{port}/echo", body="{}", headers={})

    assert first.accepted
    assert next(answers) == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("0", timedelta(0)),
        ("120", timedelta(minutes=2)),
        ("9" * 400, timedelta(days=365)),
        ("9" * 5000, timedelta(days=365)),
        ("Sun, 01 Mar 99999 12:05:00 GMT", None),
        ("Sun, 01 Mar 2026 12:05:00 +99999999", None),
        ("Sun, 01 Mar 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Sun, 01 Mar 2026 11:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_forms(header: str | None, wait: timedelta | None) -> None:
    """Seconds and dates are understood; nonsense is ignored."""
    assert retry_after(header, now=NOW) == wait
