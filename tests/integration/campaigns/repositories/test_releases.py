"""Who is released, and that a campaign that admits released leads only admits nobody else."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from campaigns.errors import CampaignEnded
from campaigns.models import Campaign, CampaignState, LeadAdmission, LeadState
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.admission.line_repository import LineRepository
from campaigns.repositories.admission.release import ReleaseAnswer, ToRelease
from campaigns.repositories.admission.release_repository import ReleaseRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.status_repository import StatusRepository
from servicekit.postgres.pool import Pool
from servicekit.request_ids.errors import RequestIdReused

from tests.integration.campaigns.conftest import NOW, NewCampaign

RELEASED_ONLY = LeadAdmission.RELEASED_ONLY
RELEASED = ReleaseAnswer.RELEASED


@pytest.fixture
def releases(pool: Pool) -> ReleaseRepository:
    return ReleaseRepository(pool)


async def ids(leads: LeadRepository, campaign: Campaign) -> Sequence[str]:
    return [lead.id for _, lead in await leads.page(campaign.id, limit=1000)]


def of(*lead_ids: str) -> list[ToRelease]:
    return [ToRelease(lead_id=each) for each in lead_ids]


async def test_only_released_leads_are_admitted_by_rank_then_by_the_list(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
    releases: ReleaseRepository,
    pool: Pool,
) -> None:
    """None without a release, the highest rank first, no rank last, else the list's order."""
    campaign = await new_campaign(6, admission=RELEASED_ONLY, max_concurrent_leads=4)
    one, two, three, four, five, _ = await ids(leads, campaign)
    before = await admissions.admit(campaign.id, now=NOW, limit=10)
    ranked = {two: 0.5, three: None, one: None, five: 2.0, four: 0.5}
    await releases.release(
        campaign.id,
        "rel_1",
        [ToRelease(lead_id=each, rank=rank) for each, rank in ranked.items()],
        now=NOW,
    )
    lines = LineRepository(pool)
    ahead = [await lines.ahead_of(campaign, each) for each in (five, two, four, one, three)]

    admission = await admissions.admit(campaign.id, now=NOW, limit=10)

    assert (before.leads, before.ready, before.unreleased, before.next_at) == ((), 6, 6, None)
    assert [lead.lead_id for lead in admission.leads] == [five, two, four, one]
    assert ahead == [0, 1, 2, 3, 4]
    assert (admission.running, admission.ready, admission.unreleased) == (4, 2, 1)
    starts = [lead.start_at for lead in admission.leads]
    assert starts == sorted(starts)


@pytest.mark.parametrize("seed", range(5))
async def test_admission_never_takes_another_nor_more(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
    releases: ReleaseRepository,
    seed: int,
) -> None:
    """However leads are released and taken back: no other, no more than fit, in their order."""
    drawn = random.Random(seed)
    campaign = await new_campaign(15, admission=RELEASED_ONLY, max_concurrent_leads=7)
    places = {each: place for place, each in enumerate(await ids(leads, campaign))}
    released: dict[str, float | None] = {}
    walking: list[str] = []
    for number in range(6):
        some = drawn.sample(sorted(places), 4)
        ranks = {each: drawn.choice([None, 0.0, 1.0, -2.5]) for each in some}
        asked = [ToRelease(lead_id=each, rank=rank) for each, rank in ranks.items()]
        made = await releases.release(campaign.id, f"rel_{number}", asked, now=NOW)
        given = zip(some, made.answers, strict=True)
        released |= {each: ranks[each] for each, answer in given if answer is RELEASED}
        back = drawn.sample(sorted(places), 2)
        for each in await releases.withdraw(campaign.id, lead_ids=back, now=NOW):
            del released[each]
        limit = drawn.randint(1, 5)

        admission = await admissions.admit(campaign.id, now=NOW, limit=limit)

        order = sorted(released, key=lambda each: (-(released[each] or 0.0), places[each]))
        order = [each for each in order if released[each] is not None] + [
            each for each in order if released[each] is None
        ]
        room = min(limit, 7 - len(walking))
        admitted = [lead.lead_id for lead in admission.leads]
        assert admitted == order[:room]
        await admissions.confirm_started(campaign.id, admitted)
        walking += admitted
        for each in admitted:
            del released[each]
        if walking and drawn.random() < 0.5:
            ended = walking.pop(0)
            await leads.finish(ended, state=LeadState.COMPLETED, reason="", now=NOW)


