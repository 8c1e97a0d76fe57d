"""Lead lists, streamed into the tables."""

import csv
import io
import json
import time
from collections.abc import AsyncIterator

import pytest
from campaigns.models import CampaignState
from campaigns.repositories.status_repository import StatusRepository
from openpyxl import Workbook
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.errors import FailedPrecondition, InvalidArgument, NotFound

from tests import laws
from tests.integration.campaign_api.conftest import LEADS, NOON, SEQUENCE, Api

HEADER = b"first_name,linkedin_url\n"

ROW_COSTS_READINGS = 40
"""Of a row that is read, judged, checked and kept: some thirty where nothing else runs."""
PIECE = 2_500
"""So long that what a list costs by itself, its header and its end, is no matter of a row."""


async def test_rows_are_counted_by_what_became_of_them(api: Api) -> None:
    """Good rows go in although others are bad; every bad row is told."""
    campaign_id = await api.create()

    answer = await api.import_leads(
        campaign_id,
        HEADER,
        b"Grace,https://www.linkedin.com/in/grace-example\n",
        b"Shop,https://www.linkedin.com/company/shop-example\n",
        b"Grace again,https://linkedin.com/in/grace-example/?trk=1\nNo,\n",
    )

    assert (answer.rows, answer.imported, answer.duplicates, answer.rejected) == (4, 1, 1, 2)
    assert [(wrong.line, wrong.reason) for wrong in answer.row_errors] == [
        (3, "COMPANY_PAGE"),
        (5, "URL_MISSING"),
    ]


