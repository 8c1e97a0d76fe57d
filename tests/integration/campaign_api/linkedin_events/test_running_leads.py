"""The gateway asks which leads have not ended: only their owner knows."""

import pytest
from campaigns.models import LeadState
from outreach.campaign.v1 import linkedin_event_service_pb2 as pb
from servicekit.errors import InvalidArgument

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import NOON, Api


async def running(
    api: Api, *lead_ids: str, campaign_id: str, owner: str = ORGANIZATION
) -> set[str]:
    answer = await api.stubs.linkedin_events.FindRunningLeads(
        pb.FindRunningLeadsRequest(
            organization_id=owner,
            leads=[pb.LeadRef(campaign_id=campaign_id, lead_id=each) for each in lead_ids],
        )
    )
    return {lead.lead_id for lead in answer.leads}


async def test_who_has_not_ended_is_told(api: Api) -> None:
    """Neither who has, nor whoever is not there or belongs to somebody else."""
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    first, second = [lead.id for _, lead in await api.leads.page(campaign_id, limit=2)]

    assert await running(api, first, second, "lead_x", campaign_id=campaign_id) == {first, second}
    await api.leads.finish(first, state=LeadState.COMPLETED, reason="", now=NOON)
    assert await running(api, first, second, campaign_id=campaign_id) == {second}
    assert await running(api, second, campaign_id="camp_other") == set()
    assert await running(api, second, campaign_id=campaign_id, owner="org_other") == set()


async def test_too_many_at_once_are_refused(api: Api) -> None:
    """And nobody asks for nobody's."""
    for request in (
        pb.FindRunningLeadsRequest(organization_id=ORGANIZATION, leads=[pb.LeadRef()] * 1001),
        pb.FindRunningLeadsRequest(),
    ):
        with pytest.raises(InvalidArgument) as refused:
            await api.stubs.linkedin_events.FindRunningLeads(request)
        assert refused.value.reason == "INVALID_FIELDS"
