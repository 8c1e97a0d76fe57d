"""A simulated Unipile on a clock that stands still, and the shortest words to talk to it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, compile_path
from unipile_simulator import Clock, Config, ManualClock, World, create_app
from unipile_simulator.app import OPERATIONS
from unipile_simulator.schemas.answers import PAGES, answer_schema
from unipile_simulator.schemas.events import EVENT_SCHEMAS
from unipile_simulator.schemas.parts import closed
from unipile_simulator.store import Store

ROUTES = [
    (operation.method, operation.path, compile_path(f"/api/v1{operation.path}")[0])
    for operation in OPERATIONS
]
HOUR, DAY = 3600.0, 86400.0
ACCOUNT = "account-1"


@cache
def validator(method: str, route: str, status: int) -> Draft202012Validator:
    """Holds an answer to the schema of its route and status, and to no field more."""
    return Draft202012Validator(closed(answer_schema(method, route, status)))


@cache
def event_validator(event: str) -> Draft202012Validator:
    """Holds a webhook to the schema of its event, and to no field more."""
    return Draft202012Validator(closed(EVENT_SCHEMAS[event]))


def route_of(request: httpx.Request) -> tuple[str, str] | None:
    """The route by which a request came, if it is one of Unipile's."""
    for method, route, pattern in ROUTES:
        if method == request.method and pattern.match(request.url.path):
            return method, route
    return None


async def check_answer(response: httpx.Response) -> None:
    """Whatever a test asks for: the answer is valid by the simulator's own schemas."""
    route = route_of(response.request)
    if route is None:
        return
    await response.aread()
    if response.headers["content-type"].startswith("text/html"):
        Draft202012Validator(PAGES[response.status_code]).validate(response.text)
    else:
        validator(*route, response.status_code).validate(response.json())


def check_event(body: Any) -> None:
    """Whatever a test is told by webhook is valid too; what it chose and renamed is its own."""
    event = "account_status" if "AccountStatus" in body else body.get("event")
    if event is None and "status" in body:
        event = "hosted_notify"
    if event is not None:
        event_validator(event).validate(body)


class Receiver:
    """A customer's endpoint: keeps what it is sent, and answers as it is told."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.requests: asyncio.Queue[tuple[dict[str, str], Any]] = asyncio.Queue()
        app = Starlette(routes=[Route("/hook", self._hook, methods=["POST"])])
        self.transport = httpx.ASGITransport(app=app)

    async def _hook(self, request: Request) -> Response:
        body = json.loads(await request.body())
        check_event(body)
        self.requests.put_nowait((dict(request.headers), body))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    async def next(self) -> Any:
        """The next payload."""
        return (await self.next_request())[1]

    async def next_request(self) -> tuple[dict[str, str], Any]:
        """The next headers and payload."""
        return await asyncio.wait_for(self.requests.get(), 5)


class Simulator:
    """One world behind an HTTP client."""

    def __init__(self, world: World, clock: Any, receiver: Receiver) -> None:
        self.world = world
        self.clock = clock
        self.receiver = receiver
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=create_app(world)),
            base_url="http://simulator/api/v1",
            headers={"X-API-KEY": "simulator-token"},
            event_hooks={"response": [check_answer]},
        )

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """GET as the account, unless another one is named."""
        return await self.http.get(path, params={"account_id": ACCOUNT} | query)

    async def post(self, path: str, **body: Any) -> httpx.Response:
        """POST JSON as the account, unless another one is named."""
        return await self.http.post(path, json={"account_id": ACCOUNT} | body)

    async def delete(self, path: str) -> httpx.Response:
        """DELETE as the account."""
        return await self.http.delete(path, params={"account_id": ACCOUNT})

    async def control(self, method: str, path: str, /, **body: Any) -> Any:
        """Call a control route, which must succeed."""
        answer = await self.http.request(
            method, f"http://simulator/_simulator{path}", json=body if method != "GET" else None
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def person(self, public_id: str, temperament: str) -> str:
        """Somebody of this temperament; their provider id."""
        await self.control("PUT", f"/people/{public_id}", temperament=temperament)
        account = self.world.accounts.get(ACCOUNT)
        return self.world.people.provider_id(self.world.people.must(public_id), account.id)

    async def state(self, public_id: str) -> Any:
        """How the account stands to somebody."""
        return (await self.control("GET", f"/people/{public_id}"))["relationships"][0]

    async def invite(self, provider_id: str, **more: Any) -> httpx.Response:
        """Send an invitation."""
        return await self.post("/users/invite", provider_id=provider_id, **more)

    async def write(self, provider_id: str, text: str, **more: str) -> httpx.Response:
        """Start a chat."""
        fields = {"account_id": ACCOUNT, "attendees_ids": provider_id, "text": text} | more
        files = [(name, (None, value)) for name, value in fields.items()]
        return await self.http.post("/chats", files=files)

    async def journal(self, **query: Any) -> list[dict[str, Any]]:
        """Journal entries."""
        answer = await self.http.get("http://simulator/_simulator/journal", params=query)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def listen(self, source: str, **more: Any) -> str:
        """Register the receiver."""
        answer = await self.http.post(
            "/webhooks", json={"request_url": "http://receiver/hook", "source": source, **more}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["webhook_id"])


Make = Callable[..., Simulator]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Make simulators; they are closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        def build(
            config: Config | None = None,
            *,
            clock: Clock | None = None,
            store: Store | None = None,
            tier: str = "premium",
            connections: int = 3,
        ) -> Simulator:
            clock, receiver = clock or ManualClock(), Receiver()
            world = World(config, clock=clock, store=store, webhook_transport=receiver.transport)
            world.add_account(ACCOUNT, name="Otto Owner", tier=tier, connections=connections)
            simulator = Simulator(world, clock, receiver)
            stack.push_async_callback(world.close)
            stack.push_async_callback(simulator.http.aclose)
            return simulator

        yield build


@pytest.fixture
def sim(make: Make) -> Simulator:
    """The usual simulator."""
    return make()


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and type of a refusal, whose body has the documented shape."""
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    return answer.status_code, body["type"].removeprefix("errors/")
