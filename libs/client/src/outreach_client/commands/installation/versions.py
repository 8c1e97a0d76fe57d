"""`outreach version`: of the client, of each server, and whether they speak one contract."""

from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import typer

from outreach_client.commands.groups import group
from outreach_client.commands.installation.servers import (
    WITHIN,
    build_text,
    missing_methods,
    workers_of,
)
from outreach_client.formats.facts import print_facts
from outreach_client.services.members import Server
from outreach_client.session import AsJson

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

app = group()

_WORKER = "outreach-worker"
_CLIENT = "client"
_SAME = "as the client's"


@app.command()
def version(*, as_json: AsJson = False) -> None:
    """Tell the version of the client and of each server, and whether they fit together."""
    import asyncio  # noqa: PLC0415 - only for who makes a call

    del as_json
    contracts, versions = asyncio.run(_looked())
    own = {"part": _CLIENT, "version": version_of("outreach-client"), "contract": ""}
    servers = [
        {"part": part, "version": told, "contract": contracts.get(part, "")}
        for part, told in versions
    ]
    print_facts([own, *servers], name="part")


async def _looked() -> tuple[dict[str, str], list[tuple[str, str]]]:
    """By each server whether its contract is the client's, and each part with its version."""
    from servicekit.errors import ServiceError  # noqa: PLC0415 - as in `session`

    from outreach_client.conversation import entered  # noqa: PLC0415

    async with entered(signs_in=False) as client:
        contracts = {each.value: await _contract(client, each) for each in Server}
    try:
        async with entered(signs_in=True) as client:
            versions = [(each.value, await _version(client, each)) for each in Server]
            workers = await _workers(client)
    except (ServiceError, typer.TyperException, ValueError, OSError) as error:
        untold = _said(error)
        return contracts, [(part, untold) for part in (*map(str, Server), _WORKER)]
    return contracts, [*versions, *workers]


async def _contract(client: "OutreachClient", server: Server) -> str:
    import grpc  # noqa: PLC0415 - only for who makes a call
    from servicekit.errors import ServiceError  # noqa: PLC0415

    try:
        missing = await missing_methods(client, server)
    except grpc.aio.AioRpcError as error:
        return f"does not tell: {error.details()}"
    except ServiceError as error:
        return f"does not tell: {error.message}"
    if missing:
        return f"older than the client's: it has no {', '.join(missing[:3])}"
    return _SAME


async def _version(client: "OutreachClient", server: Server) -> str:
    from servicekit.errors import ServiceError  # noqa: PLC0415 - only for who makes a call

    try:
        answer = await client.installations[server].get_server_info(timeout=WITHIN)
    except ServiceError as error:
        return _said(error)
    return build_text(answer.server_info.version, answer.server_info.revision)


async def _workers(client: "OutreachClient") -> list[tuple[str, str]]:
    """Of who works, which nobody calls: as Temporal was told by them."""
    from servicekit.errors import ServiceError  # noqa: PLC0415 - only for who makes a call

    try:
        health = (await client.workflows.get_temporal_health(timeout=WITHIN)).health
    except ServiceError as error:
        return [(_WORKER, _said(error))]
    if not health.reachable:
        return [(_WORKER, "not told: Temporal is away")]
    found = [each.partition(" ") for each in workers_of(health)]
    own = [(part, told) for part, _, told in found if part == _WORKER]
    return own or [(_WORKER, "not told: none polls")]


def _said(error: Exception) -> str:
    from servicekit.errors import PermissionDenied, ServiceError  # noqa: PLC0415 - as above

    if isinstance(error, PermissionDenied):
        return "not told: our own staff may see it"
    if isinstance(error, ServiceError):
        return f"not told: {error.message}"
    if isinstance(error, typer.TyperException):
        return f"not told: {error.format_message()}"
    return f"not told: {error}"