async def test_a_named_account_is_kept_and_the_rotation_gives_the_others(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
    releases: ReleaseRepository,
    pool: Pool,
) -> None:
    """What is named weighs in the rotation; who sends no more for the campaign is as unnamed."""
    campaign = await new_campaign(4, admission=RELEASED_ONLY)
    lead_ids = await ids(leads, campaign)
    named = ["acct_one", "acct_one", "", "acct_two"]
    await releases.release(
        campaign.id,
        "rel_1",
        [ToRelease(lead_id=i, account_id=a) for i, a in zip(lead_ids, named, strict=True)],
        now=NOW,
    )
    await pool.execute("UPDATE campaigns SET account_ids = '{acct_one,acct_three}'")

    admission = await admissions.admit(campaign.id, now=NOW, limit=10)

    accounts = [lead.account_id for lead in admission.leads]
    assert accounts == ["acct_one", "acct_one", "acct_three", "acct_three"]


async def test_a_release_answers_for_each_lead(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    releases: ReleaseRepository,
    admissions: AdmissionRepository,
    pool: Pool,
) -> None:
    """Why it was not released, where it was not."""
    campaign = await new_campaign(5)
    walks, held, before, alone, other = await ids(leads, campaign)
    await admissions.admit(campaign.id, now=NOW, limit=1)
    await pool.execute("UPDATE leads SET held_reason = 'BLANK' WHERE id = $1", held)
    await releases.release(campaign.id, "rel_0", of(before), now=NOW)
    asked = [
        *of(walks, held, before, "lead_nobody"),
        ToRelease(lead_id=other, account_id="acct_x"),
        ToRelease(lead_id=alone, account_id="acct_two", rank=1.5),
    ]

    release = await releases.release(campaign.id, "rel_1", asked, now=NOW)

    assert release.lead_ids == [each.lead_id for each in asked]
    assert release.answers == [
        ReleaseAnswer.NOT_READY,
        ReleaseAnswer.HELD,
        ReleaseAnswer.ALREADY_RELEASED,
        ReleaseAnswer.NOT_FOUND,
        ReleaseAnswer.ACCOUNT_NOT_OF_CAMPAIGN,
        RELEASED,
    ]
    lead = await leads.get(campaign.id, alone)
    assert (lead.released_at, lead.release_id, lead.rank) == (NOW, "rel_1", 1.5)
    assert (await leads.get(campaign.id, other)).released_at is None


async def test_two_hundred_of_one_id_are_one(
    leads: LeadRepository, new_campaign: NewCampaign, releases: ReleaseRepository, pool: Pool
) -> None:
    """All at once, each naming somebody else: one counts, and all are answered as it was."""
    campaign = await new_campaign(200)
    lead_ids = await ids(leads, campaign)

    answers = await asyncio.gather(
        *(releases.release(campaign.id, "rel_1", of(each), now=NOW) for each in lead_ids)
    )

    assert len({(*each.lead_ids, *each.answers) for each in answers}) == 1
    assert await pool.fetchval("SELECT count(*) FROM leads WHERE released_at IS NOT NULL") == 1


async def test_an_id_is_one_campaigns(
    leads: LeadRepository,
    campaigns: CampaignRepository,
    new_campaign: NewCampaign,
    releases: ReleaseRepository,
) -> None:
    """Another's is refused; what is over releases nobody, but says again what it did."""
    campaign, other = await new_campaign(1), await new_campaign(1)
    (lead_id,), (foreign,) = await ids(leads, campaign), await ids(leads, other)
    first = await releases.release(campaign.id, "rel_1", of(lead_id, foreign), now=NOW)

    with pytest.raises(RequestIdReused):
        await releases.release(other.id, "rel_1", of(foreign), now=NOW)
    await campaigns.end(campaign.id, CampaignState.STOPPED, now=NOW)
    with pytest.raises(CampaignEnded):
        await releases.release(campaign.id, "rel_2", of(lead_id), now=NOW)

    again = await releases.release(campaign.id, "rel_1", [], now=NOW + timedelta(days=1))
    assert [*first.answers] == [*again.answers] == [RELEASED, ReleaseAnswer.NOT_FOUND]
    assert again.released_at == NOW


async def test_who_was_not_admitted_is_taken_back(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
    releases: ReleaseRepository,
) -> None:
    """By the release or one by one, once; who walks keeps theirs, and a further one may follow."""
    campaign = await new_campaign(4, admission=RELEASED_ONLY, max_concurrent_leads=1)
    walks, two, three, four = await ids(leads, campaign)
    await releases.release(campaign.id, "rel_1", of(walks, two, three), now=NOW)
    await releases.release(campaign.id, "rel_2", of(four), now=NOW)
    await admissions.admit(campaign.id, now=NOW, limit=1)

    singly = await releases.withdraw(campaign.id, lead_ids=[two, walks, "lead_nobody"], now=NOW)
    rest = await releases.withdraw(campaign.id, release_id="rel_1", now=NOW)
    nobody = await releases.withdraw(campaign.id, release_id="rel_1", now=NOW)
    without = await releases.withdraw(campaign.id, now=NOW)

    assert (singly, rest, nobody, without) == ([two], [three], [], [])
    assert (await leads.get(campaign.id, walks)).release_id == "rel_1"
    further = await releases.release(campaign.id, "rel_3", of(two, four), now=NOW)
    assert further.answers == [RELEASED, ReleaseAnswer.ALREADY_RELEASED]


