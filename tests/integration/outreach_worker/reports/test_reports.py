"""Reports on real rows: their numbers are the journal's, and they are kept and told of once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import (
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
)
from automation.decisions.decision_repository import DecisionRepository
from automation.programs.program import Program, ProgramEdit, ProgramState, new_settings
from automation.programs.program_repository import ProgramRepository
from automation.reports.contracts import AskedReport
from automation.reports.record_repository import RecordRepository
from automation.reports.records import Placing
from automation.reports.report import Report, ReportKind
from automation.reports.report_repository import ReportRepository
from automation.runs.run import Run, RunState, RunTrigger, RunType
from automation.runs.run_repository import RunRepository
from automation.selection.reading_repository import ReadingRepository, SenderReading
from automation.selection.sender_day_repository import SenderDay, SenderDayRepository
from campaigns.models import Person, StepExecution, StepState
from campaigns.outbox.outbox_repository import OutboxRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.outcomes import outcome_repository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.sequence import StepKind
from outreach.linkedin.v1 import action_pb2, pace_pb2, pace_service_pb2
from outreach.webhook.v1 import webhook_service_pb2
from outreach_worker.events.publisher import Publisher
from outreach_worker.reports.activities import ReportActivities
from outreach_worker.reports.forecasts import Forecasts
from outreach_worker.reports.records import ReportRecords, Sources
from servicekit.errors import Unavailable
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import draft
from tests.lists.plans import rows_read
from tests.servers.postgres import as_role

NOW = datetime(2027, 3, 29, 5, tzinfo=UTC)
"""A Monday, in Berlin seven in the morning of the day after the clocks went forward."""
LAST_DAY = "2027-03-28"
ORGANIZATION, ACCOUNTS = "org_north", ("acct_one", "acct_two")
DAY = timedelta(days=1)


@dataclass
class Pace:
    """Each account can invite eight a day beside two that wait, but for those that are silent."""

    silent: set[str] = field(default_factory=set)

    async def ForecastAccount(self, request: Any) -> pace_service_pb2.ForecastAccountResponse:  # noqa: N802
        if request.account_id in self.silent:
            raise Unavailable
        kinds = [
            pace_pb2.KindForecast(kind=action_pb2.ACTION_KIND_INVITATION, actions=10, planned=2)
        ]
        days = [
            pace_pb2.DayForecast(date=(NOW + number * DAY).date().isoformat(), kinds=kinds)
            for number in range(request.days)
        ]
        return pace_service_pb2.ForecastAccountResponse(days=days)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What LinkedIn would say of one invitation: the journal, which no code of ours reads."""

    lead_id: str
    account_id: str
    sent_at: datetime
    accepted_at: datetime | None
    replied_at: datetime | None


class Stopped:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


