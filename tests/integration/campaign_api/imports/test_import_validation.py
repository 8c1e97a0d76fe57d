"""What an import would do, and what is kept of one that was done."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from buf.validate import validate_pb2
from campaigns.leads.headers import LEAD_FIELDS, PLACE_FIELDS
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from outreach.campaign.v1 import lead_service_pb2 as pb
from outreach.common.v1 import sending_window_pb2
from servicekit.errors import InvalidArgument, NotFound

from tests.integration.campaign_api.conftest import ACCOUNT, SEQUENCE, Api
from tests.integration.campaign_api.lead_lists.lists import created, filled, got

HEADER = b"First Name,Company,LinkedIn\n"
LIST = (
    HEADER
    + b"""Ada,Looms,/in/ada-example
Bo,N/A,/in/bo-example
Ada,Looms,linkedin.com/in/ADA-example/
null,Ox,/in/cy-example
Di,Ox,/in/di-example
Ed,Ox,/in/ed-example
Fi,Ox,/company/ox
Total,6,
"""
)


def examples(answer: pb.ImportLeadsResponse) -> dict[str, list[int]]:
    """The lines of the examples, by their kind."""
    found: dict[str, list[int]] = {}
    for each in answer.examples:
        name = pb.ImportExampleKind.Name(each.kind).removeprefix("IMPORT_EXAMPLE_KIND_")
        found.setdefault(name, []).append(each.line)
    return found


async def kept(api: Api, campaign_id: str) -> list[pb.LeadImport]:
    answer = await api.stubs.leads.ListImports(pb.ListImportsRequest(campaign_id=campaign_id))
    return list(answer.imports)


FORESEEN = b"""LinkedIn,First Name,Company,Time Zone
/in/ada-example,Ada,,Asia/Tokyo
/in/bo-example,,Ox,Europe/Berlin
/in/cy-example,,,
/in/di-example,Di,Ox,Asia/Seoul
"""


async def test_what_stands_in_and_whose_clock_is_not_kept(api: Api) -> None:
    """Both are counted as the import does it later, by itself, uploaded, and out of a list."""
    drawing = json.loads(SEQUENCE)
    text = "Hi {{first_name|there}}, {at {{company|}}|in {{company|}}}{{sender.first_name|}}"
    drawing["nodes"][1]["data"]["config"]["customMessage"] = text
    window = sending_window_pb2.SendingWindow(
        time_zone="Europe/Berlin", weekdays=[1], opens="09:00", closes="16:00"
    )
    settings = campaign_pb2.CampaignSettings(sending_window=window)
    source = json.dumps(drawing)
    campaign_id = await api.create(sequence_json=source, settings=settings)

    foreseen = await api.import_leads(campaign_id, FORESEEN, validate_only=True)
    done = await api.import_leads(campaign_id, FORESEEN)
    again = await api.import_leads(campaign_id, FORESEEN)

    lead_list_id = await created(api)
    await filled(api, lead_list_id, FORESEEN)
    other = await api.create("other", sequence_json=source, settings=settings)
    added = await api.stubs.lead_lists.AddLeadList(
        lists_pb.AddLeadListRequest(campaign_id=other, lead_list_id=lead_list_id)
    )

    uploaded = await api.create("uploaded", sequence_json=source, settings=settings)
    await filled(api, uploaded, FORESEEN, "of the upload")

    assert [use.leads for use in added.fallbacks] == [2, 2]
    assert added.clocks_not_kept == 2
    uses = [("company", 2, [2, 4]), ("first_name", 2, [3, 4])]
    imports = [*(await kept(api, campaign_id))[1:], *await kept(api, uploaded)]
    for answer in (foreseen, done, *imports):
        assert [(use.variable, use.leads, list(use.lines)) for use in answer.fallbacks] == uses
        assert answer.clocks_not_kept == 2
    assert examples(foreseen)["CLOCK_NOT_KEPT"] == examples(done)["CLOCK_NOT_KEPT"] == [2, 5]
    assert (list(again.fallbacks), again.clocks_not_kept) == ([], 0)


async def test_the_accounts_hours_count_too(api: Api) -> None:
    """Without a window the day is met by the account's hours, or by nobody's."""
    api.linkedin.accounts[ACCOUNT].working_hours.CopyFrom(
        sending_window_pb2.SendingWindow(
            time_zone="Europe/Berlin", weekdays=[1, 2], opens="09:00", closes="11:00"
        )
    )
    campaign_id = await api.create()
    content = HEADER.replace(b"\n", b",Time Zone\n") + b"Ada,Ox,/in/ada-example,America/New_York\n"

    answer = await api.import_leads(campaign_id, content, validate_only=True)

    (told,) = [each for each in answer.examples if "never meet" in each.detail]
    assert answer.clocks_not_kept == 1
    assert told.detail.startswith("The working hours of Ada never meet the day in America/New_York")


async def test_everything_is_said_beforehand(api: Api) -> None:
    """Rows in, duplicates, people of other campaigns, suppressed, held back: with examples."""
    running = await api.create("running")
    await api.import_leads(running, HEADER + b"Di,Ox,/in/di-example\n")
    await api.stubs.campaigns.StartCampaign(
        campaign_service_pb2.StartCampaignRequest(campaign_id=running)
    )
    campaign_id = await api.create("second")
    await api.import_leads(campaign_id, HEADER + b"Bo,Looms,/in/bo-example\n")
    api.linkedin.suppressed.add("ed-example")

    answer = await api.import_leads(campaign_id, LIST, validate_only=True)

    assert (answer.rows, answer.imported, answer.rejected, answer.skipped) == (7, 4, 1, 1)
    assert (answer.duplicates, answer.duplicates_in_list, answer.held_back) == (2, 1, 1)
    assert (answer.in_running_campaigns, answer.suppressed) == (1, 1)
    assert examples(answer) == {
        "NEW": [2, 5, 6, 7],
        "DUPLICATE_IN_CAMPAIGN": [3],
        "DUPLICATE_IN_LIST": [4],
        "HELD_BACK": [5],
        "IN_RUNNING_CAMPAIGN": [6],
        "SUPPRESSED": [7],
    }
    assert answer.column_by_field["company"] == "Company"
    assert answer.import_id == ""


async def test_what_an_import_into_a_list_would_do_is_said(api: Api) -> None:
    """As of a campaign, but that nobody is held back; nothing goes into the list, nor is kept."""
    running = await api.running("running")
    await api.import_leads(running, HEADER + b"Di,Ox,/in/di-example\n")
    lead_list_id = await created(api)
    await filled(api, lead_list_id, HEADER + b"Bo,Looms,/in/bo-example\n")
    api.linkedin.suppressed.add("ed-example")

    answer = await validated(api, lead_list_id=lead_list_id, validate_only=True)

    assert (answer.rows, answer.imported, answer.rejected, answer.skipped) == (7, 4, 1, 1)
    assert (answer.duplicates, answer.duplicates_in_list, answer.held_back) == (2, 1, 0)
    assert (answer.in_running_campaigns, answer.suppressed) == (1, 1)
    assert answer.column_by_field["first_name"] == "First Name"
    assert examples(answer) == {
        "NEW": [2, 5, 6, 7],
        "DUPLICATE_IN_CAMPAIGN": [3],
        "DUPLICATE_IN_LIST": [4],
        "IN_RUNNING_CAMPAIGN": [6],
        "SUPPRESSED": [7],
    }
    assert [note.line for note in answer.row_notes if note.column == "First Name"] == [5]
    assert (await got(api, lead_list_id)).entry_count == 1


async def test_the_same_file_is_known_of_a_list(api: Api) -> None:
    """By the import that brought it there first."""
    lead_list_id = await created(api)
    operation = await filled(api, lead_list_id, LIST)

    answer = await validated(api, lead_list_id=lead_list_id, validate_only=True)

    assert (answer.imported, answer.earlier_import_id) == (0, operation.operation_id)


@pytest.mark.parametrize(
    "named", [{"lead_list_id": True}, {"lead_list_id": True, "campaign_id": True}, {}]
)
async def test_a_list_is_filled_by_operations_alone(api: Api, named: dict[str, bool]) -> None:
    """A stream without `validate_only`, of both or of neither is refused by its field in it."""
    both = {"campaign_id": await api.create(), "lead_list_id": await created(api)}
    header = {name: both[name] for name in named}

    with pytest.raises(InvalidArgument) as refused:
        await validated(api, validate_only=len(named) > 1, **header)

    assert refused.value.reason == "INVALID_FIELDS"
    field = "header.lead_list_id" if named else "header.campaign_id"
    assert [each.field for each in refused.value.violations] == [field]


async def validated(api: Api, **header: Any) -> pb.ImportLeadsResponse:
    async def messages() -> AsyncIterator[pb.ImportLeadsRequest]:
        yield pb.ImportLeadsRequest(header=pb.ImportLeadsHeader(**header))
        yield pb.ImportLeadsRequest(content=LIST)

    return await api.stubs.leads.ImportLeads(messages())


@pytest.mark.parametrize("field", ["nosuch", "", "First_Name", "linkedin"])
async def test_a_field_that_no_lead_has_is_refused_before_the_file(api: Api, field: str) -> None:
    """An operation was begun, and failed once all was uploaded; the stream did not say where."""
    campaign_id, named = await api.create(), {field: "Company"}
    asked = imports_pb.CreateImportRequest(
        request_id="one", campaign_id=campaign_id, column_by_field=named
    )

    with pytest.raises(InvalidArgument) as operation:
        await api.stubs.imports.CreateImport(asked)
    with pytest.raises(InvalidArgument) as stream:
        await validated(api, campaign_id=campaign_id, column_by_field=named)

    path = f'column_by_field["{field}"]'
    assert [each.field for each in operation.value.violations] == [path]
    assert [each.field for each in stream.value.violations] == [f"header.{path}"]
    assert operation.value.reason == stream.value.reason == "INVALID_FIELDS"


def test_the_contract_names_the_fields_that_a_lead_has() -> None:
    """In both requests, and no others."""
    for message in (imports_pb.CreateImportRequest, pb.ImportLeadsHeader):
        options = message.DESCRIPTOR.fields_by_name["column_by_field"].GetOptions()
        rules = options.Extensions[validate_pb2.field]
        assert tuple(getattr(rules.map.keys.string, "in")) == (*LEAD_FIELDS, *PLACE_FIELDS)


async def test_a_column_that_is_not_there_is_told_by_its_field(api: Api) -> None:
    """Of which field it was named for."""
    with pytest.raises(InvalidArgument) as refused:
        await validated(
            api,
            campaign_id=await api.create(),
            column_by_field={"company": "Company", "title": "X"},
        )

    assert refused.value.reason == "LEAD_LIST_UNREADABLE"
    (told,) = refused.value.violations
    assert told.field == 'header.column_by_field["title"]'


async def test_a_validation_changes_nothing(api: Api) -> None:
    """Nobody is added, completed or noted down; the import then does what was said."""
    campaign_id = await api.create()

    said = await api.import_leads(campaign_id, LIST, validate_only=True)
    before = (await api.leads.has_any(campaign_id), await kept(api, campaign_id))
    done = await api.import_leads(campaign_id, LIST)

    assert before == (False, [])
    for name in ("rows", "imported", "duplicates", "rejected", "skipped", "held_back"):
        assert getattr(said, name) == getattr(done, name), name


async def test_five_examples_of_each_kind(api: Api) -> None:
    """However long the list, a handful shows what it is like."""
    rows = b"".join(b"Ada,Looms,/in/p-%d\n" % number for number in range(2_500))

    answer = await api.import_leads(await api.create(), HEADER, rows, rows, validate_only=True)

    assert (answer.imported, answer.duplicates_in_list) == (2_500, 2_500)
    assert {name: len(lines) for name, lines in examples(answer).items()} == {
        "NEW": 5,
        "DUPLICATE_IN_LIST": 5,
    }


async def test_the_gateway_is_away(api: Api) -> None:
    """Who is suppressed is then not known, and that is said; the rest is."""
    campaign_id = await api.create()
    api.linkedin.go_away()

    answer = await api.import_leads(campaign_id, LIST, validate_only=True)

    assert answer.imported == 5
    assert not answer.HasField("suppressed")


async def test_an_import_is_kept(api: Api) -> None:
    """The file's hash, the choices and the result are there afterwards; a repeat is known."""
    campaign_id = await api.create()
    first = await api.import_leads(
        campaign_id, LIST, column_by_field={"title": "Company"}, allow_literal=["null"]
    )
    again = await api.import_leads(campaign_id, LIST[:50], LIST[50:])

    listed = await kept(api, campaign_id)
    one = await api.stubs.leads.GetImport(
        pb.GetImportRequest(campaign_id=campaign_id, import_id=first.import_id)
    )

    assert again.earlier_import_id == first.import_id
    assert [each.import_id for each in listed] == [again.import_id, first.import_id]
    assert one.lead_import == listed[1]
    found = one.lead_import
    assert found.content_hash == hashlib.sha256(LIST).hexdigest()
    assert (found.content_bytes, found.encoding) == (len(LIST), "UTF-8")
    assert (dict(found.asked_columns), list(found.allow_literal)) == (
        {"title": "Company"},
        ["null"],
    )
    assert (found.rows, found.imported, found.duplicates_in_list, found.rejected) == (7, 5, 1, 1)
    assert found.column_by_field["title"] == "Company"
    assert found.HasField("end_time")


