"""Another revision of a campaign, previewed, made, listed, taken back; and campaigns deleted."""

import asyncio
import json
from typing import Any

import pytest
from outreach.campaign.v1 import campaign_service_pb2, sequence_service_pb2
from servicekit.errors import EtagMismatch, FailedPrecondition, InvalidArgument, NotFound

from tests.integration.campaign_api.conftest import ORGANIZATION, SEQUENCE, Api

LEADS = b"linkedin_url\n" + b"".join(f"linkedin.com/in/p{n}\n".encode() for n in range(5))


def edited(text: str = "Hi {{first_name|there}}") -> str:
    drawing = json.loads(SEQUENCE)
    drawing["nodes"][1]["data"]["config"]["customMessage"] = text
    return json.dumps(drawing)


async def update(api: Api, campaign_id: str, sequence_json: str, *, base: str = "*") -> Any:
    request = sequence_service_pb2.UpdateSequenceRequest(
        campaign_id=campaign_id, sequence_json=sequence_json, base_revision_id=base
    )
    return (await api.stubs.sequences.UpdateSequence(request)).revision


async def walked(api: Api, campaign_id: str) -> None:
    """Of five leads one is ready, one has not begun, one has visited, two are past the invite."""
    leads = [lead for _, lead in await api.leads.page(campaign_id, limit=10)]
    campaign = await api.campaigns.get(campaign_id)
    for number, lead in enumerate(leads[1:], 1):
        await api.pool.execute(
            """UPDATE leads SET state = 'running', revision_id = $2,
                      started_at = CASE WHEN $3 THEN created_at END WHERE id = $1""",
            lead.id,
            campaign.revision_id,
            number > 1,
        )
        steps = {1: [], 2: ["visit"]}.get(number, ["visit", "invite"])
        for place, step_id in enumerate(steps):
            await api.pool.execute(
                """INSERT INTO step_executions
                          (lead_id, step_id, campaign_id, kind, state, reason, detail,
                           started_at, ended_at)
                   VALUES ($1, $2, $3, 'profile_visit', 'done', '', '', now(),
                           now() + $4 * interval '1 hour')""",
                lead.id,
                step_id,
                campaign_id,
                place,
            )


async def test_a_preview_counts_and_changes_nothing(api: Api) -> None:
    """Who is past the changed invitation finishes on their own; the others move, or begin."""
    campaign_id = await api.create(sequence_json=edited("Hello"))
    await api.import_leads(campaign_id, LEADS)
    await api.stubs.campaigns.StartCampaign(
        campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
    )
    await walked(api, campaign_id)

    preview = await api.stubs.sequences.PreviewRevision(
        sequence_service_pb2.PreviewRevisionRequest(
            campaign_id=campaign_id, sequence_json=edited("Hi")
        )
    )
    same = await api.stubs.sequences.PreviewRevision(
        sequence_service_pb2.PreviewRevisionRequest(campaign_id=campaign_id, number=1)
    )

    assert (preview.beginning_leads, preview.moving_leads, preview.finishing_leads) == (2, 1, 2)
    assert (same.beginning_leads, same.moving_leads, same.finishing_leads) == (2, 3, 0)
    assert (preview.unchanged, same.unchanged) == (False, True)
    listed = await api.stubs.sequences.ListRevisions(
        sequence_service_pb2.ListRevisionsRequest(campaign_id=campaign_id)
    )
    assert [(each.revision.number, each.running_leads) for each in listed.revisions] == [(1, 4)]
    assert await api.told(campaign_id) == []


async def test_an_update_is_a_revision_and_is_told(api: Api) -> None:
    """Lesson 21: an edit is the next revision; none is changed, equal content is the same one."""
    campaign_id = await api.running()

    made = await update(api, campaign_id, edited())
    again = await update(api, campaign_id, edited())
    found = await api.stubs.campaigns.GetCampaign(
        campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
    )

    assert (made.number, again.revision_id) == (2, made.revision_id)
    assert found.campaign.sequence.number == 2
    assert await api.told(campaign_id) == ["update", "update"]


async def test_a_rollback_is_a_new_revision_with_the_old_content(api: Api) -> None:
    """Nothing is rewritten: the list shows what was in force, and in which order."""
    campaign_id = await api.running()
    await update(api, campaign_id, edited())

    rolled = await api.stubs.sequences.RollbackSequence(
        sequence_service_pb2.RollbackSequenceRequest(
            campaign_id=campaign_id, number=1, base_revision_id="*"
        )
    )
    first = await api.stubs.sequences.ListRevisions(
        sequence_service_pb2.ListRevisionsRequest(campaign_id=campaign_id, page_size=2)
    )
    rest = await api.stubs.sequences.ListRevisions(
        sequence_service_pb2.ListRevisionsRequest(
            campaign_id=campaign_id, page_size=2, page_token=first.next_page_token
        )
    )

    numbers = [each.revision.number for each in (*first.revisions, *rest.revisions)]
    assert numbers == [3, 2, 1]
    assert rolled.revision.content_hash == rest.revisions[0].revision.content_hash
    with pytest.raises(NotFound) as refused:
        await api.stubs.sequences.RollbackSequence(
            sequence_service_pb2.RollbackSequenceRequest(
                campaign_id=campaign_id, number=9, base_revision_id="*"
            )
        )
    assert refused.value.reason == "REVISION_NOT_FOUND"