class World:
    """A program's campaign, whose people were invited as its journal says."""

    def __init__(self, pool: Pool, automation: Pool) -> None:
        self.pool, self.automation, self.pace = pool, automation, Pace()
        self.journal: list[Entry] = []
        self.decisions, self.reports = DecisionRepository(automation), ReportRepository(automation)
        self.sender_days = SenderDayRepository(automation)
        campaigns, leads = CampaignRepository(pool), LeadRepository(pool, SEAL)
        self._campaigns, self._leads = campaigns, leads
        pace: Any = self.pace
        clock: Any = Stopped()
        sources = Sources(
            campaigns=campaigns,
            candidates=CandidateRepository(pool, SEAL),
            outcomes=OutcomeRepository(pool),
            records=RecordRepository(automation),
            readings=ReadingRepository(automation),
            sender_days=self.sender_days,
        )
        self.activities = ReportActivities(
            ProgramRepository(automation),
            ReportRecords(sources, Forecasts(pace)),
            self.reports,
            Publisher(
                OutboxRepository(pool, SEAL),
                campaigns,
                leads,
                RevisionCache(RevisionRepository(pool), keep=5),
                HeardMessageRepository(pool, SEAL),
            ),
            clock,
        )

    async def begin(self, leads: int) -> Program:
        campaign, revision = draft()
        await self._campaigns.create(campaign, revision, request_id=campaign.id)
        people = [Person(public_identifier=f"person-{number}") for number in range(leads)]
        await self._leads.add(campaign.id, people, now=NOW - 40 * DAY)
        await self._campaigns.start(campaign.id, now=NOW - 40 * DAY)
        program = Program(
            organization_id=ORGANIZATION,
            program_id=new_id("prog"),
            campaign_id=campaign.id,
            state=ProgramState.ACTIVE,
            settings=new_settings("Spring *<!channel>*", time_zone="Europe/Berlin"),
            created_at=NOW - 40 * DAY,
            updated_at=NOW - 40 * DAY,
        )
        return await ProgramRepository(self.automation).create(
            program, request_id=program.program_id
        )

    async def invite(self, program: Program, *, days: int, a_day: int) -> None:
        """The last so many days; every third accepts after two days, every sixth then replies."""
        ids = [
            row["id"]
            for row in await self.pool.fetch(
                "SELECT id FROM leads WHERE campaign_id = $1 ORDER BY position",
                program.campaign_id,
            )
        ]
        steps = StepRepository(self.pool, SEAL)
        for number in range(days * a_day):
            at = NOW - (number // a_day + 1) * DAY + timedelta(hours=5)
            accepted = at + 2 * DAY if number % 3 == 0 and at + 2 * DAY <= NOW else None
            replied = accepted + DAY / 2 if accepted and number % 6 == 0 else None
            entry = Entry(
                lead_id=ids[number],
                account_id=ACCOUNTS[number % 2],
                sent_at=at,
                accepted_at=accepted,
                replied_at=replied if replied and replied <= NOW else None,
            )
            self.journal.append(entry)
            execution = StepExecution(
                step_id="invite", state=StepState.DONE, started_at=at, ended_at=at, variant="A"
            )
            await steps.record(
                program.campaign_id, entry.lead_id, StepKind.SEND_CONNECTION_REQUEST, execution
            )
            await self.pool.execute(
                """UPDATE leads SET state = 'running', account_id = $2, accepted_at = $3,
                                    replied_at = $4, answered_at = $4
                    WHERE id = $1""",
                entry.lead_id,
                entry.account_id,
                entry.accepted_at,
                entry.replied_at,
            )

    async def make(
        self,
        program: Program,
        kind: ReportKind = ReportKind.WEEKLY,
        *,
        last_day: str = LAST_DAY,
    ) -> Report:
        made = await self.activities.make_report(
            AskedReport(
                organization_id=ORGANIZATION,
                program_id=program.program_id,
                kind=kind,
                last_day=last_day,
            )
        )
        return await self.reports.get(made.report_id)

    async def events(self) -> list[webhook_service_pb2.PublishEventRequest]:
        outbox = OutboxRepository(self.pool, SEAL)
        async with outbox.take(subjects=10, of_each=10, lasts=timedelta(minutes=1)) as taken:
            return [
                webhook_service_pb2.PublishEventRequest.FromString(each.body)
                for each in taken.events
            ]


@pytest.fixture
async def world(new_database: Callable[..., str]) -> AsyncIterator[World]:
    url = new_database(("campaign", "campaigns"), ("automation", "automation"))
    async with (
        connect_pool(as_role(url, "campaign_background"), "campaign", max_size=2) as campaigns,
        connect_pool(as_role(url, "automation_background"), "automation", max_size=2) as pool,
    ):
        yield World(campaigns, pool)


async def test_a_reports_numbers_are_the_journals(world: World) -> None:
    """Invited, accepted and replied, in all and by week and sender, counted from either side."""
    program = await world.begin(leads=100)
    await world.invite(program, days=30, a_day=3)

    report = await world.make(program)

    week = [each for each in world.journal if each.sent_at >= NOW - 7 * DAY]
    judged = [each for each in world.journal if NOW - 21 * DAY <= each.sent_at < NOW - 14 * DAY]
    assert report.headline.contacted == len(week) == 21
    assert (report.headline.accepted.count, report.headline.accepted.of) == (
        sum(each.accepted_at is not None for each in judged),
        len(judged),
    )
    assert report.headline.replied.count == sum(each.replied_at is not None for each in judged)
    assert sum(line.sent for line in report.cohorts) == len(world.journal)
    for line in report.senders:
        own = [each for each in judged if each.account_id == line.account_id]
        assert (line.accepted.count, line.accepted.of) == (
            sum(each.accepted_at is not None for each in own),
            len(own),
        )
    assert [(line.variant, line.sent) for line in report.variants] == [("A", len(world.journal))]
    assert report.outlook.ready == 100 - len(world.journal)
    assert [slots for _, slots in report.outlook.slots] == [16] * 7


async def test_who_must_not_be_contacted_is_not_ahead(world: World) -> None:
    """As the last day found it: a list of which half is suppressed lasts half as long."""
    program = await world.begin(leads=100)
    await _looked(world, program, NOW - 2 * DAY, suppressed=70)
    await _looked(world, program, NOW - DAY, suppressed=52)
    await _looked(world, program, NOW, RunType.WEEKLY)

    outlook = (await world.make(program)).outlook

    assert (outlook.ready, outlook.days_left) == (48, 3)


@pytest.mark.parametrize(
    ("looked", "weekdays", "state", "ready"),
    [
        (NOW - DAY, range(1, 8), ProgramState.ACTIVE, 48),
        (NOW - 2 * DAY, range(1, 8), ProgramState.ACTIVE, 100),
        (NOW - 30 * DAY, range(1, 8), ProgramState.ACTIVE, 100),
        (NOW - 3 * DAY, range(1, 6), ProgramState.ACTIVE, 48),
        (NOW - 4 * DAY, range(1, 6), ProgramState.ACTIVE, 100),
        (NOW - DAY, range(1, 8), ProgramState.PAUSED, 100),
    ],
)
async def test_what_another_day_counted_is_not_taken_off_todays_list(
    world: World, looked: datetime, weekdays: range, state: ProgramState, ready: int
) -> None:
    """Who was suppressed on the list of a month ago may be gone; Monday goes by Friday's count."""
    program = await world.begin(leads=100)
    programs = ProgramRepository(world.automation)
    edit = ProgramEdit(changes={"weekdays": frozenset(weekdays)})
    await programs.edit(program.program_id, edit, now=NOW)
    await programs.to_state(program.program_id, state, now=NOW)
    await _looked(world, program, looked, suppressed=52)

    assert (await world.make(program)).outlook.ready == ready


async def _looked(
    world: World, program: Program, at: datetime, of: RunType = RunType.DAILY, **counts: int
) -> None:
    """A run of the program, with what it has counted."""
    runs = RunRepository(world.automation)
    run = Run(
        organization_id=ORGANIZATION,
        run_id=new_id("run"),
        program_id=program.program_id,
        type=of,
        nominal_at=at,
        nominal_day=at.date(),
        workflow_id=f"{of}-{at:%d}",
        trigger=RunTrigger.SCHEDULE,
        started_at=at,
    )
    await runs.begin(run)
    await runs.end(run.run_id, at, RunState.COMPLETED, at=at, result=counts)


async def test_slots_are_used_by_what_took_effect(world: World) -> None:
    """A release that expired has used none; who came by chance is told from who was ranked."""
    program = await world.begin(leads=100)
    await world.invite(program, days=30, a_day=3)
    await released(world, program, NOW - 2 * DAY, DecisionState.APPLIED)
    await released(world, program, NOW - DAY, DecisionState.EXPIRED)
    reading = SenderReading(
        account_id="acct_one",
        invitations=20,
        pending=0,
        multiplier=0.8,
        connected=True,
        on_hold=False,
        read_at=NOW,
    )
    await ReadingRepository(world.automation).keep(ORGANIZATION, [reading])
    world.pace.silent = {"acct_two"}

    report = await world.make(program)

    one = next(line for line in report.senders if line.account_id == "acct_one")
    assert (one.slots, one.used, one.multiplier) == (10, 3, 0.8)
    assert one.unused == {"plan": 4, "release_expired": 3}
    assert report.ranking is not None
    assert report.ranking.ranked.of + report.ranking.drawn.of == len(world.journal) - 14 * 3
    by = await placings(world, program)
    assert {(each.ranked_by, each.released_at) for each in by.values()} == {("ab12", NOW - 2 * DAY)}
    assert len(report.decisions) == 2
    assert [slots for _, slots in report.outlook.slots] == [8] * 7


@pytest.mark.parametrize("state", [DecisionState.SUPERSEDED, DecisionState.REVERTED])
async def test_who_had_begun_by_what_was_called_off_keeps_their_place(
    world: World, state: DecisionState
) -> None:
    """They were invited in that order; who was taken back, and invited by hand later, was not."""
    program = await world.begin(leads=10)
    await world.invite(program, days=1, a_day=3)
    decision_id = await released(world, program, NOW - 2 * DAY, state)
    first, by_hand = (each.lead_id for each in world.journal[:2])
    await world.decisions.begun(decision_id, 1)
    await begun_by(world, decision_id, [first])
    await begun_by(world, "rel_by_hand", [by_hand])

    found = await placings(world, program)

    assert set(found) == {first}


async def test_who_was_taken_back_is_of_the_release_by_which_they_began(world: World) -> None:
    """Called off on Friday, and released again on Saturday, in a part of a long release."""
    program = await world.begin(leads=10)
    await world.invite(program, days=1, a_day=3)
    await released(world, program, NOW - 3 * DAY, DecisionState.SUPERSEDED)
    again = await released(world, program, NOW - 2 * DAY, DecisionState.SUPERSEDED)
    await released(world, program, NOW - DAY, DecisionState.FAILED)
    lead_ids = [each.lead_id for each in world.journal]
    await begun_by(world, f"{again}/1", lead_ids)

    found = await placings(world, program)

    assert {lead_id: each.released_at for lead_id, each in found.items()} == dict.fromkeys(
        lead_ids, NOW - 2 * DAY
    )


async def test_who_had_begun_by_what_was_called_off_has_used_a_slot(world: World) -> None:
    """Of three whom the sender was to take two were on their way: one slot stayed empty by it."""
    program = await world.begin(leads=100)
    await world.invite(program, days=30, a_day=3)
    decision_id = await released(world, program, NOW - 2 * DAY, DecisionState.SUPERSEDED)
    theirs = [each.lead_id for each in world.journal if each.account_id == "acct_one"]
    await world.decisions.begun(decision_id, 2)
    await begun_by(world, decision_id, theirs[:1])
    await begun_by(world, f"{decision_id}/1", theirs[1:2])

    report = await world.make(program)

    one = next(line for line in report.senders if line.account_id == "acct_one")
    assert (one.slots, one.used) == (5, 2)
    assert one.unused == {"plan": 2, "release_superseded": 1}


async def test_what_was_sent_a_year_ago_is_not_read(world: World) -> None:
    """Each day's report read every invitation that there ever was, and each release."""
    program = await world.begin(leads=40)
    await world.invite(program, days=10, a_day=3)
    await released(world, program, NOW - 10 * DAY, DecisionState.APPLIED)
    old = [each.lead_id for each in world.journal[:6]]
    await world.pool.execute(
        """UPDATE step_executions SET ended_at = ended_at - interval '54 weeks'
            WHERE lead_id = ANY($1)""",
        old,
    )
    others = [each.lead_id for each in world.journal[6:]]

    report = await world.make(program, ReportKind.DAILY)
    found = await placings(world, program)

    assert sum(line.sent for line in report.cohorts) == len(others)
    assert [(line.variant, line.sent) for line in report.variants] == [("A", len(others))]
    assert set(found) == set(others)
    for statement in (outcome_repository.INVITED, outcome_repository.TEXTS):
        assert await steps_read(world.pool, statement, program) == len(others)


async def steps_read(pool: Pool, statement: str, program: Program) -> float:
    """How many steps PostgreSQL looks at for those of a year, also such as it then leaves out."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
        plan = await connection.fetchval(explained, program.campaign_id, NOW - 365 * DAY)
    return rows_read(plan[0]["Plan"], "step_executions", "")


async def test_a_report_counted_anew_keeps_its_id_and_is_told_once(world: World) -> None:
    """In Markdown its author's words call nobody; a day is another report than a week."""
    program = await world.begin(leads=40)
    await world.invite(program, days=10, a_day=3)

    first = await world.make(program)
    again = await world.make(program)
    daily = await world.make(program, ReportKind.DAILY)

    assert again == first
    assert daily.report_id != first.report_id
    assert (daily.first_day, daily.headline.contacted) == (daily.last_day, 3)
    weekly_event, daily_event = [each.event for each in await world.events()]
    told = weekly_event.report
    assert (told.id, told.kind, told.first_day, told.last_day) == (
        first.report_id,
        "weekly",
        "2027-03-22",
        LAST_DAY,
    )
    assert daily_event.report.id == daily.report_id
    assert told.headline[0] == f"People invited: 21; usual: {first.usual.contacted}"  # type: ignore[union-attr]
    assert "<!channel>" not in told.markdown


async def test_a_program_that_rests_at_weekends_tells_of_fridays(world: World) -> None:
    """In Monday's report, with the two days on which it did not run."""
    program = await world.begin(leads=100)
    await world.invite(program, days=30, a_day=3)
    edit = ProgramEdit(changes={"weekdays": frozenset(range(1, 6))})
    await ProgramRepository(world.automation).edit(program.program_id, edit, now=NOW)

    report = await world.make(program, ReportKind.DAILY)

    assert (report.first_day, report.last_day) == (date(2027, 3, 26), date(2027, 3, 28))
    assert report.headline.contacted == 9


async def test_of_days_long_over_nothing_is_told_of_today(world: World) -> None:
    """Neither how the senders stand nor what is left of the list; the gateway is not asked."""
    program = await world.begin(leads=100)
    await world.invite(program, days=30, a_day=3)

    report = await world.make(program, last_day="2027-03-14")

    assert report.headline.contacted == 21
    assert sum(line.sent for line in report.cohorts) == 16 * 3
    assert sum(line.sent for line in report.variants) == 16 * 3
    assert (report.outlook.ready, report.outlook.slots) == (None, ())
    assert {line.multiplier for line in report.senders} <= {None}


async def released(world: World, program: Program, at: datetime, state: DecisionState) -> str:
    """A day's release, whose first sender had five slots and took three people; its id."""
    decision = Decision(
        id=new_id("dec"),
        organization_id=ORGANIZATION,
        program_id=program.program_id,
        campaign_id=program.campaign_id,
        key=f"release_leads/{at.date()}",
        kind=DecisionKind.RELEASE_LEADS,
        state=state,
        rule="daily_selection",
        inputs={"rules": "ab12", "model_id": ""},
        change=Change(after={"released": 3, "day": at.date().isoformat()}),
        created_at=at,
    )
    leads = [
        DecidedLead(
            lead_id=each.lead_id,
            account_id=each.account_id,
            rank=1.0,
            source=LeadSource.EXPLORATION if number % 4 == 0 else LeadSource.RULES,
        )
        for number, each in enumerate(world.journal)
    ]
    day = SenderDay(account_id="acct_one", day=at.date(), slots=5, used=3, unused={"plan": 2})
    kept = world.sender_days.decided(ORGANIZATION, program.program_id, [day])
    await world.decisions.record(decision, leads, beside=kept)
    if state is DecisionState.APPLIED:
        await begun_by(world, decision.id, [each.lead_id for each in leads])
    return decision.id


async def begun_by(world: World, release_id: str, lead_ids: Sequence[str]) -> None:
    await world.pool.execute(
        "UPDATE leads SET release_id = $1 WHERE id = ANY($2)", release_id, lead_ids
    )


async def placings(world: World, program: Program) -> Mapping[str, Placing]:
    """How all came to their slots whom the campaign has invited in a year."""
    outcomes = OutcomeRepository(world.pool)
    invited = await outcomes.invited(program.campaign_id, since=NOW - 53 * 7 * DAY)
    return await RecordRepository(world.automation).placings(
        ORGANIZATION, program.campaign_id, invited
    )
