"""The rpcs of campaign-api, from the wire to the tables."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from campaigns.models import StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from google.protobuf.duration_pb2 import Duration
from outreach.campaign.v1 import (
    campaign_pb2,
    campaign_service_pb2,
    lead_service_pb2,
    sequence_pb2,
    sequence_service_pb2,
)
from servicekit.errors import AlreadyExists, InvalidArgument, NotFound

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import ACCOUNT, LEADS, SEQUENCE, Api, new_campaign


async def test_a_created_campaign_is_read_as_it_was_created(api: Api) -> None:
    """What was asked for comes back, compiled, as a draft."""
    created = await api.stubs.campaigns.CreateCampaign(
        new_campaign(
            settings=campaign_pb2.CampaignSettings(
                max_concurrent_leads=7, lead_processing_delay=Duration(seconds=0)
            )
        )
    )

    read = await api.stubs.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=created.campaign.campaign_id)
    )

    assert read.campaign == created.campaign
    assert read.campaign.state == campaign_pb2.CAMPAIGN_STATE_DRAFT
    assert read.campaign.settings.max_concurrent_leads == 7
    assert read.campaign.settings.HasField("lead_processing_delay")
    assert [step.kind for step in read.campaign.sequence.steps] == [
        sequence_pb2.STEP_KIND_PROFILE_VISIT,
        sequence_pb2.STEP_KIND_SEND_CONNECTION_REQUEST,
    ]
    assert read.campaign.sequence.steps[0].next_delay == Duration(seconds=5400)


async def test_the_same_request_is_one_campaign(api: Api) -> None:
    """A repeated CreateCampaign returns the first campaign; other content is refused."""
    first, second = await asyncio.gather(
        api.stubs.campaigns.CreateCampaign(new_campaign()),
        api.stubs.campaigns.CreateCampaign(new_campaign()),
    )
    with pytest.raises(AlreadyExists) as refused:
        await api.stubs.campaigns.CreateCampaign(new_campaign(name="Autumn"))

    assert first.campaign == second.campaign
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_everything_wrong_is_told_at_once(api: Api) -> None:
    """Fields of the request, settings, accounts and the sequence: one violation for each."""
    request = new_campaign(
        name=" ",
        account_ids=[ACCOUNT, "acct_nobody", ACCOUNT],
        sequence_json=SEQUENCE.replace('"send_connection_request"', '"send_followup"')
        .replace('"customMessage": "Hello {{first_name}}"', "")
        .replace('"profile_visit"', '"dance"'),
        settings=campaign_pb2.CampaignSettings(max_concurrent_leads=10_001, leads_per_day=-1),
    )
    request.settings.sending_window.time_zone = "Mars/Olympus"
    request.settings.sending_window.opens = "9:00"

    with pytest.raises(InvalidArgument) as refused:
        await api.stubs.campaigns.CreateCampaign(request)

    assert refused.value.reason == "INVALID_FIELDS"
    told = {(wrong.field, wrong.reason) for wrong in refused.value.violations}
    assert told == {
        ("name", "FIELD_REQUIRED"),
        ("account_ids[1]", "ACCOUNT_NOT_FOUND"),
        ("account_ids[2]", "FIELD_INVALID"),
        ("settings.max_concurrent_leads", "FIELD_INVALID"),
        ("settings.leads_per_day", "FIELD_INVALID"),
        ("settings.sending_window.time_zone", "FIELD_INVALID"),
        ("settings.sending_window.opens", "FIELD_INVALID"),
        ("settings.sending_window.closes", "FIELD_REQUIRED"),
        ("sequence_json.nodes[0].data.type", "NODE_TYPE_UNKNOWN"),
        ("sequence_json.nodes[1].data.config.customMessage", "TEXT_MISSING"),
    }


async def test_a_campaign_that_does_not_exist(api: Api) -> None:
    """Unknown and malformed ids are NOT_FOUND, whatever is asked of them."""
    for campaign_id in ("camp_0", "lead_1", "camp_\n"):
        with pytest.raises(NotFound) as refused:
            await api.stubs.campaigns.GetCampaign(
                campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
            )
        assert refused.value.reason == "CAMPAIGN_NOT_FOUND"


async def test_validation_answers_instead_of_failing(api: Api) -> None:
    """What is wrong with a sequence is the answer to ValidateSequence."""
    good = await api.stubs.sequences.ValidateSequence(
        sequence_service_pb2.ValidateSequenceRequest(
            organization_id=ORGANIZATION, sequence_json=SEQUENCE
        )
    )
    bad = await api.stubs.sequences.ValidateSequence(
        sequence_service_pb2.ValidateSequenceRequest(
            organization_id=ORGANIZATION, sequence_json="{"
        )
    )

    assert [step.step_id for step in good.steps] == ["visit", "invite"]
    assert not good.violations
    assert not bad.steps
    assert [wrong.reason for wrong in bad.violations] == ["SEQUENCE_UNREADABLE"]


async def test_a_drawing_is_rendered(api: Api) -> None:
    """A sequence can be checked before there is a campaign; a wrong one says what is wrong."""
    good = await api.stubs.sequences.RenderSequence(
        sequence_service_pb2.RenderSequenceRequest(
            drawing=sequence_service_pb2.SequenceSource(
                organization_id=ORGANIZATION, sequence_json=SEQUENCE
            )
        )
    )
    bad = await api.stubs.sequences.RenderSequence(
        sequence_service_pb2.RenderSequenceRequest(
            drawing=sequence_service_pb2.SequenceSource(
                organization_id=ORGANIZATION, sequence_json="{"
            )
        )
    )

    assert good.text.startswith("1. Visit the profile")
    assert good.mermaid.startswith("flowchart TD")
    assert not good.violations
    assert [wrong.reason for wrong in bad.violations] == ["SEQUENCE_UNREADABLE"]
    assert "(SEQUENCE_UNREADABLE)" in bad.text
    assert not bad.mermaid


async def test_a_campaign_is_rendered(api: Api) -> None:
    """The sequence that a campaign's leads are started on is the one that was drawn."""
    campaign_id = await api.create()

    answer = await api.stubs.sequences.RenderSequence(
        sequence_service_pb2.RenderSequenceRequest(campaign_id=campaign_id)
    )

    drawn = await api.stubs.sequences.RenderSequence(
        sequence_service_pb2.RenderSequenceRequest(
            drawing=sequence_service_pb2.SequenceSource(
                organization_id=ORGANIZATION, sequence_json=SEQUENCE
            )
        )
    )
    assert answer.mermaid == drawn.mermaid


