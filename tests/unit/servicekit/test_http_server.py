"""servicekit.http_server and health."""

import asyncio
import signal
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import CONTENT_TYPE_LATEST
from servicekit.health import Readiness
from servicekit.http_server import HttpServer, operations_app
from servicekit.telemetry.metrics import new_registry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def fine() -> None:
    """A check that passes."""


async def broken() -> None:
    raise ConnectionError("refused")


async def get(readiness: Readiness, path: str, **options: Any) -> httpx.Response:
    app = operations_app(new_registry("test-service", version="1.2"), readiness, **options)
    async with HttpServer(app) as server, httpx.AsyncClient(base_url=server.url) as client:
        return await client.get(path)


async def test_metrics_tell_process_and_build() -> None:
    """Prometheus reads the service's own registry, with what every service tells."""
    answer = await get(Readiness(), "/metrics")

    assert answer.headers["content-type"] == CONTENT_TYPE_LATEST
    assert 'service_build_info{python="' in answer.text
    assert 'version="1.2"' in answer.text
    assert "process_resident_memory_bytes" in answer.text


async def test_metrics_of_libraries_are_added_while_they_answer() -> None:
    """More metrics come along; when their source fails, ours are still told."""

    async def more() -> bytes:
        return b"more_total 1.0\n"

    async def failing() -> bytes:
        raise ConnectionError("gone")

    answer = await get(Readiness(), "/metrics", more_metrics=[failing, more])

    assert answer.status_code == 200
    assert answer.text.endswith("more_total 1.0\n")


async def test_ready_when_every_check_passes() -> None:
    """The body names each check."""
    readiness = Readiness("postgres")
    readiness.add("postgres", fine)

    answer = await get(readiness, "/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "checks": {"postgres": "ok"}},
    )


async def test_not_ready_says_what_failed() -> None:
    """The body says which check failed and how; the process is alive all the same."""
    readiness = Readiness("temporal")
    readiness.add("postgres", broken)

    answer = await get(readiness, "/readyz")
    alive = await get(readiness, "/livez")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "temporal": "starting",
        "postgres": "ConnectionError: refused",
    }
    assert alive.status_code == 200


async def test_a_check_that_hangs_has_failed() -> None:
    """A probe is answered in time whatever its dependencies do."""
    readiness = Readiness(timeout=timedelta(milliseconds=10))
    readiness.add("stuck", asyncio.Event().wait)

    report = await readiness.report()

    assert report.checks == {"stuck": "no answer within 0.01 s"}


async def test_checks_are_asked_once_for_many_who_ask() -> None:
    """Probes at the same moment share one answer."""
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1

    readiness = Readiness()
    readiness.add("counted", count)

    await asyncio.gather(*(readiness.report() for _ in range(10)))

    assert asked == 1


async def test_notes_are_told_and_do_not_decide() -> None:
    """What is away and not needed is named, and the process is ready."""
    readiness = Readiness("postgres")
    readiness.add("postgres", fine)
    readiness.note("provider", broken)

    answer = await get(readiness, "/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"postgres": "ok"}
    assert set(answer.json()["notes"]) == {"provider"}
    assert answer.json()["notes"]["provider"] != "ok"


async def test_a_note_that_hangs_is_not_waited_for() -> None:
    """Whoever asks in time gets the checks in time; what a note said late is in a later report.

    Notes were waited for as long as checks: a neighbour that only is to be told of, and does not
    answer, had every probe fail, and the process taken for not ready.
    """
    answers = asyncio.Event()
    readiness = Readiness("postgres", fresh_for=timedelta(), timeout=timedelta(seconds=30))
    readiness.add("postgres", fine)
    readiness.note("provider", answers.wait)

    async with asyncio.timeout(5):
        first = await readiness.report()
        answers.set()
        later = await readiness.report()

    assert (first.ready, first.notes) == (True, {"provider": "no answer yet"})
    assert later.notes == {"provider": "ok"}


async def test_a_draining_process_is_not_ready() -> None:
    """However well its dependencies are."""
    readiness = Readiness()
    readiness.add("postgres", fine)
    assert (await readiness.report()).ready

    readiness.drain()

    assert not (await readiness.report()).ready


async def test_requests_in_flight_end_when_the_server_stops() -> None:
    """Stopping lets requests under way answer, and frees the port."""
    began = asyncio.Event()
    may_end = asyncio.Event()

    async def slow(_: Request) -> PlainTextResponse:
        began.set()
        await may_end.wait()
        return PlainTextResponse("done")

    async with httpx.AsyncClient() as client:
        async with HttpServer(Starlette(routes=[Route("/", slow)])) as server:
            asking = asyncio.create_task(client.get(server.url))
            await began.wait()
            asyncio.get_running_loop().call_later(0.05, may_end.set)

        assert (await asking).text == "done"
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)


async def test_signals_are_left_to_the_process() -> None:
    """Serving HTTP installs no signal handlers."""
    before = signal.getsignal(signal.SIGTERM)

    async with HttpServer(operations_app(new_registry("t"), Readiness())):
        assert signal.getsignal(signal.SIGTERM) is before


async def test_a_port_in_use_is_told_at_once() -> None:
    """Two servers on one port is a mistake to hear about."""
    app = operations_app(new_registry("t"), Readiness())
    async with HttpServer(app) as server:
        with pytest.raises(OSError, match="in use"):
            HttpServer(app, port=server.port)
