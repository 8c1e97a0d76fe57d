"""What is known of people and what they wrote lies sealed, and opens only where it was sealed."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.models import HeardMessage, Lead, LeadState, Person, StepExecution, StepState
from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.rows import UNREADABLE
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import (
    HeardMessageRepository,
    StepTextRepository,
)
from campaigns.sealing.people import UnreadablePerson, company_key, shown
from campaigns.sequences.sequence import StepKind
from campaigns.texts.lead_check import nobody_held_back
from servicekit.credentials.secrets import Secret
from servicekit.postgres.pool import Pool
from servicekit.sealing.data_keys import wrap_anew
from servicekit.sealing.hashes import KeyedHashes
from servicekit.sealing.seal import Seal
from servicekit.sealing.wrapping_keys import KeyLost, KeysOfSettings

from tests.fakes.sealing import IN_CLEAR, SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign

ADA = Person(
    public_identifier="ada-lovelace-1815",
    first_name="Augusta",
    last_name="Lovelace",
    company="Analytical Engines GmbH",
    title="Countess",
    email="ada@engines.example",
    phone="+44 1815",
    location="Marylebone",
    industry="Computation",
    variables={"motto": "imagination"},
    time_zone="Europe/London",
    literal=("n/a",),
)
BOB = Person(public_identifier="bob-example-7", first_name="Robert", email="bob@engines.example")
SAID = HeardMessage(text="Call me on Tuesday", chat_id="chat-of-ada", message_id="message-of-ada")
TEXT = "Dear Augusta, would you compute?"
TABLES = ("leads", "step_texts", "heard_messages", "purged_leads", "data_keys")
FIRST, SECOND = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2))


def sealing(keys: str, told: list[str] | None = None) -> Seal:
    heard = [] if told is None else told
    return Seal(
        KeysOfSettings(Secret.of(keys)), KeyedHashes(b"\x07" * 32), on_unreadable=heard.append
    )


async def everything(pool: Pool) -> str:
    """Whatever the tables say, in clear and with bytes as they are."""
    rows: list[Any] = []
    for table in TABLES:
        rows += [tuple(row) for row in await pool.fetch(f"SELECT * FROM {table}")]
    return repr(rows)


def words_of(people: Sequence[Person]) -> list[str]:
    names = ("public_identifier", "first_name", "last_name", "company", "title", "email", "phone")
    names += ("location", "industry", "time_zone")
    words = [getattr(each, name) for each in people for name in names]
    words += [value for each in people for value in each.variables.values()]
    return [*filter(None, words), SAID.text, SAID.chat_id, SAID.message_id, TEXT]


async def written(pool: Pool, campaign_id: str, seal: Seal) -> Lead:
    """Ada and Bob as leads, and what passed between her and an account."""
    leads = LeadRepository(pool, seal)
    await leads.add(campaign_id, [ADA, BOB], now=NOW)
    (_, ada), _ = await leads.page(campaign_id, limit=2)
    await StepTextRepository(pool, seal).keep(ada.id, "invite", TEXT)
    await HeardMessageRepository(pool, seal).keep(ada.id, "evt_1", SAID)
    await leads.record_reply(ada.id, SAID.text, at=NOW)
    return await leads.get(campaign_id, ada.id)


async def assert_read(pool: Pool, lead: Lead, seal: Seal) -> None:
    read = await LeadRepository(pool, seal).get(lead.campaign_id, lead.id)
    assert (read.person, read.reply) == (ADA, SAID.text)
    assert await StepTextRepository(pool, seal).find(lead.id, "invite") == (TEXT, "")
    assert await HeardMessageRepository(pool, seal).find(lead.id, "evt_1") == SAID


async def test_nothing_lies_in_clear(pool: Pool, new_campaign: NewCampaign) -> None:
    """Neither details nor texts; with the seal off all of it does, so the search finds."""
    sealed, clear = await new_campaign(), await new_campaign()
    ada = await written(pool, sealed.id, SEAL)

    assert [word for word in words_of([ADA, BOB]) if word in await everything(pool)] == []
    await assert_read(pool, ada, SEAL)
    await written(pool, clear.id, IN_CLEAR)
    found = await everything(pool)
    assert [word for word in words_of([ADA, BOB]) if word not in found] == []


@pytest.mark.parametrize("first", [SEAL, IN_CLEAR])
async def test_nobody_is_in_a_campaign_twice(
    pool: Pool, new_campaign: NewCampaign, first: Seal
) -> None:
    """Whichever of two processes, one of which does not seal yet, adds them first."""
    campaign = await new_campaign()
    second = IN_CLEAR if first is SEAL else SEAL

    assert await LeadRepository(pool, first).add(campaign.id, [ADA, BOB], now=NOW) == 2
    assert await LeadRepository(pool, second).add(campaign.id, [ADA, BOB], now=NOW) == 0


async def test_what_lies_in_clear_is_sealed(pool: Pool, new_campaign: NewCampaign) -> None:
    """All of it by one run, a second one finds nothing; whoever does not seal reads it too."""
    campaign, gone = await new_campaign(), await new_campaign()
    ada = await written(pool, campaign.id, IN_CLEAR)
    await assert_read(pool, ada, SEAL)
    await pool.execute(
        "INSERT INTO purged_leads VALUES ('org_north', $1, 'lead_gone', $2, $3, now())",
        gone.id,
        ADA.public_identifier,
        company_key(ADA.company),
    )

    done = await FillRepository(pool, SEAL).seal_all()

    assert done.sealed == {
        "people": 2, "entries": 0, "replies": 1, "held": 0, "texts": 1, "posts": 0,
        "details": 0, "heard": 1, "purged": 1,
    }  # fmt: skip
    assert [word for word in words_of([ADA, BOB]) if word in await everything(pool)] == []
    for seal in (SEAL, IN_CLEAR):
        await assert_read(pool, ada, seal)
    again = await FillRepository(pool, SEAL).seal_all()
    assert not any((*done.left.values(), *again.sealed.values(), *again.left.values()))


SWAPPED = "UPDATE leads SET person = other.person FROM leads other WHERE other.id <> leads.id"
KEYS_SWAPPED = """
UPDATE data_keys SET wrapped = other.wrapped FROM data_keys other
 WHERE other.subject <> data_keys.subject
