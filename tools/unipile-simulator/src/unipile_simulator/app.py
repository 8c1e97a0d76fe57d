"""The ASGI application: every route, in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unipile_simulator.api import accounts as account_routes
from unipile_simulator.api import (
    hosted,
    invitations,
    messaging,
    profiles,
    search,
)
from unipile_simulator.api import webhooks as webhook_routes
from unipile_simulator.api.calls import Operation
from unipile_simulator.api.endpoint import endpoint, perform, refused
from unipile_simulator.api.engagement import comments, posts, reactions
from unipile_simulator.api.inbox import attendees, chats
from unipile_simulator.api.landings import Landings
from unipile_simulator.api.unsimulated import UNSIMULATED
from unipile_simulator.config import Config
from unipile_simulator.control.routes import Control
from unipile_simulator.errors import Refusal
from unipile_simulator.schemas.document import specification
from unipile_simulator.world.world import World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
OPERATIONS: tuple[Operation, ...] = (
    *invitations.OPERATIONS,
    *posts.OPERATIONS,
    *comments.OPERATIONS,
    *reactions.OPERATIONS,
    *profiles.OPERATIONS,
    *messaging.OPERATIONS,
    *chats.OPERATIONS,
    *attendees.OPERATIONS,
    *search.OPERATIONS,
    *webhook_routes.OPERATIONS,
    *hosted.OPERATIONS,
    *account_routes.OPERATIONS,
)


def create_app(world: World | Config | None = None) -> Starlette:
    """The simulator as an ASGI app.

    It needs no lifespan: time begins to pass with the first request, so that it works behind
    `httpx.ASGITransport` as it does on a port. The world is `app.state.world`.
    """
    simulated = world if isinstance(world, World) else World(world)
    landings = Landings(simulated, OPERATIONS, perform)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        simulated.start()
        landings.start()
        try:
            yield
        finally:
            await simulated.close()

    app = Starlette(
        routes=[
            *_simulated(simulated, landings),
            *_unsimulated(simulated),
            *Control(simulated).routes(),
            hosted.page_route(simulated),
            Route("/api-json", _api_json),
            _unknown(simulated),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.world = simulated
    return app


def _simulated(world: World, landings: Landings) -> Iterator[Route]:
    for operation in OPERATIONS:
        answer = endpoint(world, operation, landings)
        yield Route(f"/api/v1{operation.path}", answer, methods=[operation.method])


def _unsimulated(world: World) -> Iterator[Route]:
    def answering(what: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.headers.get("x-api-key") != world.config.access_token:
                return refused(world, request, Refusal("missing_credentials"))
            detail = f"Not simulated: {what}."
            return refused(world, request, Refusal("feature_not_implemented", detail))

        return answer

    for (method, path), what in UNSIMULATED.items():
        methods = _METHODS if method == "*" else [method]
        yield Route(f"/api/v1{path}", answering(what), methods=methods)


def _unknown(world: World) -> Route:
    async def answer(request: Request) -> Response:
        detail = f"Cannot {request.method} {request.url.path}"
        return refused(world, request, Refusal("resource_not_found", detail))

    return Route("/{rest:path}", answer, methods=_METHODS)


async def _api_json(_request: Request) -> Response:
    return JSONResponse(specification(OPERATIONS))
