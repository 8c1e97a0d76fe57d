"""Imports that are uploaded: kept as they arrive, read once, told as operations."""

import asyncio
from datetime import timedelta

import pytest
from campaign_api.commands.lead_review import LeadReview
from campaigns.repositories.imports.upload_repository import UploadRepository
from outreach.campaign.v1 import campaign_service_pb2, operation_pb2
from outreach.campaign.v1 import import_service_pb2 as pb
from outreach_client import Settings
from outreach_client.client import OutreachClient
from outreach_client.uploads import Progress
from pydantic import SecretStr
from servicekit.errors import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound

from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import LEADS, Api
from tests.integration.campaign_api.imports.uploading import Upload, in_pieces, people

SUCCEEDED = operation_pb2.OPERATION_STATE_SUCCEEDED


async def test_a_list_is_uploaded_and_read(api: Api) -> None:
    """In as many streams as it takes; what is sent twice is kept once."""
    content = people(2500)
    campaign_id = await api.create()
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        first = await upload.send(iter([content[:1000]]))
        again = await upload.send(iter([content[:1500]]))
        received = await upload.finish(content)
        done = await upload.wait()
        repeated = await upload.finish(content)
        rows = [lead.person.first_name for _, lead in await api.leads.page(campaign_id, limit=5000)]

    assert (first.received_bytes, again.received_bytes) == (1000, 1500)
    assert first.state == operation_pb2.OPERATION_STATE_RECEIVING
    assert received.received_bytes == len(content)
    assert (done.state, done.done, done.lead_import.imported) == (SUCCEEDED, True, 2500)
    assert repeated == done
    assert rows == [f"Person{n}" for n in range(2500)]
    assert await api.pool.fetchval("SELECT count(*) FROM import_pieces") == 0


@pytest.mark.lasts(seconds=10)
async def test_the_client_uploads_what_is_missing(api: Api) -> None:
    """Whatever has arrived before, by whomever; once all of it is there, again changes nothing."""
    content = people(9000)
    campaign_id = await api.create()
    settings = Settings(campaign_api_address=api.address, token=SecretStr("of an operator"))
    async with asyncio.timeout(60), OutreachClient(settings) as client:
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.send(iter([content[:100_000]]))
        told: list[Progress] = []
        await client.upload_import(campaign_id, upload.operation_id, content, progress=told.append)
        done = await upload.until_done()
        again = await client.upload_import(campaign_id, upload.operation_id, content)

    assert told == [Progress(len(content), len(content))]
    assert (done.state, done.lead_import.imported) == (SUCCEEDED, 9000)
    assert again == done


async def test_a_running_campaign_hears_of_it(api: Api) -> None:
    """Its workflow is told that there are more leads, as of an import that comes with its call."""
    campaign_id = await api.running()
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.finish(people(3))
        await upload.wait()
        told = await api.told(campaign_id)

    assert "leads_added" in told


async def test_the_same_import_twice_changes_nothing(api: Api) -> None:
    """The same request is the same operation, and the same list under another adds nobody."""
    campaign_id = await api.create()
    content = people(10)
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        same = await Upload.begin(api.stubs, campaign_id)
        other = await Upload.begin(api.stubs, campaign_id, "second")
        for each in (upload, other):
            await each.finish(content)
            await each.wait()
        second = await other.get()
        with pytest.raises(AlreadyExists):
            await api.stubs.imports.CreateImport(
                pb.CreateImportRequest(
                    campaign_id=campaign_id, request_id="first", allow_literal=["Nan"]
                )
            )

    assert same.operation_id == upload.operation_id
    assert (second.lead_import.imported, second.lead_import.duplicates) == (0, 10)
    assert len(await api.leads.page(campaign_id, limit=100)) == 10


async def test_a_reader_that_ends_gives_its_list_back(api: Api) -> None:
    """Of a replica that is told to stop another one reads on at once, not after its lease."""
    campaign_id = await api.create()
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.finish(people(10_000))
        while not await api.pool.fetchval("SELECT people FROM lead_imports"):
            pass
        (reading,) = (
            task for task in asyncio.all_tasks() if task.get_name() == "reading of uploaded lists"
        )
        reading.cancel()
        await asyncio.wait([reading])

    left = await UploadRepository(api.pool, SEAL).claim("another", timedelta(minutes=1))
    assert reading.cancelled()
    assert left is not None
    assert 0 < left.people < 10_000


async def test_what_does_not_fit_is_refused(api: Api) -> None:
    """A gap, another length, another hash, an import of nobody: and nothing is read."""
    campaign_id = await api.create()
    content = people(5)
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.send(iter([content[:10]]))
        with pytest.raises(FailedPrecondition) as gap:
            await upload.send(iter([content[20:]]), offset=20)
        for end in (
            pb.UploadImportEnd(content_bytes=len(content) + 1),
            pb.UploadImportEnd(content_bytes=len(content), content_hash="0" * 64),
        ):
            with pytest.raises(InvalidArgument):
                await upload.send(iter([content[10:]]), offset=10, end=end)
        with pytest.raises(NotFound):
            await Upload(api.stubs, campaign_id, "imp_0").get()
        waiting = await upload.get()

    assert (gap.value.reason, gap.value.metadata["received_bytes"]) == ("UPLOAD_GAP", "10")
    assert waiting.state == operation_pb2.OPERATION_STATE_RECEIVING


