"""RetryLead: a parked lead is sent on, and nobody else."""

import pytest
from campaigns.models import Lead, LeadState
from campaigns.workflow.contracts import TASK_QUEUE, LeadInput
from outreach.campaign.v1 import campaign_service_pb2, lead_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotFound, Unavailable
from temporalio.client import WorkflowHandle

from tests.fakes.campaign_workflows import StandInLead, Told
from tests.integration.campaign_api.conftest import LEADS, NOON, Api


async def admitted(api: Api) -> tuple[str, Lead]:
    """A lead in the sequence, without a workflow."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    start = campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    await api.stubs.campaigns.StartCampaign(start)
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    ((_, lead),) = await api.leads.page(campaign_id, limit=1)
    return campaign_id, lead


async def walking(api: Api, campaign_id: str, lead: Lead) -> WorkflowHandle[StandInLead, object]:
    assert api.temporal is not None
    return await api.temporal.start_workflow(
        StandInLead.run,
        LeadInput(campaign_id=campaign_id, lead_id=lead.id),
        id=f"lead/{campaign_id}/{lead.id}",
        task_queue=TASK_QUEUE,
    )


async def test_a_parked_lead_is_sent_on_once(api: Api) -> None:
    """Its workflow hears it and the row says it; whoever asks again is told that it runs."""
    campaign_id, lead = await admitted(api)
    handle = await walking(api, campaign_id, lead)
    await api.park(campaign_id, lead.id)
    asked = pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=lead.id)

    answer = await api.stubs.leads.RetryLead(asked)
    with pytest.raises(FailedPrecondition) as refused:
        await api.stubs.leads.RetryLead(asked)

    assert (answer.lead.state, answer.lead.trace_id) == (lead_pb2.LEAD_STATE_RUNNING, "")
    assert await handle.query(StandInLead.told) == [Told("retry")]
    assert refused.value.reason == "LEAD_NOT_PARKED"
    assert refused.value.metadata == {"state": "running"}


async def test_a_parked_lead_is_told(api: Api) -> None:
    """GetLead says why and where the log has it; its campaign says how many there are."""
    campaign_id, lead = await admitted(api)
    await api.park(campaign_id, lead.id)

    got = await api.stubs.leads.GetLead(pb.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.id))
    campaign = await api.stubs.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    )
    status = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )

    assert (got.lead.state, got.lead.reason) == (lead_pb2.LEAD_STATE_PARKED, "ACTIVITY_FAILED")
    assert got.lead.trace_id == "7f"
    assert [wait.reason for wait in got.waiting_for] == ["ACTIVITY_FAILED"]
    assert campaign.campaign.parked_leads == 1
    assert (status.status.parked, status.status.running) == (1, 0)
    assert any("1 lead is parked" in each for each in status.status.explanations)


async def test_a_lead_without_its_workflow_stays_parked(api: Api) -> None:
    """It would be told as running, and nothing would ever move it."""
    campaign_id, lead = await admitted(api)
    await api.park(campaign_id, lead.id)
    asked = pb.RetryLeadRequest(campaign_id=campaign_id, lead_id=lead.id)

    with pytest.raises(Unavailable):
        await api.stubs.leads.RetryLead(asked)

    assert (await api.leads.get(campaign_id, lead.id)).trace_id == "7f"


async def test_all_parked_leads_are_sent_on_page_by_page(api: Api) -> None:
    """Each once, nobody else; who has no workflow stays parked and is counted."""
    campaign_id, first = await admitted(api)
    names = [f"Ada,linkedin.com/in/ada-{number}-example" for number in range(4)]
    await api.import_leads(campaign_id, "\n".join(["first_name,linkedin_url", *names]).encode())
    await api.pool.execute("UPDATE leads SET state = 'running' WHERE state = 'ready'")
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=9)]
    running = [lead for lead in leads if lead.state is LeadState.RUNNING]
    *parked, left, gone = running
    assert first in parked
    handles = [await walking(api, campaign_id, lead) for lead in (*parked, left)]
    for lead in (*parked, gone):
        await api.park(campaign_id, lead.id)
    asked = pb.RetryParkedLeadsRequest(campaign_id=campaign_id, page_size=1)

    answers = [await api.stubs.leads.RetryParkedLeads(asked)]
    while token := answers[-1].next_page_token:
        asked.page_token = token
        answers.append(await api.stubs.leads.RetryParkedLeads(asked))

    assert len(answers) == len(parked) + 1
    assert sum(each.sent_on for each in answers) == len(parked)
    assert sum(each.gone for each in answers) == 1
    told = [await handle.query(StandInLead.told) for handle in handles]
    assert told == [*[[Told("retry")]] * len(parked), []]
    still = await api.leads.page(campaign_id, state=LeadState.PARKED, limit=9)
    assert [lead.id for _, lead in still] == [gone.id]


async def test_a_lead_that_nobody_knows(api: Api) -> None:
    """Another campaign's, or none."""
    campaign_id, _ = await admitted(api)

    with pytest.raises(NotFound):
        await api.stubs.leads.RetryLead(
            pb.RetryLeadRequest(campaign_id=campaign_id, lead_id="lead_none")
        )
