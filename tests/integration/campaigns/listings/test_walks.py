"""Walking a list page by page, whatever it is filtered by."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import pytest
from campaigns.listings.campaigns import CAMPAIGNS, CampaignPages
from campaigns.listings.leads import LEADS, LeadPages
from campaigns.models import CampaignState, Lead, Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.lists.pages import PageRequest
from servicekit.lists.schemas import EXAMINED
from servicekit.postgres.pool import Pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, NewCampaign, draft


async def walk(pool: Pool, campaign_id: str, request: PageRequest) -> list[Sequence[Lead]]:
    """Every page of a list."""
    pages, after = [], request.after
    while True:
        page, after = await LeadPages(pool, SEAL).page(
            "org_north", campaign_id, PageRequest(**vars(request) | {"after": after})
        )
        pages.append(page)
        if after is None:
            return pages


LATER = NOW + timedelta(hours=1)
CAME_LATER = f"create_time > {NOW:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("order", ["position", "position desc", "update_time", "update_time desc"])
@pytest.mark.parametrize("text", ["", CAME_LATER, f"state = READY NOT {CAME_LATER}"])
async def test_a_walk_visits_each_once(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository, order: str, text: str
) -> None:
    """In the order that was asked for, and no others, though a page ends anywhere."""
    campaign = await new_campaign()
    came = [LATER, NOW, LATER, LATER, NOW, LATER, LATER]
    for number, now in enumerate(came):
        await leads.add(campaign.id, [Person(public_identifier=f"p-{number}")], now=now)
    request = PageRequest(expression=LEADS.filter(text), ordering=LEADS.ordering(order), limit=2)

    pages = await walk(pool, campaign.id, request)

    meant = {"": [*range(7)], CAME_LATER: [0, 2, 3, 5, 6]}.get(text, [1, 4])
    told = [lead.person.public_identifier for page in pages for lead in page]
    assert told == [f"p-{number}" for number in (meant[::-1] if "desc" in order else meant)]


async def test_a_page_that_found_little_is_not_the_last(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """A filter that no index answers costs a bounded page; the next ones find what is behind it."""
    campaign = await new_campaign()
    rare = {10, EXAMINED - 1, EXAMINED, 2 * EXAMINED + 5}
    for is_rare, numbers in groupby(range(2 * EXAMINED + 10), rare.__contains__):
        people = [Person(public_identifier=f"p-{number}") for number in numbers]
        await leads.add(campaign.id, people, now=LATER if is_rare else NOW)
    request = PageRequest(
        expression=LEADS.filter(CAME_LATER), ordering=LEADS.ordering(""), limit=100
    )

    pages = await walk(pool, campaign.id, request)

    assert [[lead.person.public_identifier for lead in page] for page in pages] == [
        ["p-10", f"p-{EXAMINED - 1}"],
        [f"p-{EXAMINED}"],
        [f"p-{2 * EXAMINED + 5}"],
    ]


async def test_a_change_moves_a_lead_in_the_order_of_changes(
    pool: Pool, new_campaign: NewCampaign, leads: LeadRepository
) -> None:
    """Who was written last comes last, and `update_time` says when."""
    campaign = await new_campaign()
    for name in ("ada", "grace"):
        await leads.add(campaign.id, [Person(public_identifier=name)], now=NOW)
    (_, ada), _ = await leads.page(campaign.id, limit=2)

    await leads.record_reply(ada.id, "Hello", at=NOW)
    ((last, *_), *_) = await walk(
        pool,
        campaign.id,
        PageRequest(ordering=LEADS.ordering("update_time desc"), limit=1),
    )

    assert last.id == ada.id
    assert ada.updated_at is not None
    assert last.updated_at is not None
    assert last.updated_at > ada.updated_at


async def test_campaigns_are_listed_by_state_and_name(
    pool: Pool, campaigns: CampaignRepository
) -> None:
    """Of the organization, newest first; deleted ones are not there."""
    ids = {}
    for name in ("Spring north", "Spring south", "Autumn", "Gone spring"):
        campaign, revision = draft(name=name)
        await campaigns.create(campaign, revision, request_id=name)
        ids[name] = campaign.id
    await campaigns.start(ids["Spring south"], now=NOW)
    await campaigns.delete(ids["Gone spring"], now=NOW, purge_at=NOW)

    async def told(text: str) -> set[str]:
        request = PageRequest(
            expression=CAMPAIGNS.filter(text), ordering=CAMPAIGNS.ordering(""), limit=10
        )
        found, _ = await CampaignPages(pool).page("org_north", request)
        return {campaign.name for campaign in found}

    assert await told("name:SPRING") == {"Spring north", "Spring south"}
    assert await told("name:spring AND NOT state = RUNNING") == {"Spring north"}
    assert await told(f"state = {CampaignState.RUNNING.name}") == {"Spring south"}
    assert await told("account_ids:acct_two start_time:*") == {"Spring south"}
    assert await told("account_ids:acct_three") == set()