async def test_a_list_that_is_none_fails(api: Api) -> None:
    """The operation says why, and which rows were bad."""
    campaign_id = await api.create()
    bad = b"first_name,linkedin_url\nAda,linkedin.com/company/acme\nBo,linkedin.com/in/bo\n"
    async with asyncio.timeout(60):
        told = []
        for number, content in enumerate((b"%PDF-1.7 " + b"x" * 100, bad)):
            upload = await Upload.begin(api.stubs, campaign_id, str(number))
            await upload.finish(content)
            told.append(await upload.wait())

    assert told[0].state == operation_pb2.OPERATION_STATE_FAILED
    assert "PDF" in told[0].lead_import.failure
    assert [(row.line, row.reason) for row in told[1].lead_import.row_errors] == [
        (2, "COMPANY_PAGE")
    ]
    assert (told[1].state, told[1].lead_import.imported) == (SUCCEEDED, 1)


async def test_a_cancelled_upload_takes_nothing_more(api: Api) -> None:
    """Nothing goes in, what had arrived is forgotten, and cancelling again changes nothing."""
    campaign_id = await api.create()
    content = people(5)
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.send(in_pieces(content))
        cancelled = await upload.cancel()
        again = await upload.cancel()
        with pytest.raises(FailedPrecondition):
            await upload.finish(content)

    assert cancelled.state == operation_pb2.OPERATION_STATE_CANCELLED
    assert again == cancelled
    assert await api.pool.fetchval("SELECT count(*) FROM import_pieces") == 0
    assert await api.leads.page(campaign_id, limit=5) == []


async def test_what_is_cancelled_while_it_is_compared_has_ended(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What had arrived was taken away meanwhile: the client was told that its file is another."""
    campaign_id = await api.create()
    upload = await Upload.begin(api.stubs, campaign_id)
    compare = UploadRepository.hash

    async def cancelled_before(uploads: UploadRepository, *key: str) -> str:
        await upload.cancel()
        return await compare(uploads, *key)

    monkeypatch.setattr(UploadRepository, "hash", cancelled_before)
    with pytest.raises(FailedPrecondition) as refused:
        await upload.finish(people(3))

    assert refused.value.reason == "UPLOAD_ENDED"


async def test_an_import_is_cancelled_while_it_is_read(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What went in before stays, no further row goes in, and nobody is told of one that did not."""
    campaign_id = await api.running()
    there = await api.leads.page(campaign_id, limit=5)
    told = await api.told(campaign_id)
    judged, go_on = asyncio.Event(), asyncio.Event()
    outlook = LeadReview.outlook

    async def slow(self: LeadReview, *args: object) -> object:
        judged.set()
        await go_on.wait()
        return await outlook(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(LeadReview, "outlook", slow)
    async with asyncio.timeout(60):
        upload = await Upload.begin(api.stubs, campaign_id)
        await upload.finish(people(50))
        await judged.wait()
        cancelled = await upload.cancel()
        go_on.set()
        # The one after it is read, so this one is left.
        following = await Upload.begin(api.stubs, await api.create("second"), "other")
        await following.finish(LEADS)
        await following.wait()

    assert cancelled.state == operation_pb2.OPERATION_STATE_CANCELLED
    assert await api.leads.page(campaign_id, limit=5) == there
    assert await api.told(campaign_id) == told


async def test_operations_are_listed(api: Api) -> None:
    """Newest first, page by page, those that came with a call too."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    upload = await Upload.begin(api.stubs, campaign_id)
    request = pb.ListOperationsRequest(campaign_id=campaign_id, page_size=1)
    first = await api.stubs.imports.ListOperations(request)
    request.page_token = first.next_page_token
    second = await api.stubs.imports.ListOperations(request)

    assert [each.operation_id for each in first.operations] == [upload.operation_id]
    assert [each.state for each in second.operations] == [SUCCEEDED]


async def test_an_ended_campaign_takes_no_list(api: Api) -> None:
    """Neither begun nor completed."""
    campaign_id = await api.running()
    upload = await Upload.begin(api.stubs, campaign_id)
    await api.stubs.campaigns.StopCampaign(
        campaign_service_pb2.StopCampaignRequest(campaign_id=campaign_id)
    )
    with pytest.raises(FailedPrecondition):
        await upload.finish(LEADS)
    with pytest.raises(FailedPrecondition):
        await Upload.begin(api.stubs, campaign_id, "second")
