"""What a review finds, records and leaves alone, on rows that are made up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.optimisation.guardrails import CampaignFigures, Guardrail, SenderFigures
from automation.outcomes.cohorts import Cohort
from automation.outcomes.intervals import Share, share
from automation.programs.program import Program, ProgramMode, ProgramState, new_settings
from campaigns.models import CampaignSettings, CampaignState
from campaigns.sequences.experiment import ExperimentPlan, Measure, Tally
from campaigns.sequences.sequence import Sequence, Step, StepKind, Variant
from outreach.linkedin.v1 import hold_pb2
from outreach.linkedin.v1 import hold_service_pb2 as hold_pb
from outreach_worker.optimisation.past_pauses import PastPauses
from outreach_worker.optimisation.pauses import SenderPause
from outreach_worker.optimisation.recorder import DecisionRecorder
from outreach_worker.optimisation.review import Found, Review
from servicekit.errors import Unavailable

from tests.fakes.holds_kept import HoldsKept

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
NOES = (DecisionState.REJECTED, DecisionState.REVERTED)
PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.25, effect=0.2, looks=4)
STEP = Step(
    step_id="invite",
    index=0,
    kind=StepKind.SEND_CONNECTION_REQUEST,
    variants=(Variant(name="a", text="Hi"), Variant(name="b", text="Hello")),
    experiment=PLAN,
)
FINE = Cohort(
    sent=100,
    accepted=share(30, 90),
    replied=share(9, 90),
    replied_automatically=share(0, 90),
    opted_out=share(0, 90),
)


LIKED = replace(FINE, accepted=share(45, 90))
UNHARMED = share(0, 100)


@dataclass
class World:
    """Everything that a review reads, and the decisions that it makes."""

    steps: tuple[Step, ...] = (STEP,)
    sent: int = 400
    """Of all variants of a step, as their shares have it."""
    rates: dict[str, float] = field(default_factory=lambda: {"a": 0.2, "b": 0.6})
    invited: Cohort = FINE
    opted_out: Share = UNHARMED
    leads_per_day: int = 0
    senders: list[SenderFigures] = field(default_factory=list)
    mode: ProgramMode = ProgramMode.AUTOPILOT
    made: list[Decision] = field(default_factory=list)
    state: CampaignState = CampaignState.RUNNING
    since: list[Mapping[Guardrail, datetime]] = field(default_factory=list)
    revision_id: str = "seq_1"
    program_id: str = "prog_1"
    campaign_id: str = "camp_1"
    holds: HoldsKept = field(default_factory=HoldsKept)

    @property
    def program(self) -> Program:
        settings = replace(new_settings("p", time_zone="UTC"), mode=self.mode)
        return Program(
            organization_id="org_1",
            program_id=self.program_id,
            campaign_id=self.campaign_id,
            state=ProgramState.ACTIVE,
            settings=settings,
            created_at=NOW,
            updated_at=NOW,
        )

    async def get(self, _: str) -> Any:
        settings = CampaignSettings(leads_per_day=self.leads_per_day)
        return SimpleNamespace(
            id=self.campaign_id,
            organization_id="org_1",
            created_at=NOW - WEEK,
            state=self.state,
            revision_id=self.revision_id,
            name="Spring",
            settings=settings,
            account_ids=("acct_1",),
            ended_at=None,
        )

    async def sequence(self, _: str) -> Sequence:
        return Sequence(steps=self.steps)

    async def tallies(self, _: str, step: Step, *__: Any, leads: int, **___: Any) -> list[Tally]:
        parts = sum(each.share for each in step.variants)
        return [
            Tally(variant=each.name, judged=judged, successes=round(judged * self.rates[each.name]))
            for each in step.variants
            if (judged := min(leads, self.sent * each.share // parts)) >= 0
        ]

    async def standing(
        self, _: str, campaign_id: str, kind: DecisionKind, key: str
    ) -> Decision | None:
        of = [
            each
            for each in self.made
            if each.campaign_id == campaign_id
            and each.kind is kind
            and each.key in (key, f"{key}/{each.key[-10:]}")
        ]
        noes = [each for each in of if each.state in NOES]
        return next(iter([*noes, *reversed(of)]), None)

    async def begun_per_day(self, *_: Any, **__: Any) -> float:
        return float(self.leads_per_day)

    async def record(self, new: Decision) -> Decision:
        key = new.program_id, new.key
        found = next((each for each in self.made if (each.program_id, each.key) == key), None)
        if found is None:
            self.made.append(new)
        return found or new

    async def sender_pauses(self, _: str, account_ids: Collection[str]) -> list[Decision]:
        return [
            each
            for each in self.made
            if each.kind is DecisionKind.PAUSE_SENDER
            and each.change.after["account_id"] in account_ids
        ]

    async def of_senders(self, account_ids: Collection[str], **_: Any) -> list[SenderFigures]:
        return [each for each in self.senders if each.account_id in account_ids]

    async def of_campaign(
        self, _: str, campaign_id: str, kinds: Collection[DecisionKind], *, since: datetime
    ) -> list[Decision]:
        return [
            each
            for each in self.made
            if (each.campaign_id, each.kind in kinds) == (campaign_id, True)
            and each.created_at >= since
        ]

    async def figures(
        self, _: str, *, since: Mapping[Guardrail, datetime], now: datetime
    ) -> CampaignFigures:
        assert now == now.astimezone(UTC)
        self.since.append(since)
        return CampaignFigures(invited=self.invited, opted_out=self.opted_out)

    def becomes(self, **changes: Any) -> None:
        """The last decision, as it became."""
        self.made[-1] = replace(self.made[-1], **changes)

    async def judged(self, now: datetime = NOW) -> Found:
        return await self._review().judge(self.program, run_id=f"run_{now:%m%d}", now=now)

    async def guarded(self, now: datetime = NOW) -> Found:
        return await self._review().guard(self.program, run_id=f"run_{now:%m%d}", now=now)

    async def paused(self, now: datetime = NOW) -> None:
        """The last decision, a pause of a sender, takes effect."""
        self.holds.now = now
        await SenderPause(self.holds.stub).apply(self.made[-1])
        self.becomes(state=DecisionState.APPLIED, applied_at=now)

    async def lifted(self, now: datetime) -> None:
        """By somebody's hand."""
        self.holds.now = now
        await self.holds.LiftHold(
            hold_pb.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id="acct_1")
        )

    def _review(self) -> Review:
        part = cast("Any", self)
        return Review(
            part,
            part,
            part,
            cast(
                "Any",
                SimpleNamespace(
                    of_campaign=self.figures,
                    of_senders=self.of_senders,
                    begun_per_day=self.begun_per_day,
                ),
            ),
            history=part,
            recorder=DecisionRecorder(part, part),
            past_pauses=PastPauses(part, self.holds.stub),
        )


