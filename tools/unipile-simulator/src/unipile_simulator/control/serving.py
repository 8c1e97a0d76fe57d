"""How a control route is served."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from unipile_simulator.api.calls import Reply
from unipile_simulator.errors import Refusal, invalid, not_found
from unipile_simulator.people.people import Person
from unipile_simulator.world.world import World

Body = dict[str, Any]
Act = Callable[[Request, Body], Any]


def control_route(world: World, method: str, path: str, act: Act) -> Route:
    """A route under `/_simulator`: JSON in and out, and kept when it is answered."""
    return Route(f"/_simulator{path}", _endpoint(world, act), methods=[method])


def find_person(world: World, request: Request) -> Person:
    """The person of the path, by any name or id; raises a `Refusal` if there is none."""
    person = world.people.find(request.path_params["id"])
    person = person or world.people.known(request.path_params["id"])
    if person is None:
        raise not_found("User")
    return person


def number(body: Body, name: str) -> float | None:
    """A number of the body."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(f"/{name}: Expected number")
    return value


def text(body: Body, name: str) -> str:
    """A text of the body that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise invalid(f"/{name}: Expected required property")
    return value


def _endpoint(world: World, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        world.start()
        try:
            body = _read(await request.body())
            world.catch_up()
            reply = Reply(200, act(request, body))
        except Refusal as refusal:
            reply = Reply(refusal.status, refusal.body())
        world.store.commit()
        return reply.response()

    return answer


def _read(raw: bytes) -> Body:
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise Refusal("malformed_request", "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("/: Expected object")
    return body
