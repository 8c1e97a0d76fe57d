"""outreach_client.client: how the services are reached."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from devstack.stack.certificates import CALLER, Certificates
from grpc_health.v1 import health_pb2, health_pb2_grpc
from outreach.audit.v1 import audit_service_pb2 as audit_pb
from outreach_client import Outreach, session, streams
from outreach_client.client import OutreachClient
from outreach_client.commands.identity import audit
from outreach_client.services.members import Server
from outreach_client.settings import Settings
from outreach_client.streams import followed, sent
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
            channel = client.channel_to(Server.CAMPAIGN_API)
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


async def test_a_client_is_entered_once() -> None:
    """Before, twice and afterwards one sentence says what is wrong."""
    client = OutreachClient()
    with pytest.raises(RuntimeError, match="not entered"):
        _ = client.leads
    with pytest.raises(RuntimeError, match="not entered"):
        await client.import_leads("camp_1", b"linkedin_url")
    async with client:
        assert client.leads
        with pytest.raises(RuntimeError, match="entered before"):
            await client.__aenter__()
        assert client.channel_to(Server.CAMPAIGN_API)
    for closed in (lambda: client.leads, lambda: client.audits):
        with pytest.raises(RuntimeError, match="closed"):
            closed()
    with pytest.raises(RuntimeError, match="entered before"):
        await client.__aenter__()


@pytest.mark.parametrize("kind", [OutreachClient, Outreach])
def test_what_is_private_is_no_service(kind: type) -> None:
    """Whatever looks for `__deepcopy__` or before `__init__` hears what Python always says."""
    with pytest.raises(AttributeError, match="has no attribute '_loop_of'"):
        _ = kind.__new__(kind)._loop_of
    with pytest.raises(AttributeError, match="no service 'nothing'"):
        _ = kind.__new__(kind).nothing


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


def test_whoever_watches_is_not_sent_away_by_a_restart() -> None:
    """A server that goes away is waited for; by an export, of which half is written, it is not."""
    shown: list[str] = []

    session.follow(watching(["a", Unavailable()], ["b"]), shown.append, patient=True)

    assert shown == ["a", "b"]
    with pytest.raises(session.typer.Exit):
        session.follow(watching(["a", Unavailable()], ["b"]), shown.append)


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

    async def export_records(
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
    service = Server.CAMPAIGN_API
    export = audit._Export(audit._Asked([service], audit_pb.RecordFilter(actor_id="mem_1")))
    client: Any = SimpleNamespace(audits={service: auditor})

    answers = [each async for each in followed(lambda: export.rest(client))]

    assert [each.record.record_id for each in answers] == ["c", "b", "a", "z", "y"]
    assert auditor.asked[1].end_time.ToMicroseconds() == 7_000_001
    assert auditor.asked[1].actor_id == "mem_1"


class Verifier:
    """Says how far it has come, and is ended with the token each time."""

    def __init__(self, *pieces: list[audit_pb.VerifyRecordsResponse]) -> None:
        self.asked: list[int] = []
        self._pieces = list(pieces)

    async def verify_records(
        self, request: audit_pb.VerifyRecordsRequest
    ) -> AsyncIterator[audit_pb.VerifyRecordsResponse]:
        self.asked.append(request.after.position)
        for answer in self._pieces.pop(0):
            yield answer
        if self._pieces:
            raise TokenEnded


def so_far(position: int) -> audit_pb.VerifyRecordsResponse:
    return audit_pb.VerifyRecordsResponse(so_far=audit_pb.VerifiedSoFar(position=position))


async def test_a_verification_goes_on_where_it_was_ended() -> None:
    """One that lasted longer than a token was begun anew with the next one, and never told."""
    end = audit_pb.VerifyRecordsResponse(verified=audit_pb.Verified(position=9))
    verifier = Verifier([so_far(3), so_far(5)], [so_far(8)], [end])
    services = [Server.CAMPAIGN_API, Server.LINKEDIN_GATEWAY]
    second = Verifier([end])
    client: Any = SimpleNamespace(audits=dict(zip(services, (verifier, second), strict=True)))
    verification = audit._Verification(services)

    answers = [each async for each in followed(lambda: verification.rest(client))]

    assert verifier.asked == [0, 5, 8]
    assert second.asked == [0]
    assert [each.WhichOneof("found") for each in answers] == ["so_far"] * 3 + ["verified"] * 2


@pytest.mark.parametrize("refusal", [None, TokenInvalid()], ids=repr)
async def test_an_upload_is_sent_once_more(refusal: ServiceError | None) -> None:
    """With the token of then, if its token ends; neither a third time nor for another reason."""
    ends: list[ServiceError | None] = [TokenEnded(), refusal]

    async def upload() -> str:
        ended = ends.pop(0)
        if ended is not None:
            raise ended
        return "all of it"

    if refusal is None:
        assert await sent(upload) == "all of it"
        ends.extend([TokenEnded(), TokenEnded()])
    with pytest.raises(TokenInvalid):
        await sent(upload)
    assert ends == []


async def test_an_upload_that_is_cut_off_is_sent_once_more() -> None:
    """Whatever ended it, nobody heard: a second time it is told."""
    ends: list[Exception | None] = [Unavailable(), None, Unavailable(), Unavailable()]

    async def upload() -> str:
        ended = ends.pop(0)
        if ended is not None:
            raise ended
        return "all of it"

    assert await sent(upload) == "all of it"
    with pytest.raises(Unavailable):
        await sent(upload)
    assert ends == []


async def silent_for(seconds: float) -> AsyncIterator[str]:
    await asyncio.sleep(seconds)
    raise DeadlineExceeded
    yield ""


async def test_a_stream_that_had_nothing_to_say_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is resumed is silent until something changes: that was no refusal."""
    monkeypatch.setattr(streams, "_LASTED", timedelta(milliseconds=10))
    rest = watching(["a"])
    asked: list[float] = []

    def ask() -> AsyncIterator[str]:
        asked.append(0)
        return silent_for(0.02) if len(asked) == 1 else rest(None)

    assert [each async for each in followed(ask)] == ["a"]


async def test_a_server_that_stays_away_is_given_up() -> None:
    """It is waited for as long as it was said, from its last answer on."""
    ask = watching(["a", Unavailable()], ["b", Unavailable()], *[[Unavailable()]] * 20)

    heard: list[str] = []

    async def hear() -> None:
        nonlocal heard
        async for each in followed(lambda: ask(None), patience=timedelta(seconds=0.3)):
            heard += [each]

    with pytest.raises(Unavailable):
        await hear()

    assert heard == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "read"),
    [("60", 60), ("2.5", 2.5), ("90s", 90), ("1m30s", 90), ("PT90S", None), ("soon", None)],
)
def test_a_timeout_is_read_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch, text: str, read: float | None
) -> None:
    """The documented default, 60, was not a duration to what read it."""
    monkeypatch.setenv("OUTREACH_TIMEOUT", text)

    if read is None:
        with pytest.raises(ValueError, match="not a duration"):
            Settings()
    else:
        assert Settings().timeout == timedelta(seconds=read)
