"""A lead whose workflow Temporal has lost: its row runs, and nobody walks it."""

from outreach.campaign.v1 import lead_service_pb2 as pb

from tests.integration.campaign_api.conftest import NOON, Api

DOUBT = "UPDATE campaigns SET doubted_since = now() WHERE id = $1"
SEE = """
INSERT INTO lead_sightings (organization_id, campaign_id, lead_id, namespace, seen_at)
SELECT organization_id, campaign_id, id, 'default', now() FROM leads WHERE id = $1
"""


async def reasons(api: Api, campaign_id: str) -> list[str]:
    """What the first lead waits for."""
    leads = await api.stubs.leads.ListLeads(pb.ListLeadsRequest(campaign_id=campaign_id))
    request = pb.GetLeadRequest(campaign_id=campaign_id, lead_id=leads.leads[0].lead.lead_id)
    answer = await api.stubs.leads.GetLead(request)
    return [each.reason for each in answer.waiting_for]


async def test_who_was_not_seen_since_is_told_to_be_missing(api: Api) -> None:
    """It was said that nothing is in the way, and that what comes next is being asked for."""
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    before = await reasons(api, campaign_id)
    await api.pool.execute(DOUBT, campaign_id)
    missing = await reasons(api, campaign_id)
    (lead_id,) = await api.pool.fetchrow("SELECT id FROM leads WHERE state = 'running'")
    await api.pool.execute(SEE, lead_id)

    assert "WORKFLOW_MISSING" in missing
    assert "ASKING" not in missing
    assert "WORKFLOW_MISSING" not in before
    assert await reasons(api, campaign_id) == before
