"""A program's day on real rows: who is selected, what the decision says, and that it is one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from automation.decisions.decision import DecisionState
from automation.decisions.decision_repository import DecisionRepository
from automation.programs.program import Program, ProgramMode, ProgramState, new_settings
from automation.selection.ahead.way_reading import WayReading
from automation.selection.capacity import Bound
from automation.selection.day_reading import DayReading
from automation.selection.reading_repository import ReadingRepository, SenderReading
from automation.selection.sender_day_repository import SenderDayRepository
from campaigns.models import Campaign, CampaignSettings, CampaignState, LeadAdmission, Person
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.admission.release import ToRelease
from campaigns.repositories.admission.release_repository import ReleaseRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences import sequence as sequences
from outreach_worker.programs.day_selection import DaySelection, Selected
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool, connect_pool

from tests.fakes.sealing import SEAL
from tests.integration.campaigns.conftest import draft
from tests.servers.postgres import as_role

NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
DAY = "2026-11-30"
RULES = {"rules": [{"feature": "seniority", "levels": ["vp"], "points": 20}]}
ACCOUNTS = ("acct_one", "acct_two")
DAYS = timedelta(days=2)
WARM = sequences.Sequence(
    steps=(
        sequences.Step(
            step_id="visit",
            index=0,
            kind=sequences.StepKind.PROFILE_VISIT,
            next_step_id="like",
            next_delay=DAYS,
        ),
        sequences.Step(
            step_id="like",
            index=1,
            kind=sequences.StepKind.LIKE_POST,
            next_step_id="invite",
            next_delay=DAYS,
        ),
        sequences.Step(step_id="invite", index=2, kind=sequences.StepKind.SEND_CONNECTION_REQUEST),
    )
)


class Suppressions:
    """Of people by their public identifiers; says how many were asked of at once."""

    def __init__(self) -> None:
        self.people: set[str] = set()
        self.asked: list[int] = []

    async def suppressed(self, organization_id: str, people: Sequence[Person]) -> set[int]:
        assert organization_id == "org_north"
        self.asked.append(len(people))
        return {place for place, each in enumerate(people) if each.public_identifier in self.people}


class World:
    """One campaign of an organization, its leads, and the program that feeds it."""

    def __init__(self, campaign_pool: Pool, pool: Pool) -> None:
        self.campaign_pool, self.pool = campaign_pool, pool
        self.campaigns = CampaignRepository(campaign_pool)
        self.leads = LeadRepository(campaign_pool, SEAL)
        self.decisions, self.readings = DecisionRepository(pool), ReadingRepository(pool)
        self.suppressions = Suppressions()
        self.reading = DayReading(
            self.campaigns,
            CandidateRepository(campaign_pool, SEAL),
            self.decisions,
            self.readings,
            self.suppressions,
            WayReading(RevisionCache(RevisionRepository(campaign_pool))),
        )
        self.sender_days = SenderDayRepository(pool)
        self.selection = DaySelection(self.reading, self.decisions, self.sender_days)

    async def campaign(
        self,
        leads: int,
        *,
        admission: LeadAdmission = LeadAdmission.RELEASED_ONLY,
        sequence: sequences.Sequence | None = None,
    ) -> Campaign:
        """Running, of leads of whom every fourth is a VP."""
        settings = CampaignSettings(admission=admission, keep_open=True)
        campaign, revision = draft(settings=settings)
        revision = replace(revision, sequence=sequence or revision.sequence)
        await self.campaigns.create(campaign, revision, request_id=campaign.id)
        people = [
            Person(
                public_identifier=f"person-{number}",
                title="VP Sales" if number % 4 == 3 else "Account Manager",
                company=f"Company {number}",
            )
            for number in range(leads)
        ]
        await self.leads.add(campaign.id, people, now=NOW - timedelta(days=1))
        return await self.campaigns.start(campaign.id, now=NOW - timedelta(days=1))

    async def read(self, *, at: datetime = NOW, **told: Any) -> None:
        """What the gateway tells of each sender."""
        told = dict(told)
        reading = SenderReading(
            account_id="",
            invitations=told.pop("invitations", 20),
            pending=0,
            multiplier=1.0,
            connected=told.pop("connected", True),
            on_hold=told.pop("on_hold", False),
            read_at=at,
            free_by_day=told.pop("free_by_day", ()),
        )
        found = [replace(reading, account_id=each) for each in ACCOUNTS]
        await self.readings.keep("org_north", found)

    async def ids(self, campaign: Campaign) -> list[str]:
        """Its leads, in the order of the list."""
        return [lead.id for _, lead in await self.leads.page(campaign.id, limit=1000)]

    async def walk(self, lead_ids: Sequence[str], step_id: str, *, since: datetime) -> None:
        """Have leads begun a day ago, from the first account, and wait for a step."""
        await self.campaign_pool.execute(
            "UPDATE leads SET state = 'running', account_id = 'acct_one', start_at = $2,"
            " started_at = $2 WHERE id = ANY($1)",
            lead_ids,
            NOW - timedelta(days=3),
        )
        await self.campaign_pool.execute(
            "INSERT INTO step_executions (organization_id, lead_id, step_id, campaign_id, kind,"
            " state, reason, detail, started_at) SELECT organization_id, id, $2, campaign_id, $2,"
            " 'waiting', '', '', $3 FROM leads WHERE id = ANY($1)",
            lead_ids,
            step_id,
            since,
        )

    async def release(self, campaign: Campaign, lead_ids: Sequence[str]) -> None:
        """By hand, for no account in particular."""
        asked = [ToRelease(lead_id=each) for each in lead_ids]
        await ReleaseRepository(self.campaign_pool).release(
            campaign.id, new_id("rel"), asked, now=NOW - timedelta(hours=9)
        )

    async def companies(self, lead_ids: Sequence[str]) -> dict[str, str]:
        """Where each works, as its row has it."""
        rows = await self.campaign_pool.fetch(
            "SELECT id, company FROM leads WHERE id = ANY($1)", lead_ids
        )
        return {row["id"]: row["company"] for row in rows}

    async def decide(self, program: Program, day: str = DAY) -> Selected:
        return await self.selection.decide(program, day=day, run_id="run_1", now=NOW)


@pytest.fixture
async def world(new_database: Callable[..., str]) -> AsyncIterator[World]:
    url = new_database(("campaign", "campaigns"), ("automation", "automation"))
    async with (
        connect_pool(as_role(url, "campaign_background"), "campaign", max_size=2) as campaigns,
        connect_pool(as_role(url, "automation_background"), "automation", max_size=2) as pool,
    ):
        yield World(campaigns, pool)


def program_of(campaign: Campaign, mode: ProgramMode) -> Program:
    settings = new_settings("Spring", time_zone="Europe/Berlin")
    return Program(
        organization_id="org_north",
        program_id=new_id("prog"),
        campaign_id=campaign.id,
        state=ProgramState.ACTIVE,
        settings=replace(settings, mode=mode, plan_per_day=6, rules=RULES, exploration_share=0.0),
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    ("mode", "state", "approved", "waits"),
    [
        (ProgramMode.DRY_RUN, DecisionState.DRY, False, False),
        (ProgramMode.REVIEW, DecisionState.PROPOSED, False, True),
        (ProgramMode.AUTOPILOT, DecisionState.PROPOSED, True, False),
    ],
)
async def test_a_day_is_decided_once_as_the_mode_has_it(
    world: World, mode: ProgramMode, state: DecisionState, *, approved: bool, waits: bool
) -> None:
    """The wanted first, dealt to both senders; a repeat finds the same decision."""
    campaign = await world.campaign(24)
    await world.read()
    program = program_of(campaign, mode)

    decided = await world.decide(program)
    again = await world.decide(program)

    assert decided.decision is not None
    assert again.decision == decided.decision
    decision = decided.decision
    assert (decision.state, decision.is_approved, decision.waits_at(NOW)) == (
        state,
        approved,
        waits,
    )
    leads = await world.decisions.leads(decision.id)
    assert [each.score for each in leads] == [20.0] * 6
    assert sorted(each.account_id for each in leads) == ["acct_one"] * 3 + ["acct_two"] * 3
    assert decision.inputs["candidates"] == 24
    assert decision.inputs["unused_by_reason"] == {"plan": 2 * 22 - 6}


async def test_a_repeat_keeps_the_slots_of_the_decision(world: World) -> None:
    """Its own look finds them taken, by whom it has released itself."""
    campaign = await world.campaign(24)
    program = program_of(campaign, ProgramMode.AUTOPILOT)
    await world.read()
    first = await world.decide(program)
    of = "org_north", program.program_id, date.fromisoformat(DAY), date.fromisoformat(DAY)
    kept = list(await world.sender_days.between(*of))
    assert first.decision is not None
    assert sum(each.used for each in kept) == 6

    await world.leads.add(campaign.id, [Person(public_identifier="late")], now=NOW)
    again = await world.decide(program)

    assert again.decision is not None
    assert again.decision.id == first.decision.id
    assert list(await world.sender_days.between(*of)) == kept


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"on_hold": True}, Bound.ON_HOLD),
        ({"at": NOW - timedelta(days=4)}, Bound.NO_DATA),
        ({"invitations": 0}, Bound.FORECAST),
        ({"invitations": 0, "connected": False}, Bound.NOT_CONNECTED),
    ],
)
async def test_without_a_sender_who_can_there_is_no_decision(
    world: World, told: dict[str, Any], why: Bound
) -> None:
    """All on hold, or nothing known of them for three days: the run says why, slots or none."""
    campaign = await world.campaign(8)
    await world.read(**told)

    decided = await world.decide(program_of(campaign, ProgramMode.AUTOPILOT))

    assert decided.decision is None
    assert decided.day.unused_by_reason() == {why.value: 0 if "invitations" in told else 44}


@pytest.mark.parametrize("mode", ProgramMode)
async def test_of_a_campaign_that_admits_everybody_nobody_is_selected(
    world: World, mode: ProgramMode
) -> None:
    """It was changed after the program's mode was set: the run says so; who only looks may look."""
    campaign = await world.campaign(8, admission=LeadAdmission.AUTOMATIC)
    await world.read()

    decided = await world.decide(program_of(campaign, mode))

    looks = mode is ProgramMode.DRY_RUN
    assert (decided.decision is not None) is looks
    assert (Bound.CAMPAIGN_ADMITS_ALL in decided.day.unused_by_reason()) is not looks


