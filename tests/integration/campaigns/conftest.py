from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from campaigns.models import Campaign, CampaignSettings, CampaignState, Person
from campaigns.repositories.admission.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.sequences.json_form import content_hash
from campaigns.sequences.revision import Revision
from campaigns.sequences.sequence import Sequence, Step, StepKind
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL

# A Monday.
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)

SEQUENCE = Sequence(
    steps=(
        Step(
            step_id="visit",
            index=0,
            kind=StepKind.PROFILE_VISIT,
            next_step_id="invite",
            next_delay=timedelta(minutes=90),
        ),
        Step(
            step_id="invite",
            index=1,
            kind=StepKind.SEND_CONNECTION_REQUEST,
            waits_for_acceptance=True,
            text="Hello {{first_name}}",
        ),
    )
)

NewCampaign = Callable[..., Awaitable[Campaign]]


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    async with connect_pool(new_database(("campaign", "campaigns")), "campaign") as pool:
        yield pool


@pytest.fixture
def campaigns(pool: Pool) -> CampaignRepository:
    return CampaignRepository(pool)


@pytest.fixture
def leads(pool: Pool) -> LeadRepository:
    return LeadRepository(pool, SEAL)


@pytest.fixture
def steps(pool: Pool) -> StepRepository:
    return StepRepository(pool, SEAL)


@pytest.fixture
def admissions(pool: Pool) -> AdmissionRepository:
    return AdmissionRepository(pool)


def draft(**changes: object) -> tuple[Campaign, Revision]:
    campaign_id, revision_id = new_id("camp"), new_id("seq")
    campaign = Campaign(
        id=campaign_id,
        organization_id="org_north",
        name="Spring",
        state=CampaignState.DRAFT,
        account_ids=("acct_one", "acct_two"),
        settings=CampaignSettings(),
        revision_id=revision_id,
        created_at=NOW,
    )
    revision = Revision(
        id=revision_id,
        campaign_id=campaign_id,
        number=1,
        content_hash=content_hash(SEQUENCE),
        sequence=SEQUENCE,
        source_json="{}",
        created_at=NOW,
    )
    return replace(campaign, **changes), revision  # type: ignore[arg-type]


def people(count: int) -> list[Person]:
    return [
        Person(public_identifier=f"person-{number}", first_name=f"P{number}")
        for number in range(count)
    ]


@pytest.fixture
def new_campaign(campaigns: CampaignRepository, leads: LeadRepository) -> NewCampaign:
    """Makes a running campaign with so many leads."""

    async def make(lead_count: int = 0, **settings: object) -> Campaign:
        campaign, revision = draft(settings=CampaignSettings(**settings))  # type: ignore[arg-type]
        await campaigns.create(campaign, revision, request_id=campaign.id)
        await leads.add(campaign.id, people(lead_count), now=NOW)
        return await campaigns.start(campaign.id, now=NOW)

    return make
