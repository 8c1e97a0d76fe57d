"""Data keys of people are changed while leads are added, answered and listed."""

import asyncio
from datetime import timedelta

import pytest
from campaigns.models import HeardMessage, Person
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository, StepTextRepository
from campaigns.sealing.people import shown
from campaigns.sealing.sealed_rows import SEALED
from servicekit.postgres.pool import Pool
from servicekit.sealing.rotation import DataKeyRotation

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign

NONE, LATER, NEVER = timedelta(0), timedelta(hours=1), timedelta(days=1000)
AT_ONCE, BATCHES = 20, 12
_KEYS = "SELECT key_id FROM data_keys WHERE organization_id <> ''"


def batch(number: int) -> list[Person]:
    return [
        Person(public_identifier=f"person-{number}-{each}", first_name=f"Ada {number}.{each}")
        for each in range(AT_ONCE)
    ]


@pytest.mark.lasts(seconds=55)
async def test_no_call_fails_and_no_old_key_is_needed(
    pool: Pool, new_campaign: NewCampaign
) -> None:
    """People are added, written to, heard and listed while their keys change again and again."""
    campaign, over = await new_campaign(), asyncio.Event()
    leads, texts = LeadRepository(pool, SEAL), StepTextRepository(pool, SEAL)
    heard, pages = HeardMessageRepository(pool, SEAL), list[int]()

    async def running() -> None:
        position = 0
        for number in range(BATCHES):
            # Everybody is in a second time as well: keys of people who are known are asked for.
            for people in (batch(number), batch(number)):
                await leads.add(campaign.id, people, now=NOW)
            new = await leads.page(campaign.id, after_position=position, limit=AT_ONCE)
            position = new[-1][0]
            for _, lead in new:
                await texts.keep(lead.id, "invite", f"Dear {lead.person.first_name}")
                said = HeardMessage(text=f"To {lead.id}", chat_id="chat", message_id="message")
                await heard.keep(lead.id, "evt_1", said)
                await leads.record_reply(lead.id, said.text, at=NOW)
        over.set()

    async def listing() -> None:
        while not over.is_set():
            page = await leads.page(campaign.id, limit=500)
            assert all(shown(lead.person).first_name for _, lead in page)
            pages.append(len(page))

    async def changing() -> int:
        sealed = 0
        while not over.is_set():
            rotation = DataKeyRotation(pool, SEAL, SEALED)
            sealed += (await rotation.rotate(older_than=NONE, kept=LATER)).sealed
        return sealed

    *_, sealed = await asyncio.gather(running(), listing(), changing())
    old = set(await pool.fetch(_KEYS))
    await DataKeyRotation(pool, SEAL, SEALED).rotate(older_than=NONE, kept=LATER)
    last = await DataKeyRotation(pool, SEAL, SEALED).rotate(older_than=NEVER, kept=NONE)

    assert sealed > AT_ONCE * BATCHES
    assert pages
    assert (last.unreadable, last.left) == (0, 0)
    assert not old & set(await pool.fetch(_KEYS))
    found = [lead for _, lead in await leads.page(campaign.id, limit=500)]
    assert len(found) == AT_ONCE * BATCHES
    for lead in found:
        assert await texts.find(lead.id, "invite") == (f"Dear {lead.person.first_name}", "")
        assert (await heard.find(lead.id, "evt_1")).text == lead.reply == f"To {lead.id}"