@pytest.mark.parametrize("end", ["stop", "pause"])
async def test_of_a_campaign_that_does_not_run_nobody_is_selected(world: World, end: str) -> None:
    """Stopped or paused before the selection: the run says that it does not run."""
    campaign = await world.campaign(8)
    await world.read()
    if end == "stop":
        await world.campaigns.stop(campaign.id, complete_current_executions=False)
    else:
        await world.campaigns.pause(campaign.id)

    decided = await world.decide(program_of(campaign, ProgramMode.AUTOPILOT))

    assert (await world.campaigns.get(campaign.id)).state is not CampaignState.RUNNING
    assert decided.decision is None
    assert decided.day.candidates == 0
    assert decided.day.unused_by_reason() == {Bound.CAMPAIGN_NOT_RUNNING: 44}


async def test_a_plan_is_of_the_people_who_begin_on_a_day(world: World) -> None:
    """Who was released on Sunday and begins on Monday is of Monday's plan; so is who has begun."""
    campaign = await world.campaign(30)
    await world.read()
    program = program_of(campaign, ProgramMode.AUTOPILOT)
    waiting, begun = (await world.ids(campaign))[:4], (await world.ids(campaign))[4:5]
    await world.release(campaign, waiting)
    await world.campaign_pool.execute(
        "UPDATE leads SET state = 'running', start_at = $2 WHERE id = ANY($1)", begun, NOW
    )

    monday = await world.decide(program)

    assert len(monday.day.leads) == 6 - 4 - 1


