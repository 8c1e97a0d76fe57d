"""outreach_client.uploads: what cannot be read, how long it may take, and how it goes on."""

import hashlib
import io
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from outreach.campaign.v1 import import_service_pb2, lead_service_pb2, operation_pb2
from outreach.linkedin.v1 import suppression_service_pb2
from outreach_client import Outreach, errors
from outreach_client.client import OutreachClient
from outreach_client.streams import left_of, sent
from outreach_client.uploads import PIECE_BYTES, Progress
from servicekit.auth import TokenEnded
from servicekit.errors import DeadlineExceeded, NotFound, ServiceError, Unavailable

from tests.unit.outreach_client.conftest import Server


class Failed(Exception):
    """What no library raises."""


class Unread(io.BytesIO):
    """A file of which the second piece cannot be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= PIECE_BYTES:
            raise Failed
        return super().read(size)


def failing(_: object) -> None:
    raise Failed


def away(_: object) -> None:
    raise errors.Unavailable


async def failing_later(_: object) -> None:
    raise Failed


UNREADABLE: list[tuple[Any, Any, type[Exception]]] = [
    ("nosuch.csv", None, FileNotFoundError),
    (Path("/"), None, IsADirectoryError),
    (Unread(b"x" * (2 * PIECE_BYTES)), None, Failed),
    (io.StringIO("linkedin_url"), None, TypeError),
    (b"linkedin_url", failing, Failed),
    (b"linkedin_url", away, Unavailable),
]
IDS = ["missing", "folder", "unread", "text", "progress", "progress-away"]


@pytest_asyncio.fixture
async def client(server: Server) -> AsyncIterator[OutreachClient]:
    """A client of the server that answers everything."""
    del server
    async with OutreachClient() as opened:
        yield opened


@pytest.mark.parametrize(("source", "progress", "raised"), UNREADABLE, ids=IDS)
@pytest.mark.parametrize("of", ["leads", "suppressions"])
async def test_what_cannot_be_read_is_raised(
    server: Server, client: OutreachClient, of: str, source: Any, progress: Any, raised: Any
) -> None:
    """gRPC swallows it and cancels the call: whoever asked was told that they had given up."""
    to: Any = "camp_1"
    imports: Callable[..., Any] = client.import_leads
    if of == "suppressions":
        to, imports = suppression_service_pb2.ImportSuppressionsHeader(), client.import_suppressions

    with pytest.raises(raised):
        await imports(to, source, progress=progress)

    assert len(server.asked) <= 1


async def test_who_is_told_is_awaited(client: OutreachClient) -> None:
    """Also what they raise only then."""
    with pytest.raises(Failed):
        await client.import_leads("camp_1", b"linkedin_url", progress=failing_later)


@pytest.mark.parametrize(("source", "progress", "raised"), UNREADABLE, ids=IDS)
def test_who_waits_is_told_the_same(
    server: Server, source: Any, progress: Any, raised: type[Exception]
) -> None:
    """A cancellation of nobody's would be no `Exception` there, either."""
    with Outreach() as client, pytest.raises(raised):
        client.import_leads("camp_1", source, progress=progress)

    assert len(server.asked) <= 1


def header() -> lead_service_pb2.ImportLeadsRequest:
    asked = lead_service_pb2.ImportLeadsHeader(campaign_id="camp_1")
    return lead_service_pb2.ImportLeadsRequest(header=asked)


async def broken() -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
    yield header()
    raise Failed


def broken_too() -> Iterator[lead_service_pb2.ImportLeadsRequest]:
    yield header()
    raise Failed


async def test_pieces_that_fail_are_raised(client: OutreachClient) -> None:
    """Whoever makes them themselves, too."""
    with pytest.raises(Failed):
        await client.leads.import_(broken())


def test_pieces_that_fail_are_raised_to_who_waits(server: Server) -> None:
    """As they are where they are awaited."""
    del server
    with Outreach() as client, pytest.raises(Failed):
        client.leads.import_(broken_too())


async def test_a_file_that_is_open_is_the_callers(server: Server, client: OutreachClient) -> None:
    """It is read from its beginning, each time, and is open afterwards."""
    file = io.BytesIO(b"linkedin_url")
    file.seek(5)
    server.refused_first = [Unavailable()]

    await client.import_leads("camp_1", file)

    contents = [requests[1].content for _, requests in server.asked]  # type: ignore[attr-defined]
    assert contents == [b"linkedin_url"] * 2
    assert not file.closed


def ending(*ends: ServiceError) -> tuple[Callable[[], Any], list[ServiceError]]:
    """An upload that ends so, one after the other."""
    rest = [*ends]

    async def upload() -> str:
        if rest:
            raise rest.pop(0)
        return "all of it"

    return upload, rest


