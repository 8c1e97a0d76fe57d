"""ExportLeads: all leads of a campaign, in pieces, which go on where they were."""

import csv
import io
import json

import pytest
from campaign_api.convert.files import MOST_BYTES
from campaign_api.queries import leads as lead_queries
from outreach.campaign.v1 import lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.errors import InvalidArgument

from tests.integration.campaign_api.conftest import SEQUENCE, Api

PEOPLE = 23
LEADS = b"company,linkedin_url,size\n" + b"".join(
    f"=P{n},linkedin.com/in/p{n},{n}\n".encode() for n in range(PEOPLE)
)


@pytest.fixture(autouse=True)
def short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lead_queries, "_AT_ONCE", 5)


async def exported(api: Api, campaign_id: str, **asked: object) -> list[pb.ExportLeadsResponse]:
    request = pb.ExportLeadsRequest(campaign_id=campaign_id, **asked)  # type: ignore[arg-type]
    return [answer async for answer in api.stubs.leads.ExportLeads(request)]


async def with_leads(api: Api) -> str:
    visits = json.loads(SEQUENCE)
    visits["nodes"], visits["edges"] = visits["nodes"][:1], []
    campaign_id = await api.create(sequence_json=json.dumps(visits))
    await api.import_leads(campaign_id, LEADS)
    return campaign_id


async def test_the_pieces_are_the_file(api: Api) -> None:
    """Every lead once, in the order of the list, whatever the size of a piece."""
    campaign_id = await with_leads(api)

    pieces = await exported(api, campaign_id)

    text = b"".join(each.content for each in pieces).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(pieces) == 5
    assert [row["public_identifier"] for row in rows] == [f"p{n}" for n in range(PEOPLE)]
    assert [row["size"] for row in rows] == [str(n) for n in range(PEOPLE)]
    assert {row["company"][0] for row in rows} == {"'"}


async def test_a_stream_that_was_ended_goes_on(api: Api) -> None:
    """From each piece on: together it is the same file."""
    campaign_id = await with_leads(api)
    pieces = await exported(api, campaign_id)
    whole = b"".join(each.content for each in pieces)

    for number, each in enumerate(pieces, 1):
        rest = await exported(api, campaign_id, token=each.next_token)
        begun = b"".join(piece.content for piece in pieces[:number])
        assert begun + b"".join(piece.content for piece in rest) == whole


async def test_a_line_is_a_lead_in_the_state_that_was_asked_for(api: Api) -> None:
    """And of a state that nobody is in there is no line."""
    campaign_id = await with_leads(api)
    lines = pb.EXPORT_FORMAT_JSON_LINES

    ready = await exported(api, campaign_id, format=lines, state=lead_pb2.LEAD_STATE_READY)
    failed = await exported(api, campaign_id, format=lines, state=lead_pb2.LEAD_STATE_FAILED)

    told = b"".join(each.content for each in ready).decode().splitlines()
    assert [json.loads(line)["publicIdentifier"] for line in told] == [
        f"p{n}" for n in range(PEOPLE)
    ]
    assert b"".join(each.content for each in failed) == b""


async def test_another_files_token_is_refused(api: Api) -> None:
    """A place in the table is none in the lines."""
    campaign_id = await with_leads(api)
    first, *_ = await exported(api, campaign_id)

    for asked in (
        {"format": pb.EXPORT_FORMAT_JSON_LINES, "token": first.next_token},
        {"format": 9},
    ):
        with pytest.raises(InvalidArgument):
            await exported(api, campaign_id, **asked)


async def test_a_table_does_not_go_on_under_another_header(api: Api) -> None:
    """A list that brought a column in between: the rest had its cells one column too far."""
    campaign_id = await with_leads(api)
    first, *_ = await exported(api, campaign_id)
    lines = await exported(api, campaign_id, format=pb.EXPORT_FORMAT_JSON_LINES)
    await api.import_leads(campaign_id, b"linkedin_url,age\nlinkedin.com/in/p99,7\n")

    with pytest.raises(InvalidArgument):
        await exported(api, campaign_id, token=first.next_token)

    rest = await exported(
        api, campaign_id, format=pb.EXPORT_FORMAT_JSON_LINES, token=lines[-1].next_token
    )
    assert b"p99" in b"".join(each.content for each in rest)


@pytest.mark.parametrize(
    ("form", "quote"), [(pb.EXPORT_FORMAT_CSV, '""'), (pb.EXPORT_FORMAT_JSON_LINES, '\\"')]
)
async def test_leads_that_say_much_come_in_smaller_pieces(
    api: Api, form: pb.ExportFormat.ValueType, quote: str
) -> None:
    """By bytes, for a letter is up to four and JSON doubles quotation marks; each line is whole.

    What a lead says may be more than a message holds: it comes in several pieces, of which the
    last has a token.
    """
    campaign_id = await with_leads(api)
    columns, said = 40, '"\U0001f600' * 500
    names = [f"about {n}" for n in range(columns)]
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["linkedin_url", *names])
    table.writerows([f"linkedin.com/in/q{n}", *[said] * columns] for n in range(3))
    await api.import_leads(campaign_id, text.getvalue().encode())

    pieces = await exported(api, campaign_id, format=form)

    assert max(len(each.content) for each in pieces) <= MOST_BYTES
    whole = b"".join(each.content for each in pieces)
    assert len(whole) > 3 * columns * len(said.encode())
    assert whole.count(said.replace('"', quote).encode()) == 3 * columns
    tokens = [each.next_token for each in pieces]
    assert "" in tokens
    assert tokens[-1]
    for number, token in enumerate(tokens, 1):
        if token:
            rest = await exported(api, campaign_id, format=form, token=token)
            begun = b"".join(each.content for each in pieces[:number])
            assert begun + b"".join(each.content for each in rest) == whole
