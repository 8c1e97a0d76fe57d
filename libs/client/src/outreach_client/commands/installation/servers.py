"""What servers tell of themselves, and `outreach server-info`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outreach_client.commands.groups import group
from outreach_client.formats.output import console, print_json, print_rows
from outreach_client.services.members import MEMBERS, OF_EACH, Server
from outreach_client.session import AsJson, ask

if TYPE_CHECKING:
    from outreach.campaign.v1 import workflow_pb2
    from outreach.installation.v1 import server_info_pb2

    from outreach_client.client import OutreachClient

app = group()

WITHIN = timedelta(seconds=5)
"""For one question."""


@app.command("server-info")
def server_info(
    server: Annotated[Server, typer.Argument(help="Which one.", show_default=False)],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell what a server is, and how it finds what it needs."""
    answer = ask(lambda client: client.installations[server].get_server_info(timeout=WITHIN))
    if as_json:
        print_json(answer)
        return
    found, out = answer.server_info, console()
    out.print(f"{found.service} {build_text(found.version, found.revision)}")
    for each in found.schemas:
        at = each.found_revision or "nothing that it can read"
        out.print(f"schema {each.schema} at {at}, needs {each.expected_revision}")
    if found.HasField("database_clock_offset"):
        milliseconds = found.database_clock_offset.ToMilliseconds()
        out.print(f"database's clock {milliseconds:+} ms against its own")
    if found.HasField("temporal"):
        out.print(f"Temporal at {found.temporal.address}, namespace {found.temporal.namespace}")
    if found.HasField("unipile"):
        sent = ", ".join(found.unipile.webhook_sources) or "nothing"
        out.print(f"Unipile at {found.unipile.address}")
        out.print(f"sends {sent} to {found.unipile.public_url or 'nowhere'}")
    print_rows(found.checks, "name", "passed", "required", "found")


def build_text(version: str, revision: str) -> str:
    """`0.1.0 (4f2a91c)`, of a build that says what it was made of."""
    return f"{version} ({revision[:12]})" if revision else version


def builds_of(
    infos: Mapping[Server, "server_info_pb2.ServerInfo"], workers: Iterable[str] = ()
) -> Mapping[str, str]:
    """By each part the build that it is of."""
    told = {server.value: build_text(each.version, each.revision) for server, each in infos.items()}
    return told | dict(each.split(" ", 1) for each in workers)


def workers_of(health: "workflow_pb2.TemporalHealth") -> list[str]:
    """`outreach-worker 0.1.0`, for each service and build whose workers poll."""
    found = [each for queue in health.task_queues for each in queue.workers]
    return sorted({f"{each.service} {build_text(each.version, each.revision)}" for each in found})


async def missing_methods(client: "OutreachClient", server: Server) -> list[str]:
    """The methods that this client would call and a server has not, as it tells by reflection.

    Raises `AioRpcError` and `ServiceError` where it does not tell.
    """
    members = [*MEMBERS.values(), *(of[server] for of in OF_EACH.values())]
    missing: list[str] = []
    for service in (each.descriptor for each in members if each.server is server):
        theirs = await _served(client, server, service.full_name)
        missing += [
            f"{service.name}.{method.name}"
            for method in service.methods
            if method.name not in theirs
        ]
    return missing


async def _served(client: "OutreachClient", server: Server, service: str) -> set[str]:
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # noqa: PLC0415

    channel: Any = client.channel_to(server)
    stub: Any = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=service)
    answers = stub.ServerReflectionInfo(iter([request]), timeout=WITHIN.total_seconds())
    async for answer in answers:
        return {*_methods(answer.file_descriptor_response.file_descriptor_proto, service)}
    return set()


def _methods(files: Iterable[bytes], service: str) -> Iterator[str]:
    from google.protobuf import descriptor_pb2  # noqa: PLC0415 - only for who makes a call

    for content in files:
        file = descriptor_pb2.FileDescriptorProto.FromString(content)
        for each in file.service:
            if f"{file.package}.{each.name}" == service:
                yield from (method.name for method in each.method)