async def test_a_winner_is_decided_once() -> None:
    """A review that is repeated finds the decision of the first time, and its effect is awaited."""
    world = World()

    first, second = await world.judged(), await world.judged()

    assert [each.kind for each in world.made] == [DecisionKind.SPLIT_AFTER_VERDICT]
    assert first.awaited == second.awaited == [world.made[0].id]


@pytest.mark.parametrize(
    ("mode", "state", "awaited"),
    [
        (ProgramMode.DRY_RUN, DecisionState.DRY, 0),
        (ProgramMode.REVIEW, DecisionState.PROPOSED, 0),
        (ProgramMode.AUTOPILOT, DecisionState.PROPOSED, 1),
    ],
)
async def test_as_freely_as_the_mode_says(
    mode: ProgramMode, state: DecisionState, awaited: int
) -> None:
    """Noted, asked, or approved by the program itself."""
    world = World(mode=mode)

    found = await world.judged()

    assert [each.state for each in found.decisions] == [state]
    assert len(found.awaited) == awaited


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (DecisionState.REJECTED, False),
        (DecisionState.REVERTED, False),
        (DecisionState.APPLIED, False),
        (DecisionState.EXPIRED, True),
        (DecisionState.DRY, True),
        (DecisionState.FAILED, True),
        (DecisionState.SUPERSEDED, True),
    ],
)
@pytest.mark.parametrize("reviews", [1, 2, 3])
async def test_a_no_is_final(*, reviews: int, state: DecisionState, again: bool) -> None:
    """What somebody rejected or took back is not proposed again; what came to nothing is.

    However often it had come to nothing before.
    """
    world = World()
    for week in range(reviews - 1):
        await world.judged(NOW + week * WEEK)
        world.becomes(state=DecisionState.DRY, answered_at=None)
    await world.judged(NOW + (reviews - 1) * WEEK)
    world.becomes(state=state, answered_at=None)

    for week in range(reviews, reviews + 3):
        found = await world.judged(NOW + week * WEEK)
        assert len(found.decisions) == again
        world.becomes(state=state, answered_at=None)

    assert len(world.made) == reviews + 3 * again


