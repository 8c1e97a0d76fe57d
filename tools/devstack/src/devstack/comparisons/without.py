"""campaign-api without one of what guards it: `python -m devstack.comparisons.without audit`.

For `make rates` alone, which says what each costs. The product has no setting that turns any of it
off: here what puts it there is replaced before the service is composed.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from campaign_api import main
from campaign_api import settings as campaign_api_settings
from identity import server
from servicekit import process
from servicekit.grpc.interceptors import LayeredInterceptor, standard_interceptor
from servicekit.identity.authenticator import Authenticator
from servicekit.postgres import pool as postgres
from servicekit.startup import served_pool
from servicekit.startup.command import accepted

from devstack.stack.loopback import free_ports, loopback_client
from devstack.stack.processes import Command, Process
from devstack.stack.stack import Stack

NAME = "campaign-api"
_READY_WITHIN = timedelta(seconds=60)


def _no_audit() -> None:
    """Nothing is recorded; the sealer goes on, and finds nothing new."""
    vars(server)["standard_interceptor"] = _interceptor_with(recorded=None)


def _no_access() -> None:
    """Nobody is asked who they are, and everybody may do everything, as in the sandbox."""
    vars(server)["standard_interceptor"] = _interceptor_with(authenticator=Authenticator())


def _no_rows() -> None:
    """No transaction says whose rows it sees, and the role is bound by no policy."""
    vars(served_pool)["postgres"] = _OnePool()


class _OnePool:
    """`servicekit.postgres.pool`, but for what keeps organizations apart."""

    def __getattr__(self, name: str) -> Any:
        return getattr(postgres, name)

    def connect_apart(self, dsn: Any, _background: Any, schema: str, **options: Any) -> Any:
        return postgres.connect_pool(dsn, schema, **options)


def _interceptor_with(**ours: Any) -> Callable[..., LayeredInterceptor]:
    """The service's own, but for what is given here."""

    def make(registry: Any, **given: Any) -> LayeredInterceptor:
        return standard_interceptor(registry, **{**given, **ours})

    return make


PARTS = {"audit": _no_audit, "row security": _no_rows, "access": _no_access}


@asynccontextmanager
async def serving_without(stack: Stack, part: str) -> AsyncIterator[str]:
    """Another campaign-api of the stack, without that; its address while the block runs."""
    grpc_port, http_port, public_port = free_ports(3)
    command = stack.services[NAME].process.command
    url = f"http://127.0.0.1:{http_port}"
    alone = Process(
        Command(
            name=f"{NAME} without {part}",
            arguments=(sys.executable, "-m", "devstack.comparisons.without", part),
            environment={
                **command.environment,
                **_ports(grpc_port, http_port, public_port),
                **_database(stack, part),
            },
            log=stack.logs / f"{NAME}-without-{part.replace(' ', '-')}.log",
        ),
        stack.reaper,
    )
    await alone.start()
    try:
        async with loopback_client(url) as http:

            async def ready() -> bool:
                try:
                    return (await http.get("/readyz")).is_success
                except httpx.HTTPError:
                    return False

            await alone.until_ready(ready, within=_READY_WITHIN)
        yield f"127.0.0.1:{grpc_port}"
    finally:
        await alone.stop()


def _ports(grpc_port: int, http_port: int, public_port: int) -> Mapping[str, str]:
    return {
        "CAMPAIGN_API_GRPC_PORT": str(grpc_port),
        "CAMPAIGN_API_HTTP_PORT": str(http_port),
        "CAMPAIGN_API_PUBLIC_PORT": str(public_port),
        "CAMPAIGN_API_MIGRATE_ON_START": "false",
    }


def _database(stack: Stack, part: str) -> Mapping[str, str]:
    if part != "row security":
        return {}
    return {"CAMPAIGN_API_DATABASE_URL": stack.postgres.url("postgres")}


if __name__ == "__main__":
    PARTS[" ".join(sys.argv[1:])]()
    read, now = accepted(NAME, campaign_api_settings.Settings)
    process.run(NAME, lambda running: main.compose(running, read, now))
