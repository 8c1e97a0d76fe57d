"""campaign_api.automation.reports: overviews, of the rows that reports are counted from."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import DecisionState
from campaign_api.automation.reports import overviews
from campaign_api.clients.temporal import TemporalConnection
from campaigns.models import Person, StepExecution, StepState
from campaigns.sequences.sequence import StepKind
from devstack.stack.keys import Keys
from outreach.automation.v1 import overview_pb2, score_pb2
from outreach.automation.v1 import report_service_pb2 as pb
from outreach.campaign.v1 import campaign_service_pb2
from servicekit.errors import InvalidArgument, NotFound
from servicekit.postgres.pool import connect_pool

from tests.fakes.campaign_ports import ORGANIZATION
from tests.integration.campaign_api.automation.test_programs import created
from tests.integration.campaign_api.conftest import (
    ACCOUNT,
    AUTOMATION,
    IDENTITY,
    SCHEMA,
    Api,
    running_api,
)
from tests.integration.campaign_api.workflows.conftest import guarded
from tests.integration.outreach_worker.reports.test_reports import (
    NOW,
    World,
    released,
)
from tests.integration.outreach_worker.reports.test_reports import ORGANIZATION as NORTH
from tests.servers.postgres import as_role

DAY = timedelta(days=1)
JUDGED = "2027-03-08"
"""Of the week of a report of 28 March whose people have had their fourteen days."""
OF = overview_pb2.OverviewDimension
Lines = dict[tuple[Any, ...], overview_pb2.CohortFigures]


class Clock:
    """One that stands where it is put."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def both(url: str, clock: Clock) -> AsyncIterator[tuple[Api, World]]:
    """The service, and what counts reports, on the same rows."""
    standing: Any = clock
    async with (
        connect_pool(as_role(url, "campaign_background"), "campaign", max_size=2) as campaigns,
        connect_pool(as_role(url, "automation_background"), "automation", max_size=2) as pool,
        running_api(url, TemporalConnection(), clock=standing) as api,
    ):
        yield api, World(campaigns, pool)


async def told(api: Api, *of: "OF.ValueType", **asked: Any) -> overview_pb2.CampaignOverview:
    request = pb.GetOverviewRequest(organization_id=NORTH, dimensions=of, **asked)
    (found,) = (await api.stubs.reports.GetOverview(request)).campaigns
    return found


def lines(found: overview_pb2.CampaignOverview, of: "OF.ValueType", *fields: str) -> Lines:
    return {
        tuple(getattr(each, field) for field in fields): each.figures
        for each in found.lines
        if each.dimension == of
    }


async def test_what_reports_and_status_tell_too_is_the_same(
    new_database: Callable[..., str], clock: Clock
) -> None:
    """By week, text and sender what GetReport tells, and in all what GetCampaignStatus does."""
    async with both(new_database(SCHEMA, IDENTITY, AUTOMATION), clock) as (api, world):
        program = await world.begin(leads=100)
        await world.invite(program, days=30, a_day=3)
        await released(world, program, NOW - 31 * DAY, DecisionState.APPLIED)
        made = await world.make(program)
        asked = pb.GetReportRequest(report_id=made.report_id)
        report = (await api.stubs.reports.GetReport(asked)).report

        everything = await told(api)
        judged = await told(api, first_week="2027-03-10", last_week=JUDGED)

        weeks = lines(everything, OF.OVERVIEW_DIMENSION_WEEK, "week")
        for week in report.cohorts:
            of_week = weeks[(week.week,)]
            assert (of_week.contacted, of_week.mature) == (week.contacted, week.mature)
            assert (of_week.accepted, of_week.replied) == (week.accepted, week.replied)
        assert len(weeks) == len(report.cohorts) == 5
        (text,) = report.texts
        of_text = lines(everything, OF.OVERVIEW_DIMENSION_VARIANT, "step_id", "variant")
        found = of_text[text.step_id, text.variant]
        assert (found.contacted, found.accepted, found.replied, found.opted_out) == (
            *(text.sent, text.accepted, text.replied, text.opted_out),
        )
        assert judged.everybody.accepted == report.headline.accepted
        assert judged.everybody.replied == report.headline.replied
        senders = lines(judged, OF.OVERVIEW_DIMENSION_SENDER, "account_id")
        for sender in report.senders:
            assert senders[(sender.account_id,)].accepted == sender.accepted
        slots = lines(everything, OF.OVERVIEW_DIMENSION_SLOT, "slot")
        explored, ranked = score_pb2.LEAD_SOURCE_EXPLORATION, score_pb2.LEAD_SOURCE_RULES
        assert (slots[(explored,)].contacted, slots[(ranked,)].contacted) == (23, 67)
        assert not everything.everybody.mature


