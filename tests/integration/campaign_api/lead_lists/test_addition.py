"""The people of a list become leads, as they would have from the file that filled it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from campaign_api.imports.list_content import BATCH
from campaigns.errors import LeadListNotFound
from campaigns.models import Person
from campaigns.repositories.lead_lists.entry_repository import EntryRepository, put_in_list
from outreach.campaign.v1 import campaign_service_pb2, lead_service_pb2
from servicekit.errors import FailedPrecondition, NotFound

from tests.fakes.sealing import SEAL
from tests.integration.campaign_api.conftest import LEADS, NOON, SEQUENCE, Api
from tests.integration.campaign_api.imports.uploading import people
from tests.integration.campaign_api.lead_lists.lists import add, created, delete, filled, got

SHOES = SEQUENCE.replace("Hello {{first_name}}", "Size {{shoe size}}")


async def leads_of(api: Api, campaign_id: str) -> list[Mapping[str, Any]]:
    """What is told of its leads, but for whose, which and when."""
    request = lead_service_pb2.ListLeadsRequest(campaign_id=campaign_id, page_size=1000)
    answer = await api.stubs.leads.ListLeads(request)
    varies = {"lead_id", "campaign_id", "create_time", "update_time", "lead_list_id"}
    return [
        {field.name: value for field, value in each.lead.ListFields() if field.name not in varies}
        for each in answer.leads
    ]


async def test_a_list_is_made_filled_and_brought_into_a_campaign(api: Api) -> None:
    """Its people are leads there that say where they came from; a running campaign hears of it."""
    campaign_id = await api.running()
    async with asyncio.timeout(60):
        lead_list_id = await created(api)
        done = await filled(api, lead_list_id, people(2 * BATCH + 5))
        added = await add(api, campaign_id, lead_list_id)
        told = await api.told(campaign_id)
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=5000)]

    assert (done.lead_import.imported, done.lead_list_id) == (2 * BATCH + 5, lead_list_id)
    assert (await got(api, lead_list_id)).entry_count == 2 * BATCH + 5
    assert (added.entry_count, added.added, added.duplicates) == (2 * BATCH + 5, 2 * BATCH + 5, 0)
    assert {lead.lead_list_id for lead in leads[:2]} == {""}
    assert {lead.lead_list_id for lead in leads[2:]} == {lead_list_id}
    assert [lead.person.first_name for lead in leads[2:]] == [
        f"Person{n}" for n in range(2 * BATCH + 5)
    ]
    assert "leads_added" in told


async def test_again_changes_nothing_and_adds_only_who_is_new(api: Api) -> None:
    """Nor does it tell who follows the leads of any."""
    campaign_id = await api.create(sequence_json=SHOES)
    lead_list_id = await created(api)
    async with asyncio.timeout(60):
        await filled(api, lead_list_id, LEADS)
        first = await add(api, campaign_id, lead_list_id)
        before = await api.pool.fetch("SELECT * FROM leads ORDER BY position")
        second = await add(api, campaign_id, lead_list_id)
        after = await api.pool.fetch("SELECT * FROM leads ORDER BY position")
        more = LEADS.replace(b"utm=1,", b"utm=1,44") + b"Mary,linkedin.com/in/mary,38\n"
        await filled(api, lead_list_id, more, "more")
        third = await add(api, campaign_id, lead_list_id)

    assert (first.added, first.held_back) == (2, 1)
    assert (second.added, second.duplicates, second.released, second.held_back) == (0, 2, 0, 1)
    assert after == before
    assert (third.added, third.duplicates, third.released, third.held_back) == (1, 1, 1, 0)


async def test_who_does_not_open_keeps_nobody_out(api: Api) -> None:
    """They are rejected with the reason, in a validation too, and go in once they open."""
    campaign_id = await api.create()
    async with asyncio.timeout(60):
        lead_list_id = await created(api)
        await filled(api, lead_list_id, people(3))
        first = "position = (SELECT min(position) FROM lead_list_entries)"
        whole = await api.pool.fetchval(f"SELECT person FROM lead_list_entries WHERE {first}")
        put = f"UPDATE lead_list_entries SET person = $1 WHERE {first}"
        await api.pool.execute(put, whole[:40])
        would = await add(api, campaign_id, lead_list_id, validate_only=True)
        added = await add(api, campaign_id, lead_list_id)
        await api.pool.execute(put, whole)
        later = await add(api, campaign_id, lead_list_id)

    for answer in (would, added):
        assert (answer.entry_count, answer.added, answer.rejected) == (3, 2, 1)
        assert [(each.line, each.reason) for each in answer.row_errors] == [
            (1, "PERSON_UNREADABLE")
        ]
    assert (later.added, later.duplicates, later.rejected) == (1, 2, 0)


async def test_who_asks_for_peace_is_not_brought_in(api: Api) -> None:
    """A list that is older than what is asked of a file's rows brought them into campaigns."""
    campaign_id = await api.create()
    lead_list_id = await created(api)
    asks = Person(public_identifier="ada", first_name="Ada", variables={"status": "DNC"})
    meant = replace(asks, public_identifier="bo", literal=("DNC",))
    async with asyncio.timeout(60):
        async with api.pool.acquire() as connection, connection.transaction():
            await put_in_list(connection, SEAL, lead_list_id, [asks, meant], now=NOON)
        would = await add(api, campaign_id, lead_list_id, validate_only=True)
        added = await add(api, campaign_id, lead_list_id)

    for answer in (would, added):
        assert (answer.entry_count, answer.added, answer.rejected) == (2, 1, 1)
        assert [(each.line, each.reason) for each in answer.row_errors] == [(1, "DO_NOT_CONTACT")]


