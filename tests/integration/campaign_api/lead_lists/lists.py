"""Lists as a client makes and fills them."""

from typing import Any

from campaigns.leads.lead_list import LeadListReader
from campaigns.models import Person
from campaigns.repositories.lead_lists.entry_repository import put_in_list
from outreach.campaign.v1 import lead_list_pb2, operation_pb2
from outreach.campaign.v1 import lead_list_service_pb2 as pb

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import NOON, Api
from tests.integration.campaign_api.imports.uploading import Upload


def new_list(request_id: str = "first", **changes: Any) -> pb.CreateLeadListRequest:
    values = {"request_id": request_id, "organization_id": ORGANIZATION, "name": "Fair"}
    return pb.CreateLeadListRequest(**{**values, **changes})


async def created(api: Api, request_id: str = "first", **changes: Any) -> str:
    """A list with nobody in it."""
    answer = await api.stubs.lead_lists.CreateLeadList(new_list(request_id, **changes))
    return answer.lead_list.lead_list_id


async def filled(
    api: Api, lead_list_id: str, content: bytes, request_id: str = "first", **choices: Any
) -> operation_pb2.Operation:
    """Import a file into a list; how that ended."""
    upload = await Upload.begin(api.stubs, lead_list_id, request_id, **choices)
    await upload.finish(content)
    return await upload.until_done()


async def filled_at_once(api: Api, request_id: str, content: bytes) -> str:
    """A list with the people of a file, past who reads uploads."""
    lead_list_id = await created(api, request_id)
    reader = LeadListReader()
    rows = [*reader.feed(content), *reader.close()]
    people = [row for row in rows if isinstance(row, Person)]
    async with api.pool.acquire() as connection, connection.transaction():
        await put_in_list(connection, SEAL, lead_list_id, people, now=NOON)
    return lead_list_id


async def add(
    api: Api, campaign_id: str, lead_list_id: str, *, validate_only: bool = False
) -> pb.AddLeadListResponse:
    request = pb.AddLeadListRequest(
        campaign_id=campaign_id, lead_list_id=lead_list_id, validate_only=validate_only
    )
    return await api.stubs.lead_lists.AddLeadList(request)


async def got(api: Api, lead_list_id: str) -> lead_list_pb2.LeadList:
    request = pb.GetLeadListRequest(lead_list_id=lead_list_id)
    return (await api.stubs.lead_lists.GetLeadList(request)).lead_list


async def entries(api: Api, lead_list_id: str, **asked: Any) -> list[lead_list_pb2.LeadListEntry]:
    request = pb.ListLeadListEntriesRequest(lead_list_id=lead_list_id, **asked)
    return [*(await api.stubs.lead_lists.ListLeadListEntries(request)).entries]


async def delete(api: Api, lead_list_id: str, *, force: bool = False) -> None:
    request = pb.DeleteLeadListRequest(lead_list_id=lead_list_id, force=force)
    await api.stubs.lead_lists.DeleteLeadList(request)
