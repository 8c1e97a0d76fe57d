"""Where a campaign stands, to the unit, and why it is not further."""

import asyncio

from campaigns.models import ConnectionState, LeadState, StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, lead_service_pb2
from outreach.linkedin.v1 import account_pb2, action_pb2, pace_pb2

from tests.integration.campaign_api.conftest import ACCOUNT, NOON, Api


async def status_of(api: Api, campaign_id: str) -> campaign_pb2.CampaignStatus:
    answer = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )
    return answer.status


async def test_a_draft_says_that_it_has_not_started(api: Api) -> None:
    """And that nobody is in it yet; every step is listed with zeros."""
    status = await status_of(api, await api.create())

    assert list(status.explanations) == [
        "The campaign has not been started.",
        "It has no leads yet.",
    ]
    assert [(step.step_id, step.done) for step in status.steps] == [("visit", 0), ("invite", 0)]
    assert not status.HasField("estimated_end_time")


async def test_leads_and_steps_are_counted(api: Api) -> None:
    """Each lead in one state; each step by how it fared; the funnel by what was really done."""
    campaign_id = await api.running()
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    first, second = (each.lead.lead_id for each in listed.leads)
    done = StepExecution(step_id="visit", state=StepState.DONE, started_at=NOON, ended_at=NOON)
    waiting = StepExecution(step_id="invite", state=StepState.WAITING, started_at=NOON)
    for lead_id in (first, second):
        await api.steps.record(campaign_id, lead_id, StepKind.PROFILE_VISIT, done)
    await api.steps.record(campaign_id, first, StepKind.SEND_CONNECTION_REQUEST, waiting)
    await api.leads.record_connection(second, ConnectionState.CONNECTED, at=NOON)
    await api.leads.finish(campaign_id, second, state=LeadState.REPLIED, reason="", now=NOON)

    status = await status_of(api, campaign_id)

    assert (status.leads, status.ready, status.replied) == (2, 1, 1)
    assert [(step.done, step.waiting) for step in status.steps] == [(2, 0), (0, 1)]
    assert (status.funnel.visited, status.funnel.invited) == (2, 0)
    assert status.HasField("estimated_end_time")


async def test_a_lost_account_is_explained(api: Api) -> None:
    """People see which account is missing, in the provider's word."""
    campaign_id = await api.running()
    api.linkedin.add_account(
        ACCOUNT, state=account_pb2.ACCOUNT_STATE_DISCONNECTED, reason="CREDENTIALS"
    )

    status = await status_of(api, campaign_id)

    assert any(
        "Ada (acct_ada) is disconnected (CREDENTIALS)" in told for told in status.explanations
    )


async def test_a_gateway_that_is_away_does_not_hide_the_counts(api: Api) -> None:
    """The counts are told, and that the rest is not known."""
    campaign_id = await api.running()
    api.linkedin.go_away()

    status = await status_of(api, campaign_id)
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    lead_id = listed.leads[0].lead.lead_id
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    lead = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    )

    assert status.leads == 2
    assert [told for told in status.explanations if told.startswith("linkedin-gateway")]
    assert lead.waiting_for[-1].reason == "SERVICE_UNAVAILABLE"


async def test_readers_ask_the_gateway_once_in_a_while(api: Api) -> None:
    """Many who read at once do not multiply the questions to the gateway for ever."""
    campaign_id = await api.running()
    await status_of(api, campaign_id)
    asked = api.linkedin.questions

    await asyncio.gather(*(status_of(api, campaign_id) for _ in range(20)))

    assert api.linkedin.questions == asked


async def test_what_waits_at_the_gateway_is_told(api: Api) -> None:
    """The status says it of all leads at once, as GetLead does of each."""
    campaign_id = await api.running()
    api.linkedin.waiting = [
        pace_pb2.WaitingActions(
            account_id=ACCOUNT,
            kind=action_pb2.ACTION_KIND_INVITATION,
            reason="WAITING_FOR_CAP",
            actions=2,
        )
    ]

    status = await status_of(api, campaign_id)

    assert any(
        told.startswith("2 leads wait for a cap on invitations") for told in status.explanations
    )


async def test_a_lead_of_the_list_tells_its_own_day(api: Api) -> None:
    """The first enters now, the second when the next day lets it; the campaign says the same."""
    settings = campaign_pb2.CampaignSettings(leads_per_day=1)
    campaign_id = await api.running(settings=settings)
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=2)]

    told = [
        await api.stubs.leads.GetLead(
            lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.id)
        )
        for lead in leads
    ]
    status = await status_of(api, campaign_id)

    first, second = (answer.waiting_for[0] for answer in told)
    assert (first.reason, second.reason) == ("ADMISSION", "ADMISSION_LEADS_PER_DAY")
    tomorrow = second.until_time.ToDatetime()
    assert f"the next is admitted at {tomorrow:%Y-%m-%d} 00:00 UTC" in status.explanations[0]
