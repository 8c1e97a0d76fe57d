"""Why leads are held back may quote their list: it lies sealed, and is read in either form."""

from dataclasses import replace
from datetime import timedelta

import pytest
from campaigns.models import HeldBack, Lead, LeadState, Person
from campaigns.repositories.edits.fill_repository import FillRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.rows import UNREADABLE
from campaigns.sealing.sealed_rows import SEALED
from campaigns.texts.lead_check import Check, lead_check, nobody_held_back
from servicekit.postgres.pool import Pool
from servicekit.sealing.rotation import DataKeyRotation
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import FIRST, IN_CLEAR, SEAL, SECOND, sealing
from tests.integration.campaigns.conftest import NOW, SEQUENCE, NewCampaign

ASKS = Person(public_identifier="ada-example", first_name="Ada", last_name="Grauwacke (DNC)")
QUOTE = "Grauwacke"
CHECK: Check = lead_check(SEQUENCE, [])
# As the release before held somebody back, and let them go.
HOLD = "UPDATE leads SET held_reason = 'TEXT_MISSING', held_detail = $1 WHERE id = $2"
RELEASE = "UPDATE leads SET held_reason = '', held_detail = '' WHERE id = $1"
OF_BEFORE = """
UPDATE leads SET held_reason = 'DO_NOT_CONTACT', held_detail = $1, sealed_held_detail = NULL
"""
FAIL = "UPDATE leads SET state = 'failed', reason = held_reason, ended_at = now()"


async def lies(pool: Pool) -> bool:
    """Whether the quote stands in a row, also as bytes."""
    rows = await pool.fetch("SELECT leads::text AS said FROM leads")
    assert rows
    return any(each in row["said"] for row in rows for each in (QUOTE, QUOTE.encode().hex()))


async def only_lead(pool: Pool, seal: Seal, campaign_id: str) -> Lead:
    ((_, lead),) = await LeadRepository(pool, seal).page(campaign_id, limit=2)
    return lead


async def reviewed(pool: Pool, campaign_id: str, seal: Seal) -> int:
    return await HeldLeadRepository(pool, seal).review(campaign_id, CHECK)


@pytest.mark.parametrize("seal", [SEAL, IN_CLEAR], ids=["sealed", "in clear"])
@pytest.mark.parametrize("found", ["as they are added", "by a review", "as they are completed"])
async def test_a_quote_lies_nowhere(
    pool: Pool, new_campaign: NewCampaign, found: str, seal: Seal
) -> None:
    """However somebody is held back, the sentence is told; with the seal off it lies there."""
    campaign = await new_campaign()
    leads, held = LeadRepository(pool, seal), HeldLeadRepository(pool, seal)
    match found:
        case "as they are added":
            await leads.add(campaign.id, [ASKS], now=NOW, check=CHECK)
        case "by a review":
            await leads.add(campaign.id, [ASKS], now=NOW)
            assert await held.review(campaign.id, CHECK) == 1
        case _:
            blank = replace(ASKS, last_name="")
            await leads.add(campaign.id, [blank], now=NOW, check=nothing_to_say)
            assert await held.complete(campaign.id, [ASKS], CHECK) == 0

    lead = await only_lead(pool, seal, campaign.id)

    assert (lead.state, lead.reason) == (LeadState.HELD_BACK, "DO_NOT_CONTACT")
    assert QUOTE in lead.detail
    assert await lies(pool) is (seal is IN_CLEAR)
    assert await held.review(campaign.id, CHECK) == 0


def nothing_to_say(_lead_id: str, _person: Person) -> HeldBack:
    return HeldBack(reason="TEXT_MISSING", detail="There is nothing to say.")


async def test_who_may_begin_has_no_reason_left(pool: Pool, new_campaign: NewCampaign) -> None:
    """Neither in clear nor sealed."""
    campaign = await new_campaign()
    await LeadRepository(pool, SEAL).add(campaign.id, [ASKS], now=NOW, check=CHECK)

    assert await HeldLeadRepository(pool, SEAL).review(campaign.id, nobody_held_back) == 1

    row = await pool.fetchrow("SELECT held_reason, held_detail, sealed_held_detail FROM leads")
    assert row is not None
    assert tuple(row.values()) == ("", "", None)
    assert (await only_lead(pool, SEAL, campaign.id)).detail == ""


