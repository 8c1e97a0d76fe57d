"""While the database refuses to write, that is why nothing moves; who reads is answered."""

import asyncio
from contextlib import suppress

import pytest
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from servicekit.errors import Unavailable
from servicekit.postgres.write_refusals import WriteRefusals

from tests.integration.campaign_api.conftest import NOON, Api
from tests.integration.campaign_api.queries.test_campaign_status import status_of
from tests.servers.full_disk import full_disk

REFUSED = "The database refuses to write: its disk has no room left."


async def lead_of(api: Api, campaign_id: str, place: int = 0) -> lead_service_pb2.GetLeadResponse:
    [*leads] = [lead for _, lead in await api.leads.page(campaign_id, limit=2)]
    return await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=leads[place].id)
    )


async def until_read(api: Api, campaign_id: str) -> lead_service_pb2.GetLeadResponse:
    """Whoever records what is read tries again in a while of its own."""
    async with asyncio.timeout(60):
        while True:
            with suppress(Unavailable):
                return await lead_of(api, campaign_id)


async def test_a_full_disk_is_told_and_reads_go_on(api: Api) -> None:
    """Whoever writes is told so by a reason of its own, and the explanations say it first.

    So is who reads of a person, which is not answered before it is recorded. When
    there is room again, nobody is told of it any more.
    """
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    async with full_disk(api.url):
        with pytest.raises(Unavailable, match="no room left") as refused:
            await api.create("second")
        status = await status_of(api, campaign_id)
        with pytest.raises(Unavailable, match=r"is not done\. The database refuses to write"):
            await lead_of(api, campaign_id)
        listed = await api.stubs.campaigns.ListCampaigns(
            campaign_service_pb2.ListCampaignsRequest(organization_id="org_north")
        )

    assert refused.value.reason == "WRITES_REFUSED"
    assert status.explanations[0].startswith(REFUSED)
    assert (status.leads, len(listed.campaigns)) == (2, 1)
    assert await WriteRefusals(api.pool).now() is None
    assert (await until_read(api, campaign_id)).waiting_for[0].reason != "WRITES_REFUSED"


async def test_what_the_gateway_was_refused_is_told_here(api: Api) -> None:
    """It writes when nobody else does; its word reaches who asks for a campaign or a lead."""
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    before = await lead_of(api, campaign_id)
    api.linkedin.write_refusal = REFUSED

    status, leads = (
        await status_of(api, campaign_id),
        [await lead_of(api, campaign_id, place) for place in (0, 1)],
    )
    api.linkedin.write_refusal = ""
    after = await lead_of(api, campaign_id)

    assert [told.split(" Nothing")[0] for told in status.explanations].count(REFUSED) == 1
    assert [lead.waiting_for[0].reason for lead in leads] == ["WRITES_REFUSED"] * 2
    assert before.waiting_for == after.waiting_for


async def test_a_lead_tells_it_where_the_gateway_has_not_met_it(api: Api) -> None:
    """The page of the record had room, and the gateway's database may be another one.

    The lead was said to wait for its turn, or to be among the next ones.
    """
    campaign_id = await api.running()
    await api.admissions.admit(campaign_id, now=NOON, limit=1)
    async with full_disk(api.url, spared="audit%"):
        with pytest.raises(Unavailable, match="no room left"):
            await api.create("second")
        leads = [await lead_of(api, campaign_id, place) for place in (0, 1)]

    assert [lead.waiting_for[0].reason for lead in leads] == ["WRITES_REFUSED"] * 2
    assert [lead.waiting_for[0].description.split(" Nothing")[0] for lead in leads] == [REFUSED] * 2
