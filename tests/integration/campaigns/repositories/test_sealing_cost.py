"""What sealing costs where people are added; `make sealing-cost` measures it alone."""

import os
import time
from collections.abc import Callable

import pytest
from campaigns.models import Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from servicekit.postgres.pool import Pool, connect_pool
from servicekit.sealing.seal import Seal

from tests.fakes.sealing import IN_CLEAR, SEAL
from tests.integration.campaigns.conftest import NOW, draft
from tests.integration.webhook_dispatcher.test_audit_cost import processor
from tests.sealing_figures import PAIRS, keep

ADDED, AT_ONCE = 10_000, 1_000


def people(turn: str) -> list[Person]:
    """As a list has them: five hundred companies, a variable each."""
    return [
        Person(
            public_identifier=f"{turn}-{number}",
            first_name="Zephyrine",
            last_name=f"Vogelsang{number}",
            company=f"Wunderkammer {number % 500} GmbH",
            title="Bestiarist",
            email=f"{turn}-{number}@post.example",
            variables={"favourite": "pangolin"},
        )
        for number in range(ADDED)
    ]


async def added(pool: Pool, database: str, seal: Seal, turn: str) -> tuple[float, float]:
    """Microseconds of this process, and of it and PostgreSQL, for each of so many new people."""
    campaign, revision = draft()
    await CampaignRepository(pool).create(campaign, revision, request_id=campaign.id)
    leads, everybody = LeadRepository(pool, seal), people(turn)
    own, both = time.process_time(), processor(database)
    for at in range(0, ADDED, AT_ONCE):
        await leads.add(campaign.id, everybody[at : at + AT_ONCE], now=NOW)
    each = 1e6 / ADDED
    return (time.process_time() - own) * each, (processor(database) - both) * each


@pytest.mark.skipif("SEALING_PAIRS" not in os.environ, reason="measured by make sealing-cost")
@pytest.mark.timeout(900)
async def test_what_adding_costs(new_database: Callable[..., str]) -> None:
    """Pairs of ten thousand people who are new, in clear and sealed, by the thousand."""
    url = new_database(("campaign", "campaigns"))
    database = url.partition("/test_")[2].partition("?")[0]
    async with connect_pool(url, "campaign", max_size=1) as pool:
        pairs = [
            [await added(pool, database, seal, f"{turn}-{seal.on}") for seal in (IN_CLEAR, SEAL)]
            for turn in range(PAIRS + 1)
        ][1:]

    keep("microseconds of the process to add a lead", [[a[0], b[0]] for a, b in pairs])
    keep("microseconds of it and PostgreSQL to add a lead", [[a[1], b[1]] for a, b in pairs])
    assert all(figure > 0 for pair in pairs for both in pair for figure in both)