async def test_one_list_is_brought_into_two_campaigns(api: Api) -> None:
    """Each has leads of its own; what becomes of one says nothing of the other."""
    lead_list_id = await created(api)
    first, second = await api.create(), await api.create("second")
    async with asyncio.timeout(60):
        await filled(api, lead_list_id, people(3))
        await asyncio.gather(*(add(api, each, lead_list_id) for each in (first, second, first)))
    leads = [await api.leads.page(each, limit=10) for each in (first, second)]
    ids = {lead.id for each in leads for _, lead in each}
    await api.stubs.leads.StopLead(
        lead_service_pb2.StopLeadRequest(campaign_id=first, lead_id=leads[0][0][1].id)
    )

    assert len(ids) == 6
    assert await leads_of(api, first) != await leads_of(api, second)
    assert (await leads_of(api, first))[1:] == (await leads_of(api, second))[1:]


async def test_what_it_would_do_is_told_and_not_done(api: Api) -> None:
    """The figures and examples of an import's validation, and no lead, use or signal."""
    there = await api.running("elsewhere")
    campaign_id = await api.create(sequence_json=SHOES)
    await api.import_leads(campaign_id, b"first_name,linkedin_url\nBo,linkedin.com/in/bo\n")
    lead_list_id = await created(api)
    content = LEADS + b"Bo,linkedin.com/in/bo,40\n"
    async with asyncio.timeout(60):
        await filled(api, lead_list_id, content)
        would = await add(api, campaign_id, lead_list_id, validate_only=True)
    direct = await api.import_leads(campaign_id, content, validate_only=True)

    assert there != campaign_id
    assert (would.entry_count, would.added, would.duplicates) == (3, 2, 1)
    assert (would.held_back, would.in_running_campaigns, would.suppressed) == (1, 2, 0)
    assert [(each.kind, each.public_identifier) for each in would.examples] == [
        (each.kind, each.public_identifier) for each in direct.examples
    ]
    assert len(await api.leads.page(campaign_id, limit=10)) == 1
    assert await api.pool.fetchval("SELECT count(*) FROM lead_list_uses") == 0


async def test_a_campaign_that_is_over_and_a_list_that_is_gone_are_refused(api: Api) -> None:
    """By their reasons, also where it is only asked what would be."""
    lead_list_id = await created(api)
    campaign_id = await api.running()
    await filled(api, lead_list_id, people(1))
    stop = campaign_service_pb2.StopCampaignRequest(campaign_id=campaign_id)
    with pytest.raises(NotFound) as gone:
        await add(api, campaign_id, "list_01hzz0000000000000000000zz")
    await api.stubs.campaigns.StopCampaign(stop)
    for validate_only in (True, False):
        with pytest.raises(FailedPrecondition) as over:
            await add(api, campaign_id, lead_list_id, validate_only=validate_only)
        assert over.value.reason == "CAMPAIGN_ENDED"

    assert gone.value.reason == "LEAD_LIST_NOT_FOUND"


async def test_a_list_that_is_deleted_on_the_way_is_not_read_to_its_end(api: Api) -> None:
    """Nobody is left in it, and that is told apart from a list that is through, or empty.

    Of an addition beside a deletion both were told that all was well.
    """
    empty, deleted = await created(api, "empty"), await created(api, "deleted")
    await filled(api, deleted, people(5))
    entries = EntryRepository(api.pool, SEAL)
    batches = entries.batches(deleted, size=2)
    first = await anext(batches)
    await delete(api, deleted)

    assert [each.person.first_name for each in first] == ["Person0", "Person1"]
    assert [batch async for batch in entries.batches(empty, size=2)] == []
    with pytest.raises(LeadListNotFound):
        await anext(batches)


async def test_leads_are_found_and_told_by_their_list(api: Api) -> None:
    """By the filter of the list, by one lead, and by the file."""
    lead_list_id = await created(api)
    campaign_id = await api.create()
    await api.import_leads(campaign_id, LEADS)
    await filled(api, lead_list_id, people(2))
    await add(api, campaign_id, lead_list_id)
    asked = lead_service_pb2.ListLeadsRequest(
        campaign_id=campaign_id, filter=f"lead_list_id = {lead_list_id}"
    )
    found = [each.lead for each in (await api.stubs.leads.ListLeads(asked)).leads]
    one = await api.stubs.leads.GetLead(
        lead_service_pb2.GetLeadRequest(campaign_id=campaign_id, lead_id=found[0].lead_id)
    )
    exported = [
        piece.content.decode()
        async for piece in api.stubs.leads.ExportLeads(
            lead_service_pb2.ExportLeadsRequest(campaign_id=campaign_id)
        )
    ]

    assert [each.first_name for each in found] == ["Person0", "Person1"]
    assert one.lead.lead_list_id == lead_list_id
    assert "".join(exported).count(lead_list_id) == 2