@pytest.mark.parametrize("state", [DecisionState.REJECTED, DecisionState.REVERTED])
async def test_a_raise_that_was_rejected_is_not_asked_for_every_week(state: DecisionState) -> None:
    """The same number is the same question; of another one it is another."""
    world = World(rates={"a": 0.3, "b": 0.3}, leads_per_day=10, invited=LIKED)
    await world.judged()
    world.becomes(state=state)

    again = await world.judged(NOW + WEEK)
    world.leads_per_day = 15
    other = await world.judged(NOW + 2 * WEEK)

    assert not again.decisions
    assert [each.change.after["leads_per_day"] for each in other.decisions] == [18]


async def test_an_old_answer_silences_no_other_step() -> None:
    """The next step is judged in the same review; one that waits for somebody goes first."""
    world = World(steps=(STEP, replace(STEP, step_id="note")), mode=ProgramMode.REVIEW)

    await world.judged()
    waits = await world.judged(NOW + timedelta(days=1))
    world.becomes(state=DecisionState.REJECTED, answered_at=NOW)
    found = await world.judged(NOW + WEEK)

    assert [each.change.after["step_id"] for each in waits.decisions] == ["invite"]
    assert [each.change.after["step_id"] for each in found.decisions] == ["note"]


async def held_out(
    mode: ProgramMode = ProgramMode.AUTOPILOT, *, after: timedelta = timedelta(minutes=20)
) -> World:
    """A world whose split is in force."""
    world = World(mode=mode)
    await world.judged()
    world.becomes(state=DecisionState.APPLIED, applied_at=NOW + after)
    shares = world.made[0].change.after["shares"]
    variants = tuple(replace(each, share=shares[each.name]) for each in STEP.variants)
    world.steps = (replace(STEP, variants=variants),)
    return world


DUE = NOW + 6 * WEEK - timedelta(minutes=30)
"""Four weeks, and the two that the last leads of these have; a run may begin a little sooner."""


async def test_a_hold_out_ends() -> None:
    """Not before the leads of its four weeks have had their time; then everybody gets the winner.

    It is judged by all of them, not by as many as the first look of an experiment has.
    """
    world = await held_out()

    early = await world.judged(DUE - timedelta(days=1))
    due = await world.judged(DUE)

    assert not early.decisions
    (end,) = due.decisions
    assert end.kind is DecisionKind.END_HOLD_OUT
    assert end.change.after["shares"] == {"b": 9}
    assert [each["judged"] for each in end.inputs["variants"]] == [40, 360]
    assert end.inputs["difference_low"] > 0
    assert 0.5 < end.inputs["power"] < 0.8


async def test_a_hold_out_begins_as_its_verdict_takes_effect() -> None:
    """Approved on its last hour: its weeks are those in which one in ten got the other text."""
    world = await held_out(ProgramMode.REVIEW, after=timedelta(hours=47))

    early = await world.judged(DUE + timedelta(days=1))
    due = await world.judged(DUE + timedelta(days=2))

    assert not early.decisions
    assert [each.kind for each in due.decisions] == [DecisionKind.END_HOLD_OUT]


