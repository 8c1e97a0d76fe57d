"""Calls of Unipile: bounded, made once, and their failures classed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import httpx
import pytest
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Kind
from linkedin_gateway.unipile import ListUnfinished, Timeouts, Unipile, UnipileError, connect
from linkedin_gateway.unipile.error_table import ErrorClass
from linkedin_gateway.unipile.transport import Answers
from prometheus_client import CollectorRegistry
from servicekit.credentials.secrets import Secret

TIMEOUTS = Timeouts(linkedin=timedelta(seconds=60), store=timedelta(seconds=20))


class Provider(httpx.AsyncBaseTransport):
    """Answers as told, and remembers what it was asked."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self._answer = answer
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)


class Silent(httpx.AsyncBaseTransport):
    """Never answers."""

    async def handle_async_request(self, _request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nothing sets it")


def unipile(transport: httpx.AsyncBaseTransport, timeouts: Timeouts = TIMEOUTS) -> Unipile:
    client = connect("127.0.0.1:1", Secret.of("token"), connections=2, transport=transport)
    return Unipile(client, timeouts=timeouts, metrics=Metrics(CollectorRegistry()))


def failing(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer


ANSWERS: dict[str, tuple[Callable[[httpx.Request], httpx.Response], ErrorClass]] = {
    "html": (lambda _: httpx.Response(502, html="<h1>Bad gateway</h1>"), ErrorClass.INDETERMINATE),
    "empty": (lambda _: httpx.Response(503), ErrorClass.INDETERMINATE),
    "a list": (lambda _: httpx.Response(422, json=["no", "object"]), ErrorClass.STEP_FAILED),
    "done, unreadable": (lambda _: httpx.Response(200, text="ok"), ErrorClass.INDETERMINATE),
    "refused": (failing(httpx.ConnectError("refused")), ErrorClass.NOT_EXECUTED),
    "no connection free": (failing(httpx.PoolTimeout("full")), ErrorClass.NOT_EXECUTED),
    "cut": (failing(httpx.ReadError("reset")), ErrorClass.INDETERMINATE),
    "nonsense": (failing(httpx.RemoteProtocolError("what?")), ErrorClass.INDETERMINATE),
}


@pytest.mark.parametrize("how", ANSWERS)
async def test_a_failed_write_is_classed_and_not_repeated(how: str) -> None:
    """Whatever comes back or does not, a write is made once and its failure has a class."""
    answer, expected = ANSWERS[how]
    provider = Provider(answer)

    with pytest.raises(UnipileError) as told:
        await unipile(provider).invitations.send("account", "ACo1", "")

    assert told.value.error_class is expected
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (lambda _: httpx.Response(200, json={}), True),
        (lambda _: httpx.Response(422, json={"type": "errors/user_unreachable"}), True),
        (lambda _: httpx.Response(401, json={"type": "errors/missing_credentials"}), False),
        (failing(httpx.ConnectError("refused")), False),
    ],
    ids=["well", "a refusal", "our key", "away"],
)
async def test_what_is_told_of_the_provider(
    answer: Callable[[httpx.Request], httpx.Response], *, well: bool
) -> None:
    """Nobody is asked for it: the last call tells whether it answers, and takes our key."""
    calls = unipile(Provider(answer))
    with suppress(UnipileError):
        await calls.people.profile("account", "ada", visit=False, kind=Kind.LOOKUP)

    if well:
        await calls.check()
    else:
        with pytest.raises(ConnectionError):
            await calls.check()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("errors/user_unreachable", "user_unreachable"),
        ("Zephyrine Vogelsang cannot be reached", "unnamed"),
        ("errors/no such user: zephyrine-vogelsang", "unnamed"),
        ("x" * 101, "unnamed"),
    ],
)
async def test_a_type_that_quotes_is_not_kept(said: str, kept: str) -> None:
    """It is written beside actions and steps, and logged: there it is a name, or is left out."""
    provider = Provider(lambda _: httpx.Response(422, json={"type": said}))

    with pytest.raises(UnipileError) as told:
        await unipile(provider).people.profile("account", "ada", visit=False, kind=Kind.LOOKUP)

    assert told.value.error_type == kept


