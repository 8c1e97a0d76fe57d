"""A campaign is deleted, comes back, and is purged once its time is over."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from campaign_api.convert.campaigns import campaign_to_proto
from campaigns.models import LeadState, StepExecution, StepState
from campaigns.repositories.edits import purge_repository
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.sequences.sequence import StepKind
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.campaign.v1 import campaign_pb2, sequence_service_pb2
from outreach.campaign.v1 import campaign_service_pb2 as pb
from servicekit.errors import FailedPrecondition, NotFound
from servicekit.postgres.pool import connect_pool

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.conftest import LEADS, NOON, SCHEMA, SEQUENCE, Api
from tests.integration.campaigns.listings.large_lists import CAMPAIGN_ROWS, LEAD_ROWS
from tests.lists.plans import nodes, rows_read

KEPT = timedelta(days=30)
"""By default."""
CONTENT = ("leads", "step_executions", "step_texts", "revisions", "lead_imports", "removed_leads")
NOTHING = dict.fromkeys(CONTENT, 0)


async def delete(api: Api, campaign_id: str, *, force: bool = False) -> None:
    request = pb.DeleteCampaignRequest(campaign_id=campaign_id, force=force)
    await api.stubs.campaigns.DeleteCampaign(request)


async def undelete(api: Api, campaign_id: str) -> campaign_pb2.Campaign:
    request = pb.UndeleteCampaignRequest(campaign_id=campaign_id)
    return (await api.stubs.campaigns.UndeleteCampaign(request)).campaign


async def get(api: Api, campaign_id: str, **more: Any) -> campaign_pb2.Campaign:
    request = pb.GetCampaignRequest(campaign_id=campaign_id, **more)
    return (await api.stubs.campaigns.GetCampaign(request)).campaign


async def listed(api: Api, **more: Any) -> list[str]:
    request = pb.ListCampaignsRequest(organization_id=ORGANIZATION, **more)
    answer = await api.stubs.campaigns.ListCampaigns(request)
    return [each.campaign_id for each in answer.campaigns]


async def purge(api: Api, after: timedelta) -> int:
    """By a clock that is so far ahead."""
    now = datetime.now(UTC) + after
    return await PurgeRepository(api.pool).purge(now=now, keep=KEPT)


async def left_of(api: Api, campaign_id: str) -> dict[str, int]:
    """How many rows of each table are a campaign's."""
    counts = {}
    for table in CONTENT:
        of = "campaign_id = $1"
        if table == "revisions":
            of += " AND (content_hash, source) <> ('', '')"
        if table == "step_texts":
            of = "lead_id IN (SELECT id FROM leads WHERE campaign_id = $1)"
        counts[table] = await api.pool.fetchval(
            f"SELECT count(*) FROM {table} WHERE {of}",
            campaign_id,
        )
    return counts


async def test_a_deleted_campaign_is_shown_if_asked_for(api: Api) -> None:
    """With the moment until which it comes back; nobody else sees it."""
    campaign_id, other = await api.create(), await api.create("other")

    await delete(api, campaign_id)

    shown = await get(api, campaign_id, show_deleted=True)
    kept = shown.purge_time.ToDatetime(UTC) - shown.delete_time.ToDatetime(UTC)
    assert kept == KEPT
    assert await listed(api) == [other]
    assert await listed(api, show_deleted=True) == [other, campaign_id]
    with pytest.raises(NotFound):
        await get(api, campaign_id)


async def test_a_deleted_campaign_comes_back_as_it_was(api: Api) -> None:
    """Twice is once; a draft can be started then, with its leads."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    before = await get(api, campaign_id)
    await delete(api, campaign_id)

    after = [await undelete(api, campaign_id) for _ in range(2)]
    start = pb.StartCampaignRequest(campaign_id=campaign_id)
    started = await api.stubs.campaigns.StartCampaign(start)

    before.update_time.CopyFrom(after[0].update_time)
    assert after[0] == before
    assert not after[1].HasField("purge_time")
    assert started.campaign.state == campaign_pb2.CAMPAIGN_STATE_RUNNING


async def test_what_is_not_over_is_deleted_only_if_that_is_forced(api: Api) -> None:
    """A word too few stopped a campaign for good; now it is told what runs."""
    campaign_id = await api.running()

    with pytest.raises(FailedPrecondition) as refused:
        await delete(api, campaign_id)
    untouched = await get(api, campaign_id)
    await delete(api, campaign_id, force=True)

    assert (refused.value.reason, refused.value.metadata) == (
        "CAMPAIGN_NOT_ENDED",
        {"state": "running"},
    )
    assert untouched.state == campaign_pb2.CAMPAIGN_STATE_RUNNING
    back = await undelete(api, campaign_id)
    assert back.state == campaign_pb2.CAMPAIGN_STATE_STOPPING


async def test_what_is_purged_is_gone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leads, steps, texts, lists and drawings; not a day before, and of no other campaign."""
    monkeypatch.setattr(purge_repository, "AT_ONCE", 1)
    campaign_id, other = await api.create(), await api.create("other")
    for each in (campaign_id, other):
        await api.import_leads(each, LEADS)
        ((_, lead), *_) = await api.leads.page(each, limit=1)
        visit = StepExecution(step_id="visit", state=StepState.DONE, started_at=NOON)
        await api.steps.record(each, lead.id, StepKind.PROFILE_VISIT, visit)
    before = await left_of(api, other)
    await delete(api, campaign_id)

    early = await purge(api, KEPT - timedelta(hours=1))
    kept = await left_of(api, campaign_id)
    purged = [await purge(api, KEPT + timedelta(hours=1)) for _ in range(2)]

    assert (early, purged) == (0, [1, 0])
    assert kept == before
    assert kept["leads"] == 2
    assert await left_of(api, campaign_id) == NOTHING
    assert await left_of(api, other) == before
    row = await api.pool.fetchrow("SELECT name, settings FROM campaigns WHERE id = $1", campaign_id)
    assert row is not None
    assert row["name"] == ""
    for asked in (get(api, campaign_id, show_deleted=True), undelete(api, campaign_id)):
        with pytest.raises(NotFound):
            await asked
    assert await listed(api, show_deleted=True) == [other]


