"""outreach_client.blocking: the same, for code that waits."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from outreach.campaign.v1 import lead_service_pb2
from outreach_client import Outreach, errors
from outreach_client.services.members import MEMBERS, method_name
from outreach_client.settings import Settings
from servicekit.errors import NotFound, Unavailable

from tests.unit.outreach_client.conftest import Server


@pytest.fixture
def client(server: Server) -> Iterator[Outreach]:
    """A client of the server that answers everything."""
    server.one_page = True
    with Outreach() as opened:
        yield opened


def test_it_has_every_method(client: Outreach) -> None:
    """One implementation: what awaits has, what waits has."""
    for name, member in MEMBERS.items():
        service, methods = getattr(client, name), member.descriptor.methods
        assert all(callable(getattr(service, method_name(method))) for method in methods)
    assert not hasattr(client, "nothing")


def test_an_answer_is_waited_for(server: Server, client: Outreach) -> None:
    """Also where it comes with the second call."""
    server.refused_first = [Unavailable()]

    answer = client.campaigns.get(campaign_id="camp_1", timeout=timedelta(seconds=10))

    assert answer.campaign.campaign_id == "some campaign_id"
    assert len(server.asked) == 2


def test_a_refusal_is_raised(server: Server, client: Outreach) -> None:
    """As the class of its reason, in the thread that asked."""
    server.refusal = NotFound()

    with pytest.raises(errors.NotFound):
        client.leads.get(campaign_id="camp_1", lead_id="lead_1")


def test_a_list_is_gone_through(server: Server, client: Outreach) -> None:
    """Page by page, by `for`; or one page."""
    first = lead_service_pb2.ListLeadsResponse(next_page_token="1")
    first.leads.add().lead.lead_id = "a"
    server.pages = [first]

    found = [each.lead.lead_id for each in client.leads.list(campaign_id="camp_1")]

    assert found == ["a", "some lead_id"]
    assert len(client.leads.list(campaign_id="camp_1").page().leads) == 1
    assert len(list(client.leads.list(campaign_id="camp_1").pages())) == 1


def test_a_stream_is_followed(server: Server, client: Outreach) -> None:
    """Also when whoever follows has seen enough after the first answer."""
    whole = list(client.campaigns.watch(campaign_id="camp_1", patience=timedelta()))
    for _ in client.campaigns.watch(campaign_id="camp_1"):
        break

    assert len(whole) == 2
    assert len(server.asked) == 2


def test_an_audit_is_each_servers(server: Server, client: Outreach) -> None:
    """By who keeps it."""
    for audit in client.audits.values():
        assert audit.list_records().page().records

    assert len(server.asked) == 3


def test_a_list_is_imported(server: Server, client: Outreach, tmp_path: Path) -> None:
    """From a file, and piece by piece as the contract has it."""
    file = tmp_path / "leads.csv"
    file.write_bytes(b"linkedin_url\n")
    told: list[Any] = []

    client.import_leads("camp_1", file, progress=told.append)
    header = lead_service_pb2.ImportLeadsHeader(campaign_id="camp_1")
    client.leads.import_([lead_service_pb2.ImportLeadsRequest(header=header)])

    assert [len(requests) for _, requests in server.asked] == [2, 1]
    assert told[-1].sent == file.stat().st_size


def test_what_it_calls_may_ask_it(server: Server, client: Outreach, tmp_path: Path) -> None:
    """Pieces and `progress` were called by the thread that they then waited for, for ever."""
    (tmp_path / "leads.csv").write_bytes(b"linkedin_url\n")
    names: list[str] = []

    def ask(_: object = None) -> None:
        names.append(client.campaigns.get(campaign_id="camp_1").campaign.name)

    def pieces() -> Iterator[lead_service_pb2.ImportLeadsRequest]:
        ask()
        header = lead_service_pb2.ImportLeadsHeader(campaign_id="camp_1")
        yield lead_service_pb2.ImportLeadsRequest(header=header)

    client.import_leads("camp_1", tmp_path / "leads.csv", progress=ask)
    client.leads.import_(pieces())

    assert names == ["some name"] * 2
    assert len(server.asked) == 4


def test_its_own_thread_cannot_wait_for_itself(client: Outreach) -> None:
    """It is told so, where it would never end."""

    async def ask() -> None:
        client.campaigns.get(campaign_id="camp_1")

    with pytest.raises(RuntimeError, match="own thread"):
        client._wait(ask())


def test_threads_share_one(server: Server, client: Outreach) -> None:
    """Any number of them ask at once."""
    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(client.leads.get, campaign_id="camp_1", lead_id=f"lead_{number}")
            for number in range(40)
        ]

    assert all(each.result().lead for each in asked)
    assert len(server.asked) == 40


async def test_it_is_used_beside_a_loop(server: Server) -> None:
    """Its own is in a thread of its own: a notebook has one already."""

    def ask() -> str:
        with Outreach() as opened:
            return opened.campaigns.get(campaign_id="camp_1").campaign.name

    assert ask() == await asyncio.to_thread(ask) == "some name"
    assert server.asked


def test_nothing_is_left_of_one_that_was_not_opened() -> None:
    """What is wrong with its settings is told when it is made, or entered."""
    with pytest.raises(ValueError, match="go together"):
        Outreach(Settings(tls_key_file=Path("key.pem")))
    with (
        pytest.raises(FileNotFoundError),
        Outreach(Settings(token=None, token_file=None, api_key_file=Path("/nowhere"))),
    ):
        pass

    assert "outreach-client" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.filterwarnings("error")
def test_it_is_entered_once(server: Server) -> None:
    """Before, twice and afterwards one sentence says what is wrong, for every kind of call."""
    client = Outreach()
    with pytest.raises(RuntimeError, match="not entered"):
        _ = client.campaigns
    with pytest.raises(RuntimeError, match="not entered"):
        client.import_leads("camp_1", b"linkedin_url")
    with client:
        assert client.campaigns.get(campaign_id="camp_1")
        with pytest.raises(RuntimeError, match="entered before"):
            client.__enter__()
        assert client.campaigns.get(campaign_id="camp_1")
    with pytest.raises(RuntimeError, match="closed"):
        _ = client.campaigns
    with pytest.raises(RuntimeError, match="closed"):
        client.import_leads("camp_1", b"linkedin_url")
    with pytest.raises(RuntimeError, match="entered before"):
        client.__enter__()

    assert len(server.asked) == 2
    assert not hasattr(client, "_nothing")


@pytest.mark.filterwarnings("error")
def test_what_is_not_read_to_its_end_is_left(server: Server) -> None:
    """However late it is collected, by whichever thread; and after its client nothing is asked."""
    with Outreach() as client:
        watched = client.campaigns.watch(campaign_id="camp_1")
        listed = iter(client.leads.list(campaign_id="camp_1"))
        assert next(watched)
        assert next(listed)
        client._loop.call_soon_threadsafe(watched.close)
        assert client.campaigns.get(campaign_id="camp_1")
    listed.close()
    gc.collect()

    with pytest.raises(RuntimeError, match="closed"):
        client.campaigns.get(campaign_id="camp_1")
    assert server.asked
