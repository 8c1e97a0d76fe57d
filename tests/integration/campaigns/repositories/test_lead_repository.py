import asyncio
from datetime import time, timedelta

import pytest
from campaigns.errors import CampaignEnded
from campaigns.models import CampaignState, LeadState, SendingWindow
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository

from tests.integration.campaigns.conftest import NOW, NewCampaign, people


async def test_same_person_twice_is_one_lead(
    leads: LeadRepository, new_campaign: NewCampaign
) -> None:
    """A second import adds only those who are new, and keeps the list's order."""
    campaign = await new_campaign(3)

    added = await leads.add(campaign.id, people(5), now=NOW)

    page = await leads.page(campaign.id, limit=10)
    assert added == 2
    assert [lead.person.public_identifier for _, lead in page] == [
        person.public_identifier for person in people(5)
    ]


async def test_an_ended_campaign_takes_no_leads(
    leads: LeadRepository, campaigns: CampaignRepository, new_campaign: NewCampaign
) -> None:
    """Leads for a campaign that has ended are refused, not kept and forgotten."""
    campaign = await new_campaign(1)
    await campaigns.end(campaign.id, CampaignState.COMPLETED, now=NOW)

    with pytest.raises(CampaignEnded):
        await leads.add(campaign.id, people(5), now=NOW)


async def test_concurrent_admissions_admit_nobody_twice(
    new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """Several admissions at once never exceed the room, nor admit a lead twice anew."""
    campaign = await new_campaign(20, max_concurrent_leads=8)

    await asyncio.gather(*(admissions.admit(campaign.id, now=NOW, limit=5) for _ in range(6)))

    running = await admissions.running_ids(campaign.id, limit=100)
    assert len(running) == 5
    await admissions.confirm_started(campaign.id, running)
    second = await admissions.admit(campaign.id, now=NOW, limit=5)
    assert len(second.leads) == 3
    assert (second.running, second.ready) == (8, 12)


async def test_unconfirmed_leads_come_again(
    new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """A crash between admission and the start of the workflow loses nobody."""
    campaign = await new_campaign(4)
    before = await admissions.admit(campaign.id, now=NOW, limit=3)

    after = await admissions.admit(campaign.id, now=NOW + timedelta(minutes=1), limit=3)

    assert after.leads == before.leads


async def test_starts_are_spaced_and_accounts_take_turns(
    leads: LeadRepository, new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """Leads begin one delay apart across pages, and accounts share them evenly."""
    campaign = await new_campaign(6, lead_processing_delay=timedelta(seconds=30))
    starts = []
    for _ in range(2):
        page = await admissions.admit(campaign.id, now=NOW, limit=3)
        await admissions.confirm_started(campaign.id, [lead.lead_id for lead in page.leads])
        starts += [lead.start_at for lead in page.leads]

    accounts = [lead.account_id for _, lead in await leads.page(campaign.id, limit=10)]
    assert starts == [NOW + timedelta(seconds=30) * number for number in range(6)]
    assert accounts == ["acct_one", "acct_two"] * 3


async def test_leads_per_day_are_those_of_the_sending_day(
    new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """The day's quota ends with the local day, and days that do not send are passed over."""
    window = SendingWindow(time_zone="Asia/Tokyo", weekdays=(1, 4), opens=time(9), closes=time(18))
    campaign = await new_campaign(5, leads_per_day=2, sending_window=window)
    first = await admissions.admit(campaign.id, now=NOW, limit=10)
    await admissions.confirm_started(campaign.id, [lead.lead_id for lead in first.leads])

    full = await admissions.admit(campaign.id, now=NOW + timedelta(hours=1), limit=10)

    assert len(first.leads) == 2
    # Monday in Tokyo is over; Thursday begins there at 15:00 UTC on Wednesday.
    assert full.next_at == NOW.replace(day=4, hour=15)


async def test_a_paused_campaign_admits_nobody(
    campaigns: CampaignRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
) -> None:
    """Admission looks at the campaign's row, whatever the workflow believes."""
    campaign = await new_campaign(2)
    await campaigns.pause(campaign.id)

    admission = await admissions.admit(campaign.id, now=NOW, limit=10)

    assert (admission.leads, admission.ready) == ((), 2)


async def test_the_last_to_end_wakes_the_campaign_once(
    leads: LeadRepository, new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """However leads end side by side, exactly one of them finds that the campaign waits."""
    campaign = await new_campaign(6)
    admitted = (await admissions.admit(campaign.id, now=NOW, limit=6)).leads
    waits = await admissions.wait_for_room(campaign.id, wake_at_running=0)

    async def end(lead_id: str) -> bool:
        await leads.finish(lead_id, state=LeadState.COMPLETED, reason="", now=NOW)
        return await leads.takes_wake_flag(campaign.id)

    wakes = await asyncio.gather(*(end(lead.lead_id) for lead in admitted))

    assert waits
    assert wakes.count(True) == 1


async def test_no_waiting_when_there_is_room(
    new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """Room that was freed before the campaign began to wait is not missed."""
    campaign = await new_campaign(1)

    assert not await admissions.wait_for_room(campaign.id, wake_at_running=0)


async def test_a_lead_ends_once(
    leads: LeadRepository, new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """A repeated or later end does not overwrite the first."""
    campaign = await new_campaign(1)
    (lead,) = (await admissions.admit(campaign.id, now=NOW, limit=1)).leads
    await leads.finish(lead.lead_id, state=LeadState.REPLIED, reason="", now=NOW)

    await leads.finish(lead.lead_id, state=LeadState.STOPPED, reason="X", now=NOW)

    assert (await leads.get(campaign.id, lead.lead_id)).state is LeadState.REPLIED


async def test_who_asked_for_no_contact_is_known_by_the_lead(
    leads: LeadRepository, new_campaign: NewCampaign, admissions: AdmissionRepository
) -> None:
    """The last request counts, and no other answer takes it back."""
    campaign = await new_campaign(1)
    (lead,) = (await admissions.admit(campaign.id, now=NOW, limit=1)).leads
    hour = timedelta(hours=1)
    for at, suppression_id in ((NOW + hour, "supp_2"), (NOW, "supp_1"), (NOW + 2 * hour, "")):
        await leads.record_answer(lead.lead_id, at=at, suppression_id=suppression_id)

    row = await leads.get(campaign.id, lead.lead_id)

    assert (row.opted_out_at, row.suppression_id) == (NOW + hour, "supp_2")
