"""The ASGI application: every route, in one place."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
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

    async def unknown(request: Request) -> Response:
        detail = f"Cannot {request.method} {request.url.path}"
        return refused(simulated, request, Refusal("resource_not_found", detail))

    def unsimulated(what: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.headers.get("x-api-key") != simulated.config.access_token:
                return refused(simulated, request, Refusal("missing_credentials"))
            detail = f"Not simulated: {what}."
            return refused(simulated, request, Refusal("feature_not_implemented", detail))

        return answer

    async def api_json(_request: Request) -> Response:
        return JSONResponse(specification(OPERATIONS))

    routes = [
        Route(
            f"/api/v1{operation.path}",
            endpoint(simulated, operation, landings),
            methods=[operation.method],
        )
        for operation in OPERATIONS
    ]
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    missing = [
        Route(f"/api/v1{path}", unsimulated(what), methods=methods if method == "*" else [method])
        for (method, path), what in UNSIMULATED.items()
    ]
    app = Starlette(
        routes=[
            *routes,
            *missing,
            *Control(simulated).routes(),
            hosted.page_route(simulated),
            Route("/api-json", api_json),
            Route("/{rest:path}", unknown, methods=methods),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.world = simulated
    return app
