"""Who may be released, what is known of them, and whom of their companies was turned to."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from campaigns.models import Campaign, LeadAdmission, Person
from campaigns.repositories.admission.candidate_repository import (
    CandidateRepository,
    ReleaseCandidate,
)
from campaigns.repositories.admission.release import ToRelease
from campaigns.repositories.admission.release_repository import ReleaseRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import IN_CLEAR, SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign, people

SINCE = NOW - timedelta(days=14)


@pytest.fixture
def candidates(pool: Pool) -> CandidateRepository:
    return CandidateRepository(pool, SEAL)


async def ready(candidates: CandidateRepository, campaign: Campaign) -> list[ReleaseCandidate]:
    """All of them, whatever page they are on."""
    return [each async for page in candidates.ready(campaign.id) for each in page]


async def test_pages_have_everybody_once(
    candidates: CandidateRepository, new_campaign: NewCampaign
) -> None:
    """In the order of the list, also where the last page is full; of nobody there is one page."""
    campaign = await new_campaign(6)
    whole = [each.lead_id for each in await ready(candidates, campaign)]

    for size, pages in ((2, 4), (4, 2), (7, 1)):
        found = [page async for page in candidates.ready(campaign.id, page=size)]
        assert len(found) == pages
        assert [each.lead_id for page in found for each in page] == whole
    assert [page async for page in candidates.ready("camp_none")] == [[]]


async def test_who_is_ready_and_not_released_is_a_candidate(
    pool: Pool, candidates: CandidateRepository, new_campaign: NewCampaign
) -> None:
    """In the order of the list, with what is known of them; who was released waits elsewhere."""
    campaign = await new_campaign(4, admission=LeadAdmission.RELEASED_ONLY)
    first, second, *_ = await ready(candidates, campaign)
    await ReleaseRepository(pool).release(
        campaign.id,
        "rel_1",
        [ToRelease(lead_id=first.lead_id, account_id="acct_one")],
        now=NOW,
    )

    left = await ready(candidates, campaign)

    assert first.person is not None
    assert first.person.public_identifier == "person-0"
    assert [left[0].lead_id, len(left)] == [second.lead_id, 3]
    asked = [first.lead_id, second.lead_id]
    load = await candidates.load(campaign, begun_since=NOW, decided=asked)
    assert (load.running, load.waiting, load.begun) == (0, 1, 0)
    (waits,) = load.of_senders
    assert load.unreleased == {second.lead_id}
    assert (waits.account_id, waits.leads) == ("acct_one", 1)


async def test_a_company_is_known_again_sealed_or_in_clear(
    pool: Pool, candidates: CandidateRepository, new_campaign: NewCampaign
) -> None:
    """By one hash, whoever has written the row, in every campaign of the organization."""
    earlier = await new_campaign(0, admission=LeadAdmission.RELEASED_ONLY)
    clear = LeadRepository(pool, IN_CLEAR)
    named = [replace(each, company="Acme GmbH") for each in people(1)]
    await clear.add(earlier.id, named, now=NOW)
    (contacted,) = await ready(candidates, earlier)
    await ReleaseRepository(pool).release(
        earlier.id,
        "rel_1",
        [ToRelease(lead_id=contacted.lead_id, account_id="acct_two")],
        now=NOW,
    )
    campaign = await new_campaign(0)
    known = Person(public_identifier="ada", company="ACME")
    await LeadRepository(pool, SEAL).add(campaign.id, [known], now=NOW)

    found = await ready(candidates, campaign)
    (turn,) = await candidates.turns("org_north", found, since=SINCE, decided={})

    assert turn.account_id == "acct_two"
    assert turn.company_key == found[0].company_key == contacted.company_key != ""
    assert await candidates.turns("org_south", found, since=SINCE, decided={}) == []
    assert await candidates.turns("org_north", found, since=NOW, decided={}) == []


@pytest.mark.lasts(seconds=20)
async def test_ten_thousand_are_read_within_a_second_of_processor(
    pool: Pool, candidates: CandidateRepository, new_campaign: NewCampaign
) -> None:
    """Opened, one by one: what is sealed is sealed for each person by a key of their own."""
    campaign = await new_campaign(0)
    named = [
        replace(each, title="Head of Sales", company=f"Company {number % 3000}")
        for number, each in enumerate(people(10_000))
    ]
    await LeadRepository(pool, SEAL).add(campaign.id, named, now=NOW)

    begun = time.process_time()
    found = await ready(candidates, campaign)
    await candidates.turns("org_north", found, since=SINCE, decided={})
    taken = time.process_time() - begun

    assert len(found) == 10_000
    assert taken < 1.5
