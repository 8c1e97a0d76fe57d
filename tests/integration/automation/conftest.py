"""The rows of programs and runs, on a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from automation.programs.program import Program, ProgramState, new_settings
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    """As the owner connects."""
    url = new_database(("automation", "automation"))
    async with connect_pool(url, "automation", max_size=4) as made:
        yield made


def program_of(campaign_id: str) -> Program:
    """A new one."""
    return Program(
        organization_id="org_north",
        program_id=new_id("prog"),
        campaign_id=campaign_id,
        state=ProgramState.ACTIVE,
        settings=new_settings("Spring", time_zone="Europe/Berlin"),
        created_by="mem_ann",
        created_at=NOW,
        updated_at=NOW,
    )
