"""Watching leads: whoever changes is told, in order, once, from where the watcher was told last."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from campaign_api.watch import lead_readings
from campaigns.listings import lead_feed_repository
from campaigns.models import CampaignState, LeadState
from campaigns.repositories.edits.removal_repository import RemovalRepository
from outreach.campaign.v1 import campaign_service_pb2, lead_pb2, lead_service_pb2
from servicekit.errors import InvalidArgument, NotFound, NotYet, Unavailable
from servicekit.lists import changes

from tests.integration.campaign_api.conftest import LEADS, NOON, Api
from tests.integration.campaign_api.watch.watching import watching

Answers = AsyncGenerator[lead_service_pb2.WatchLeadsResponse, None]


async def watch(api: Api, campaign_id: str, resume_token: str = "") -> Answers:
    request = lead_service_pb2.WatchLeadsRequest(campaign_id=campaign_id, resume_token=resume_token)
    async for answer in api.stubs.leads.WatchLeads(request):
        yield answer


async def lead_ids(api: Api, campaign_id: str) -> list[str]:
    return [lead.id for _, lead in await api.leads.page(campaign_id, limit=1000)]


async def reply(api: Api, lead_id: str, text: str) -> None:
    await api.pool.execute("UPDATE leads SET reply = $2 WHERE id = $1", lead_id, text)


async def told(answers: Answers, count: int) -> list[tuple[str, str]]:
    """So many leads as they are told, with their replies."""
    found: list[tuple[str, str]] = []
    while len(found) < count:
        found += [(lead.lead_id, lead.reply) for lead in (await anext(answers)).leads]
    return found


async def test_changes_are_told_in_their_order(api: Api) -> None:
    """From now on: first where that is, then each lead that changes, as it is then."""
    campaign_id = await api.running()
    first, second = await lead_ids(api, campaign_id)
    async with asyncio.timeout(30), aclosing(watch(api, campaign_id)) as answers:
        beginning = await anext(answers)
        await reply(api, second, "one")
        await told(answers, 1)
        await api.leads.finish(first, state=LeadState.COMPLETED, reason="", now=NOON)
        (ended,) = (await anext(answers)).leads
        await reply(api, second, "two")
        again = await told(answers, 1)

    assert (list(beginning.leads), bool(beginning.resume_token)) == ([], True)
    assert (ended.lead_id, ended.state) == (first, lead_pb2.LEAD_STATE_COMPLETED)
    assert again == [(second, "two")]


async def test_a_watcher_goes_on_from_its_token(api: Api) -> None:
    """What was told before is not told again, and what came in between is not missed."""
    campaign_id = await api.running()
    first, second = await lead_ids(api, campaign_id)
    async with asyncio.timeout(30):
        async with aclosing(watch(api, campaign_id)) as answers:
            await anext(answers)
            await reply(api, first, "told")
            token = (await anext(answers)).resume_token
        await reply(api, second, "meanwhile")
        async with aclosing(watch(api, campaign_id, token)) as answers:
            meanwhile = await told(answers, 1)
            await reply(api, first, "later")
            later = await told(answers, 1)

    assert meanwhile == [(second, "meanwhile")]
    assert later == [(first, "later")]


async def test_a_list_is_followed_by_a_watch(api: Api) -> None:
    """The token of a copy that was made page by page is one to watch from."""
    campaign_id = await api.running()
    request = lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    request.updated_since.FromSeconds(0)
    copied = await api.stubs.leads.ListLeads(request)
    first, _ = await lead_ids(api, campaign_id)
    async with asyncio.timeout(30):
        while len(copied.leads) < 2:
            # A transaction of somebody else on the server holds them up.
            copied = await api.stubs.leads.ListLeads(request)
        async with aclosing(watch(api, campaign_id, copied.next_sync_token)) as answers:
            beginning = await anext(answers)
            await reply(api, first, "new")
            new = await told(answers, 1)

    assert list(beginning.leads) == []
    assert new == [(first, "new")]


async def test_what_is_committed_late_is_told_late(api: Api) -> None:
    """A change whose transaction began before one that was told already is not missed."""
    campaign_id = await api.running()
    first, second = await lead_ids(api, campaign_id)
    slow: Any = await asyncpg.connect(api.url, server_settings={"search_path": "campaign"})
    try:
        async with asyncio.timeout(60), aclosing(watch(api, campaign_id)) as answers:
            await anext(answers)
            transaction = slow.transaction()
            await transaction.start()
            await slow.execute("UPDATE leads SET reply = 'slow' WHERE id = $1", first)
            await reply(api, second, "quick")
            await transaction.commit()
            both = await told(answers, 2)
    finally:
        await slow.close()

    assert both == [(first, "slow"), (second, "quick")]


async def test_who_reads_slowly_is_told_and_ends(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept for it beyond a bound; it goes on with its last token, and misses nothing."""
    monkeypatch.setattr(lead_readings, "_MOST_KEPT", 2)
    campaign_id = await api.running()
    first, _ = await lead_ids(api, campaign_id)
    async with asyncio.timeout(60), watching(api) as watch_here:
        slow, quick = watch_here(campaign_id), watch_here(campaign_id)
        begun = await anext(slow)
        await anext(quick)
        for number in range(3):
            await reply(api, first, str(number))
            assert [lead.reply for lead in (await anext(quick)).leads] == [str(number)]
        with pytest.raises(lead_readings.WatchTooSlow) as ended:
            await anext(slow)
        await quick.aclose()
        async with aclosing(watch(api, campaign_id, begun.resume_token)) as answers:
            since = await told(answers, 1)

    assert isinstance(ended.value, NotYet)
    assert since == [(first, "2")]