async def test_who_follows_changes_is_told_of_what_was_purged(api: Api) -> None:
    """Its id and that it was deleted: whoever has not asked for a month keeps no copy of it."""
    campaign_id = await api.create()
    await delete(api, campaign_id)
    await purge(api, KEPT + timedelta(hours=1))

    request = pb.ListCampaignsRequest(
        organization_id=ORGANIZATION, updated_since=Timestamp(seconds=1)
    )
    # Until it can be told.
    while not (told := await api.stubs.campaigns.ListCampaigns(request)).campaigns:
        pass

    (gone,) = told.campaigns
    assert (gone.campaign_id, gone.name, gone.HasField("sequence")) == (campaign_id, "", False)
    assert gone.HasField("delete_time")


async def test_who_has_read_a_campaign_before_its_purge_finds_its_sequence_empty(api: Api) -> None:
    """By that one campaign their page failed as a whole; so did every page of the release before.

    Of several revisions the present one is left, as a name.
    """
    campaign_id = await api.create()
    read = await api.campaigns.get(campaign_id)
    shorter = json.loads(SEQUENCE) | {"edges": []}
    shorter["nodes"] = shorter["nodes"][:1]
    update = sequence_service_pb2.UpdateSequenceRequest(
        campaign_id=campaign_id, sequence_json=json.dumps(shorter), base_revision_id="*"
    )
    await api.stubs.sequences.UpdateSequence(update)
    present = await api.campaigns.get(campaign_id)
    await delete(api, campaign_id)

    await purge(api, KEPT + timedelta(hours=1))

    revision = await api.revisions.get(present.revision_id)
    assert (revision.source_json, revision.sequence.steps) == ("", ())
    shown = campaign_to_proto(present, revision)
    assert not shown.sequence.steps
    with pytest.raises(NotFound):
        await api.revisions.get(read.revision_id)


async def test_a_purge_that_was_cut_off_is_gone_through_with(api: Api) -> None:
    """It dies behind its first word, and the next one finds what is left; nothing comes back."""
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await delete(api, campaign_id)
    await api.pool.execute("UPDATE campaigns SET purged_at = now() WHERE id = $1", campaign_id)

    with pytest.raises(NotFound):
        await undelete(api, campaign_id)
    purged = await purge(api, timedelta())

    assert purged == 1
    assert await left_of(api, campaign_id) == NOTHING


async def test_one_that_cannot_be_purged_holds_up_no_other(api: Api) -> None:
    """Its failure ended the purge of everybody behind it, every time anew; it is raised still."""
    first, *others = sorted([await api.create(each) for each in ("a", "b", "c")])
    for each in (first, *others):
        await api.import_leads(each, LEADS)
        await delete(api, each)
    await api.pool.execute("CREATE TABLE held (lead_id text REFERENCES leads)")
    await api.pool.execute("INSERT INTO held SELECT id FROM leads WHERE campaign_id = $1", first)

    with pytest.raises(Exception, match="held"):
        await purge(api, KEPT + timedelta(hours=1))

    assert (await left_of(api, first))["leads"] == 2
    for other in others:
        assert await left_of(api, other) == NOTHING


async def test_the_next_leads_of_a_purge_are_found_in_the_order_of_the_list(
    new_database: Callable[..., str],
) -> None:
    """By the index of one campaign's leads: by their ids, those of all campaigns were walked."""
    async with connect_pool(new_database(SCHEMA), SCHEMA[0]) as pool:
        await pool.execute(CAMPAIGN_ROWS, 4)
        await pool.execute(LEAD_ROWS, 12_000)
        await pool.execute("ANALYZE")

        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {purge_repository._LEADS}"
        plan = (await pool.fetchval(explained, "camp_2", purge_repository.AT_ONCE))[0]["Plan"]

    assert {node.get("Index Name") for node in nodes(plan)} == {None, "leads_in_order"}
    assert "Sort" not in {node["Node Type"] for node in nodes(plan)}
    assert rows_read(plan, "leads", "") == purge_repository.AT_ONCE


async def test_what_the_release_before_has_deleted_is_kept_as_long(api: Api) -> None:
    """It says no moment: it has one from when that is found."""
    campaign_id = await api.create()
    await api.pool.execute("UPDATE campaigns SET deleted_at = now() WHERE id = $1", campaign_id)

    found = await purge(api, timedelta(days=400))
    early = await purge(api, timedelta(days=429))
    due = await purge(api, timedelta(days=431))

    assert (found, early, due) == (0, 0, 1)


async def test_what_still_ends_is_waited_for(api: Api) -> None:
    """A lead that is on the wire is recorded before it is forgotten."""
    campaign_id = await api.running()
    await delete(api, campaign_id, force=True)

    purged = await purge(api, KEPT + timedelta(days=1))

    assert purged == 0
    leads = await api.leads.page(campaign_id, state=LeadState.READY, limit=9)
    assert len(leads) == 2