"""
OF_ANOTHER_TABLE = "UPDATE leads SET person = (SELECT sealed FROM step_texts)"
DESTROYED = "DELETE FROM data_keys"
LYING = """
SELECT detail, post_id FROM step_executions JOIN step_texts USING (lead_id)
 WHERE lead_id = $1 AND text_key = 'comment'
"""
POST_OF_BEFORE = """
UPDATE step_texts SET post_id = 'urn:li:post:ada', sealed_post_id = NULL
 WHERE lead_id = $1 AND text_key = 'comment'
"""
DETAIL_OF_BEFORE = """
UPDATE step_executions SET detail = 'ada-example is gone', sealed_detail = NULL WHERE lead_id = $1
"""


@pytest.mark.parametrize("swap", [SWAPPED, KEYS_SWAPPED, OF_ANOTHER_TABLE, DESTROYED])
async def test_what_was_moved_does_not_open(
    pool: Pool, new_campaign: NewCampaign, swap: str
) -> None:
    """To another person, table or key: lists show blanks, whoever would write is refused."""
    told: list[str] = []
    seal = sealing(FIRST, told)
    campaign = await new_campaign()
    ada = await written(pool, campaign.id, seal)
    await pool.execute(swap)

    leads = LeadRepository(pool, sealing(FIRST, told))
    page = [lead for _, lead in await leads.page(campaign.id, limit=5)]

    assert sum(isinstance(lead.person, UnreadablePerson) for lead in page) == 2
    assert [shown(lead.person) for lead in page] == [Person(public_identifier="")] * 2
    assert any(why.startswith("leads.person: ") for why in told)
    read = await leads.get(campaign.id, ada.id)
    with pytest.raises(PersonUnreadable):
        _ = read.person.first_name


async def test_details_and_posts_are_sealed(pool: Pool, new_campaign: NewCampaign) -> None:
    """Rows of the release before are read as they are; the job seals them, and opens them still."""
    campaign = await new_campaign()
    ada = await written(pool, campaign.id, SEAL)
    steps, texts = StepRepository(pool, SEAL), StepTextRepository(pool, SEAL)
    failed = StepExecution(step_id="comment", state=StepState.FAILED, detail="ada-example is gone")
    kept = await steps.record(campaign.id, ada.id, StepKind.COMMENT_POST, failed)
    await texts.keep(ada.id, "comment", "Nice!", post_id="urn:li:post:ada")

    lying = await pool.fetchrow(LYING, ada.id)
    await pool.execute(POST_OF_BEFORE, ada.id)
    await pool.execute(DETAIL_OF_BEFORE, ada.id)
    before = (await steps.history([ada.id]))[ada.id], await texts.find(ada.id, "comment")
    done = await FillRepository(pool, SEAL).seal_all()
    again = await FillRepository(pool, SEAL).seal_all()

    assert kept == failed
    assert lying is not None
    assert tuple(lying.values()) == ("", "")
    assert before == ([failed], ("Nice!", "urn:li:post:ada"))
    assert (done.sealed["details"], done.sealed["posts"]) == (1, 1)
    assert (again.sealed["details"], again.sealed["posts"]) == (0, 0)
    lying = await pool.fetchrow(LYING, ada.id)
    assert lying is not None
    assert tuple(lying.values()) == ("", "")
    assert (await steps.history([ada.id]))[ada.id] == [failed]
    assert await texts.find(ada.id, "comment") == ("Nice!", "urn:li:post:ada")


async def test_a_detail_that_does_not_open_is_left_out(
    pool: Pool, new_campaign: NewCampaign
) -> None:
    """How a step ended is known without it; a post that does not open is no other one."""
    campaign = await new_campaign()
    ada = await written(pool, campaign.id, SEAL)
    steps, texts = StepRepository(pool, SEAL), StepTextRepository(pool, SEAL)
    failed = StepExecution(step_id="comment", state=StepState.FAILED, detail="ada-example is gone")
    await steps.record(campaign.id, ada.id, StepKind.COMMENT_POST, failed)
    await texts.keep(ada.id, "comment", "Nice!", post_id="urn:li:post:ada")
    await pool.execute(DESTROYED)

    assert (await steps.history([ada.id]))[ada.id] == [replace(failed, detail="")]
    with pytest.raises(TextUnreadable):
        await texts.find(ada.id, "comment")


async def test_texts_do_not_open_elsewhere(pool: Pool, new_campaign: NewCampaign) -> None:
    """Under another key of the same lead, or as what they wrote: nothing is sent in its place."""
    campaign = await new_campaign()
    ada = await written(pool, campaign.id, SEAL)
    await pool.execute("UPDATE step_texts SET text_key = 'message'")
    await pool.execute("UPDATE heard_messages SET sealed = (SELECT sealed FROM step_texts)")
    await pool.execute("UPDATE leads SET sealed_reply = (SELECT sealed FROM step_texts)")

    with pytest.raises(TextUnreadable):
        await StepTextRepository(pool, SEAL).find(ada.id, "message")
    with pytest.raises(TextUnreadable):
        await HeardMessageRepository(pool, SEAL).find(ada.id, "evt_1")
    assert (await LeadRepository(pool, SEAL).get(campaign.id, ada.id)).reply == UNREADABLE


async def test_a_lost_key_holds_leads_back(pool: Pool, new_campaign: NewCampaign) -> None:
    """Nothing crashes: a review says why each is held, and the key that comes back frees them."""
    campaign = await new_campaign()
    await written(pool, campaign.id, sealing(FIRST))

    lost = HeldLeadRepository(pool, sealing(SECOND))
    assert await lost.review(campaign.id, nobody_held_back) == 2
    page = await LeadRepository(pool, sealing(SECOND)).page(
        campaign.id, state=LeadState.HELD_BACK, limit=5
    )
    assert [lead.reason for _, lead in page] == ["PERSON_UNREADABLE"] * 2

    found = HeldLeadRepository(pool, sealing(f"{SECOND},{FIRST}"))
    assert await found.review(campaign.id, nobody_held_back) == 2
    assert await found.count(campaign.id) == 0


async def test_wrapping_keys_change_without_a_row(pool: Pool, new_campaign: NewCampaign) -> None:
    """After it the old one is not needed; whose key is lost is named."""
    campaign = await new_campaign()
    ada = await written(pool, campaign.id, sealing(FIRST))
    before = await pool.fetch("SELECT * FROM leads ORDER BY id")

    with pytest.raises(KeyLost):
        await wrap_anew(pool, sealing(SECOND))
    assert await wrap_anew(pool, sealing(f"{SECOND},{FIRST}")) == 2

    assert await pool.fetch("SELECT * FROM leads ORDER BY id") == before
    await assert_read(pool, ada, sealing(SECOND))


async def test_who_is_completed_stays_sealed(pool: Pool, new_campaign: NewCampaign) -> None:
    """Also one who was in clear until then."""
    campaign = await new_campaign()
    await LeadRepository(pool, IN_CLEAR).add(campaign.id, [BOB], now=NOW)
    await pool.execute("UPDATE leads SET held_reason = 'VARIABLE_MISSING'")
    more = replace(BOB, phone="+1 555", variables={"motto": "build"})

    released = await HeldLeadRepository(pool, SEAL).complete(campaign.id, [more], nobody_held_back)

    assert released == 1
    ((_, lead),) = await LeadRepository(pool, SEAL).page(campaign.id, limit=1)
    assert lead.person == more
    assert "Robert" not in await everything(pool)


async def test_a_purged_lead_is_known_by_hashes(pool: Pool, new_campaign: NewCampaign) -> None:
    """What is left to compare answers by is what nobody reads."""
    campaign = await new_campaign()
    await written(pool, campaign.id, SEAL)
    await pool.execute("UPDATE leads SET started_at = now(), state = 'completed'")
    await pool.execute(
        "UPDATE campaigns SET state = 'stopped', deleted_at = now(), purge_at = $1,"
        ' settings = settings || \'{"reply_scope": "company"}\'',
        NOW,
    )

    await PurgeRepository(pool).purge(now=NOW + timedelta(days=1), keep=timedelta(days=1))

    rows = await pool.fetch("SELECT public_identifier, company FROM purged_leads ORDER BY company")
    hashes = (SEAL.hashed("org_north", "company", company_key(each)) for each in ("", ADA.company))
    assert [row["company"] for row in rows] == list(hashes)
    assert "ada-lovelace-1815" not in repr(rows)


async def test_companies_are_keyed_as_the_schema_does(pool: Pool) -> None:
    """Whatever the database's locale; the key of a hash is the hash."""
    names = [
        "Muster GmbH & Co. KG", "A.B. Example, Ltd", "Acme AB",
        "  spaced  out  ", "under_score Inc.", "Example Sp. z o.o.", "GmbH", "",
        SEAL.hashed("org_north", "company", "acme"),
    ]  # fmt: skip

    found = [await pool.fetchval("SELECT company_key($1)", name) for name in names]

    assert [company_key(name) for name in names] == found
    assert found[-1] == names[-1]