async def test_an_upload_whose_time_is_over_is_over() -> None:
    """It is an `Unavailable`, but of a server that may have taken all: whoever waits decides."""
    upload, rest = ending(DeadlineExceeded(), Unavailable())

    with pytest.raises(DeadlineExceeded):
        await sent(upload)

    assert len(rest) == 1


async def test_all_attempts_share_one_time(
    client: OutreachClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one may take what the first one left."""
    given: list[timedelta] = []

    async def import_(_: Any, *, timeout: timedelta) -> str:  # noqa: ASYNC109 - as gRPC has it
        given.append(timeout)
        if len(given) == 1:
            raise Unavailable
        return "all of it"

    monkeypatch.setattr(client.leads, "import_", import_)
    await client.import_leads("camp_1", b"linkedin_url", timeout=timedelta(seconds=30))

    assert timedelta() < given[1] < given[0] <= timedelta(seconds=30)


async def test_nothing_is_left_of_a_time_that_is_over() -> None:
    """Nor is there one where none was given: the contract's is."""
    assert left_of(timedelta(seconds=-1))() == timedelta()
    assert left_of(None)() is None


class Kept:
    """The server of an import, whose streams end so behind their first piece, one each."""

    def __init__(self, *ends: ServiceError) -> None:
        self.content = b""
        self.offsets: list[int] = []
        self.end = import_service_pb2.UploadImportEnd()
        self._ends = [*ends]

    async def upload(
        self, messages: AsyncIterator[import_service_pb2.UploadImportRequest]
    ) -> import_service_pb2.UploadImportResponse:
        async for message in messages:
            if message.HasField("header"):
                self.offsets.append(message.header.offset)
            elif message.HasField("end"):
                self.end = message.end
            else:
                self.content += message.content
                if self._ends:
                    raise self._ends.pop(0)
        return import_service_pb2.UploadImportResponse(operation=self._operation())

    async def get_operation(self, **_: str) -> import_service_pb2.GetOperationResponse:
        return import_service_pb2.GetOperationResponse(operation=self._operation())

    def _operation(self) -> operation_pb2.Operation:
        return operation_pb2.Operation(received_bytes=len(self.content))

    def serve(self, client: OutreachClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client.imports, "upload", self.upload)
        monkeypatch.setattr(client.imports, "get_operation", self.get_operation)


LIST = bytes(range(256)) * (PIECE_BYTES // 256 * 3) + b"the rest"


async def test_an_upload_goes_on_where_it_broke_off(
    client: OutreachClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From what the server has; whoever looks on is told of the whole, and its end of all of it."""
    server, told = Kept(Unavailable(), TokenEnded()), list[Progress]()
    server.serve(client, monkeypatch)

    operation = await client.upload_import("camp_1", "imp_1", LIST, progress=told.append)

    assert server.content == LIST
    assert server.offsets == [0, PIECE_BYTES, 2 * PIECE_BYTES]
    assert (server.end.content_bytes, server.end.content_hash) == (
        len(LIST),
        hashlib.sha256(LIST).hexdigest(),
    )
    assert told[-1] == Progress(len(LIST), len(LIST))
    assert operation.received_bytes == len(LIST)


@pytest.mark.parametrize("end", [Unavailable(), NotFound()], ids=repr)
async def test_an_upload_is_given_up(
    client: OutreachClient, monkeypatch: pytest.MonkeyPatch, end: ServiceError
) -> None:
    """When nothing more has arrived for as long as its caller waits, or it is refused."""
    server = Kept(end, end)
    server.serve(client, monkeypatch)
    patience = timedelta() if isinstance(end, Unavailable) else timedelta(minutes=1)

    with pytest.raises(type(end)):
        await client.upload_import("camp_1", "imp_1", LIST, patience=patience)

    assert server.offsets == [0]


def test_who_waits_uploads_the_same(server: Server, tmp_path: Path) -> None:
    """From where they say, if they do; what cannot be read is raised."""
    (tmp_path / "leads.csv").write_bytes(b"linkedin_url\n")

    with Outreach() as client:
        client.upload_import("camp_1", "imp_1", tmp_path / "leads.csv", offset=9)
        with pytest.raises(FileNotFoundError):
            client.upload_import("camp_1", "imp_1", "nosuch.csv")

    ((path, (header, piece, end)),) = server.asked
    assert path.endswith("/UploadImport")
    assert header.header.offset == 9  # type: ignore[attr-defined]
    assert piece.content == b"url\n"  # type: ignore[attr-defined]
    assert end.end.content_bytes == 13  # type: ignore[attr-defined]