async def test_who_was_released_by_hand_is_some_senders_load(world: World) -> None:
    """Of no account in particular, and in whichever campaign: the slots are taken."""
    campaign, other = await world.campaign(60), await world.campaign(40)
    await world.read(invitations=20)
    program = program_of(campaign, ProgramMode.AUTOPILOT)
    program = replace(program, settings=replace(program.settings, plan_per_day=100))
    await world.release(other, await world.ids(other))

    decided = await world.decide(program)

    assert len(decided.day.leads) == 2 * 22 - 40


async def test_programs_of_one_organization_do_not_share_out_one_slot_twice(world: World) -> None:
    """Four at once: together no more than their senders can, and a company is one sender's."""
    campaigns = [await world.campaign(30) for _ in range(4)]
    await world.read(invitations=10)
    programs = [program_of(each, ProgramMode.AUTOPILOT) for each in campaigns]

    decided = await asyncio.gather(*(world.decide(each) for each in programs))

    leads = [
        lead
        for each in decided
        if each.decision is not None
        for lead in await world.decisions.leads(each.decision.id)
    ]
    assert len(leads) == 2 * 11
    companies = await world.companies([each.lead_id for each in leads])
    senders: dict[str, set[str]] = {}
    for each in leads:
        senders.setdefault(companies[each.lead_id], set()).add(each.account_id)
    assert all(len(each) == 1 for each in senders.values())


