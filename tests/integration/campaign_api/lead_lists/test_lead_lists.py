"""Lists that are kept: made, filled, read, edited, and deleted with their people."""

import asyncio

import pytest
from campaign_api.imports.list_content import BATCH
from campaigns.repositories.lead_lists import lead_list_repository
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.campaign.v1 import campaign_service_pb2, lead_list_pb2, operation_pb2
from outreach.campaign.v1 import import_service_pb2 as imports_pb
from outreach.campaign.v1 import lead_list_service_pb2 as pb
from servicekit.errors import (
    AlreadyExists,
    EtagMismatch,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)
from temporalio.client import Client

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import (
    LEADS,
    NOON,
    SEQUENCE,
    Api,
    connected,
    running_api,
)
from tests.integration.campaign_api.imports.uploading import Upload, in_pieces, people
from tests.integration.campaign_api.lead_lists.lists import (
    add,
    created,
    delete,
    entries,
    filled,
    got,
    new_list,
)

SHOES = SEQUENCE.replace("Hello {{first_name}}", "Size {{shoe size}}")
WAITING = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock'
                      AND query LIKE '%DELETE FROM lead_list_entries%')
"""
CLAIMED_BY_RELEASE_BEFORE = """
    UPDATE lead_imports SET leased_by = 'before', leased_until = clock_timestamp() + '1 minute'
     WHERE phase = 'received' AND (leased_until IS NULL OR leased_until < clock_timestamp())
 RETURNING import_id
