"""outreach_client.client: what is called, called again, and raised."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
import pytest_asyncio
from outreach.campaign.v1 import lead_service_pb2
from outreach_client import errors
from outreach_client.client import OutreachClient
from outreach_client.services.members import MEMBERS, method_name
from outreach_client.settings import Settings
from outreach_client.uploads import Progress
from pydantic import SecretStr
from servicekit.auth import TokenEnded, TokenInvalid
from servicekit.errors import (
    BadInput,
    FailedPrecondition,
    FieldViolation,
    NotFound,
    NotYet,
    ServiceError,
    Unauthenticated,
    Unavailable,
)

from tests.unit.outreach_client.conftest import Server

LEADS = "/outreach.campaign.v1.LeadService"
CAMPAIGNS = "/outreach.campaign.v1.CampaignService"
ATTEMPTS = 4


class Limited(NotYet):
    """Too much at once."""

    reason = "RATE_LIMITED"


@pytest_asyncio.fixture
async def client(server: Server) -> AsyncIterator[OutreachClient]:
    """A client of the server that answers everything."""
    del server
    async with OutreachClient() as opened:
        yield opened


def paths(server: Server) -> list[str]:
    return [path.rpartition("/")[2] for path, _ in server.asked]


async def test_every_method_is_called_by_its_name(server: Server, client: OutreachClient) -> None:
    """All of the contract, as its members are called; the audit is that of each server."""
    for name, member in MEMBERS.items():
        for method in member.descriptor.methods:
            call: Callable[..., Any] = getattr(getattr(client, name), method_name(method))
            if not (method.client_streaming or method.server_streaming):
                await call()
                assert (
                    server.asked[-1][0] == f"/{method.containing_service.full_name}/{method.name}"
                )
    for audit in client.audits.values():
        await audit.list_records()
    assert paths(server)[-3:] == ["ListRecords"] * 3


async def test_a_request_or_its_fields(server: Server, client: OutreachClient) -> None:
    """Both say the same; both at once, and what is no request of the method, are mistakes."""
    request = lead_service_pb2.GetLeadRequest(campaign_id="camp_1", lead_id="lead_1")

    await client.leads.get(request)
    await client.leads.get(campaign_id="camp_1", lead_id="lead_1")

    assert server.asked[0] == server.asked[1] == (f"{LEADS}/GetLead", [request])
    with pytest.raises(TypeError):
        await client.leads.get(request, lead_id="lead_2")
    with pytest.raises(TypeError):
        await client.leads.stop(request)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="leadid"):
        await client.leads.get(leadid="lead_1")  # type: ignore[call-arg]


async def test_times_and_enums_are_pythons(server: Server, client: OutreachClient) -> None:
    """Durations as `timedelta`, enums by their names."""
    await client.pace.get_queue(account_id="acct_1", page_size=3)
    await client.api_keys.rotate(key_id="key_1", overlap=timedelta(hours=2))
    await client.leads.list(campaign_id="camp_1", state="LEAD_STATE_REPLIED")

    asked: list[Any] = [request for _, (request,) in server.asked]
    assert asked[1].overlap.seconds == 7200
    assert asked[2].state


async def test_what_is_made_has_a_request_id(server: Server, client: OutreachClient) -> None:
    """A caller's own stays; a repeat of the same call is the same, another call another."""
    server.refused_first = [Unavailable()]
    await client.campaigns.create(name="Spring")
    await client.campaigns.create(name="Spring")
    await client.campaigns.create(name="Spring", request_id="mine")

    ids = [request.request_id for _, (request,) in server.asked]  # type: ignore[attr-defined]
    assert ids[0] == ids[1] != ids[2]
    assert ids[3] == "mine"


async def test_a_server_that_is_away_is_asked_again(server: Server, client: OutreachClient) -> None:
    """For what changes nothing; whoever asked hears the answer alone."""
    server.refused_first = [Unavailable()] * (ATTEMPTS - 1)

    await client.campaigns.get(campaign_id="camp_1")

    assert paths(server) == ["GetCampaign"] * ATTEMPTS


class CutOff(ServiceError):
    """The server has ended."""

    code = grpc.StatusCode.CANCELLED
    reason = "CUT_OFF"


async def test_what_a_server_cuts_off_as_it_ends_is_asked_again(
    server: Server, client: OutreachClient
) -> None:
    """gRPC tells so what was not answered within a server's grace."""
    server.refused_first = [CutOff()]

    await client.campaigns.get(campaign_id="camp_1")

    assert paths(server) == ["GetCampaign"] * 2


@pytest.mark.parametrize("refusal", [FailedPrecondition(), NotFound(), errors.EtagMismatch()])
async def test_a_refusal_is_told_at_once(
    server: Server, client: OutreachClient, refusal: ServiceError
) -> None:
    """It would be the same again."""
    server.refusal = refusal

    with pytest.raises(type(refusal)):
        await client.campaigns.get(campaign_id="camp_1")

    assert len(server.asked) == 1