async def test_a_refused_list_is_kept(api: Api) -> None:
    """What was wrong with a file can be read afterwards; it is no earlier import of it."""
    campaign_id = await api.create()
    for _ in range(2):
        with pytest.raises(InvalidArgument):
            await api.import_leads(campaign_id, b"name,email\nAda,a@looms.example\n")

    (second, first) = await kept(api, campaign_id)

    assert "no LinkedIn column" in first.failure
    assert first.content_hash == second.content_hash
    assert first.HasField("end_time")


async def test_imports_are_paged(api: Api) -> None:
    """A walk over the pages visits each import once; a token of another campaign is refused."""
    campaign_id = await api.create()
    made = [(await api.import_leads(campaign_id, LIST)).import_id for _ in range(3)]
    found, token = [], ""
    while True:
        answer = await api.stubs.leads.ListImports(
            pb.ListImportsRequest(campaign_id=campaign_id, page_size=2, page_token=token)
        )
        found += [each.import_id for each in answer.imports]
        token = answer.next_page_token or token
        if not answer.next_page_token:
            break

    assert sorted(found) == sorted(made)
    with pytest.raises(InvalidArgument):
        await api.stubs.leads.ListImports(
            pb.ListImportsRequest(campaign_id=await api.create("other"), page_token=token)
        )


