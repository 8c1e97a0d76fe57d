"""`InstallationService` of one server."""
# ruff: noqa: N802 - the methods have the names of the rpcs

from collections.abc import Callable, Iterator
from typing import Any

from outreach.installation.v1 import installation_service_pb2 as pb
from outreach.installation.v1 import installation_service_pb2_grpc as rpc
from outreach.installation.v1.server_info_pb2 import SchemaInfo, ServerCheck, ServerInfo
from servicekit.grpc.server import GrpcServer
from servicekit.health import OK, Report
from servicekit.startup.server_facts import Seen, ServerFacts
from servicekit.telemetry.redaction import Redactor

_LONGEST = 500
"""Characters of what a check found."""

Own = Callable[[], ServerInfo]
"""What a service alone can tell of itself; asked each time."""


class Installation(rpc.InstallationServiceServicer):
    """Tells of the server that it is part of; `secrets` are never told, whatever a check found."""

    def __init__(self, facts: ServerFacts, own: Own, *, secrets: list[str]) -> None:
        self._facts = facts
        self._own = own
        self._redacted = Redactor(secrets).text

    def add_to(self, server: GrpcServer) -> None:
        """Have a server that has not started tell of itself."""
        server.add(rpc.add_InstallationServiceServicer_to_server, self)

    async def GetServerInfo(
        self, _request: pb.GetServerInfoRequest, _: Any
    ) -> pb.GetServerInfoResponse:
        facts, told = self._facts, self._own()
        told.service, told.version, told.revision = facts.service, facts.version, facts.revision
        told.start_time.FromDatetime(facts.started_at)
        self._tell(await facts.look(), told)
        return pb.GetServerInfoResponse(server_info=told)

    def _tell(self, seen: Seen, told: ServerInfo) -> None:
        for each in seen.schemas:
            told.schemas.append(
                SchemaInfo(
                    schema=each.schema,
                    expected_revision=each.expected,
                    found_revision=each.found,
                )
            )
        if seen.clock_offset is not None:
            told.database_clock_offset.FromTimedelta(seen.clock_offset)
        if seen.certificate_ends_at is not None:
            told.certificate_expire_time.FromDatetime(seen.certificate_ends_at)
        told.checks.extend(self._checks(seen.report))

    def _checks(self, report: Report) -> Iterator[ServerCheck]:
        for required, said in ((True, report.checks), (False, report.notes)):
            for name, found in said.items():
                passed = found == OK
                shown = "" if passed else self._redacted(found)[:_LONGEST]
                yield ServerCheck(name=name, passed=passed, found=shown, required=required)