async def test_a_hold_out_runs_as_long_as_its_verdict_said() -> None:
    """Whatever the program's limits say meanwhile, and whatever a person edits of other steps."""
    world = await held_out()
    world.made[0] = replace(
        world.made[0],
        change=replace(
            world.made[0].change, after={**world.made[0].change.after, "hold_out_weeks": 26}
        ),
    )
    world.revision_id = "seq_9"

    early = await world.judged(NOW + 27 * WEEK)
    due = await world.judged(NOW + 28 * WEEK)

    assert not early.decisions
    assert [each.change.before["revision_id"] for each in due.decisions] == ["seq_9"]


async def test_nobody_tells_nothing() -> None:
    """A hold-out of hardly anybody goes on."""
    world = await held_out()
    world.sent = 190

    assert not (await world.judged(DUE)).decisions


@pytest.mark.parametrize(("mode", "awaited"), [(ProgramMode.AUTOPILOT, 1), (ProgramMode.REVIEW, 0)])
async def test_a_hold_out_that_contradicts(mode: ProgramMode, awaited: int) -> None:
    """The shares are put back by a decision of its own, as freely as the mode says."""
    world = await held_out(mode)
    world.rates = {"a": 0.45, "b": 0.25}

    found = await world.judged(DUE)

    (end,) = found.decisions
    assert end.kind is DecisionKind.END_HOLD_OUT
    assert end.change.after["shares"] == {"a": 1, "b": 1}
    assert end.change.after["contradicted"] == "b"
    assert len(found.awaited) == awaited
    assert end.waits_at(DUE) == (not awaited)


LOW = replace(FINE, accepted=share(5, 90), replied=share(0, 90))


async def test_a_guardrail_stops_in_review_too() -> None:
    """Whatever stops needs no approval where anything is done at all."""
    world = World(
        mode=ProgramMode.REVIEW,
        invited=LOW,
        senders=[SenderFigures(account_id="acct_1", pending=500, refusals=0, multiplier=1)],
    )

    found = await world.guarded()

    assert [each.kind for each in found.decisions] == [
        DecisionKind.PAUSE_CAMPAIGN,
        DecisionKind.PAUSE_SENDER,
    ]
    assert len(found.awaited) == 2


async def test_whoever_resumes_may_try() -> None:
    """After a pause that limit leaves its subject alone for a week, and counts what came since."""
    world, ended_at = World(invited=LOW), NOW + 5 * DAY
    await world.guarded()
    world.becomes(state=DecisionState.REVERTED, applied_at=NOW, ended_at=ended_at)

    early = await world.guarded(ended_at + 6 * DAY)
    later = await world.guarded(ended_at + 7 * DAY)

    assert not early.decisions
    assert len(later.decisions) == 1
    assert world.since[-1] == {Guardrail.ACCEPTANCE: ended_at}


async def test_a_campaign_that_somebody_resumed_may_try() -> None:
    """By hand: the decision stays as it was, and its hold is lifted."""
    world, resumed_at = World(invited=LOW), NOW + 10 * DAY
    await world.guarded()
    world.becomes(state=DecisionState.APPLIED, applied_at=NOW)
    world.holds.now = resumed_at
    campaign = hold_pb.LiftHoldRequest(scope=hold_pb2.HOLD_SCOPE_CAMPAIGN, subject_id="camp_1")
    world.holds.held[hold_pb2.HOLD_SCOPE_CAMPAIGN, "camp_1"] = hold_pb2.Hold()
    await world.holds.LiftHold(campaign)

    early = await world.guarded(resumed_at + 6 * DAY)
    later = await world.guarded(resumed_at + 7 * DAY)

    assert not early.decisions
    assert len(later.decisions) == 1
    assert world.since[-1] == {Guardrail.ACCEPTANCE: resumed_at}


async def test_one_limit_blinds_no_other_one() -> None:
    """A campaign that was resumed after one of them is paused by the next, on the same day too."""
    world = World(invited=LOW)
    await world.guarded()
    ended_at = NOW + timedelta(hours=1)
    world.becomes(state=DecisionState.REVERTED, applied_at=NOW, ended_at=ended_at)
    world.opted_out = share(9, 100)

    found = await world.guarded(NOW + timedelta(hours=2))

    assert [each.inputs["figure"] for each in found.decisions] == [Guardrail.OPT_OUTS]