async def test_what_changes_something_is_asked_once(server: Server, client: OutreachClient) -> None:
    """A second one might do it again; that it may be repeated is the caller's to know."""
    server.refusal = Unavailable()

    with pytest.raises(errors.Unavailable):
        await client.api_keys.rotate(key_id="key_1")

    assert len(server.asked) == 1


async def test_what_names_itself_is_asked_again(server: Server, client: OutreachClient) -> None:
    """By the same request id, so that it is done once however often it is asked for."""
    server.refusal = Unavailable()

    with pytest.raises(errors.Unavailable):
        await client.leads.stop(campaign_id="camp_1", lead_id="lead_1")

    ids = {requests[0].request_id for _, requests in server.asked}
    assert len(server.asked) > 1
    assert len(ids) == 1


async def test_repeats_have_a_budget(server: Server, client: OutreachClient) -> None:
    """Of a server that is down for all, callers ask once: repeats would keep it down."""
    server.refusal = Unavailable()
    for _ in range(20):
        with pytest.raises(errors.Unavailable):
            await client.campaigns.get(campaign_id="camp_1")

    assert len(server.asked) <= 20 + 10


async def test_who_asks_too_much_comes_again_when_told(
    server: Server, client: OutreachClient
) -> None:
    """The server's own wait, not the caller's pause."""
    server.refused_first = [Limited(retry_after=timedelta(seconds=0.4))]
    begun_at = time.monotonic()

    await client.campaigns.get(campaign_id="camp_1")

    assert len(server.asked) == 2
    assert time.monotonic() - begun_at >= 0.4


@pytest.mark.parametrize("wait", [timedelta(hours=3), None], ids=str)
async def test_a_long_wait_is_told(
    server: Server, client: OutreachClient, wait: timedelta | None
) -> None:
    """It is the caller's to plan, who is told how long."""
    server.refusal = Limited(retry_after=wait)

    with pytest.raises(errors.RateLimited) as refused:
        await client.campaigns.get(campaign_id="camp_1")

    assert refused.value.retry_after == wait
    assert len(server.asked) == 1


class KeyInvalid(Unauthenticated):
    """It was revoked."""

    reason = "API_KEY_INVALID"


class NotStartable(FailedPrecondition):
    """It has ended."""

    reason = "CAMPAIGN_NOT_STARTABLE"


class Tomorrows(FailedPrecondition):
    """Something that this version has never heard of."""

    reason = "TURNED_TO_STONE"


async def test_a_refusal_is_the_class_of_its_reason(server: Server, client: OutreachClient) -> None:
    """With all that was said; a reason that is not known is its kind."""
    server.refusal = NotStartable("No.", metadata={"state": "COMPLETED"})
    with pytest.raises(errors.CampaignNotStartable, match=r"No\.") as refused:
        await client.campaigns.start(campaign_id="camp_1")
    assert isinstance(refused.value, errors.RemoteError)
    assert refused.value.domain == "outreach"
    assert refused.value.metadata == {"state": "COMPLETED"}

    server.refusal = Tomorrows()
    with pytest.raises(errors.FailedPrecondition) as unknown:
        await client.campaigns.start(campaign_id="camp_1")
    assert unknown.value.reason == "TURNED_TO_STONE"


async def test_every_wrong_field_is_told(server: Server, client: OutreachClient) -> None:
    """By its path, with its own reason."""
    wrong = FieldViolation("name", "It is blank.", "FIELD_REQUIRED")
    server.refusal = BadInput([wrong])

    with pytest.raises(errors.InvalidArgument) as refused:
        await client.campaigns.create()

    assert refused.value.violations == (wrong,)


def page(*ids: str, **tokens: str) -> lead_service_pb2.ListLeadsResponse:
    answer = lead_service_pb2.ListLeadsResponse(**tokens)
    for each in ids:
        answer.leads.add().lead.lead_id = each
    return answer


async def test_a_list_is_gone_through(server: Server, client: OutreachClient) -> None:
    """To its end, over short and empty pages, with the same filter."""
    server.pages = [page("a", "b", next_page_token="1"), page(next_page_token="2"), page("c")]

    listed = client.leads.list(campaign_id="camp_1", filter="state = READY")

    assert [each.lead.lead_id async for each in listed] == ["a", "b", "c"]
    asked: list[Any] = [request for _, (request,) in server.asked]
    assert [each.page_token for each in asked] == ["", "1", "2"]
    assert {each.filter for each in asked} == {"state = READY"}


