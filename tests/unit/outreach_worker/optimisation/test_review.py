"""What a review finds, records and leaves alone, on rows that are made up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.optimisation.guardrails import CampaignFigures, SenderFigures
from automation.outcomes.cohorts import Cohort
from automation.outcomes.intervals import share
from automation.programs.program import Program, ProgramMode, ProgramState, new_settings
from campaigns.models import CampaignState
from campaigns.sequences.experiment import ExperimentPlan, Measure, Tally
from campaigns.sequences.sequence import Sequence, Step, StepKind, Variant
from outreach_worker.optimisation.review import Found, Review

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.25, effect=0.2, looks=4)
STEP = Step(
    step_id="invite",
    index=0,
    kind=StepKind.SEND_CONNECTION_REQUEST,
    variants=(Variant(name="a", text="Hi"), Variant(name="b", text="Hello")),
    experiment=PLAN,
)
FINE = Cohort(sent=100, accepted=share(30, 90), replied=share(9, 90), opted_out=share(0, 90))


@dataclass
class World:
    """Everything that a review reads, and the decisions that it makes."""

    step: Step = STEP
    rates: dict[str, float] = field(default_factory=lambda: {"a": 0.2, "b": 0.6})
    invited: Cohort = FINE
    senders: list[SenderFigures] = field(default_factory=list)
    mode: ProgramMode = ProgramMode.AUTOPILOT
    made: list[Decision] = field(default_factory=list)
    state: CampaignState = CampaignState.RUNNING
    since: list[datetime | None] = field(default_factory=list)

    @property
    def program(self) -> Program:
        settings = replace(new_settings("p", time_zone="UTC"), mode=self.mode)
        return Program(
            organization_id="org_1",
            program_id="prog_1",
            campaign_id="camp_1",
            state=ProgramState.ACTIVE,
            settings=settings,
            created_at=NOW,
            updated_at=NOW,
        )

    async def get(self, _: str) -> Any:
        settings = SimpleNamespace(leads_per_day=0)
        return SimpleNamespace(
            id="camp_1",
            state=self.state,
            revision_id="seq_1",
            settings=settings,
            account_ids=("acct_1",),
            ended_at=None,
        )

    async def sequence(self, _: str) -> Sequence:
        return Sequence(steps=(self.step,))

    async def tallies(self, *_: Any, leads: int, **__: Any) -> list[Tally]:
        return [
            Tally(variant=each.name, judged=leads, successes=round(leads * self.rates[each.name]))
            for each in self.step.variants
        ]

    async def by_key(self, *found: str) -> Decision | None:
        return next((each for each in self.made if each.key == found[-1]), None)

    async def record(self, new: Decision) -> Decision:
        found = await self.by_key(new.key)
        if found is None:
            self.made.append(new)
        return found or new

    async def of_kinds(self, *_: str | Collection[DecisionKind], since: datetime) -> list[Decision]:
        kinds = cast("Collection[DecisionKind]", _[-1])
        return [each for each in self.made if each.kind in kinds and each.created_at >= since]

    async def revert(self, decision_id: str, *, by: str, now: datetime) -> Decision:
        found = next(each for each in self.made if each.id == decision_id)
        return replace(found, revert_asked_at=now, revert_asked_by=by)

    async def of_campaign(
        self, _: str, *, since: datetime | None, now: datetime
    ) -> CampaignFigures:
        assert now == now.astimezone(UTC)
        self.since.append(since)
        return CampaignFigures(invited=self.invited)

    async def of_senders(self, *_: Any, **__: Any) -> list[SenderFigures]:
        return self.senders

    def becomes(self, **changes: Any) -> None:
        """The last decision, as it became."""
        self.made[-1] = replace(self.made[-1], **changes)

    async def judged(self, now: datetime = NOW) -> Found:
        return await self._review().judge(self.program, run_id="run_1", now=now)

    async def guarded(self, now: datetime = NOW) -> Found:
        return await self._review().guard(self.program, run_id="run_1", now=now)

    def _review(self) -> Review:
        part = cast("Any", self)
        return Review(part, part, part, part, part)


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
        (DecisionState.EXPIRED, True),
        (DecisionState.DRY, True),
        (DecisionState.SUPERSEDED, True),
    ],
)
async def test_a_no_is_final(state: DecisionState, again: bool) -> None:  # noqa: FBT001
    """What somebody rejected or took back is not proposed again; what came to nothing is."""
    world = World()
    await world.judged()
    world.becomes(state=state, answered_at=None)

    await world.judged(NOW + timedelta(weeks=1))

    assert len(world.made) == (2 if again else 1)


async def held_out() -> World:
    """A world whose split is in force."""
    world = World()
    await world.judged()
    world.becomes(state=DecisionState.APPLIED, applied_at=NOW)
    shares = world.made[0].change.after["shares"]
    variants = tuple(replace(each, share=shares[each.name]) for each in STEP.variants)
    world.step = replace(STEP, variants=variants)
    return world


async def test_a_hold_out_ends() -> None:
    """Not before its four weeks; then everybody gets the winner."""
    world = await held_out()

    early = await world.judged(NOW + timedelta(weeks=3))
    due = await world.judged(NOW + timedelta(weeks=4))

    assert not early.decisions
    assert [each.kind for each in due.decisions] == [DecisionKind.END_HOLD_OUT]


async def test_a_hold_out_that_contradicts() -> None:
    """The split is taken back by the program that made it."""
    world = await held_out()
    world.rates = {"a": 0.8, "b": 0.2}

    found = await world.judged(NOW + timedelta(weeks=4))

    assert [each.is_reverting for each in found.decisions] == [True]
    assert found.awaited == [world.made[0].id]


LOW = Cohort(sent=100, accepted=share(5, 90), replied=share(0, 90), opted_out=share(0, 90))


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
    """After a pause its subject has a week, and is then judged by what came since."""
    world = World(invited=LOW)
    await world.guarded()
    world.becomes(state=DecisionState.REVERTED, ended_at=NOW + timedelta(hours=1))

    early = await world.guarded(NOW + timedelta(days=6))
    later = await world.guarded(NOW + timedelta(days=7))

    assert not early.decisions
    assert len(later.decisions) == 1
    assert world.since[-1] == NOW


async def test_a_campaign_that_does_not_run_is_not_judged() -> None:
    """One that somebody has paused is not paused by a guardrail."""
    assert not (await World(invited=LOW, state=CampaignState.PAUSED).guarded()).decisions