async def test_a_wrong_sequence_changes_nothing(api: Api) -> None:
    """It is refused with the path of what is wrong, as at creation."""
    campaign_id = await api.running()

    with pytest.raises(InvalidArgument) as refused:
        await update(api, campaign_id, '{"nodes": [], "edges": []}')

    assert refused.value.reason == "INVALID_FIELDS"
    listed = await api.stubs.sequences.ListRevisions(
        sequence_service_pb2.ListRevisionsRequest(campaign_id=campaign_id)
    )
    assert len(listed.revisions) == 1


async def test_a_campaign_that_has_ended_is_not_edited(api: Api) -> None:
    """There is nobody left to walk it."""
    campaign_id = await api.running()
    await api.pool.execute("UPDATE campaigns SET state = 'completed' WHERE id = $1", campaign_id)

    with pytest.raises(FailedPrecondition) as refused:
        await update(api, campaign_id, edited())

    assert refused.value.reason == "CAMPAIGN_ENDED"


async def test_deleting_stops_first(api: Api) -> None:
    """Lesson 24: a deleted campaign is held before it is hidden; then it is nowhere to be found."""
    campaign_id = await api.running()
    request = campaign_service_pb2.DeleteCampaignRequest(campaign_id=campaign_id, force=True)

    for _ in range(2):
        await api.stubs.campaigns.DeleteCampaign(request)

    assert api.linkedin.held[campaign_id] == "The campaign is deleted."
    assert (await api.campaigns.get(campaign_id)).state == "stopping"
    with pytest.raises(NotFound):
        await api.stubs.campaigns.GetCampaign(
            campaign_service_pb2.GetCampaignRequest(campaign_id=campaign_id)
        )
    listed = await api.stubs.campaigns.ListCampaigns(
        campaign_service_pb2.ListCampaignsRequest(organization_id=ORGANIZATION)
    )
    assert not listed.campaigns


async def test_a_draft_is_deleted_without_a_hold(api: Api) -> None:
    """Nothing of it can be sent."""
    campaign_id = await api.create()

    await api.stubs.campaigns.DeleteCampaign(
        campaign_service_pb2.DeleteCampaignRequest(campaign_id=campaign_id, force=True)
    )

    assert not api.linkedin.held
    with pytest.raises(NotFound):
        await api.stubs.campaigns.StartCampaign(
            campaign_service_pb2.StartCampaignRequest(campaign_id=campaign_id)
        )


async def test_of_eight_edits_of_one_revision_one_is_kept_and_seven_are_told(api: Api) -> None:
    """All eight succeeded once, and seven were lost without a word."""
    campaign_id = await api.create()
    base = (await api.campaigns.get(campaign_id)).revision_id

    told = await asyncio.gather(
        *(update(api, campaign_id, edited(f"Hello {n}"), base=base) for n in range(8)),
        return_exceptions=True,
    )

    (kept,) = (each for each in told if not isinstance(each, BaseException))
    stale = [each for each in told if isinstance(each, EtagMismatch)]
    assert (len(stale), kept.number) == (7, 2)
    assert {each.metadata["etag"] for each in stale} == {kept.revision_id}


async def test_an_edit_that_is_repeated_is_made_once(api: Api) -> None:
    """Whose answer was lost asks again with the base of before, and is told of no conflict."""
    campaign_id = await api.create()
    base = (await api.campaigns.get(campaign_id)).revision_id

    first = await update(api, campaign_id, edited(), base=base)
    again = await update(api, campaign_id, edited(), base=base)

    assert first == again


async def test_taking_back_what_somebody_has_edited_since_is_stale(api: Api) -> None:
    """Who takes an edit back has seen that edit, and not the one after it."""
    campaign_id = await api.create()
    seen = await update(api, campaign_id, edited("Hello"))
    await update(api, campaign_id, edited("Hullo"))
    request = sequence_service_pb2.RollbackSequenceRequest(
        campaign_id=campaign_id, number=1, base_revision_id=seen.revision_id
    )

    with pytest.raises(EtagMismatch):
        await api.stubs.sequences.RollbackSequence(request)


async def test_an_edit_says_what_it_was_made_of(api: Api) -> None:
    """Nobody overwrites by leaving a field out."""
    campaign_id = await api.create()

    with pytest.raises(InvalidArgument) as refused:
        await update(api, campaign_id, edited(), base="")

    assert [each.field for each in refused.value.violations] == ["base_revision_id"]
