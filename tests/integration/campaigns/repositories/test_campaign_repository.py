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
    RequestIdReused,
)
from campaigns.models import (
    CampaignSettings,
    CampaignState,
    ConnectionState,
    LeadState,
    SendingWindow,
    StepExecution,
    StepState,
)
from campaigns.repositories.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.sequences.sequence import StepKind
from servicekit.postgres.pool import Pool

from tests.integration.campaigns.conftest import NOW, NewCampaign, draft


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


async def test_pages_visit_each_campaign_once(campaigns: CampaignRepository) -> None:
    """A walk by pages meets every campaign of the organization once, newest first."""
    ids = []
    for number in range(7):
        campaign, revision = draft(created_at=NOW + timedelta(minutes=number // 2))
        await campaigns.create(campaign, revision, request_id=campaign.id)
        ids.append((campaign.created_at, campaign.id))

    walked, after = [], None
    while page := await campaigns.page("org_north", after=after, limit=3):
        walked += [(campaign.created_at, campaign.id) for campaign in page]
        after = page[-1]

    assert walked == sorted(ids, reverse=True)


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


async def test_the_funnel_counts_what_was_sent(
    campaigns: CampaignRepository,
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
) -> None:
    """An InMail that went as a message counts as one, and each lead once."""
    campaign = await new_campaign(2)
    admission = await admissions.admit(campaign.id, now=NOW, limit=10)
    first, second = (lead.lead_id for lead in admission.leads)
    inmail = StepExecution(step_id="inmail", state=StepState.DONE)
    written = StepExecution(step_id="written", state=StepState.DONE)
    as_message = replace(inmail, reason="SENT_AS_MESSAGE")
    await leads.record_step(campaign.id, first, StepKind.SEND_FOLLOWUP, written)
    await leads.record_step(campaign.id, first, StepKind.SEND_INMAIL, as_message)
    await leads.record_step(campaign.id, second, StepKind.SEND_INMAIL, inmail)

    status = await campaigns.status(campaign.id)

    assert (status.funnel.messaged, status.funnel.inmailed) == (1, 1)


async def test_status_counts_what_was_really_done(
    campaigns: CampaignRepository,
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
) -> None:
    """The funnel counts leads with something performed; what was so already is not."""
    campaign = await new_campaign(3)
    admission = await admissions.admit(campaign.id, now=NOW, limit=10)
    first, second, third = (lead.lead_id for lead in admission.leads)
    invite = StepKind.SEND_CONNECTION_REQUEST
    done = StepExecution(step_id="invite", state=StepState.DONE)
    await leads.record_step(campaign.id, first, invite, done)
    await leads.record_connection(first, ConnectionState.INVITED, at=NOW)
    await leads.record_connection(first, ConnectionState.CONNECTED, at=NOW)
    await leads.record_step(campaign.id, second, invite, replace(done, reason="ALREADY_SO"))
    await leads.record_connection(second, ConnectionState.CONNECTED, at=NOW)
    await leads.record_reply(third, "Gladly", at=NOW)
    await leads.finish(campaign.id, third, state=LeadState.REPLIED, reason="", now=NOW)

    status = await campaigns.status(campaign.id)

    assert (status.funnel.invited, status.funnel.accepted, status.funnel.replied) == (1, 1, 1)
    assert status.leads == {LeadState.RUNNING: 2, LeadState.REPLIED: 1}
    assert status.steps == {"invite": {StepState.DONE: 2}}
    assert status.last_ended_at == NOW