async def test_who_is_held_back_when_a_release_is_taken_back_does_not_enter_by_it_later(
    leads: LeadRepository,
    new_campaign: NewCampaign,
    admissions: AdmissionRepository,
    releases: ReleaseRepository,
    pool: Pool,
) -> None:
    """An edit held them back and an import completed them: in between all of it was taken back."""
    campaign = await new_campaign(2, admission=RELEASED_ONLY)
    held, other = await ids(leads, campaign)
    await releases.release(campaign.id, "rel_1", of(held, other), now=NOW)
    await pool.execute("UPDATE leads SET held_reason = 'BLANK' WHERE id = $1", held)

    withdrawn = await releases.withdraw(campaign.id, release_id="rel_1", now=NOW)

    await pool.execute("UPDATE leads SET held_reason = '' WHERE id = $1", held)
    assert withdrawn == sorted([held, other])
    assert (await admissions.admit(campaign.id, now=NOW, limit=10)).leads == ()


async def test_a_campaign_kept_open_ends_by_a_stop_or_by_its_time(
    campaigns: CampaignRepository, new_campaign: NewCampaign
) -> None:
    """It goes on with nobody left; one that is not completes."""
    day = timedelta(days=1)
    waiting = await new_campaign(keep_open=True)
    timed = await new_campaign(keep_open=True, end_at=NOW + day)

    goes_on = await campaigns.end_if_over(waiting.id, stopped=False, now=NOW)
    in_time = await campaigns.end_if_over(timed.id, stopped=False, now=NOW)
    late = await campaigns.end_if_over(timed.id, stopped=False, now=NOW + day)
    await campaigns.stop(waiting.id, complete_current_executions=True)
    stopped = await campaigns.end_if_over(waiting.id, stopped=True, now=NOW)

    assert (goes_on, in_time) == (None, None)
    assert late is not None
    assert late.state is CampaignState.COMPLETED
    assert stopped is not None
    assert stopped.state is CampaignState.STOPPED


async def test_a_status_counts_who_was_released(
    leads: LeadRepository, new_campaign: NewCampaign, releases: ReleaseRepository, pool: Pool
) -> None:
    """Of those that are ready."""
    campaign = await new_campaign(3, admission=RELEASED_ONLY)
    first, *_ = await ids(leads, campaign)
    await releases.release(campaign.id, "rel_1", of(first), now=NOW)

    assert (await StatusRepository(pool).counts(campaign.id)).released == 1


async def test_who_admits_released_leads_reads_them_by_their_index(
    new_campaign: NewCampaign, pool: Pool
) -> None:
    """Not the list, however long that is."""
    campaign = await new_campaign(1, admission=RELEASED_ONLY)
    plan = await pool.fetch(
        "EXPLAIN SELECT id FROM leads WHERE campaign_id = $1 AND state = 'ready'"
        " AND held_reason = '' AND released_at IS NOT NULL"
        " ORDER BY rank DESC NULLS LAST, position LIMIT 10",
        campaign.id,
    )

    assert "leads_released" in "\n".join(row[0] for row in plan)


async def test_a_release_that_was_taken_back_before_it_came_is_of_nobody(
    leads: LeadRepository, new_campaign: NewCampaign, releases: ReleaseRepository
) -> None:
    """Whoever was on the way with it comes too late, however often; other releases are made."""
    campaign, other = await new_campaign(3, admission=RELEASED_ONLY), await new_campaign(1)
    one, two, three = await ids(leads, campaign)

    withdrawn = await releases.withdraw(campaign.id, release_id="rel_1", now=NOW)
    late = [await releases.release(campaign.id, "rel_1", of(one, two), now=NOW) for _ in range(2)]
    made = await releases.release(campaign.id, "rel_2", of(one, three), now=NOW)
    await releases.withdraw(other.id, release_id="rel_2", now=NOW)

    assert withdrawn == []
    assert [each.lead_ids for each in late] == [(), ()]
    assert made.answers == [RELEASED, RELEASED]
    assert await releases.withdraw(campaign.id, release_id="rel_2", now=NOW) == sorted([one, three])
    with pytest.raises(RequestIdReused):
        await releases.release(other.id, "rel_1", of(one), now=NOW)