async def test_a_token_is_of_its_campaign(api: Api) -> None:
    """Another campaign's token, and one that nobody gave out, are refused."""
    one, other = await api.running(), await api.create("second")
    async with asyncio.timeout(30):
        async with aclosing(watch(api, one)) as answers:
            token = (await anext(answers)).resume_token
        for wrong in (token, "made up"):
            with pytest.raises(InvalidArgument) as refused:
                await anext(watch(api, other, wrong))
            assert [each.reason for each in refused.value.violations] == ["PAGE_TOKEN_INVALID"]


async def test_a_token_is_of_one_history(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a restore whoever comes back is told to begin again."""
    campaign_id = await api.running()
    async with asyncio.timeout(30):
        async with aclosing(watch(api, campaign_id)) as answers:
            token = (await anext(answers)).resume_token
        restored = lead_feed_repository._AFTER.replace(changes.HISTORY, "'another'")
        monkeypatch.setattr(lead_feed_repository, "_AFTER", restored)
        with pytest.raises(InvalidArgument) as refused:
            await anext(watch(api, campaign_id, token))

    assert [each.reason for each in refused.value.violations] == ["SYNC_TOKEN_EXPIRED"]


async def remove(api: Api, campaign_id: str, lead_id: str) -> None:
    request = lead_service_pb2.RemoveLeadRequest(campaign_id=campaign_id, lead_id=lead_id)
    await api.stubs.leads.RemoveLead(request)


async def removed(answers: Answers, count: int) -> list[str]:
    """So many leads as they are told to be gone."""
    found: list[str] = []
    while len(found) < count:
        found += [each.lead_id for each in (await anext(answers)).removed_leads]
    return found


async def test_who_is_taken_out_is_told(api: Api) -> None:
    """To whoever watches, and to whoever comes back with the token of either kind of copy."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    first, second = await lead_ids(api, campaign_id)
    listed = lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
    async with asyncio.timeout(60):
        async with aclosing(watch(api, campaign_id)) as answers:
            token = (await anext(answers)).resume_token
            await remove(api, campaign_id, first)
            while_watched = await removed(answers, 1)
        listed.sync_token = token
        while not (page := await api.stubs.leads.ListLeads(listed)).removed_leads:
            # A transaction of somebody else on the server holds it up.
            await reply(api, second, "meanwhile")
        await remove(api, campaign_id, second)
        async with aclosing(watch(api, campaign_id, page.next_sync_token)) as answers:
            afterwards = await removed(answers, 1)
        async with aclosing(watch(api, campaign_id, token)) as answers:
            again = await removed(answers, 2)

    assert while_watched == [each.lead_id for each in page.removed_leads] == [first]
    assert afterwards == [second]
    assert again == [first, second]


async def test_who_comes_back_too_late_begins_again(api: Api) -> None:
    """Once it was forgotten who was taken out; a copy begun afterwards is watched from."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    first, second = await lead_ids(api, campaign_id)
    async with asyncio.timeout(60):
        async with aclosing(watch(api, campaign_id)) as answers:
            late = (await anext(answers)).resume_token
        await remove(api, campaign_id, first)
        await api.pool.execute("UPDATE removed_leads SET updated_at = updated_at - interval '1 y'")
        assert await RemovalRepository(api.pool).forget(older_than=timedelta(days=90)) == 1
        with pytest.raises(InvalidArgument) as refused:
            await anext(watch(api, campaign_id, late))
        request = lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id)
        request.updated_since.FromSeconds(0)
        begun = (await api.stubs.leads.ListLeads(request)).next_sync_token
        async with aclosing(watch(api, campaign_id, begun)) as answers:
            await anext(answers)
            await reply(api, second, "new")
            assert (second, "new") in await told(answers, 1)

    assert [each.reason for each in refused.value.violations] == ["SYNC_TOKEN_EXPIRED"]


async def test_a_place_is_of_one_history(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where others stood before a restore is nowhere for who comes back with a token of after.

    It went into that token, and what came before it was never told.
    """
    campaign_id = await api.running()
    first, _ = await lead_ids(api, campaign_id)
    of_before = lead_feed_repository._NOW.replace(changes.HISTORY, "'another'").replace(
        changes.HORIZON, f"{changes.HORIZON} + 1000000"
    )
    async with asyncio.timeout(60), watching(api) as watch_here:
        async with aclosing(watch_here(campaign_id)) as answers:
            token = (await anext(answers)).resume_token
        async with aclosing(watch_here(campaign_id)) as others:
            with monkeypatch.context() as patch:
                patch.setattr(lead_feed_repository, "_NOW", of_before)
                await anext(others)
            async with aclosing(watch_here(campaign_id, token)) as answers:
                token = (await anext(answers)).resume_token
        await reply(api, first, "meanwhile")
        async with aclosing(watch_here(campaign_id, token)) as answers:
            found: list[str] = []
            while not found:
                found += [lead.reply for lead in (await anext(answers)).leads]

    assert found == ["meanwhile"]


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.COMPLETED])
async def test_a_watch_ends_with_its_campaign(api: Api, state: CampaignState) -> None:
    """Of a deleted campaign nothing is told any more, as of one that never was.

    Also where nothing of it changes but that: it had ended long before.
    """
    campaign_id = await api.running()
    if state is CampaignState.COMPLETED:
        await api.campaigns.end(campaign_id, state, now=NOON)
    async with asyncio.timeout(30), aclosing(watch(api, campaign_id)) as answers:
        await anext(answers)
        await api.stubs.campaigns.DeleteCampaign(
            campaign_service_pb2.DeleteCampaignRequest(campaign_id=campaign_id, force=True)
        )
        with pytest.raises(NotFound):
            await told(answers, 1000)
        with pytest.raises(NotFound):
            await anext(watch(api, campaign_id))


async def test_a_watch_survives_a_lost_connection(api: Api) -> None:
    """When PostgreSQL ends every connection, what changed meanwhile is still told."""
    campaign_id = await api.running()
    first, _ = await lead_ids(api, campaign_id)
    async with asyncio.timeout(60), aclosing(watch(api, campaign_id)) as answers:
        await anext(answers)
        await api.pool.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )
        await reply(api, first, "meanwhile")
        meanwhile = await told(answers, 1)

    assert meanwhile == [(first, "meanwhile")]


async def test_a_replica_that_goes_ends_its_watches(api: Api) -> None:
    """Watchers are told to come again instead of holding the process up."""
    campaign_id = await api.running()
    async with asyncio.timeout(10), aclosing(watch(api, campaign_id)) as answers:
        await anext(answers)
        api.process.stopping.set()
        with pytest.raises(Unavailable):
            await anext(answers)