async def test_one_page_is_awaited(server: Server, client: OutreachClient) -> None:
    """Whoever shows pages keeps the token themselves."""
    server.pages = [page("a", next_page_token="1")]

    answer = await client.leads.list(campaign_id="camp_1")

    assert answer.next_page_token == "1"
    assert len(server.asked) == 1


async def test_a_page_that_leads_to_itself_ends(server: Server, client: OutreachClient) -> None:
    """A server's mistake would be asked for ever."""
    server.pages = [page("a", next_page_token="1"), page("a", next_page_token="1")]

    with pytest.raises(RuntimeError):
        _ = [each async for each in client.leads.list(campaign_id="camp_1")]


async def test_what_changes_is_followed_up_to_now(server: Server, client: OutreachClient) -> None:
    """Each answer has the next token; with an empty one whoever follows is up to date."""
    server.pages = [page("a", next_sync_token="1"), page("b", next_sync_token="2")]
    server.pages += [page(next_sync_token="3")]

    followed = client.leads.list(campaign_id="camp_1", sync_token="0")

    assert [each.lead.lead_id async for each in followed] == ["a", "b"]
    assert followed.sync_token == "3"
    asked: list[Any] = [request for _, (request,) in server.asked]
    assert [each.sync_token for each in asked] == ["0", "1", "2"]


async def test_a_list_is_imported_with_progress(
    server: Server, client: OutreachClient, tmp_path: Any
) -> None:
    """Piece by piece, told after each; it begins again if its way breaks off."""
    content = b"linkedin_url\n" + b"x" * 600_000
    (tmp_path / "leads.csv").write_bytes(content)
    told: list[Progress] = []
    server.refused_first = [Unavailable()]

    await client.import_leads("camp_1", tmp_path / "leads.csv", progress=told.append)

    _, (header, *pieces) = server.asked[-1]
    assert header.header.campaign_id == "camp_1"  # type: ignore[attr-defined]
    assert b"".join(each.content for each in pieces) == content  # type: ignore[attr-defined]
    assert told[-1] == Progress(sent=len(content), total=len(content))
    assert len(told) == 2 * len(pieces)


async def test_an_export_goes_on_behind_what_was_told(
    server: Server, client: OutreachClient
) -> None:
    """A server that goes away in the middle is asked for the rest, when it is there again."""
    server.pages = [lead_service_pb2.ExportLeadsResponse(content=b"a", next_token="1")]
    server.cut_off = [Unavailable(), TokenEnded()]

    contents = [each.content async for each in client.leads.export(campaign_id="camp_1")]

    assert contents[0] == b"a"
    asked: list[Any] = [request for _, (request,) in server.asked]
    assert [each.token for each in asked] == ["", "1", "some next_token"]


async def test_a_line_that_is_longer_than_a_piece_comes_whole(
    server: Server, client: OutreachClient
) -> None:
    """What came of it before a stream broke off is dropped: it comes again from its beginning."""
    part = lead_service_pb2.ExportLeadsResponse
    server.pages = [part(content=content) for content in (b"lost", b"begun, ")]
    server.cut_off = [Unavailable()]

    contents = [each.content async for each in client.leads.export(campaign_id="camp_1")]

    asked: list[Any] = [request for _, (request,) in server.asked]
    assert [each.token for each in asked] == ["", ""]
    assert contents == [b"begun, bytes"]


async def test_who_comes_back_is_not_told_that_they_do(
    server: Server, client: OutreachClient
) -> None:
    """The first answer says where it goes on; where nothing has changed it says nothing else."""
    only_where = lead_service_pb2.ExportLeadsResponse(next_token="1")
    server.pages = [only_where, only_where]
    server.cut_off = [TokenEnded()]

    answers = [each async for each in client.leads.export(campaign_id="camp_1")]

    assert [bool(each.content) for each in answers] == [False, True]


async def test_who_comes_back_waits_as_long_as_told(server: Server, client: OutreachClient) -> None:
    """Fifty watchers of one server that was replaced come back at once, and are limited."""
    server.cut_off = [Unavailable()]
    stream = client.campaigns.watch(campaign_id="camp_1")

    await anext(stream)
    server.refused_first = [Limited(retry_after=timedelta(seconds=0.3))]
    begun_at = time.monotonic()
    await anext(stream)

    assert time.monotonic() - begun_at >= 0.3
    assert paths(server) == ["WatchCampaign"] * 3


async def test_who_has_no_patience_hears_of_a_server_that_goes(
    server: Server, client: OutreachClient
) -> None:
    """Whoever watches may also do something else meanwhile."""
    server.cut_off = [Unavailable()]

    with pytest.raises(errors.Unavailable):
        async for _ in client.campaigns.watch(campaign_id="camp_1", patience=timedelta()):
            pass

    assert len(server.asked) == 1