@pytest.mark.parametrize("import_id", ["imp_nothing", "lead_1"])
async def test_no_such_import(api: Api, import_id: str) -> None:
    """An import of nothing, or of another campaign, does not exist."""
    campaign_id, other = await api.create(), await api.create("other")
    made = await api.import_leads(other, LIST)

    for each in (import_id, made.import_id):
        with pytest.raises(NotFound) as refused:
            await api.stubs.leads.GetImport(
                pb.GetImportRequest(campaign_id=campaign_id, import_id=each)
            )
        assert refused.value.reason == "IMPORT_NOT_FOUND"


async def test_an_import_that_breaks_off_is_kept(api: Api) -> None:
    """What went in before the caller made a mistake is counted, and the mistake is told."""
    campaign_id = await api.create()

    async def stream() -> AsyncIterator[pb.ImportLeadsRequest]:
        header = pb.ImportLeadsRequest(header=pb.ImportLeadsHeader(campaign_id=campaign_id))
        yield header
        rows = b"".join(b"Ada,Looms,/in/p-%d\n" % number for number in range(1_500))
        yield pb.ImportLeadsRequest(content=HEADER + rows)
        yield header

    with pytest.raises(InvalidArgument):
        await api.stubs.leads.ImportLeads(stream(), timeout=60)
    (found,) = await kept(api, campaign_id)

    assert found.imported == 1_000
    assert found.failure
    assert found.HasField("end_time")