"""


async def rename(
    api: Api, lead_list_id: str, name: str, *, etag: str = ""
) -> lead_list_pb2.LeadList:
    request = pb.UpdateLeadListRequest(
        lead_list=lead_list_pb2.LeadList(lead_list_id=lead_list_id, name=name, etag=etag),
        update_mask=FieldMask(paths=["name"]),
    )
    return (await api.stubs.lead_lists.UpdateLeadList(request)).lead_list


async def test_the_same_request_makes_one_list(api: Api) -> None:
    """Also after an edit; one that asks for another list is refused, and one for a deleted list."""
    lead_list_id = await created(api, description="Of Hanover")
    await rename(api, lead_list_id, "Autumn fair")
    again = await api.stubs.lead_lists.CreateLeadList(new_list(description="Of Hanover"))
    with pytest.raises(AlreadyExists):
        await created(api, name="Another")
    await delete(api, lead_list_id)
    with pytest.raises(AlreadyExists):
        await created(api, description="Of Hanover")

    assert (again.lead_list.lead_list_id, again.lead_list.name) == (lead_list_id, "Autumn fair")


async def test_lists_are_listed(api: Api) -> None:
    """Newest first, by name, and how many there are."""
    ids = [await created(api, str(number), name=f"Fair {number}") for number in range(3)]
    await delete(api, ids[0])
    asked = pb.ListLeadListsRequest(organization_id=ORGANIZATION)
    every = await api.stubs.lead_lists.ListLeadLists(asked)
    asked.filter = "name:'fair 1'"
    named = await api.stubs.lead_lists.ListLeadLists(asked)

    assert [each.lead_list_id for each in every.lead_lists] == [ids[2], ids[1]]
    assert every.total_size == 2
    assert [each.lead_list_id for each in named.lead_lists] == [ids[1]]


async def test_of_two_who_have_read_the_same_one_edits(api: Api) -> None:
    """The second is told what it is now; whoever changes nothing is refused nothing."""
    lead_list_id = await created(api)
    read = await got(api, lead_list_id)
    renamed = await rename(api, lead_list_id, "Autumn", etag=read.etag)
    again = await rename(api, lead_list_id, "Autumn", etag=read.etag)
    with pytest.raises(EtagMismatch) as lost:
        await rename(api, lead_list_id, "Winter", etag=read.etag)

    assert (renamed.name, again.name) == ("Autumn", "Autumn")
    assert lost.value.metadata["etag"] == renamed.etag != read.etag


async def test_what_cannot_be_edited_is_refused_by_field(api: Api) -> None:
    """A name of nothing, and what is no field of an edit."""
    lead_list_id = await created(api)
    with pytest.raises(InvalidArgument):
        await rename(api, lead_list_id, " ")
    request = pb.UpdateLeadListRequest(
        lead_list=lead_list_pb2.LeadList(lead_list_id=lead_list_id),
        update_mask=FieldMask(paths=["entry_count"]),
    )
    with pytest.raises(InvalidArgument) as refused:
        await api.stubs.lead_lists.UpdateLeadList(request)

    assert [each.field for each in refused.value.violations] == ["update_mask.paths[0]"]


async def test_a_further_file_completes_who_is_in_the_list(api: Api) -> None:
    """One person is one entry; what is not said again stays as it was, and no file twice counts."""
    lead_list_id = await created(api)
    more = b"linkedin_url,company,shoe size\nlinkedin.com/in/alan-example,Acme,44\n"
    async with asyncio.timeout(60):
        first = await filled(api, lead_list_id, LEADS)
        again = await filled(api, lead_list_id, LEADS, "again")
        before = await got(api, lead_list_id)
        await filled(api, lead_list_id, more, "more")
    grace, alan = await entries(api, lead_list_id)

    assert (first.lead_import.imported, first.lead_import.duplicates) == (2, 0)
    assert (again.lead_import.imported, again.lead_import.duplicates) == (0, 2)
    assert before.entry_count == 2
    assert grace.first_name == "Grace"
    assert (alan.first_name, alan.company, alan.variables["shoe_size"]) == ("Alan", "Acme", "44")


@pytest.mark.lasts(seconds=20)
async def test_another_replica_reads_on(api: Api, temporal_client: Client) -> None:
    """From where the first has come to: everybody is one entry, in the order of the file."""
    count = 20 * BATCH
    lead_list_id = await created(api)
    upload = await Upload.begin(api.stubs, lead_list_id)
    async with asyncio.timeout(60):
        await upload.finish(people(count))
        while not (through := await api.pool.fetchval("SELECT people FROM lead_imports")):
            pass
        (reading,) = (
            task for task in asyncio.all_tasks() if task.get_name() == "reading of uploaded lists"
        )
        reading.cancel()
        await asyncio.wait([reading])
        connection = await connected(temporal_client)
        async with running_api(api.url, connection, beside=api.neighbours) as second:
            done = await upload.at(second.stubs).until_done()
    rows = await api.pool.fetch("SELECT public_identifier FROM lead_list_entries ORDER BY position")

    assert 0 < through < count
    told = done.lead_import
    assert (told.rows, told.imported, told.duplicates) == (count, count, 0)
    assert (await got(api, lead_list_id)).entry_count == count
    assert [row["public_identifier"] for row in rows] == [
        SEAL.hashed(ORGANIZATION, "person", f"person-{n}") for n in range(count)
    ]


async def test_entries_are_read_page_by_page(api: Api) -> None:
    """In the order of the file, and one by the address."""
    lead_list_id = await created(api)
    await filled(api, lead_list_id, people(5))
    asked = pb.ListLeadListEntriesRequest(lead_list_id=lead_list_id, page_size=3)
    first = await api.stubs.lead_lists.ListLeadListEntries(asked)
    asked.page_token = first.next_page_token
    second = await api.stubs.lead_lists.ListLeadListEntries(asked)
    found = await entries(api, lead_list_id, filter="public_identifier = person-3")

    told = [each.first_name for page in (first, second) for each in page.entries]
    assert told == [f"Person{number}" for number in range(5)]
    assert second.next_page_token == ""
    assert [each.first_name for each in found] == ["Person3"]


async def test_a_list_that_is_used_is_deleted_by_force_alone(api: Api) -> None:
    """Or once every campaign that took leads from it is over; its leads stay, and say whose."""
    lead_list_id, campaign_id = await created(api), await api.running()
    await filled(api, lead_list_id, people(2))
    await delete(api, await created(api, "unused"))
    await add(api, campaign_id, lead_list_id)
    with pytest.raises(FailedPrecondition) as used:
        await delete(api, lead_list_id)
    await api.stubs.campaigns.StopCampaign(
        campaign_service_pb2.StopCampaignRequest(campaign_id=campaign_id)
    )
    await api.campaigns.end_if_over(campaign_id, stopped=True, now=NOON)
    await delete(api, lead_list_id, force=True)
    await delete(api, lead_list_id)
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=10)]

    assert (used.value.reason, used.value.metadata["campaigns"]) == (
        "LEAD_LIST_IN_USE",
        campaign_id,
    )
    assert [lead.lead_list_id for lead in leads] == ["", "", lead_list_id, lead_list_id]


async def test_a_campaign_that_took_nobody_keeps_no_list(api: Api) -> None:
    """Everybody was in it before; who was released by the list was taken from it."""
    campaign_id = await api.running()
    taken, completed = await created(api, "known"), await created(api, "completed")
    async with asyncio.timeout(60):
        await filled(api, taken, LEADS)
        await api.import_leads(campaign_id, LEADS)
        added = await add(api, campaign_id, taken)
        await delete(api, taken)
        sized = await api.create("second", sequence_json=SHOES)
        await api.import_leads(sized, b"first_name,linkedin_url\nBo,linkedin.com/in/bo\n")
        await filled(api, completed, b"linkedin_url,shoe size\nlinkedin.com/in/bo,44\n")
        released = await add(api, sized, completed)
        with pytest.raises(FailedPrecondition):
            await delete(api, completed)

    assert (added.added, added.released) == (0, 0)
    assert (released.added, released.released) == (0, 1)


async def test_of_two_who_delete_at_once_each_waits_for_the_end(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who found the same page of people taken by the other was answered while others were left."""
    monkeypatch.setattr(lead_list_repository, "AT_ONCE", 2)
    lead_list_id = await created(api)
    await filled(api, lead_list_id, people(6))
    async with asyncio.timeout(60), api.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM lead_list_entries ORDER BY position LIMIT 2 FOR UPDATE")
        deleting = asyncio.create_task(delete(api, lead_list_id))
        while not await api.pool.fetchval(WAITING):
            pass
        await other.execute(
            "DELETE FROM lead_list_entries WHERE position IN"
            " (SELECT position FROM lead_list_entries ORDER BY position LIMIT 2)"
        )
        await transaction.commit()
        await deleting

    assert await api.pool.fetchval("SELECT count(*) FROM lead_list_entries") == 0


