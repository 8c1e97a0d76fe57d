"""With authentication on, a caller sees the campaigns of their own organization only."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from devstack.stack.keys import Keys
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2, sequence_service_pb2
from outreach.campaign.v1 import linkedin_event_service_pb2 as events_pb
from servicekit.errors import NotFound, PermissionDenied, Unauthenticated
from servicekit.grpc import client as grpc_client
from servicekit.identity.identity import Identity
from servicekit.settings import ServiceSettings
from temporalio.client import Client

from tests.fakes.campaign_ports import ORGANIZATION
from tests.fakes.stubs import CampaignStubs
from tests.integration.campaign_api.conftest import (
    LEADS,
    SCHEMA,
    Api,
    connected,
    new_campaign,
    running_api,
)

EVERYTHING = ["campaigns.read", "campaigns.write", "campaigns.control", "leads.read", "leads.write"]


@pytest.fixture
async def guarded(
    new_database: Callable[..., str], temporal_client: Client, keys: Keys
) -> AsyncIterator[Api]:
    """The service with authentication on."""
    async with running_api(
        new_database(SCHEMA),
        await connected(temporal_client),
        client=temporal_client,
        identity=Identity.of_server(
            ServiceSettings(**keys.settings("campaign-api")),
            service="campaign-api",
            sandbox=False,
            calls=True,
        ),
    ) as api:
        yield api


def channel(
    api: Api, keys: Keys, *, organization_id: str = "", permissions: list[str]
) -> grpc.aio.Channel:
    token = keys.token(org=organization_id, permissions=permissions)
    return grpc_client.channel(api.address, token=lambda: token, timeout=timedelta(seconds=60))


async def made_by_owner(api: Api, keys: Keys) -> str:
    async with channel(api, keys, organization_id=ORGANIZATION, permissions=EVERYTHING) as owners:
        answer = await CampaignStubs(owners).campaigns.CreateCampaign(new_campaign())
        return answer.campaign.campaign_id


@pytest.mark.parametrize("missing", ["leads.read", "campaigns.read"])
async def test_a_whole_campaign_is_told_to_who_may_read_both(
    guarded: Api, keys: Keys, missing: str
) -> None:
    """Who might read leads alone was told the settings, and every text of every revision."""
    campaign_id = await made_by_owner(guarded, keys)
    request = campaign_service_pb2.ExportCampaignRequest(campaign_id=campaign_id)
    both = ["leads.read", "campaigns.read"]

    async def pieces(permissions: list[str]) -> int:
        async with channel(
            guarded, keys, organization_id=ORGANIZATION, permissions=permissions
        ) as theirs:
            told = CampaignStubs(theirs).campaigns.ExportCampaign(request)
            return len([each async for each in told])

    with pytest.raises(PermissionDenied) as refused:
        await pieces([each for each in both if each != missing])

    assert (refused.value.reason, refused.value.metadata) == (
        "PERMISSION_MISSING",
        {"permission": missing},
    )
    assert await pieces(both) > 0


CALLS: list[tuple[str, Any]] = [
    ("GetCampaign", campaign_service_pb2.GetCampaignRequest),
    ("GetCampaignStatus", campaign_service_pb2.GetCampaignStatusRequest),
    ("StartCampaign", campaign_service_pb2.StartCampaignRequest),
    ("PauseCampaign", campaign_service_pb2.PauseCampaignRequest),
    ("ResumeCampaign", campaign_service_pb2.ResumeCampaignRequest),
    ("StopCampaign", campaign_service_pb2.StopCampaignRequest),
    ("DeleteCampaign", campaign_service_pb2.DeleteCampaignRequest),
    ("UpdateSequence", sequence_service_pb2.UpdateSequenceRequest),
    ("RollbackSequence", sequence_service_pb2.RollbackSequenceRequest),
    ("PreviewRevision", sequence_service_pb2.PreviewRevisionRequest),
    ("ListRevisions", sequence_service_pb2.ListRevisionsRequest),
    ("ListLeads", lead_service_pb2.ListLeadsRequest),
    ("GetLead", lead_service_pb2.GetLeadRequest),
    ("ListImports", lead_service_pb2.ListImportsRequest),
    ("GetImport", lead_service_pb2.GetImportRequest),
    ("RenderSequence", sequence_service_pb2.RenderSequenceRequest),
]


REQUIRED: dict[str, dict[str, Any]] = {
    "UpdateSequence": {"sequence_json": "{}", "base_revision_id": "rev_1"},
    "RollbackSequence": {"number": 1, "base_revision_id": "rev_1"},
    "PreviewRevision": {"number": 1},
    "GetLead": {"lead_id": "lead_0"},
    "GetImport": {"import_id": "imp_0"},
}
"""What a request must have beside its campaign, to be one at all."""


@pytest.mark.parametrize(("method", "request_type"), CALLS)
async def test_another_organization_finds_nothing(
    guarded: Api, keys: Keys, method: str, request_type: Any
) -> None:
    """Whatever is asked of somebody else's campaign, it does not exist."""
    campaign_id = await made_by_owner(guarded, keys)

    async with channel(
        guarded, keys, organization_id="org_south", permissions=EVERYTHING
    ) as theirs:
        with pytest.raises(NotFound) as refused:
            await CampaignStubs(theirs).method(method)(
                request_type(campaign_id=campaign_id, **REQUIRED.get(method, {}))
            )

    assert refused.value.reason == "CAMPAIGN_NOT_FOUND"
    assert guarded.linkedin.asked == []


