"""`outreach version`: of the client, and whether each server speaks its contract."""

from importlib.metadata import version as version_of
from typing import TYPE_CHECKING, Any

from outreach_client.commands.groups import group
from outreach_client.formats.facts import print_facts
from outreach_client.services.members import AUDITS, MEMBERS, Server
from outreach_client.session import AsJson

if TYPE_CHECKING:
    from outreach_client.client import OutreachClient

app = group()

_WITHIN = 5.0
"""Seconds for one question."""


@app.command()
def version(*, as_json: AsJson = False) -> None:
    """Tell the client's version, and whether each server has the methods that it calls."""
    import asyncio  # noqa: PLC0415 - only for who makes a call

    del as_json
    rows = [{"part": "client", "contract": version_of("outreach-client")}]
    print_facts([*rows, *asyncio.run(_servers())], name="part")


async def _servers() -> list[dict[str, str]]:
    from outreach_client.conversation import entered  # noqa: PLC0415 - as in `session`

    async with entered(signs_in=False) as client:
        return [{"part": each.value, "contract": await _server(client, each)} for each in Server]


async def _server(client: "OutreachClient", server: Server) -> str:
    import grpc  # noqa: PLC0415 - only for who makes a call
    from servicekit.errors import ServiceError  # noqa: PLC0415

    members = [each for each in (*MEMBERS.values(), AUDITS[server]) if each.server is server]
    services = [each.descriptor for each in members]
    try:
        theirs = [await _served(client, server, each.full_name) for each in services]
    except grpc.aio.AioRpcError as error:
        return f"does not tell: {error.details()}"
    except ServiceError as error:
        return f"does not tell: {error.message}"
    missing = [
        f"{each.name}.{method.name}"
        for each, found in zip(services, theirs, strict=True)
        for method in each.methods
        if method.name not in found
    ]
    if missing:
        return f"older than the client's: it has no {', '.join(missing[:3])}"
    return "as the client's"


async def _served(client: "OutreachClient", server: Server, service: str) -> set[str]:
    """The methods of a service that a server has, as it tells by reflection."""
    from google.protobuf import descriptor_pb2  # noqa: PLC0415 - only for who makes a call
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: PLC0415

    channel: Any = client.channel_to(server)
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=service)
    async for answer in stub.ServerReflectionInfo(iter([request]), timeout=_WITHIN):
        for content in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(content)
            for each in file.service:
                if f"{file.package}.{each.name}" == service:
                    return {method.name for method in each.method}
    return set()
