"""Leads are released and taken back by a call, and their campaign is told to look."""

import asyncio

import pytest
from campaigns.models import LeadAdmission
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2
from outreach.campaign.v1 import lead_service_pb2 as pb
from servicekit.errors import InvalidArgument

from tests.integration.campaign_api.conftest import LEADS, NOON, Api

RELEASED = pb.LEAD_RELEASE_RESULT_RELEASED


async def released_only(api: Api) -> tuple[str, list[str]]:
    """A running campaign that admits released leads only."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    update = campaign_service_pb2.UpdateCampaignRequest(
        campaign=campaign_pb2.Campaign(
            campaign_id=campaign_id,
            etag="*",
            settings=campaign_pb2.CampaignSettings(
                admission=campaign_pb2.ADMISSION_RELEASED_ONLY, keep_open=True
            ),
        ),
    )
    update.update_mask.paths.extend(["settings.admission", "settings.keep_open"])
    await api.stubs.campaigns.UpdateCampaign(update)
    start = campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    await api.stubs.campaigns.StartCampaign(start)
    return campaign_id, [lead.id for _, lead in await api.leads.page(campaign_id, limit=10)]


def asked(campaign_id: str, *lead_ids: str) -> pb.ReleaseLeadsRequest:
    return pb.ReleaseLeadsRequest(
        campaign_id=campaign_id,
        release_id="rel_1",
        leads=[pb.LeadToRelease(lead_id=each, rank=0.5) for each in lead_ids],
    )


async def test_a_release_is_told_and_taken_back(api: Api) -> None:
    """Who waits for it is said so; then it counts as released, is found by it, and waits again."""
    campaign_id, (lead_id, *_) = await released_only(api)
    get = pb.GetLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    status = campaign_service_pb2.GetCampaignStatusRequest(campaign_id=campaign_id)
    before = await api.stubs.leads.GetLead(get)

    answer = await api.stubs.leads.ReleaseLeads(asked(campaign_id, lead_id))

    found = await api.stubs.leads.ListLeads(
        pb.ListLeadsRequest(campaign_id=campaign_id, filter="release_time:*")
    )
    counted = (await api.stubs.campaigns.GetCampaignStatus(status)).status
    withdraw = pb.WithdrawLeadsRequest(campaign_id=campaign_id, release_id="rel_1")
    withdrawn = await api.stubs.leads.WithdrawLeads(withdraw)
    assert [each.reason for each in before.waiting_for] == ["ADMISSION_NOT_RELEASED"]
    assert [(each.lead_id, each.result) for each in answer.leads] == [(lead_id, RELEASED)]
    assert [(each.lead.lead_id, each.lead.rank) for each in found.leads] == [(lead_id, 0.5)]
    assert (counted.released, counted.unreleased) == (1, counted.ready - 1)
    assert any("to be released" in each for each in counted.explanations)
    assert list(withdrawn.lead_ids) == [lead_id]
    assert not (await api.admissions.admit(campaign_id, now=NOON, limit=9)).leads
    kept = (await api.campaigns.get(campaign_id)).settings
    assert (kept.admission, kept.keep_open) == (LeadAdmission.RELEASED_ONLY, True)


async def test_many_at_once_are_one(api: Api) -> None:
    """However often it is asked for, and whatever else is asked for by the same id."""
    campaign_id, lead_ids = await released_only(api)

    answers = await asyncio.gather(
        *(api.stubs.leads.ReleaseLeads(asked(campaign_id, each)) for each in lead_ids * 10)
    )

    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    assert (await api.admissions.admit(campaign_id, now=NOON, limit=9)).running == 1


async def test_nobody_is_named_twice_and_somebody_is_named(api: Api) -> None:
    """Refused by field."""
    campaign_id, (lead_id, *_) = await released_only(api)

    with pytest.raises(InvalidArgument) as twice:
        await api.stubs.leads.ReleaseLeads(asked(campaign_id, lead_id, lead_id))
    with pytest.raises(InvalidArgument) as nobody:
        await api.stubs.leads.WithdrawLeads(pb.WithdrawLeadsRequest(campaign_id=campaign_id))

    assert {each.field for each in twice.value.violations} == {
        "leads[0].lead_id",
        "leads[1].lead_id",
    }
    assert [each.field for each in nobody.value.violations] == ["release_id"]