async def test_a_replica_of_the_release_before_takes_no_import_into_a_list(
    api: Api, temporal_client: Client
) -> None:
    """It read it as one into a campaign, and ended it as failed with its file forgotten."""
    lead_list_id, campaign_id = await created(api), await api.create()
    (reading,) = (
        task for task in asyncio.all_tasks() if task.get_name() == "reading of uploaded lists"
    )
    reading.cancel()
    await asyncio.wait([reading])
    uploads = [await Upload.begin(api.stubs, into) for into in (lead_list_id, campaign_id)]
    for upload in uploads:
        await upload.finish(people(3))
    taken = await api.pool.fetch(CLAIMED_BY_RELEASE_BEFORE)
    async with asyncio.timeout(60):
        connection = await connected(temporal_client)
        async with running_api(api.url, connection, beside=api.neighbours) as second:
            done = await uploads[0].at(second.stubs).until_done()

    assert [row["import_id"] for row in taken] == [uploads[1].operation_id]
    assert (done.state, done.lead_import.imported) == (
        operation_pb2.OPERATION_STATE_SUCCEEDED,
        3,
    )


async def test_of_a_deleted_list_nothing_is_left(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """No person, no name, no import: page by page; and it does not exist for whoever asks."""
    monkeypatch.setattr(lead_list_repository, "AT_ONCE", 2)
    lead_list_id = await created(api, description="Of Hanover")
    await filled(api, lead_list_id, people(5))
    upload = await Upload.begin(api.stubs, lead_list_id, "second")
    await upload.send(in_pieces(people(3)))
    await delete(api, lead_list_id)
    row = await api.pool.fetchrow("SELECT name, description, entry_count FROM lead_lists")
    left = [
        await api.pool.fetchval(f"SELECT count(*) FROM {table}")
        for table in ("lead_list_entries", "lead_imports", "import_pieces")
    ]

    assert (tuple(row.values()), left) == (("", "", 0), [0, 0, 0])
    for question in (
        got(api, lead_list_id),
        entries(api, lead_list_id),
        rename(api, lead_list_id, "Back"),
        filled(api, lead_list_id, LEADS, "third"),
        upload.finish(people(3)),
        add(api, await api.create(), lead_list_id),
    ):
        with pytest.raises(NotFound) as gone:
            await question
        assert gone.value.reason == "LEAD_LIST_NOT_FOUND"


async def test_a_deletion_that_broke_off_is_gone_on_with(api: Api) -> None:
    """By whoever purges, and by whoever deletes again."""
    lead_list_id = await created(api)
    await filled(api, lead_list_id, people(3))
    await api.pool.execute("UPDATE lead_lists SET deleted_at = now()")
    repository = lead_list_repository.LeadListRepository(api.pool)

    assert await repository.forget_left_over() == 1
    assert await api.pool.fetchval("SELECT count(*) FROM lead_list_entries") == 0
    assert await repository.forget_left_over() == 0


async def test_an_import_goes_into_one_place(api: Api) -> None:
    """A campaign or a list, and not both; an import of one is none of the other."""
    lead_list_id, campaign_id = await created(api), await api.create()
    upload = await Upload.begin(api.stubs, lead_list_id)
    for named in ({}, {"campaign_id": campaign_id, "lead_list_id": lead_list_id}):
        with pytest.raises(InvalidArgument) as begun:
            await api.stubs.imports.CreateImport(
                imports_pb.CreateImportRequest(request_id="both", **named)
            )
        header = imports_pb.UploadImportHeader(operation_id=upload.operation_id, **named)
        messages = iter([imports_pb.UploadImportRequest(header=header)])
        with pytest.raises(InvalidArgument) as uploaded:
            await api.stubs.imports.UploadImport(messages)
        (here,), (there,) = begun.value.violations, uploaded.value.violations
        assert here.field == ("lead_list_id" if named else "campaign_id")
        assert there.field == f"header.{here.field}"
    with pytest.raises(NotFound):
        await Upload(api.stubs, campaign_id, upload.operation_id).get()
    listed = await api.stubs.imports.ListOperations(
        imports_pb.ListOperationsRequest(lead_list_id=lead_list_id)
    )
    cancelled = await upload.cancel()

    assert [each.operation_id for each in listed.operations] == [upload.operation_id]
    assert cancelled.state == operation_pb2.OPERATION_STATE_CANCELLED
    assert (cancelled.lead_list_id, cancelled.campaign_id) == (lead_list_id, "")
