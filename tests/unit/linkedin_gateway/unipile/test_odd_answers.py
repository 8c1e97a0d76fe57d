"""Whatever Unipile answers is read, or a `UnipileError`: fields come, go and change kind."""

import asyncio
import dataclasses
import inspect
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import httpx
import pytest
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Kind, Product
from linkedin_gateway.unipile import (
    InvitationReceived,
    SignIn,
    Timeouts,
    Unipile,
    UnipileError,
    connect,
)
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from servicekit.credentials.secrets import Secret
from unipile_simulator import Config, ManualClock, World
from unipile_simulator.schemas.answers import SUCCESSES

from tests.fuzzing.requests import Fuzz
from tests.unit.unipile_simulator.conftest import ACCOUNT, Receiver, Simulator, route_of
from tests.unit.unipile_simulator.schemas.tour import Tour

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TIMEOUTS = Timeouts(linkedin=timedelta(seconds=60), store=timedelta(seconds=20))
SIGN_IN = SignIn(username="ada", password=SecretStr("x"), session_cookie=SecretStr(""))
RECEIVED = InvitationReceived(
    invitation_id="1", provider_id="ACo", public_identifier="ada", shared_secret="s"
)
LINK = {
    **dict.fromkeys(("api_url", "reconnect", "name", "notify_url"), ""),
    **dict.fromkeys(("success_url", "failure_url"), ""),
}
CALLS: dict[str, Callable[[Unipile], Any]] = {
    "accounts.read": lambda it: it.accounts.read("a"),
    "accounts.owner": lambda it: it.accounts.owner("a"),
    "accounts.restart": lambda it: it.accounts.restart("a"),
    "accounts.delete": lambda it: it.accounts.delete("a"),
    "accounts.inmail_balance": lambda it: it.accounts.inmail_balance("a"),
    "sign_ins.link": lambda it: it.sign_ins.link(expires_at=NOW, **LINK),
    "sign_ins.begin": lambda it: it.sign_ins.begin(SIGN_IN),
    "sign_ins.solve": lambda it: it.sign_ins.solve("a", "123456"),
    "sign_ins.resend": lambda it: it.sign_ins.resend("a"),
    "people.profile": lambda it: it.people.profile("a", "ada", visit=True, kind=Kind.VISIT),
    "people.profile_in": lambda it: it.people.profile_in("a", "ada", Product.RECRUITER),
    "people.connections": lambda it: it.people.connections("a", "ada"),
    "people.relations": lambda it: it.people.relations("a"),
    "invitations.send": lambda it: it.invitations.send("a", "ACo", "Hello"),
    "invitations.pending": lambda it: it.invitations.pending("a"),
    "invitations.received": lambda it: it.invitations.received("a"),
    "invitations.accept": lambda it: it.invitations.accept("a", RECEIVED),
    "invitations.withdraw": lambda it: it.invitations.withdraw("a", "1"),
    "posts.of": lambda it: it.posts.of("a", "ACo"),
    "posts.read": lambda it: it.posts.read("a", "1"),
    "posts.react": lambda it: it.posts.react("a", "1", "like"),
    "posts.comment": lambda it: it.posts.comment("a", "1", "Well said."),
    "posts.comments": lambda it: it.posts.comments("a", "1"),
    "messages.start_chat": lambda it: it.messages.start_chat("a", "ACo", "Hello"),
    "messages.write": lambda it: it.messages.write("a", "c", "Hello"),
    "messages.chats_with": lambda it: it.messages.chats_with("a", "ACo"),
    "messages.latest_chats": lambda it: it.messages.latest_chats("a", after=NOW),
    "messages.member_urn": lambda it: it.messages.member_urn("a", "c"),
    "messages.back_to": lambda it: it.messages.back_to("a", "c", NOW - timedelta(days=99_999)),
    "messages.newest": lambda it: it.messages.newest("a", "c", since=NOW),
    "messages.since": lambda it: it.messages.since("a", NOW),
    "webhooks.all": lambda it: it.webhooks.all(),
    "webhooks.create": lambda it: it.webhooks.create(
        source="users", events=(), name="n", url="http://x", headers={}
    ),
    "webhooks.delete": lambda it: it.webhooks.delete("w"),
}


def unipile(answer: Callable[[httpx.Request], httpx.Response]) -> Unipile:
    client = connect(
        "127.0.0.1:1", Secret.of("token"), connections=2, transport=httpx.MockTransport(answer)
    )
    return Unipile(client, timeouts=TIMEOUTS, metrics=Metrics(CollectorRegistry()))


@pytest.fixture(scope="module")
def successes() -> dict[tuple[str, str], list[Any]]:
    """What the simulator answers, by route."""
    return asyncio.run(toured())


async def toured() -> dict[tuple[str, str], list[Any]]:
    receiver = Receiver()
    world = World(Config(), clock=ManualClock(), webhook_transport=receiver.transport)
    world.add_account(ACCOUNT, name="Otto Owner", tier="premium", connections=3)
    simulator = Simulator(world, world.clock, receiver)
    tour = Tour(simulator)
    await tour.run()
    await world.close()
    await simulator.http.aclose()
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for each in tour.answers:
        route = route_of(each.request)
        if route is not None and each.status_code in SUCCESSES[route]:
            found[route].append(each.json())
    return found


def test_every_call_is_asked() -> None:
    """A call that is new is in the table, or this fails."""
    it = unipile(lambda _: httpx.Response(200, json={}))
    nouns = {name: noun for name, noun in vars(it).items() if not inspect.ismethod(noun)}
    calls = {
        f"{name}.{call}"
        for name, noun in nouns.items()
        for call, _ in inspect.getmembers(noun, inspect.ismethod)
        if not call.startswith("_")
    }

    assert calls == CALLS.keys()


@pytest.mark.parametrize("call", CALLS)
async def test_odd_answers_are_read_or_refused(call: str, successes: Any) -> None:
    """Values replaced by others of any kind, doubled, left out: no call fails otherwise than as
    one of Unipile's, and what it returns is of the kinds that it says."""
    values = Fuzz(random.Random(call))

    def answer(request: httpx.Request) -> httpx.Response:
        route = route_of(request)
        assert route is not None
        known = values.dice.choice(successes[route])
        odd = values.dice.choice((0.02, 0.1, 0.3))
        body = values.replaced(known, odd=odd)
        if isinstance(body, dict) and values.chance(0.9):
            body.pop("cursor", None)
        raw = json.dumps(body).encode(errors="surrogatepass")
        return httpx.Response(200, content=raw)

    it, read = unipile(answer), 0
    for _ in range(120):
        try:
            for found in await every(CALLS[call](it)):
                check(found)
            read += 1
        except UnipileError:
            continue
    assert read


async def every(asked: Any) -> list[Any]:
    """What a call gives: one, several, or a stream of them."""
    if isinstance(asked, AsyncIterator):
        return [each async for each in asked]
    given = await asked
    return list(given) if isinstance(given, list | tuple) else [given]


def check(found: Any) -> None:
    """Every field of a dataclass is of the kind that it is declared as."""
    if not dataclasses.is_dataclass(found):
        return
    hints = get_type_hints(type(found))
    for name, kind in hints.items():
        value = getattr(found, name)
        if kind in {str, bool, int}:
            assert type(value) is kind, f"{type(found).__name__}.{name} is {value!r}"