async def test_a_day_that_was_only_looked_at_can_still_be_decided(world: World) -> None:
    """At six in a dry run, at nine in AUTOPILOT: the second decision is of the day, and is one."""
    campaign = await world.campaign(24)
    await world.read()
    looks = program_of(campaign, ProgramMode.DRY_RUN)
    acts = replace(looks, settings=replace(looks.settings, mode=ProgramMode.AUTOPILOT))

    looked = await world.decide(looks)
    decided = await world.decide(acts)
    again = await world.decide(acts)

    assert looked.decision is not None
    assert decided.decision is not None
    assert (looked.decision.state, decided.decision.is_approved) == (DecisionState.DRY, True)
    assert again.decision == decided.decision
    superseded = await world.decisions.superseded(decided.decision.id, "PROGRAM_PAUSED", now=NOW)
    anew = await world.decide(acts)
    assert anew.decision is not None
    assert anew.decision.id != superseded.id


async def test_of_whose_details_do_not_open_nobody_is_selected(world: World) -> None:
    """They would take a place, and be parked on their way."""
    campaign = await world.campaign(4)
    await world.read()
    await world.campaign_pool.execute("UPDATE leads SET person = '\\x00' WHERE position <= 2")

    decided = await world.decide(program_of(campaign, ProgramMode.AUTOPILOT))

    assert (decided.day.candidates, len(decided.day.leads)) == (2, 2)


async def test_who_must_not_be_contacted_takes_no_place(world: World) -> None:
    """Half of a list were customers: all of a day's places were theirs, and ended at once."""
    campaign = await world.campaign(8)
    await world.read()
    world.suppressions.people = {f"person-{number}" for number in range(0, 8, 2)}

    decided = await world.decide(program_of(campaign, ProgramMode.AUTOPILOT))

    ids = await world.ids(campaign)
    assert {each.lead_id for each in decided.day.leads} == set(ids[1::2])
    assert decided.decision is not None
    assert (decided.decision.inputs["candidates"], decided.decision.inputs["suppressed"]) == (4, 4)
    assert decided.day.unused_by_reason() == {"plan": 44 - 2 * 6, "suppressed": 2 * 6 - 4}