async def test_a_repeated_import_adds_nobody_twice(api: Api) -> None:
    """Lesson 6: the same list again adds nobody; who is in the campaign is a duplicate."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    again = await api.import_leads(campaign_id, LEADS)

    assert (again.rows, again.imported, again.duplicates) == (2, 0, 2)


async def test_columns_can_be_named(api: Api) -> None:
    """A mapping says which column is which field."""
    campaign_id = await api.create()

    answer = await api.import_leads(
        campaign_id,
        b"who,where\nGrace,linkedin.com/in/grace-example\n",
        column_by_field={"first_name": "who", "linkedin_url": "where"},
    )
    listed = await api.stubs.leads.ListLeads(pb.ListLeadsRequest(campaign_id=campaign_id))

    assert answer.imported == 1
    assert listed.leads[0].lead.first_name == "Grace"


@pytest.mark.parametrize(
    "content", [b"", b"name,age\nAda,36\n", b"\x00\x01\xff\xfe\x00rubbish", HEADER]
)
async def test_a_file_that_is_no_lead_list(api: Api, content: bytes) -> None:
    """Empty, without a LinkedIn column, not text, without rows: LEAD_LIST_UNREADABLE."""
    campaign_id = await api.create()

    with pytest.raises(InvalidArgument) as refused:
        await api.import_leads(campaign_id, content)

    assert refused.value.reason == "LEAD_LIST_UNREADABLE"


@pytest.mark.parametrize("messages", [[], [pb.ImportLeadsRequest(content=LEADS)]])
async def test_the_header_comes_first(api: Api, messages: list[pb.ImportLeadsRequest]) -> None:
    """An import that does not say where the leads go is refused by field."""

    async def stream() -> AsyncIterator[pb.ImportLeadsRequest]:
        for message in messages:
            yield message

    with pytest.raises(InvalidArgument) as refused:
        await api.stubs.leads.ImportLeads(stream(), timeout=60)

    assert [wrong.field for wrong in refused.value.violations] == ["header"]


async def test_leads_for_nobody(api: Api) -> None:
    """An unknown campaign is NOT_FOUND."""
    with pytest.raises(NotFound) as refused:
        await api.import_leads("camp_0", LEADS)

    assert refused.value.reason == "CAMPAIGN_NOT_FOUND"


@pytest.mark.parametrize("state", [CampaignState.COMPLETED, CampaignState.STOPPED])
async def test_an_ended_campaign_takes_no_leads(api: Api, state: CampaignState) -> None:
    """CAMPAIGN_ENDED."""
    campaign_id = await api.create()
    await api.campaigns.end(campaign_id, state, now=NOON)

    with pytest.raises(FailedPrecondition) as refused:
        await api.import_leads(campaign_id, LEADS)

    assert refused.value.reason == "CAMPAIGN_ENDED"


async def test_a_running_campaign_is_told_of_its_leads(api: Api) -> None:
    """Its workflow is signalled when somebody was added, and not when nobody was."""
    campaign_id = await api.running()

    await api.import_leads(campaign_id, LEADS)
    await api.import_leads(campaign_id, HEADER, b"Mary,linkedin.com/in/mary-example\n")

    assert await api.told(campaign_id) == ["leads_added"]


@pytest.mark.lasts(seconds=5)
async def test_what_went_in_before_a_failure_is_told(api: Api) -> None:
    """A stream that breaks off leaves the rows that came, and the campaign knows."""
    campaign_id = await api.running()

    async def stream() -> AsyncIterator[pb.ImportLeadsRequest]:
        yield pb.ImportLeadsRequest(header=pb.ImportLeadsHeader(campaign_id=campaign_id))
        rows = b"".join(b"P,linkedin.com/in/person-%d\n" % number for number in range(1500))
        yield pb.ImportLeadsRequest(content=HEADER + rows)
        yield pb.ImportLeadsRequest(header=pb.ImportLeadsHeader(campaign_id=campaign_id))

    with pytest.raises(InvalidArgument):
        await api.stubs.leads.ImportLeads(stream(), timeout=60)

    assert (await StatusRepository(api.pool).counts(campaign_id)).total == 2 + 1000
    assert await api.told(campaign_id) == ["leads_added"]


def invented(begin: int, count: int) -> str:
    return "".join(
        f"First{number},Last{number},Example {number},https://www.linkedin.com/in/person-{number}/\n"
        for number in range(begin, begin + count)
    )


def read_and_written() -> float:
    """Seconds of processor time that one row takes which is read and written as JSON, no more."""
    text = invented(0, 1_000)
    begun_at = time.process_time()
    for _ in range(20):
        for row in csv.reader(io.StringIO(text)):
            json.dumps(row)
    return (time.process_time() - begun_at) / 20_000


async def multiple_of_reading(api: Api, campaign_id: str, begin: int) -> float:
    """What a row of the next thousand costs, next to one that is read before and after them."""
    floor = read_and_written()
    begun_at = time.process_time()
    answer = await api.import_leads(
        campaign_id,
        b"first_name,last_name,company,linkedin_url\n",
        invented(begin, PIECE).encode(),
    )
    worked = (time.process_time() - begun_at) / PIECE
    assert answer.imported == answer.rows == PIECE
    return worked * 2 / (floor + read_and_written())


@pytest.mark.lasts(seconds=10)
@pytest.mark.law
async def test_a_long_list_streams(api: Api) -> None:
    """What a row costs on our side is a multiple of reading it and writing it as JSON.

    Both are processor time, in one process: how long it takes says more of what else is running.
    That time itself grows beside others, by half: whoever waits for the database comes back to
    caches that they have filled, where reading waits for nobody. So it is no matter of medians:
    pieces of the list are measured, each next to what it is compared with, and the one that was
    disturbed least counts; where all were, more pieces are sent, up to six times as many. The suite
    sends 10,000 rows, `make laws` ten times as many. What is read once in the life of a process,
    lexicons and places, has been read before.
    """
    few = b"first_name,linkedin_url\nAda,https://www.linkedin.com/in/ada-before/\n"
    await api.import_leads(await api.create("before"), few)
    campaign_id = await api.create()
    count = 100_000 if laws.drawn_anew() else 10_000
    multiples: list[float] = []

    for begin in range(0, 6 * count, PIECE):
        if begin >= count and min(multiples) < ROW_COSTS_READINGS:
            break
        multiples.append(await multiple_of_reading(api, campaign_id, begin))

    kept = (await StatusRepository(api.pool).counts(campaign_id)).total
    assert kept == PIECE * len(multiples) >= count
    assert min(multiples) < ROW_COSTS_READINGS, multiples


async def test_a_name_that_looks_like_nothing(api: Api) -> None:
    """Nan is held back until the customer says, by name, that somebody is called so."""
    campaign_id = await api.create()
    row = b"Nan,linkedin.com/in/nan-example\n"

    judged = await api.import_leads(campaign_id, HEADER, row)
    meant = await api.import_leads(campaign_id, HEADER, row, allow_literal=["Nan"])
    again = await api.import_leads(campaign_id, HEADER, row)

    assert (judged.imported, judged.held_back) == (1, 1)
    assert (meant.released, meant.held_back) == (1, 0)
    assert (again.released, again.held_back, again.duplicates) == (0, 0, 1)


async def test_a_sequence_with_a_placeholder(api: Api) -> None:
    """A placeholder of another tool is refused by path, and taken once it is confirmed."""
    drawing = json.loads(SEQUENCE)
    drawing["nodes"][1]["data"]["config"]["customMessage"] = "Hi {{first_name}} %NICK%"
    source = json.dumps(drawing)

    with pytest.raises(InvalidArgument) as refused:
        await api.create(sequence_json=source)

    assert [each.reason for each in refused.value.violations] == ["PLACEHOLDER_SUSPECTED"]
    assert await api.create(sequence_json=source, allow_literal=["%NICK%"])


async def test_a_workbook_in_pieces(api: Api) -> None:
    """An Excel file is read whole: its columns, its encoding and what was no row are told."""
    campaign_id = await api.create()
    made = Workbook()
    for row in (
        ["Exported on Monday"],
        ["Vorname", "Firma", "LinkedIn", "Ort", "Land"],
        ["Grace", "N/A", "https://www.linkedin.com/in/grace-example", "Osaka", "Japan"],
        ["Total", "1", "", "", ""],
    ):
        made.active.append(row)
    file = io.BytesIO()
    made.save(file)

    answer = await api.import_leads(campaign_id, file.getvalue()[:100], file.getvalue()[100:])
    (listed,) = (
        await api.stubs.leads.ListLeads(pb.ListLeadsRequest(campaign_id=campaign_id))
    ).leads

    assert (answer.imported, answer.rows, answer.skipped, answer.encoding) == (1, 1, 2, "Excel")
    assert dict(answer.column_by_field) == {
        "first_name": "Vorname",
        "company": "Firma",
        "linkedin_url": "LinkedIn",
        "city": "Ort",
        "country": "Land",
    }
    assert [(note.line, note.reason) for note in answer.row_notes] == [
        (1, "NOTE_SKIPPED"),
        (3, "SAYS_NOTHING"),
        (4, "TOTAL_SKIPPED"),
    ]
    assert (listed.lead.company, listed.lead.time_zone) == ("", "Asia/Tokyo")
