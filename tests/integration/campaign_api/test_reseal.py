"""`python -m campaign_api.reseal` leaves nothing that somebody who asks has to wait for."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from campaigns.models import Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.people.person_lead_repository import PersonLeadRepository, Sought
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import NOW, draft

ADA = Person(public_identifier="ada-example", first_name="Ada", email="ada@post.example")
BOB = Person(public_identifier="bob-example", first_name="Bob")
_WITHOUT_HASH = "SELECT count(*) FROM leads WHERE email_hash IS NULL"
_CHANGED = "SELECT id, updated_at, changed_in FROM leads ORDER BY id"


@pytest.fixture
def database_url(new_database: Callable[..., str]) -> str:
    return new_database(("campaign", "campaigns"))


def reseal(database_url: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "campaign_api.reseal", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "SANDBOX_CLOCK": "0,2",
            "CAMPAIGN_API_DATABASE_URL": database_url,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]} {done.stderr[-500:]}"


async def of_before(pool: Pool, organization_id: str) -> None:
    """Leads of an organization as the release before has kept them."""
    campaign, revision = draft(organization_id=organization_id)
    await CampaignRepository(pool).create(campaign, revision, request_id=organization_id)
    await LeadRepository(pool, SEAL).add(campaign.id, [ADA, BOB], now=NOW)
    await pool.execute("ALTER TABLE leads DISABLE TRIGGER leads_updated")
    await pool.execute("UPDATE leads SET email_hash = NULL")
    await pool.execute("ALTER TABLE leads ENABLE TRIGGER leads_updated")


async def by_email(pool: Pool, organization_id: str) -> list[Person]:
    found = await PersonLeadRepository(pool, SEAL).page(
        organization_id,
        Sought(email="ADA@post.example"),
        account_ids=None,
        show_deleted=False,
        before=None,
        limit=5,
    )
    return [each.lead.person for each in found]


@pytest.mark.long
@pytest.mark.parametrize("arguments", [(), ("--older-than", "0")], ids=["wrapped", "sealed anew"])
async def test_leads_of_before_are_found_by_their_email_address(
    database_url: str, arguments: tuple[str, ...]
) -> None:
    """Of every organization, without a question that makes them so; followers are told of none.

    Whose data key is changed loses the hash as the row is written, and has it again.
    """
    async with connect_pool(database_url, "campaign") as pool:
        for organization_id in ("org_north", "org_south"):
            await of_before(pool, organization_id)
        before = await by_email(pool, "org_north"), await pool.fetchval(_WITHOUT_HASH)
        changed = await pool.fetch(_CHANGED)

        reseal(database_url, *arguments)

        after = await by_email(pool, "org_north"), await by_email(pool, "org_south")
        left = await pool.fetchval(_WITHOUT_HASH)
        untold = await pool.fetch(_CHANGED) == changed
    assert before == ([], 4)
    assert after == ([ADA], [ADA])
    assert left == 0
    assert untold is (not arguments)