async def test_of_a_long_list_a_thousand_are_asked_of_at_once(world: World) -> None:
    """As many as the gateway answers; of a list that is empty nothing is asked."""
    await world.read()
    await world.decide(program_of(await world.campaign(0), ProgramMode.DRY_RUN))
    campaign = await world.campaign(1001)
    world.suppressions.people = {"person-1000"}

    decided = await world.decide(program_of(campaign, ProgramMode.DRY_RUN))

    assert world.suppressions.asked == [1000, 1]
    assert (decided.day.candidates, decided.day.suppressed) == (1000, 1)


async def test_who_walks_towards_an_invitation_takes_a_place_of_its_days(world: World) -> None:
    """Visited and four days on their way: nobody saw them until they asked for all at once.

    What the sender can do in those days counts as well, or one that is far from its leads would
    be given too few.
    """
    campaign = await world.campaign(60, sequence=WARM)
    await world.read(invitations=10, free_by_day=(5,) * 6)
    program = program_of(campaign, ProgramMode.AUTOPILOT)
    program = replace(program, settings=replace(program.settings, plan_per_day=100))
    ids = await world.ids(campaign)
    await world.walk(ids[:10], "like", since=NOW - timedelta(hours=3))
    await world.walk(ids[10:20], "invite", since=NOW - timedelta(days=1))
    # It is asked for already: the forecast of the gateway is without it.
    await world.walk(ids[20:23], "invite", since=NOW - timedelta(days=3))

    decided = await world.decide(program)

    told = {each.account_id: (each.possible, each.slots) for each in decided.day.capacities}
    assert told == {"acct_one": (33, 13), "acct_two": (33, 33)}
    assert decided.day.unused_by_reason()["waiting"] == 20


async def test_days_that_another_reading_had_are_not_of_this_one(world: World) -> None:
    """A process of the release before reads a sender anew, and leaves them as they were."""
    campaign = await world.campaign(60, sequence=WARM)
    await world.read(invitations=10, free_by_day=(5,) * 6)
    before = await world.readings.of("org_north", ACCOUNTS)
    row = await world.pool.execute(
        "UPDATE sender_readings SET invitations = 2, read_at = $1", NOW + timedelta(hours=1)
    )

    decided = await world.decide(program_of(campaign, ProgramMode.DRY_RUN))

    assert row == "UPDATE 2"
    assert {each.free_by_day for each in before.values()} == {(5,) * 6}
    assert [each.possible for each in decided.day.capacities] == [2, 2]


async def test_who_walks_is_read_by_quarters_of_an_hour(world: World) -> None:
    """Not row by row: a long list walks for weeks. The last of a quarter speaks for it."""
    campaign = await world.campaign(60, sequence=WARM)
    ids = await world.ids(campaign)
    begin = NOW - timedelta(hours=3)
    for number in range(20):
        since = begin + timedelta(minutes=number)
        await world.walk(ids[number : number + 1], "like", since=since)
    await world.walk(ids[20:23], "invite", since=begin)

    load = await CandidateRepository(world.campaign_pool, SEAL).load(campaign, begun_since=NOW)

    assert {(each.step_id, each.since - begin, each.leads) for each in load.on_the_way} == {
        ("like", timedelta(minutes=14), 15),
        ("like", timedelta(minutes=19), 5),
        ("invite", timedelta(0), 3),
    }


async def test_who_was_invited_or_is_parked_walks_no_more(world: World) -> None:
    """Nor does who has ended, in whichever campaign."""
    campaign = await world.campaign(40)
    await world.read()
    ids = await world.ids(campaign)
    await world.walk(ids[:20], "visit", since=NOW)
    changes = ("connection = 'invited'", "parked_reason = 'ACTIVITY_FAILED'", "state = 'failed'")
    for number, change in enumerate(changes):
        await world.campaign_pool.execute(
            f"UPDATE leads SET {change} WHERE id = ANY($1)", ids[number * 5 : number * 5 + 5]
        )

    decided = await world.decide(program_of(campaign, ProgramMode.DRY_RUN))

    assert [each.waiting for each in decided.day.capacities] == [5, 0]