async def test_rendering_nothing_is_refused(api: Api) -> None:
    """Fields are required by name."""
    wrong = {
        "source": sequence_service_pb2.RenderSequenceRequest(),
        "drawing.sequence_json": sequence_service_pb2.RenderSequenceRequest(
            drawing=sequence_service_pb2.SequenceSource(organization_id=ORGANIZATION)
        ),
    }
    for field, request in wrong.items():
        with pytest.raises(InvalidArgument) as refused:
            await api.stubs.sequences.RenderSequence(request)
        assert [each.field for each in refused.value.violations] == [field]


async def test_pages_of_campaigns_visit_each_one_once(api: Api) -> None:
    """Following the tokens lists every campaign of the organization once, newest first."""
    made = [await api.create(f"request {number}") for number in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        page = await api.stubs.campaigns.ListCampaigns(
            campaign_service_pb2.ListCampaignsRequest(
                organization_id=ORGANIZATION, page_size=2, page_token=token
            )
        )
        seen += [campaign.campaign_id for campaign in page.campaigns]
        token = page.next_page_token
        if not token:
            break

    assert seen == made[::-1]


async def test_a_token_of_another_list_is_refused(api: Api) -> None:
    """A page token belongs to its list and filters."""
    for number in range(2):
        await api.create(f"request {number}")
    page = await api.stubs.campaigns.ListCampaigns(
        campaign_service_pb2.ListCampaignsRequest(organization_id=ORGANIZATION, page_size=1)
    )

    for reason, request in (
        (
            "PAGE_TOKEN_INVALID",
            campaign_service_pb2.ListCampaignsRequest(
                organization_id="org_south", page_token=page.next_page_token
            ),
        ),
        (
            "PAGE_TOKEN_INVALID",
            campaign_service_pb2.ListCampaignsRequest(
                organization_id=ORGANIZATION, page_token="rubbish"
            ),
        ),
        (
            "INVALID_FIELDS",
            campaign_service_pb2.ListCampaignsRequest(organization_id=ORGANIZATION, page_size=-1),
        ),
    ):
        with pytest.raises(InvalidArgument) as refused:
            await api.stubs.campaigns.ListCampaigns(request)
        assert refused.value.reason == reason


async def test_leads_are_listed_and_read(api: Api) -> None:
    """Leads come in the order of the list, page by page, and say what they wait for."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)

    first = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id, page_size=1)
    )
    second = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(
            campaign_id=campaign_id, page_size=1, page_token=first.next_page_token
        )
    )
    lead = first.leads[0].lead
    read = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead.lead_id)
    )

    assert lead.public_identifier == "grace-example"
    assert dict(lead.variables).popitem()[1] == "41"
    assert second.leads[0].lead.public_identifier == "alan-example"
    assert not second.next_page_token
    assert read.lead == lead
    assert [wait.reason for wait in read.waiting_for] == ["NOT_STARTED"]


async def test_a_lead_of_another_campaign_is_not_found(api: Api) -> None:
    """A lead is read through its own campaign only."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    other_id = await api.create("second")
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )

    with pytest.raises(NotFound) as refused:
        await api.stubs.leads.GetLead(
            lead_service_pb2.GetLeadRequest(
                campaign_id=other_id, lead_id=listed.leads[0].lead.lead_id
            )
        )

    assert refused.value.reason == "LEAD_NOT_FOUND"


async def test_the_exit_that_a_lead_took_is_shown(api: Api) -> None:
    """One lead, a page of leads and the campaign's counts name the same exit."""
    config = {"condition": "connected"}
    nodes = [{"id": "ask", "type": "action", "data": {"type": "condition", "config": config}}]
    nodes.append({"id": "visit", "type": "action", "data": {"type": "profile_visit"}})
    flags = {"isConditionalPath": True, "isPositive": True}
    edges = [{"source": "ask", "target": "visit", "data": flags}]
    drawing = json.dumps({"nodes": nodes, "edges": edges})
    campaign_id = await api.create(sequence_json=drawing)
    await api.import_leads(campaign_id, LEADS)
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    lead_id = listed.leads[0].lead.lead_id
    now = datetime(2026, 3, 2, tzinfo=UTC)
    execution = StepExecution(
        step_id="ask", state=StepState.DONE, started_at=now, ended_at=now, exit_name="no"
    )
    await api.steps.record(campaign_id, lead_id, StepKind.CONDITION, execution)

    read = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    )
    page = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id, include_steps=True)
    )
    answer = await api.stubs.campaigns.GetCampaignStatus(
        campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    )

    assert [(step.step_id, step.exit) for step in read.steps] == [("ask", "no")]
    assert page.leads[0].steps == read.steps
    assert dict(answer.status.steps[0].exits) == {"yes": 0, "no": 1}
    assert answer.status.steps[1].exits == {}
