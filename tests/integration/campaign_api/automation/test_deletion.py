"""A deleted program comes back, paused; over the wire."""

from typing import Any

import pytest
from outreach.automation.v1 import program_pb2
from outreach.automation.v1 import program_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import RELEASED_ONLY, created
from tests.integration.campaign_api.conftest import Api


async def delete(api: Api, program_id: str) -> None:
    await api.stubs.programs.DeleteProgram(pb.DeleteProgramRequest(program_id=program_id))


async def undelete(api: Api, program_id: str) -> program_pb2.Program:
    request = pb.UndeleteProgramRequest(program_id=program_id)
    return (await api.stubs.programs.UndeleteProgram(request)).program


async def get(api: Api, program_id: str) -> program_pb2.Program:
    request = pb.GetProgramRequest(program_id=program_id)
    return (await api.stubs.programs.GetProgram(request)).program


async def listed(api: Api, **asked: Any) -> list[str]:
    request = pb.ListProgramsRequest(organization_id=ORGANIZATION, **asked)
    return [each.program_id for each in (await api.stubs.programs.ListPrograms(request)).programs]


async def test_a_deleted_program_comes_back_paused(api: Api) -> None:
    """In its mode; it is shown as deleted where that is asked for, and by its id."""
    autopilot = program_pb2.PROGRAM_MODE_AUTOPILOT
    program = await created(api, await api.create(settings=RELEASED_ONLY), mode=autopilot)
    ours = program.program_id
    other = (await created(api, await api.create("second"), request_id="p2")).program_id

    await delete(api, ours)
    found = await get(api, ours)
    lists = [
        await listed(api, **asked)
        for asked in (
            {},
            {"show_deleted": True},
            {"show_deleted": True, "filter": "state = DELETED"},
        )
    ]
    with pytest.raises(InvalidArgument):
        await listed(api, filter="state = DELETED")
    back = [await undelete(api, ours) for _ in range(2)]

    assert lists == [[other], [other, ours], [ours]]
    assert found.HasField("delete_time")
    assert found.delete_time == found.update_time
    assert back[0] == back[1]
    assert (back[0].state, back[0].mode) == (program_pb2.PROGRAM_STATE_PAUSED, autopilot)
    assert not back[0].HasField("delete_time")
    assert (back[0].etag, back[0].create_time) == (program.etag, program.create_time)
    assert await listed(api) == [other, ours]


async def test_its_campaign_is_to_be_there(api: Api) -> None:
    """One that was deleted is brought back first; one that was given another program keeps that."""
    campaign_id = await api.create()
    ours = (await created(api, campaign_id)).program_id
    await delete(api, ours)
    naming = {"campaign_id": campaign_id}

    await api.stubs.campaigns.DeleteCampaign(
        campaign_service_pb2.DeleteCampaignRequest(**naming, force=True)
    )
    with pytest.raises(NotFound) as gone:
        await undelete(api, ours)
    await api.stubs.campaigns.UndeleteCampaign(
        campaign_service_pb2.UndeleteCampaignRequest(**naming)
    )
    other = (await created(api, campaign_id, request_id="p2")).program_id
    with pytest.raises(AlreadyExists) as taken:
        await undelete(api, ours)
    await delete(api, other)
    back = await undelete(api, ours)

    assert gone.value.reason == "CAMPAIGN_NOT_FOUND"
    assert gone.value.metadata["campaign_id"] == campaign_id
    assert taken.value.reason == "CAMPAIGN_HAS_PROGRAM"
    assert back.state == program_pb2.PROGRAM_STATE_PAUSED


async def test_a_program_that_never_was_does_not_come_back(api: Api) -> None:
    """It is told, as of every other method."""
    with pytest.raises(NotFound) as unknown:
        await undelete(api, "prog_01j9z3k4x5")

    assert unknown.value.reason == "PROGRAM_NOT_FOUND"
