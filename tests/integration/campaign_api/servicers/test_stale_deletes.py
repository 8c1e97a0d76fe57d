"""What was edited since it was read is not deleted; once it is deleted, it is deleted again."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2 as programs_pb
from outreach.campaign.v1 import campaign_pb2, lead_list_pb2
from outreach.campaign.v1 import campaign_service_pb2 as campaigns_pb
from outreach.campaign.v1 import lead_list_service_pb2 as lists_pb
from servicekit.errors import EtagMismatch

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import created
from tests.integration.campaign_api.conftest import Api

NAME = FieldMask(paths=["name"])
Deletable = tuple[str, str, Callable[[str], Awaitable[Any]]]
"""The etag of before an edit, that of after it, and what deletes."""


async def a_campaign(api: Api) -> Deletable:
    campaign_id = await api.create()
    stub = api.stubs.campaigns
    read = await stub.GetCampaign(campaigns_pb.GetCampaignRequest(campaign_id=campaign_id))
    before = read.campaign.etag
    changed = campaign_pb2.Campaign(campaign_id=campaign_id, name="Autumn", etag=before)
    request = campaigns_pb.UpdateCampaignRequest(campaign=changed, update_mask=NAME)
    after = (await stub.UpdateCampaign(request)).campaign.etag
    return (
        before,
        after,
        lambda etag: stub.DeleteCampaign(
            campaigns_pb.DeleteCampaignRequest(campaign_id=campaign_id, etag=etag)
        ),
    )


async def a_list(api: Api) -> Deletable:
    stub = api.stubs.lead_lists
    making = lists_pb.CreateLeadListRequest(
        request_id="r1", organization_id=ORGANIZATION, name="Fair"
    )
    before = (await stub.CreateLeadList(making)).lead_list
    changed = lead_list_pb2.LeadList(lead_list_id=before.lead_list_id, name="Autumn")
    request = lists_pb.UpdateLeadListRequest(lead_list=changed, update_mask=NAME)
    after = (await stub.UpdateLeadList(request)).lead_list.etag
    return (
        before.etag,
        after,
        lambda etag: stub.DeleteLeadList(
            lists_pb.DeleteLeadListRequest(lead_list_id=before.lead_list_id, etag=etag)
        ),
    )


async def a_program(api: Api) -> Deletable:
    before = await created(api, await api.create())
    stub = api.stubs.programs
    changed = program_pb2.Program(program_id=before.program_id, name="Autumn")
    request = programs_pb.UpdateProgramRequest(program=changed, update_mask=NAME)
    after = (await stub.UpdateProgram(request)).program.etag
    return (
        before.etag,
        after,
        lambda etag: stub.DeleteProgram(
            programs_pb.DeleteProgramRequest(program_id=before.program_id, etag=etag)
        ),
    )


@pytest.mark.parametrize("made", [a_campaign, a_list, a_program])
async def test_what_was_edited_since_is_not_deleted(
    api: Api, made: Callable[[Api], Awaitable[Deletable]]
) -> None:
    """Who knows what it is now deletes it; that it is gone is no conflict any more."""
    before, after, delete = await made(api)

    with pytest.raises(EtagMismatch) as refused:
        await delete(before)
    await delete(after)
    await delete(before)

    assert refused.value.metadata["etag"] == after != before
