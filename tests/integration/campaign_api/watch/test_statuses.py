"""Watching a campaign: at once, after every change, to the end."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest
from campaigns.models import CampaignState, LeadState
from outreach.campaign.v1 import campaign_pb2, campaign_service_pb2, lead_service_pb2
from servicekit.errors import InvalidArgument, NotFound, Unavailable

from tests.integration.campaign_api.conftest import NOON, Api

Statuses = AsyncGenerator[campaign_pb2.CampaignStatus, None]


async def watch(api: Api, campaign_id: str) -> Statuses:
    async for answer in api.stubs.campaigns.WatchCampaign(
        campaign_service_pb2.WatchCampaignRequest(campaign_id=campaign_id)
    ):
        yield answer.status


async def finish(api: Api, campaign_id: str, count: int) -> None:
    listed = await api.stubs.leads.ListLeads(
        lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    )
    for lead in listed.leads[:count]:
        await api.leads.finish(lead.lead.lead_id, state=LeadState.COMPLETED, reason="", now=NOON)


async def test_a_watch_goes_from_the_first_status_to_the_end(api: Api) -> None:
    """The status comes at once and after changes; the stream ends with the campaign."""
    campaign_id = await api.running()
    async with asyncio.timeout(20), aclosing(watch(api, campaign_id)) as statuses:
        first = await anext(statuses)
        await finish(api, campaign_id, 1)
        second = await anext(statuses)
        await finish(api, campaign_id, 2)
        await api.campaigns.end(campaign_id, CampaignState.COMPLETED, now=NOON)
        rest = [status async for status in statuses]

    assert (first.state, first.completed) == (campaign_pb2.CAMPAIGN_STATE_RUNNING, 0)
    assert second.completed == 1
    assert rest[-1].state == campaign_pb2.CAMPAIGN_STATE_COMPLETED
    assert rest[-1].completed == 2
    assert rest[-1].HasField("end_time")


async def test_an_ended_campaign_is_told_once(api: Api) -> None:
    """Whoever comes late hears how it ended."""
    campaign_id = await api.running()
    await api.campaigns.end(campaign_id, CampaignState.COMPLETED, now=NOON)

    async with asyncio.timeout(10):
        statuses = [status async for status in watch(api, campaign_id)]

    assert [status.state for status in statuses] == [campaign_pb2.CAMPAIGN_STATE_COMPLETED]


async def test_changes_that_follow_closely_are_one(api: Api) -> None:
    """A burst of changes is a few answers, and the last one has them all."""
    campaign_id = await api.running()
    rows = b"".join(b"linkedin.com/in/person-%d\n" % number for number in range(200))
    await api.import_leads(campaign_id, b"linkedin_url\n", rows)
    async with asyncio.timeout(20), aclosing(watch(api, campaign_id)) as statuses:
        await anext(statuses)
        await finish(api, campaign_id, 100)
        told = 0
        async for status in statuses:
            told += 1
            if status.completed == 100:
                break

    assert told < 50


async def test_a_watch_survives_a_lost_connection(api: Api) -> None:
    """When PostgreSQL ends every connection, what changed meanwhile is still told."""
    campaign_id = await api.running()
    async with asyncio.timeout(30), aclosing(watch(api, campaign_id)) as statuses:
        await anext(statuses)
        await api.pool.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        await api.campaigns.end(campaign_id, CampaignState.COMPLETED, now=NOON)
        rest = [status async for status in statuses]

    assert rest[-1].state == campaign_pb2.CAMPAIGN_STATE_COMPLETED


async def test_a_replica_that_goes_ends_its_watches(api: Api) -> None:
    """Watchers are told to come again instead of holding the process up."""
    campaign_id = await api.running()
    async with asyncio.timeout(10), aclosing(watch(api, campaign_id)) as statuses:
        await anext(statuses)
        api.process.stopping.set()
        with pytest.raises(Unavailable):
            await anext(statuses)


async def test_who_leaves_is_forgotten(api: Api) -> None:
    """A cancelled stream no longer counts as a watcher."""
    campaign_id = await api.running()
    call = api.stubs.campaigns.WatchCampaign(
        campaign_service_pb2.WatchCampaignRequest(campaign_id=campaign_id)
    )
    await anext(aiter(call))
    watching = api.registry.get_sample_value("campaign_watchers")

    call.cancel()
    async with asyncio.timeout(10):
        while api.registry.get_sample_value("campaign_watchers"):
            await api.stubs.campaigns.GetCampaign(
                campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
            )

    assert watching == 1


async def test_who_comes_back_is_told_what_is_new(api: Api) -> None:
    """The same status is not told twice, by whichever replica; the next one is."""
    campaign_id = await api.running()
    request = campaign_service_pb2.WatchCampaignRequest(campaign_id=campaign_id)
    async with asyncio.timeout(30):
        request.resume_token = (
            await anext(aiter(api.stubs.campaigns.WatchCampaign(request)))
        ).resume_token
        request_token = request.resume_token
        again = aiter(api.stubs.campaigns.WatchCampaign(request))
        same = await anext(again)
        await finish(api, campaign_id, 1)
        new = await anext(again)
        await api.campaigns.end(campaign_id, CampaignState.COMPLETED, now=NOON)
        async for answer in again:
            request.resume_token = answer.resume_token
        rest = [answer async for answer in api.stubs.campaigns.WatchCampaign(request)]

    assert (same.HasField("status"), same.resume_token) == (False, request_token)
    assert new.status.completed == 1
    assert [answer.HasField("status") for answer in rest] == [False]


async def test_a_token_is_of_its_campaign(api: Api) -> None:
    """Another campaign's token is refused."""
    first, second = await api.running(), await api.create("second")
    request = campaign_service_pb2.WatchCampaignRequest(campaign_id=first)
    async with asyncio.timeout(30):
        answer = await anext(aiter(api.stubs.campaigns.WatchCampaign(request)))
        request = campaign_service_pb2.WatchCampaignRequest(
            campaign_id=second, resume_token=answer.resume_token
        )
        with pytest.raises(InvalidArgument):
            await anext(aiter(api.stubs.campaigns.WatchCampaign(request)))


async def test_watching_nothing(api: Api) -> None:
    """An unknown campaign is NOT_FOUND."""
    with pytest.raises(NotFound):
        await anext(watch(api, "camp_0"))