async def test_a_process_of_the_release_before_is_believed(
    pool: Pool, new_campaign: NewCampaign
) -> None:
    """It knows nothing of what is sealed: what it writes takes the place of that."""
    campaign = await new_campaign()
    await LeadRepository(pool, SEAL).add(campaign.id, [ASKS], now=NOW, check=CHECK)
    lead = await only_lead(pool, SEAL, campaign.id)

    await pool.execute(HOLD, "Nothing is left to say.", lead.id)
    held = await only_lead(pool, SEAL, campaign.id)
    await reviewed(pool, campaign.id, SEAL)
    again = await only_lead(pool, SEAL, campaign.id)
    await pool.execute(RELEASE, lead.id)
    released = await only_lead(pool, SEAL, campaign.id)

    assert (held.reason, held.detail) == ("TEXT_MISSING", "Nothing is left to say.")
    assert again == replace(lead, updated_at=again.updated_at)
    assert (released.state, released.detail) == (LeadState.READY, "")
    assert await pool.fetchval("SELECT sealed_held_detail FROM leads") is None


async def test_whoever_has_failed_tells_why_after_that_is_told(
    pool: Pool, new_campaign: NewCampaign
) -> None:
    """The end of a campaign fails those who are held back; that this is told changes no reason."""
    campaign = await new_campaign()
    await LeadRepository(pool, SEAL).add(campaign.id, [ASKS], now=NOW, check=CHECK)
    held = HeldLeadRepository(pool, SEAL)
    await pool.execute(FAIL)

    await held.mark_published(await held.failed(campaign.id, limit=5))

    lead = await only_lead(pool, SEAL, campaign.id)
    assert (lead.state, lead.reason) == (LeadState.FAILED, "DO_NOT_CONTACT")
    assert QUOTE in lead.detail


async def test_rows_of_before_are_read_and_sealed(pool: Pool, new_campaign: NewCampaign) -> None:
    """By one run of the job; a second one finds nothing, and whoever does not seal reads it too."""
    campaign = await new_campaign()
    await LeadRepository(pool, SEAL).add(campaign.id, [ASKS], now=NOW)
    await pool.execute(OF_BEFORE, f"“{QUOTE}” asks not to contact them.")
    before = await only_lead(pool, SEAL, campaign.id), await lies(pool)

    first, second = [await FillRepository(pool, SEAL).seal_all() for _ in range(2)]

    assert (before[0].detail, before[1]) == (f"“{QUOTE}” asks not to contact them.", True)
    assert (first.sealed["held"], first.left["held"]) == (1, 0)
    assert (second.sealed["held"], second.left["held"]) == (0, 0)
    assert not await lies(pool)
    for seal in (SEAL, IN_CLEAR):
        assert (await only_lead(pool, seal, campaign.id)).detail == before[0].detail


async def test_who_does_not_open_is_told_so_and_left(pool: Pool, new_campaign: NewCampaign) -> None:
    """What is wrong names nobody, and there is no key to seal it by: nothing is left to be done."""
    campaign = await new_campaign()
    await LeadRepository(pool, sealing(FIRST)).add(campaign.id, [ASKS], now=NOW, check=CHECK)
    unread = await only_lead(pool, sealing(SECOND), campaign.id)

    first = await reviewed(pool, campaign.id, sealing(SECOND))
    lead = await only_lead(pool, sealing(SECOND), campaign.id)
    second = await reviewed(pool, campaign.id, sealing(SECOND))
    filled = await FillRepository(pool, sealing(SECOND)).seal_all()
    await reviewed(pool, campaign.id, sealing(FIRST))

    assert (unread.reason, unread.detail) == ("DO_NOT_CONTACT", UNREADABLE)
    assert (first, second) == (1, 0)
    assert lead.reason == "PERSON_UNREADABLE"
    assert lead.detail.startswith("leads.person: ")
    assert (filled.sealed["held"], filled.left["held"]) == (0, 0)
    assert QUOTE in (await only_lead(pool, sealing(FIRST), campaign.id)).detail


async def test_it_opens_by_keys_that_came_after(pool: Pool, new_campaign: NewCampaign) -> None:
    """A change of data keys finds it, and no key of before is needed."""
    campaign = await new_campaign()
    await LeadRepository(pool, SEAL).add(campaign.id, [ASKS], now=NOW, check=CHECK)

    done = await DataKeyRotation(pool, SEAL, SEALED).rotate(
        older_than=timedelta(0), kept=timedelta(0)
    )

    assert (done.unreadable, done.left) == (0, 0)
    assert QUOTE in (await only_lead(pool, SEAL, campaign.id)).detail
