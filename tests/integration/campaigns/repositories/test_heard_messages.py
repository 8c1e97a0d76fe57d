"""What somebody wrote is kept once, by the event that told of it, for as long as the lead is."""

from datetime import timedelta

import pytest
from campaigns.errors import TextUnreadable
from campaigns.models import HeardMessage, Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.edits.lead_edit_repository import LeadEditRepository
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import (
    HeardMessageRepository,
    StepTextRepository,
)
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import FIRST, SEAL, SECOND, sealing
from tests.integration.campaigns.conftest import NOW, NewCampaign

HELLO = HeardMessage(text="Hello!", chat_id="chat_1", message_id="msg_1")


async def test_the_first_time_counts(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Told twice, an event is kept as it was told first; of each lead apart."""
    campaign = await new_campaign(2)
    (_, ada), (_, bob) = await leads.page(campaign.id, limit=2)
    heard = HeardMessageRepository(pool, SEAL)

    await heard.keep(ada.id, "in_1", HELLO)
    await heard.keep(ada.id, "in_1", HeardMessage(text="Changed"))

    assert await heard.find(ada.id, "in_1") == HELLO
    assert await heard.find(ada.id, "in_2") is None
    assert await heard.find(bob.id, "in_1") is None


@pytest.mark.parametrize("before", [True, False])
async def test_it_is_kept_though_the_lead_does_not_open(
    pool: Pool, new_campaign: NewCampaign, *, before: bool
) -> None:
    """By another key of the person's, whether the lead is sealed or in clear; its reply too."""
    first, second = sealing(FIRST), sealing(SECOND)
    campaign = await new_campaign()
    ada = Person(public_identifier="ada")
    other = await new_campaign()
    await LeadRepository(pool, first).add(other.id, [ada], now=NOW)
    await LeadRepository(pool, sealing(FIRST, on=before)).add(campaign.id, [ada], now=NOW)
    ((_, lead),) = await LeadRepository(pool, first).page(campaign.id, limit=1)
    with pytest.raises(TextUnreadable):
        await StepTextRepository(pool, second).keep(lead.id, "invite", "Hello Ada")

    await HeardMessageRepository(pool, second).keep(lead.id, "in_1", HELLO)
    await LeadRepository(pool, second).record_reply(lead.id, HELLO.text, at=NOW)

    assert await HeardMessageRepository(pool, second).find(lead.id, "in_1") == HELLO
    assert (await LeadRepository(pool, second).get(campaign.id, lead.id)).reply == HELLO.text


async def test_of_whom_is_gone_nothing_is_kept(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Neither what was heard before nor what is told afterwards."""
    campaign = await new_campaign(1)
    ((_, ada),) = await leads.page(campaign.id, limit=1)
    heard = HeardMessageRepository(pool, SEAL)
    await heard.keep(ada.id, "in_1", HELLO)

    assert await LeadEditRepository(pool).remove(campaign.id, ada.id)
    await heard.keep(ada.id, "in_2", HELLO)

    assert await pool.fetchval("SELECT count(*) FROM heard_messages") == 0


async def test_a_purge_takes_it_along(
    pool: Pool,
    new_campaign: NewCampaign,
    leads: LeadRepository,
    campaigns: CampaignRepository,
) -> None:
    """With everything else that is known of the campaign's people."""
    campaign = await new_campaign(1)
    ((_, ada),) = await leads.page(campaign.id, limit=1)
    await HeardMessageRepository(pool, SEAL).keep(ada.id, "in_1", HELLO)
    await pool.execute("UPDATE campaigns SET state = 'stopped' WHERE id = $1", campaign.id)
    await campaigns.delete(campaign.id, now=NOW, purge_at=NOW)

    await PurgeRepository(pool).purge(now=NOW + timedelta(days=1), keep=timedelta(days=30))

    assert await pool.fetchval("SELECT count(*) FROM heard_messages") == 0
