import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from campaigns.errors import (
    CampaignNotFound,
    CampaignNotPausable,
    CampaignNotResumable,
    CampaignNotStartable,
    CampaignNotStoppable,
)
from campaigns.models import (
    CampaignSettings,
    CampaignState,
    SendingWindow,
)
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.revision_repository import RevisionRepository
from servicekit.postgres.pool import Pool
from servicekit.request_ids.errors import RequestIdReused

from tests.integration.campaigns.conftest import NOW, draft


async def test_what_is_created_is_read_back(campaigns: CampaignRepository, pool: Pool) -> None:
    """Every field of a campaign and its revision survives the tables."""
    settings = CampaignSettings(
        max_concurrent_leads=7,
        lead_processing_delay=timedelta(seconds=90),
        leads_per_day=3,
        start_at=datetime(2026, 3, 9, 7, tzinfo=UTC),
        sending_window=SendingWindow(
            time_zone="Europe/Lisbon", weekdays=(1, 3), opens=time(22), closes=time(2, 30)
        ),
        continue_after_reply=True,
    )
    campaign, revision = draft(settings=settings)

    await campaigns.create(campaign, revision, request_id="once")

    assert await campaigns.get(campaign.id) == campaign
    assert await RevisionRepository(pool).get(revision.id) == revision


async def test_same_request_is_one_campaign(campaigns: CampaignRepository) -> None:
    """However often and however concurrently a request comes, one campaign results."""
    drafts = [draft() for _ in range(5)]

    created = await asyncio.gather(*(campaigns.create(*each, request_id="once") for each in drafts))

    assert len({campaign.id for campaign in created}) == 1


async def test_request_id_for_something_else_is_refused(campaigns: CampaignRepository) -> None:
    """A request id that made one campaign cannot make another."""
    campaign, revision = draft()
    await campaigns.create(campaign, revision, request_id="once")

    with pytest.raises(RequestIdReused):
        await campaigns.create(replace(campaign, name="Autumn"), revision, request_id="once")


async def test_forbidden_moves_say_which(campaigns: CampaignRepository) -> None:
    """Each verb refuses the states it does not apply to with its own error."""
    campaign, revision = draft()
    await campaigns.create(campaign, revision, request_id="once")

    with pytest.raises(CampaignNotPausable):
        await campaigns.pause(campaign.id)
    with pytest.raises(CampaignNotResumable):
        await campaigns.resume(campaign.id)
    with pytest.raises(CampaignNotStoppable):
        await campaigns.stop(campaign.id, complete_current_executions=True)
    await campaigns.start(campaign.id, now=NOW)
    await campaigns.pause(campaign.id)
    with pytest.raises(CampaignNotStartable):
        await campaigns.start(campaign.id, now=NOW)
    await campaigns.end(campaign.id, CampaignState.COMPLETED, now=NOW)
    with pytest.raises(CampaignNotPausable):
        await campaigns.pause(campaign.id)
    with pytest.raises(CampaignNotFound):
        await campaigns.pause("camp_absent")


async def test_starting_again_keeps_the_first_start(campaigns: CampaignRepository) -> None:
    """A running campaign starts again as itself."""
    campaign, revision = draft()
    await campaigns.create(campaign, revision, request_id="once")
    await campaigns.start(campaign.id, now=NOW)

    again = await campaigns.start(campaign.id, now=NOW + timedelta(hours=1))

    assert again.started_at == NOW
