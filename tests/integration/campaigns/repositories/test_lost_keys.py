"""Whose key is lost keeps nobody else out, and nothing else in clear."""

from dataclasses import replace

import pytest
from campaigns.lead_list_import import LeadList
from campaigns.models import HeardMessage, Person, StepExecution, StepState
from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.lead_lists.entry_repository import EntryRepository, put_in_list
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import (
    HeardMessageRepository,
    StepTextRepository,
)
from campaigns.sealing.people import UnreadablePerson
from campaigns.sequences.sequence import StepKind
from servicekit.postgres.pool import Pool
from servicekit.sealing.data_keys import wrap_anew
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import FIRST, SECOND, sealing
from tests.integration.campaigns.conftest import NOW, NewCampaign

ORGANIZATION = "org_north"
ADA = Person(public_identifier="ada-lovelace-1815", first_name="Augusta", company="Engines GmbH")
BOB = Person(public_identifier="bob-example-7", first_name="Robert")
BEFORE, LOST, FOUND = sealing(FIRST), sealing(SECOND), sealing(SECOND, FIRST)
IN_CLEAR = sealing(FIRST, on=False)


@pytest.fixture
async def lead_list(pool: Pool) -> str:
    made = LeadList(
        id="list_1", organization_id=ORGANIZATION, name="Some", description="", created_at=NOW
    )
    return (await LeadListRepository(pool).create(made, request_id="one")).id


async def put(pool: Pool, seal: Seal, lead_list_id: str, *people: Person) -> int:
    async with pool.acquire() as connection, connection.transaction():
        return await put_in_list(connection, seal, lead_list_id, people, now=NOW)


async def read(pool: Pool, seal: Seal, campaign_id: str) -> list[Person]:
    return [lead.person for _, lead in await LeadRepository(pool, seal).page(campaign_id, limit=9)]


async def test_people_are_added_beside_somebody_whose_key_is_lost(
    pool: Pool, new_campaign: NewCampaign, lead_list: str
) -> None:
    """They too, by another key; what the lost one has sealed opens once it is back."""
    known, new = await new_campaign(), await new_campaign()
    await LeadRepository(pool, BEFORE).add(known.id, [ADA], now=NOW)

    assert await LeadRepository(pool, LOST).add(new.id, [ADA, BOB], now=NOW) == 2
    assert await put(pool, LOST, lead_list, ADA, BOB) == 2

    assert await read(pool, LOST, new.id) == [ADA, BOB]
    (unreadable,) = await read(pool, LOST, known.id)
    assert isinstance(unreadable, UnreadablePerson)
    assert await read(pool, FOUND, known.id) == [ADA]
    (entries,) = [each async for each in EntryRepository(pool, LOST).batches(lead_list, size=9)]
    assert [each.person for each in entries] == [ADA, BOB]


async def test_the_rest_is_sealed_beside_what_cannot_be(
    pool: Pool, new_campaign: NewCampaign
) -> None:
    """Words of a lead whose key is lost stay and are counted; with the key they are sealed."""
    lost, clear = await new_campaign(), await new_campaign()
    await LeadRepository(pool, BEFORE).add(lost.id, [ADA], now=NOW)
    await LeadRepository(pool, IN_CLEAR).add(clear.id, [ADA, BOB], now=NOW)
    for campaign in (lost, clear):
        for _, lead in await LeadRepository(pool, IN_CLEAR).page(campaign.id, limit=9):
            texts, steps = StepTextRepository(pool, IN_CLEAR), StepRepository(pool, IN_CLEAR)
            await texts.keep(lead.id, "invite", "Dear you", post_id="post-1")
            failed = StepExecution(step_id="invite", state=StepState.FAILED, detail="They left.")
            await steps.record(campaign.id, lead.id, StepKind.COMMENT_POST, failed)
            await HeardMessageRepository(pool, IN_CLEAR).keep(
                lead.id, "evt_1", HeardMessage(text="Call me")
            )
            await LeadRepository(pool, IN_CLEAR).record_reply(lead.id, "Call me", at=NOW)
    await pool.execute("UPDATE leads SET held_reason = 'TEXT_MISSING', held_detail = 'Ada'")

    first = await FillRepository(pool, LOST).seal_all()
    second = await FillRepository(pool, LOST).seal_all()
    third = await FillRepository(pool, FOUND).seal_all()

    words = ("replies", "held", "texts", "posts", "details", "heard")
    none = {"entries": 0, "purged": 0}
    assert first.sealed == {"people": 2, **none, **dict.fromkeys(words, 2)}
    left = {"people": 0, **none, **dict.fromkeys(words, 1)}
    assert (first.left, second.left) == (left, left)
    assert not any(second.sealed.values())
    assert third.sealed == left
    assert not any(third.left.values())
    assert await read(pool, LOST, clear.id) == [ADA, BOB]
    assert await wrap_anew(pool, FOUND) == 1


async def test_of_two_rows_of_one_person_one_stays_as_it_is(
    pool: Pool, new_campaign: NewCampaign, lead_list: str
) -> None:
    """In a list and in a campaign: the others are sealed, and each run says how many are left."""
    campaign = await new_campaign()
    await LeadRepository(pool, IN_CLEAR).add(campaign.id, [ADA, BOB], now=NOW)
    await put(pool, IN_CLEAR, lead_list, ADA, BOB)
    # As two processes could write that did not see each other's row.
    by_hash = BEFORE.hashed(ORGANIZATION, "person", ADA.public_identifier)
    for table in ("leads", "lead_list_entries"):
        await pool.execute(
            f"UPDATE {table} SET public_identifier = $1 WHERE public_identifier = $2",
            "was-ada",
            ADA.public_identifier,
        )
    await LeadRepository(pool, BEFORE).add(campaign.id, [ADA], now=NOW)
    await put(pool, BEFORE, lead_list, ADA)
    for table in ("leads", "lead_list_entries"):
        await pool.execute(
            f"UPDATE {table} SET public_identifier = $1 WHERE public_identifier = 'was-ada'",
            ADA.public_identifier,
        )

    first = await FillRepository(pool, BEFORE).seal_all()
    second = await FillRepository(pool, BEFORE).seal_all()
    for title in ("Countess", "Analyst"):
        assert await put(pool, BEFORE, lead_list, replace(ADA, title=title)) == 0

    assert (first.sealed["people"], first.sealed["entries"]) == (1, 1)
    for run in (first, second):
        assert (run.left["people"], run.left["entries"]) == (1, 1)
    for table in ("leads", "lead_list_entries"):
        rows = await pool.fetch(f"SELECT public_identifier AS who FROM {table}")
        assert {ADA.public_identifier, by_hash} < {row["who"] for row in rows}
