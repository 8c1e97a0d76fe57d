"""outreach_client.client: how the services are reached."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from devstack.stack.certificates import CALLER, Certificates
from grpc_health.v1 import health_pb2, health_pb2_grpc
from outreach.audit.v1 import audit_service_pb2 as audit_pb
from outreach_client import session
from outreach_client.client import OutreachClient
from outreach_client.commands.identity import audit
from outreach_client.settings import Settings
from outreach_client.streams import followed
from servicekit.auth import TokenEnded, TokenInvalid
from servicekit.credentials.tls import Tls
from servicekit.errors import DeadlineExceeded, ServiceError, Unavailable
from servicekit.grpc.server import GrpcServer


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path / "certificates")


async def served(certificates: Certificates, *, asks: bool, **files: Any) -> int:
    """The health of a server with TLS, by a client with these files."""
    own = Tls(*certificates.settings("campaign-api").values(), require_client_certificate=asks)
    async with GrpcServer(tls=own) as server:
        settings = Settings(campaign_api_address=server.address, **files)
        async with OutreachClient(settings) as client:
            channel = await client._channel(settings.campaign_api_address)
            stub: Any = health_pb2_grpc.HealthStub(channel)
            status: int = (await stub.Check(health_pb2.HealthCheckRequest())).status
    return status


async def test_a_client_shows_its_certificate(certificates: Certificates) -> None:
    """Where the services ask for one; naming the files is enough to have TLS."""
    files = certificates.settings(CALLER)

    assert await served(certificates, asks=True, **files) == health_pb2.HealthCheckResponse.SERVING


async def test_a_client_needs_none_where_none_is_asked_for(certificates: Certificates) -> None:
    """Only the authorities are to be known, which are not the system's."""
    believed = {"tls_authorities_file": certificates.authorities}

    status = await served(certificates, asks=False, **believed)

    assert status == health_pb2.HealthCheckResponse.SERVING
    with pytest.raises(Unavailable):
        await served(certificates, asks=False, tls=True)


@pytest.mark.parametrize(
    "missing", ["tls_certificate_file", "tls_key_file", "tls_authorities_file"]
)
def test_half_a_certificate_is_refused(certificates: Certificates, missing: str) -> None:
    """What is missing is said before anything is sent."""
    files = certificates.settings(CALLER)
    del files[missing]

    with pytest.raises(ValueError, match="go together"):
        OutreachClient(Settings(**files))


def watching(*streams: list[str | Exception]) -> Callable[[Any], AsyncIterator[str]]:
    """One stream after the other, as a server gives them."""
    rest = iter(streams)

    async def stream(_: Any) -> AsyncIterator[str]:
        for each in next(rest):
            if isinstance(each, Exception):
                raise each
            yield each

    return stream


@pytest.mark.parametrize("ended", [DeadlineExceeded(), TokenEnded()], ids=repr)
def test_a_stream_that_lasted_long_is_asked_for_again(ended: ServiceError) -> None:
    """Its server ends it after an hour, and with its token; whoever follows sees one."""
    shown: list[str] = []

    session.follow(watching(["a", ended], ["b", "c"]), shown.append)

    assert shown == ["a", "b", "c"]


def test_a_stream_that_never_answers_is_given_up() -> None:
    """A server that is only slow would be asked for ever."""
    with pytest.raises(session.typer.Exit):
        session.follow(watching(["a", DeadlineExceeded()], [DeadlineExceeded()]), lambda _: None)


@pytest.mark.parametrize("second", [TokenEnded(), TokenInvalid()], ids=repr)
def test_a_token_that_is_not_renewed_ends_a_stream(second: ServiceError) -> None:
    """A client without a key has one token: with that its stream ends, and says so."""
    with pytest.raises(session.typer.Exit):
        session.follow(watching(["a", TokenEnded()], [second]), lambda _: None)


def test_a_refusal_ends_a_stream() -> None:
    """Only an end of the token's time is no refusal."""
    with pytest.raises(session.typer.Exit):
        session.follow(watching(["a", TokenInvalid()], ["b"]), lambda _: None)


def told(record_id: str, second: int) -> audit_pb.ExportRecordsResponse:
    answer = audit_pb.ExportRecordsResponse()
    answer.record.record_id = record_id
    answer.record.record_time.FromSeconds(second)
    return answer


class Auditor:
    """Tells some records with a token that ends, the rest with the next one."""

    def __init__(self) -> None:
        self.asked: list[audit_pb.RecordFilter] = []

    async def ExportRecords(  # noqa: N802 - the rpc's name
        self, request: audit_pb.ExportRecordsRequest
    ) -> AsyncIterator[audit_pb.ExportRecordsResponse]:
        self.asked.append(request.filter)
        if len(self.asked) == 1:
            for record_id, second in (("c", 9), ("b", 7), ("a", 7)):
                yield told(record_id, second)
            raise TokenEnded
        for record_id, second in (("b", 7), ("a", 7), ("z", 7), ("y", 3)):
            yield told(record_id, second)


async def test_an_export_goes_on_where_it_was_ended() -> None:
    """It was begun anew, and every record of before told twice."""
    auditor = Auditor()
    service = audit.Service.CAMPAIGN_API
    export = audit._Export(audit._Asked([service], audit_pb.RecordFilter(actor_id="mem_1")))
    client: Any = SimpleNamespace(audits={service: auditor})

    answers = [each async for each in followed(lambda: export.rest(client))]

    assert [each.record.record_id for each in answers] == ["c", "b", "a", "z", "y"]
    assert auditor.asked[1].end_time.ToMicroseconds() == 7_000_001
    assert auditor.asked[1].actor_id == "mem_1"