async def test_a_campaign_that_does_not_run_is_not_judged() -> None:
    """One that somebody has paused is not paused by a guardrail."""
    assert not (await World(invited=LOW, state=CampaignState.PAUSED).guarded()).decisions


TIRED = SenderFigures(account_id="acct_1", pending=500, refusals=0, multiplier=1)


async def test_a_no_to_a_pause_is_every_programs() -> None:
    """A sender whose pause somebody took back is not paused by the program of another campaign."""
    world = World(senders=[TIRED])
    await world.guarded()
    world.becomes(state=DecisionState.REVERTED, applied_at=NOW, ended_at=NOW + DAY)
    world.program_id, world.campaign_id = "prog_2", "camp_2"

    early = await world.guarded(NOW + 2 * DAY)
    later = await world.guarded(NOW + 8 * DAY)

    assert not early.decisions
    assert [each.program_id for each in later.decisions] == ["prog_2"]


async def test_a_sender_that_is_paused_is_paused_no_more() -> None:
    """While the hold is in force nothing is decided, by this program or another, however long.

    Once somebody has lifted it the limit leaves the sender alone for a week.
    """
    world = World(senders=[TIRED])
    await world.guarded()
    await world.paused()

    for days in range(1, 31):
        world.program_id = f"prog_{1 + days % 2}"
        assert not (await world.guarded(NOW + days * DAY)).decisions
    await world.lifted(NOW + 30 * DAY)
    for days in range(31, 37):
        assert not (await world.guarded(NOW + days * DAY)).decisions

    assert len((await world.guarded(NOW + 37 * DAY)).decisions) == 1


async def test_what_a_person_holds_is_not_paused() -> None:
    """There is nothing to stop."""
    world = World(senders=[TIRED])
    await world.holds.PutHold(
        hold_pb.PutHoldRequest(
            scope=hold_pb2.HOLD_SCOPE_ACCOUNT, subject_id="acct_1", reason="Holiday"
        )
    )

    assert not (await world.guarded()).decisions


async def test_a_gateway_that_is_away_hides_no_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of its senders nothing is known, so nothing is decided; the campaign is judged as ever."""
    world = World(senders=[TIRED], invited=LOW)

    async def away(*_: Any) -> None:
        raise Unavailable("the gateway is away")

    monkeypatch.setattr(world.holds, "ListHolds", away)

    found = await world.guarded()

    assert [each.kind for each in found.decisions] == [DecisionKind.PAUSE_CAMPAIGN]


@pytest.mark.parametrize(
    "state", [each for each in CampaignState if each is not CampaignState.RUNNING]
)
async def test_a_campaign_that_does_not_run_has_no_experiments(state: CampaignState) -> None:
    """Nothing is decided of one that was stopped, has ended or stands still."""
    world = World(state=state, leads_per_day=10, invited=LIKED)

    assert not (await world.judged()).decisions


async def test_another_program_of_the_campaign_knows_its_hold_out() -> None:
    """The campaign's program was deleted and made again."""
    world = await held_out()
    world.program_id = "prog_2"

    assert not (await world.judged(DUE - DAY)).decisions
    (end,) = (await world.judged(DUE)).decisions
    assert end.kind is DecisionKind.END_HOLD_OUT


async def test_a_no_holds_for_the_next_program() -> None:
    """What waited when a program was deleted is asked anew; what was rejected is not."""
    world = World(mode=ProgramMode.REVIEW)
    await world.judged()
    world.program_id = "prog_2"

    (anew,) = (await world.judged(NOW + DAY)).decisions
    world.becomes(state=DecisionState.REJECTED, answered_at=NOW + DAY)
    world.program_id = "prog_3"

    assert (anew.program_id, anew.run_id) == ("prog_2", "run_0302")
    assert not (await world.judged(NOW + 2 * DAY)).decisions
