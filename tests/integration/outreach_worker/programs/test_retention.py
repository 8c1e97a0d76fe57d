"""outreach_worker.programs.retention: what programs have left behind ends in its time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import DecidedLead, Decision, DecisionKind, LeadSource, Term
from automation.decisions.decision_repository import DecisionRepository
from automation.errors import RunNotFound
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RunRepository
from automation.selection.sender_day_repository import SenderDay, SenderDayRepository
from outreach_worker.automation_composition import compose_retention
from outreach_worker.settings import Settings
from pydantic import SecretStr, ValidationError
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

from tests.servers.postgres import as_role

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OF = ("org_north", "prog_1")


class Stopped:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def pool(new_database: Callable[..., str]) -> AsyncIterator[Pool]:
    """As the worker connects."""
    url = as_role(new_database(("automation", "automation")), "automation_background")
    async with connect_pool(url, "automation", max_size=4) as made:
        yield made


async def keep(pool: Pool, **settings: Any) -> None:
    """What the worker does each hour."""
    clock: Any = Stopped()
    await compose_retention(settings_of(**settings), clock, automation=pool).keep()


def settings_of(**given: Any) -> Settings:
    return Settings(database_url=SecretStr("postgresql://127.0.0.1/outreach"), **given)


async def run_of(pool: Pool, nominal_at: datetime, *, ends: bool = True) -> str:
    runs = RunRepository(pool)
    run = await runs.begin(
        Run(
            organization_id=OF[0],
            program_id=OF[1],
            run_id=new_id("run"),
            type=RunType.DAILY,
            nominal_at=nominal_at,
            nominal_day=nominal_at.date(),
            workflow_id=f"w{nominal_at}",
            trigger=RunTrigger.SCHEDULE,
            started_at=nominal_at,
        )
    )
    if ends:
        await runs.end(run.run_id, nominal_at, RunState.COMPLETED, at=nominal_at)
    return run.run_id


async def known(pool: Pool, run_id: str) -> bool:
    try:
        await RunRepository(pool).get(run_id)
    except RunNotFound:
        return False
    return True


async def test_runs_are_forgotten_in_time(pool: Pool) -> None:
    """Two years after their day, or as the setting says; one that still runs is kept."""
    old = await run_of(pool, NOW - 732 * DAY)
    runs_still = await run_of(pool, NOW - 733 * DAY, ends=False)
    recent, new = await run_of(pool, NOW - 200 * DAY), await run_of(pool, NOW)

    await keep(pool)
    by_default = [await known(pool, each) for each in (old, runs_still, recent, new)]
    await keep(pool, runs_kept=150 * DAY)

    assert by_default == [False, True, True, True]
    assert [await known(pool, each) for each in (runs_still, recent, new)] == [True, False, True]


async def test_two_workers_forget_beside_each_other(pool: Pool) -> None:
    """Neither waits for the other, and nothing is left by both."""
    old = [await run_of(pool, NOW - (732 + number) * DAY) for number in range(20)]

    await asyncio.gather(*(keep(pool) for _ in range(4)))

    assert not any([await known(pool, each) for each in old])


async def test_what_scores_were_made_of_is_forgotten_in_time(pool: Pool) -> None:
    """It was kept for ever, in clear; whom a release was of, and how they ranked, stays."""
    decisions = DecisionRepository(pool)
    lead = DecidedLead(
        lead_id="lead_1",
        account_id="acct_1",
        rank=1.0,
        score=20.0,
        source=LeadSource.RULES,
        terms=(Term(feature="seniority", level="vp", points=20.0),),
    )
    made = []
    for age in (91, 89):
        decision = Decision(
            id=new_id("dec"),
            organization_id=OF[0],
            program_id=OF[1],
            campaign_id="camp_1",
            run_id="run_1",
            key=f"release_leads/{age}",
            kind=DecisionKind.RELEASE_LEADS,
            rule="daily_selection",
            created_at=NOW - age * DAY,
        )
        made.append(await decisions.record(decision, [lead]))

    for _ in range(2):
        await keep(pool)

    old, recent = [await decisions.leads(each.id) for each in made]
    assert old == [replace(lead, terms=())]
    assert recent == [lead]


async def test_days_of_senders_are_forgotten_in_time(pool: Pool) -> None:
    """After two years, as reports are."""
    sender_days = SenderDayRepository(pool)
    days = [(NOW - age * DAY).date() for age in (732, 730)]
    for day in days:
        await sender_days.undecided(*OF, [SenderDay(account_id="acct_1", day=day, slots=5, used=0)])

    await keep(pool)

    left = await sender_days.between(*OF, days[0], NOW.date())
    assert [each.day for each in left] == days[1:]


@pytest.mark.parametrize("settings", [{"runs_kept": 119 * DAY}, {"score_terms_kept": 29 * DAY}])
def test_nothing_is_forgotten_that_is_needed(settings: dict[str, timedelta]) -> None:
    """A day that is not known could be filled in anew, and a release that can be taken back is."""
    (name,) = settings

    with pytest.raises(ValidationError, match=name):
        settings_of(**settings)
