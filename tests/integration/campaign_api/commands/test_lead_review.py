"""Leads that are held back before any contact, and how they come free."""

from typing import Any

import pytest
from campaigns.models import CampaignState, LeadState
from outreach.campaign.v1 import campaign_service_pb2, lead_pb2, lead_service_pb2
from outreach.linkedin.v1 import account_pb2
from servicekit.errors import FailedPrecondition

from tests.integration.campaign_api.conftest import ACCOUNT, NOON, Api

HEADER = b"first_name,linkedin_url,company\n"
GRACE = b"Grace,linkedin.com/in/grace-example,Acme\n"
NAMELESS = b",linkedin.com/in/alan-example,\n"
ALAN = b"Alan,linkedin.com/in/alan-example,\n"


async def listed(api: Api, campaign_id: str, state: str) -> list[lead_pb2.Lead]:
    request = lead_service_pb2.ListLeadsRequest(
        campaign_id=campaign_id, state=lead_pb2.LeadState.Value(f"LEAD_STATE_{state}")
    )
    return [each.lead for each in (await api.stubs.leads.ListLeads(request)).leads]


async def status(api: Api, campaign_id: str) -> Any:
    request = campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    return (await api.stubs.campaigns.GetCampaignStatus(request)).status


async def test_a_lead_without_a_name_is_held_back(api: Api) -> None:
    """Lesson 22: whom the text cannot be said to is not contacted; everybody can see why."""
    campaign_id = await api.create()

    imported = await api.import_leads(campaign_id, HEADER + GRACE + NAMELESS)

    assert (imported.imported, imported.held_back) == (2, 1)
    (lead,) = await listed(api, campaign_id, "HELD_BACK")
    assert lead.public_identifier == "alan-example"
    assert lead.reason == "VARIABLE_MISSING"
    assert "first_name" in lead.detail
    got = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.lead_id)
    )
    assert [wait.reason for wait in got.waiting_for] == ["VARIABLE_MISSING"]
    counted = await status(api, campaign_id)
    assert (counted.ready, counted.held_back) == (1, 1)
    assert any("1 lead is held back" in text for text in counted.explanations)


async def test_a_held_back_lead_is_not_admitted(api: Api) -> None:
    """Admission passes over it, and says that nobody is left."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, HEADER + NAMELESS + GRACE)
    await api.campaigns.start(campaign_id, now=NOON)

    admission = await api.admissions.admit(campaign_id, now=NOON, limit=10)

    assert (len(admission.leads), admission.ready) == (1, 0)
    assert [lead.public_identifier for lead in await listed(api, campaign_id, "RUNNING")] == [
        "grace-example"
    ]


async def test_a_further_import_releases(api: Api) -> None:
    """What the new list has is filled in, what it leaves out stays; a running campaign hears."""
    campaign_id = await api.running()
    first = await api.import_leads(
        campaign_id, b"name,linkedin_url,shoe\n,linkedin.com/in/alan-turing,41\n"
    )

    second = await api.import_leads(
        campaign_id, b"first_name,linkedin_url,shoe\nAlan,linkedin.com/in/alan-turing,\n"
    )

    assert (first.imported, first.held_back) == (1, 1)
    assert (second.imported, second.released, second.duplicates, second.held_back) == (0, 1, 0, 0)
    lead = next(
        lead
        for lead in await listed(api, campaign_id, "READY")
        if lead.public_identifier == "alan-turing"
    )
    assert (lead.first_name, lead.variables["shoe"], lead.reason) == ("Alan", "41", "")
    assert (await api.told(campaign_id)).count("leads_added") == 2


async def test_an_import_that_completes_nothing(api: Api) -> None:
    """The same list again is duplicates, and who was held back still is."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, HEADER + GRACE + NAMELESS)

    again = await api.import_leads(campaign_id, HEADER + GRACE + NAMELESS)

    assert (again.imported, again.released, again.duplicates, again.held_back) == (0, 0, 2, 1)


async def test_a_start_judges_again(api: Api) -> None:
    """A plan that was not known at the import counts at the start, before anybody is contacted."""
    note = '"customMessage": "' + "x" * 190 + ' {{company}}"'
    sequence = (
        '{"nodes": [{"id": "invite", "type": "action", "data":'
        ' {"type": "send_connection_request", "config": {' + note + '}}}], "edges": []}'
    )
    campaign_id = await api.create(sequence_json=sequence)
    content = HEADER + GRACE + b"Alan,linkedin.com/in/alan-example,A company with a long name\n"
    imported = await api.import_leads(campaign_id, content)
    api.linkedin.accounts[ACCOUNT].tier = account_pb2.ACCOUNT_TIER_FREE

    await api.stubs.campaigns.StartCampaign(
        campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    )

    assert imported.held_back == 0
    (lead,) = await listed(api, campaign_id, "HELD_BACK")
    assert (lead.public_identifier, lead.reason) == ("alan-example", "MESSAGE_TOO_LONG")


async def test_nobody_left_to_start_with(api: Api) -> None:
    """A campaign of which every lead is held back does not start, and says why."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, HEADER + NAMELESS)

    with pytest.raises(FailedPrecondition) as error:
        await api.stubs.campaigns.StartCampaign(
            campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
        )

    assert error.value.reason == "CAMPAIGN_WITHOUT_LEADS"
    assert "held back" in error.value.message


async def test_an_import_without_the_gateway(api: Api) -> None:
    """While the gateway is away leads go in and are judged by what is known without it."""
    campaign_id = await api.create()
    api.linkedin.go_away()

    imported = await api.import_leads(campaign_id, HEADER + GRACE + NAMELESS)

    assert (imported.imported, imported.held_back) == (2, 1)


async def test_the_campaign_ends_without_them(api: Api) -> None:
    """Leads still held back do not hold the campaign's end up; they have failed, with why."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, HEADER + NAMELESS)
    await api.campaigns.start(campaign_id, now=NOON)

    ended = await api.campaigns.end_if_over(campaign_id, stopped=False, now=NOON)

    assert ended is not None
    assert ended.state is CampaignState.COMPLETED
    ((_, lead),) = await api.leads.page(campaign_id, limit=10)
    assert (lead.state, lead.reason) == (LeadState.FAILED, "VARIABLE_MISSING")
    assert "first_name" in lead.detail
