"""Whom a reply reaches, whether who replied and who is reached are sealed, in clear or purged."""

from datetime import timedelta

import pytest
from campaigns.answers import ReplyScope
from campaigns.models import Person
from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.edits.purge_repository import PurgeRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.reply_scope_repository import ReplyScopeRepository
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import FIRST, SECOND, sealing
from tests.integration.campaigns.conftest import NOW, NewCampaign

SEAL, IN_CLEAR, LOST = sealing(FIRST), sealing(FIRST, on=False), sealing(SECOND)
ADA = Person(public_identifier="ada", company="ÉCOLE Nord SA")
BOB = Person(public_identifier="bob", company="ÉCOLE Nord")
EVE = Person(public_identifier="eve", company="ÎLE Nord")
SEALS = pytest.mark.parametrize("elsewhere", [SEAL, IN_CLEAR], ids=["sealed", "in_clear"])


async def replied(pool: Pool, campaign_id: str, seal: Seal) -> str:
    """Ada as a lead; her id."""
    await LeadRepository(pool, seal).add(campaign_id, [ADA], now=NOW)
    ((_, ada),) = await LeadRepository(pool, seal).page(campaign_id, limit=1)
    return ada.id


async def reached(pool: Pool, campaign_id: str, lead_id: str, seal: Seal) -> list[tuple[str, bool]]:
    """Who is, and whether as the same person."""
    await pool.execute("UPDATE leads SET state = 'running'")
    found = await ReplyScopeRepository(pool, seal).leads_in_scope(
        "org_north", campaign_id, lead_id, ReplyScope.COMPANY, limit=9
    )
    leads = LeadRepository(pool, SEAL)
    people = [(await leads.get(each.campaign_id, each.lead_id)).person for each in found]
    by_person = zip(people, found, strict=True)
    return sorted((person.public_identifier, each.same_person) for person, each in by_person)


EVERYBODY = [("ada", True), ("bob", False)]


@SEALS
@pytest.mark.parametrize("here", [SEAL, IN_CLEAR], ids=["sealed", "in_clear"])
async def test_colleagues_are_reached_beyond_ascii(
    pool: Pool, new_campaign: NewCampaign, here: Seal, elsewhere: Seal
) -> None:
    """Whatever the database's locale knows of letters, and nobody of another company."""
    one, other = await new_campaign(), await new_campaign()
    ada = await replied(pool, one.id, here)
    await LeadRepository(pool, elsewhere).add(other.id, [ADA, BOB, EVE], now=NOW)

    assert await reached(pool, one.id, ada, SEAL) == EVERYBODY


@SEALS
async def test_who_does_not_open_reaches_as_far(
    pool: Pool, new_campaign: NewCampaign, elsewhere: Seal
) -> None:
    """By hashes alone, also whoever is in clear."""
    one, other = await new_campaign(), await new_campaign()
    ada = await replied(pool, one.id, SEAL)
    await LeadRepository(pool, elsewhere).add(other.id, [ADA, BOB, EVE], now=NOW)

    assert await reached(pool, one.id, ada, LOST) == EVERYBODY


@SEALS
@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("here", [SEAL, IN_CLEAR], ids=["sealed", "in_clear"])
async def test_who_was_purged_reaches_as_far(
    pool: Pool, new_campaign: NewCampaign, here: Seal, elsewhere: Seal, *, filled: bool
) -> None:
    """By what is left of them, before and after what lies in clear is sealed."""
    one, other = await new_campaign(), await new_campaign()
    ada = await replied(pool, one.id, here)
    await pool.execute("UPDATE leads SET started_at = now(), state = 'completed'")
    await pool.execute(
        "UPDATE campaigns SET state = 'stopped', deleted_at = now(), purge_at = $2,"
        ' settings = settings || \'{"reply_scope": "company"}\' WHERE id = $1',
        one.id,
        NOW,
    )
    await PurgeRepository(pool).purge(now=NOW + timedelta(days=1), keep=timedelta(days=1))
    await LeadRepository(pool, elsewhere).add(other.id, [ADA, BOB, EVE], now=NOW)
    if filled:
        await FillRepository(pool, SEAL).seal_all()

    assert await reached(pool, one.id, ada, SEAL) == EVERYBODY