async def test_another_organization_adds_and_watches_nothing(guarded: Api, keys: Keys) -> None:
    """The streams are as closed as the other calls."""
    campaign_id = await made_by_owner(guarded, keys)

    async def messages() -> AsyncIterator[lead_service_pb2.ImportLeadsRequest]:
        yield lead_service_pb2.ImportLeadsRequest(
            header=lead_service_pb2.ImportLeadsHeader(campaign_id=campaign_id)
        )
        yield lead_service_pb2.ImportLeadsRequest(content=LEADS)

    async with channel(
        guarded, keys, organization_id="org_south", permissions=EVERYTHING
    ) as theirs:
        stubs = CampaignStubs(theirs)
        with pytest.raises(NotFound):
            await stubs.leads.ImportLeads(messages())
        with pytest.raises(NotFound):
            await anext(
                aiter(
                    stubs.campaigns.WatchCampaign(
                        campaign_service_pb2.WatchCampaignRequest(campaign_id=campaign_id)
                    )
                )
            )

    assert not await guarded.leads.has_any(campaign_id)


async def test_nobody_acts_for_an_organization_that_is_not_theirs(guarded: Api, keys: Keys) -> None:
    """Creating, validating and listing name an organization: it must be the caller's."""
    async with channel(
        guarded, keys, organization_id="org_south", permissions=EVERYTHING
    ) as theirs:
        stubs = CampaignStubs(theirs)
        for call in (
            stubs.campaigns.CreateCampaign(new_campaign()),
            stubs.campaigns.ListCampaigns(
                campaign_service_pb2.ListCampaignsRequest(organization_id=ORGANIZATION)
            ),
            stubs.sequences.ValidateSequence(
                sequence_service_pb2.ValidateSequenceRequest(
                    organization_id=ORGANIZATION, sequence_json="{}"
                )
            ),
            stubs.sequences.RenderSequence(
                sequence_service_pb2.RenderSequenceRequest(
                    drawing=sequence_service_pb2.SequenceSource(
                        organization_id=ORGANIZATION, sequence_json="{}"
                    )
                )
            ),
        ):
            with pytest.raises(NotFound) as refused:
                await call
            assert refused.value.reason == "ORGANIZATION_NOT_FOUND"


async def test_our_staff_sees_every_campaign(guarded: Api, keys: Keys) -> None:
    """Whose token says so; they too need the permission."""
    campaign_id = await made_by_owner(guarded, keys)
    request = campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)

    async with grpc_client.channel(guarded.address, token=keys.operator) as staffs:
        answer = await CampaignStubs(staffs).campaigns.GetCampaign(request)

    assert answer.campaign.organization_id == ORGANIZATION


async def test_our_services_use_what_names_them(guarded: Api, keys: Keys) -> None:
    """The gateway reports events, and reads no campaign."""
    campaign_id = await made_by_owner(guarded, keys)
    token = keys.service("linkedin-gateway", audience="campaign-api")

    async with grpc_client.channel(guarded.address, token=token) as ours:
        stubs = CampaignStubs(ours)
        found = await stubs.linkedin_events.FindRunningLeads(
            events_pb.FindRunningLeadsRequest(
                organization_id=ORGANIZATION, leads=[events_pb.LeadRef(campaign_id=campaign_id)]
            )
        )
        with pytest.raises(PermissionDenied):
            await stubs.campaigns.GetCampaign(
                campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
            )

    assert not found.leads


async def test_a_token_without_organization_is_nobody(guarded: Api, keys: Keys) -> None:
    """Some permissions, but no organization: there is nothing to see."""
    campaign_id = await made_by_owner(guarded, keys)

    async with channel(guarded, keys, permissions=["campaigns.read", "*"]) as nobodys:
        with pytest.raises(PermissionDenied) as refused:
            await CampaignStubs(nobodys).campaigns.GetCampaign(
                campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
            )

    assert refused.value.reason == "PERMISSION_DENIED"


async def test_every_method_asks_for_its_permission(guarded: Api, keys: Keys) -> None:
    """A reader may read, and not control; without a token nothing goes."""
    campaign_id = await made_by_owner(guarded, keys)

    async with channel(
        guarded, keys, organization_id=ORGANIZATION, permissions=["campaigns.read"]
    ) as readers:
        stubs = CampaignStubs(readers)
        await stubs.campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        )
        with pytest.raises(PermissionDenied):
            await stubs.campaigns.StartCampaign(
                campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
            )
    with pytest.raises(Unauthenticated):
        await guarded.stubs.campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        )


async def test_nobody_reports_events_for_others(guarded: Api, keys: Keys) -> None:
    """A customer's token cannot pretend to be the gateway for another organization."""
    event = events_pb.LinkedInEvent(
        event_id="evt_1",
        organization_id=ORGANIZATION,
        account_id="acct_ada",
        occur_time=Timestamp(seconds=1),
        account_reconnected=events_pb.AccountReconnected(),
    )

    async with channel(
        guarded, keys, organization_id="org_south", permissions=["linkedin_events.report"]
    ) as theirs:
        with pytest.raises(PermissionDenied):
            await CampaignStubs(theirs).linkedin_events.ReportLinkedInEvents(
                events_pb.ReportLinkedInEventsRequest(events=[event])
            )

    assert guarded.neighbours.webhooks.events == {}