async def test_how_long_to_wait_is_read() -> None:
    """A `Retry-After` in seconds is kept; any other is as good as none."""
    for text, expected in (("120", timedelta(minutes=2)), ("soon", None), ("\xb2", None)):
        provider = Provider(
            lambda _, text=text: httpx.Response(
                429, headers={b"Retry-After": text.encode("latin-1")}, json={}
            )
        )
        with pytest.raises(UnipileError) as told:
            await unipile(provider).people.profile("account", "ada", visit=False, kind=Kind.LOOKUP)

        assert told.value.retry_after == expected


async def test_an_answer_is_bounded() -> None:
    """What is larger than anything that means something is not read to its end."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 1024 * 1024

    provider = Provider(lambda _: httpx.Response(200, content=endless()))

    with pytest.raises(UnipileError) as told:
        await unipile(provider).people.profile("account", "ada", visit=False, kind=Kind.LOOKUP)

    assert told.value.error_class is ErrorClass.INDETERMINATE
    assert read < 20


def test_each_route_has_its_time() -> None:
    """Unipile's own store answers soon, LinkedIn slowly, a sign-in slowest of all."""
    times = [TIMEOUTS.of(answers) for answers in (Answers.STORE, Answers.LINKEDIN, Answers.SIGN_IN)]

    assert times == [20, 60, 120]
    assert (
        Timeouts(linkedin=timedelta(seconds=5), store=timedelta(seconds=20)).of(Answers.STORE) == 5
    )


async def test_the_time_of_a_route_ends_it() -> None:
    """A call that the store answers is given up while one of LinkedIn is still waited for."""
    calls = unipile(
        Silent(), Timeouts(linkedin=timedelta(seconds=60), store=timedelta(milliseconds=1))
    )
    slow = asyncio.create_task(calls.invitations.send("account", "ACo1", ""))

    with pytest.raises(UnipileError) as told:
        await calls.accounts.read("account")

    assert told.value.error_class is ErrorClass.INDETERMINATE
    assert not slow.done()
    slow.cancel()


async def test_lists_are_read_to_the_last_page() -> None:
    """Cursors are handed back as they came, with the same filter, until there is none."""
    pages = {"": ("1", "next=="), "next==": ("2", None)}

    def answer(request: httpx.Request) -> httpx.Response:
        item, cursor = pages[request.url.params.get("cursor", "")]
        return httpx.Response(200, json={"items": [{"id": item}], "cursor": cursor})

    provider = Provider(answer)

    found = [each.invitation_id async for each in unipile(provider).invitations.pending("account")]

    assert found == ["1", "2"]
    assert {request.url.params["account_id"] for request in provider.asked} == {"account"}


@pytest.mark.parametrize("cursors", ["new ones", "one that stands still"])
async def test_a_list_without_end_is_told(cursors: str) -> None:
    """What came is handed over; that more may follow is an error, never taken for the end."""
    numbers = count()

    def answer(_request: httpx.Request) -> httpx.Response:
        number = next(numbers)
        cursor = "again" if cursors == "one that stands still" else f"after {number}"
        return httpx.Response(200, json={"items": [{"id": f"{number}"}], "cursor": cursor})

    found: list[str] = []

    async def read() -> None:
        async for each in unipile(Provider(answer)).invitations.pending("account"):
            found.append(each.invitation_id)  # noqa: PERF401 - those before the error count

    with pytest.raises(ListUnfinished):
        await read()

    assert found[:2] == ["0", "1"]
    assert len(found) == (2 if cursors == "one that stands still" else 200)


async def test_a_new_key_is_carried_by_the_next_call() -> None:
    """The tenant's key is that of the moment: one that was renewed needs no restart."""
    keys = ["one", "two"]
    provider = Provider(lambda _: httpx.Response(200, json={}))
    key = Secret(lambda: keys[len(provider.asked) :])
    async with connect("127.0.0.1:1", key, connections=2, transport=provider) as client:
        for _ in keys:
            await client.get("/")

    assert [each.headers["x-api-key"] for each in provider.asked] == ["one", "two"]