async def test_what_cannot_go_on_is_not_told_twice(server: Server, client: OutreachClient) -> None:
    """Whoever verifies says themselves from where; begun anew it would tell the same again."""
    server.cut_off = [TokenEnded()]

    with pytest.raises(errors.TokenEnded):
        async for _ in client.audits["campaign-api"].verify_records():  # type: ignore[index]
            pass


async def test_nobody_there_is_told_at_once(client: OutreachClient, server: Server) -> None:
    """A watch that never began is not waited for."""
    server.refusal = Unavailable()

    with pytest.raises(errors.Unavailable):
        async for _ in client.campaigns.watch(campaign_id="camp_1"):
            pass


async def test_a_call_ends_when_its_caller_says(server: Server, client: OutreachClient) -> None:
    """However long its contract promises."""
    server.refusal = Limited(retry_after=timedelta(seconds=2))

    with pytest.raises(errors.DeadlineExceeded):
        await client.campaigns.get(campaign_id="camp_1", timeout=timedelta(seconds=0.2))


CREATE_TOKEN = "CreateToken"


@pytest_asyncio.fixture
async def keyed(server: Server) -> AsyncIterator[OutreachClient]:
    """A client that signs in with an API key, and has done so."""
    async with OutreachClient(Settings(token=None, api_key=SecretStr("a-key"))) as opened:
        assert paths(server) == [CREATE_TOKEN]
        server.asked.clear()
        yield opened


@pytest.mark.parametrize("verb", ["start", "get", "list"])
async def test_a_refused_token_is_exchanged(
    server: Server, keyed: OutreachClient, verb: str
) -> None:
    """A machine that slept through its end calls on; whoever is not known has done nothing."""
    server.refused_first = [TokenInvalid()]

    await getattr(keyed.campaigns, verb)()

    called = paths(server)
    assert called == [called[0], CREATE_TOKEN, called[0]]


async def test_of_many_that_were_refused_one_exchanges(
    server: Server, keyed: OutreachClient
) -> None:
    """Each exchange is a token more that somebody could lose."""
    assert keyed.token is not None
    server.ended_token = keyed.token()
    server.tokens = ["another"]

    await asyncio.gather(*(keyed.campaigns.get(campaign_id=f"camp_{n}") for n in range(5)))

    assert 5 < paths(server).count("GetCampaign") <= 10
    assert paths(server).count(CREATE_TOKEN) == 1


async def test_a_key_that_is_refused_is_told(server: Server, keyed: OutreachClient) -> None:
    """One that was revoked is no token to be exchanged again and again."""
    server.refused_first = [TokenInvalid(), KeyInvalid()]

    with pytest.raises(errors.ApiKeyInvalid):
        await keyed.campaigns.get(campaign_id="camp_1")

    assert paths(server) == ["GetCampaign", CREATE_TOKEN]


async def test_a_key_that_was_revoked_is_told_at_the_door(server: Server) -> None:
    """As the class of its reason, as every refusal: what exchanges is a call as any other."""
    server.refusal = KeyInvalid()

    with pytest.raises(errors.ApiKeyInvalid):
        async with OutreachClient(Settings(token=None, api_key=SecretStr("a-key"))):
            pass


async def test_a_key_is_exchanged_while_its_server_is_replaced(server: Server) -> None:
    """Whoever began just then heard that nobody is there; a second token harms nobody."""
    server.refused_first = [Unavailable()] * (ATTEMPTS - 1)

    async with OutreachClient(Settings(token=None, api_key=SecretStr("a-key"))):
        pass

    assert paths(server) == [CREATE_TOKEN] * ATTEMPTS


async def test_a_watch_and_an_upload_begin_with_a_new_token(
    server: Server, keyed: OutreachClient
) -> None:
    """Whatever is called first after the token has ended."""
    server.refused_first = [TokenInvalid()]
    answers = [each async for each in keyed.campaigns.watch(campaign_id="camp_1")]
    server.refused_first = [TokenInvalid()]
    await keyed.import_leads("camp_1", b"linkedin_url")

    assert len(answers) == 2
    once_more = ["WatchCampaign", CREATE_TOKEN, "WatchCampaign"]
    assert paths(server) == [*once_more, "ImportLeads", CREATE_TOKEN, "ImportLeads"]


async def test_a_given_token_is_nobodys_to_exchange(server: Server, client: OutreachClient) -> None:
    """Whoever gave it hears that it is over."""
    server.refusal = TokenInvalid()

    with pytest.raises(errors.TokenInvalid):
        await client.campaigns.get(campaign_id="camp_1")

    assert len(server.asked) == 1


async def test_what_is_too_large_is_told_at_once(server: Server, client: OutreachClient) -> None:
    """Before it goes: no waiting makes it smaller, though its code is one that is waited for."""
    with pytest.raises(errors.MessageTooLarge):
        await client.sequences.validate(sequence_json="x" * 17_000_000)

    assert server.asked == []