async def test_once_all_have_had_their_time_it_is_the_status(
    new_database: Callable[..., str], clock: Clock
) -> None:
    """Invited, accepted and replied, and how many each step was performed for."""
    async with both(new_database(SCHEMA, IDENTITY, AUTOMATION), clock) as (api, world):
        program = await world.begin(leads=50)
        await world.invite(program, days=10, a_day=3)
        await world.pool.execute("UPDATE leads SET accepted = accepted_at IS NOT NULL")
        # A machine has answered for one of them, and nobody else.
        (by_machine, *_) = [each.lead_id for each in world.journal if each.replied_at]
        await world.pool.execute("UPDATE leads SET answered_at = NULL WHERE id = $1", by_machine)
        clock.at = NOW + 20 * DAY

        found = await told(api, campaign_ids=[program.campaign_id])
        asked = campaign_service_pb2.GetCampaignStatusRequest(campaign_id=program.campaign_id)
        status = (await api.stubs.campaigns.GetCampaignStatus(asked)).status

        everybody = found.everybody
        assert everybody.mature
        assert everybody.contacted == status.funnel.invited == 30
        assert everybody.accepted.count == status.funnel.accepted > 0
        assert everybody.replied_automatically.count == 1
        by_all = everybody.replied.count + everybody.replied_automatically.count
        assert by_all == status.funnel.replied > 1
        steps = lines(found, OF.OVERVIEW_DIMENSION_STEP, "step_id")
        assert {key: each.contacted for key, each in steps.items()} == {
            (step.step_id,): step.done for step in status.steps if step.done
        }


async def test_weeks_and_names_that_are_none_are_refused(
    new_database: Callable[..., str], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is named the newest programs are told, and that there are more."""
    monkeypatch.setattr(overviews, "MOST_CAMPAIGNS", 1)
    async with both(new_database(SCHEMA, IDENTITY, AUTOMATION), clock) as (api, world):
        first, second = await world.begin(leads=2), await world.begin(leads=3)
        ask = api.stubs.reports.GetOverview
        both_named = [first.program_id, second.program_id]

        newest = await ask(pb.GetOverviewRequest(organization_id=NORTH))
        named = await ask(pb.GetOverviewRequest(organization_id=NORTH, program_ids=both_named))
        twice = await told(api, program_ids=[first.program_id], campaign_ids=[first.campaign_id])
        for wrong in (
            {"first_week": "2027-02-30"},
            {"last_week": "0001-01-02", "first_week": "2027-03-01"},
            {"first_week": "2027-03-22", "last_week": "2027-03-21"},
        ):
            with pytest.raises(InvalidArgument):
                await ask(pb.GetOverviewRequest(organization_id=NORTH, **wrong))
        for organization, whose, reason in (
            (NORTH, {"program_ids": ["prog_nobody"]}, "PROGRAM_NOT_FOUND"),
            (NORTH, {"campaign_ids": [first.program_id]}, "CAMPAIGN_NOT_FOUND"),
            ("org_south", {"program_ids": [first.program_id]}, "PROGRAM_NOT_FOUND"),
            ("org_south", {"campaign_ids": [first.campaign_id]}, "CAMPAIGN_NOT_FOUND"),
        ):
            with pytest.raises(NotFound) as refused:
                await ask(pb.GetOverviewRequest(organization_id=organization, **whose))
            assert refused.value.reason == reason

        assert newest.more_programs
        assert len(newest.campaigns) == 1
        assert [each.program_id for each in named.campaigns] == both_named
        assert not named.more_programs
        assert (twice.program_id, twice.time_zone) == (first.program_id, "Europe/Berlin")


async def test_who_is_limited_is_told_of_their_accounts_campaigns(api: Api, keys: Keys) -> None:
    """Of others nothing; and of what people are only to who may read leads."""
    other = await api.create("other")
    program = await created(api, await api.create())
    second = await created(api, other, request_id="p2")
    await invited(api, program.campaign_id, 12)
    await api.pool.execute(
        "UPDATE campaigns SET account_ids = $1 WHERE id = $2", ["acct_eve"], other
    )
    asked = pb.GetOverviewRequest(organization_id=ORGANIZATION)
    whose: dict[str, Any] = {"org": ORGANIZATION, "permissions": ["programs.read"]}
    reader = {**whose, "permissions": ["programs.read", "leads.read"]}
    async with guarded(api, keys) as ask:
        limited = (await ask(keys.token(accounts=[ACCOUNT], **whose))).reports
        own = await limited.GetOverview(asked)
        everybodys = await (await ask(keys.token(**reader))).reports.GetOverview(asked)
        for naming in ({"program_ids": [second.program_id]}, {"campaign_ids": [other]}):
            with pytest.raises(NotFound):
                await limited.GetOverview(
                    pb.GetOverviewRequest(organization_id=ORGANIZATION, **naming)
                )

    (seen,), (newest, known) = own.campaigns, everybodys.campaigns
    assert seen.program_id == known.program_id == program.program_id
    assert newest.program_id == second.program_id
    segments = {
        (each.seniority, each.industry): each.figures.contacted
        for each in known.lines
        if each.dimension == OF.OVERVIEW_DIMENSION_SEGMENT
    }
    assert segments == {("vp", "software"): 12}
    without = [each for each in known.lines if each.dimension != OF.OVERVIEW_DIMENSION_SEGMENT]
    assert [*seen.lines] == without


async def invited(api: Api, campaign_id: str, number: int) -> None:
    """So many VPs of an industry were, a month ago."""
    at = datetime.now(UTC) - 30 * DAY
    people = [
        Person(public_identifier=f"vp-{each}", title="VP Sales", industry="Software")
        for each in range(number)
    ]
    await api.leads.add(campaign_id, people, now=at)
    rows = await api.pool.fetch("SELECT id FROM leads WHERE campaign_id = $1", campaign_id)
    for row in rows:
        done = StepExecution(step_id="invite", state=StepState.DONE, started_at=at, ended_at=at)
        await api.steps.record(campaign_id, row["id"], StepKind.SEND_CONNECTION_REQUEST, done)
