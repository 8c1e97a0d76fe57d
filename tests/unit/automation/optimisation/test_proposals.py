"""What follows from verdicts, hold-outs and guardrails, and how freely."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from automation.decisions.decision import DecisionKind
from automation.optimisation.guardrails import Alarm, Guardrail
from automation.optimisation.hold_outs import HoldOut, after_hold_out, hold_out_end
from automation.optimisation.looks import Experiment, planned_looks, verdict_at
from automation.optimisation.proposals import Proposal, after_alarm, after_verdict, more_leads
from automation.outcomes.cohorts import Cohort
from automation.outcomes.intervals import share
from campaigns.sequences.experiment import ExperimentPlan, Measure, Tally

PLAN = ExperimentPlan(measure=Measure.ACCEPTED, baseline=0.25, effect=0.2, looks=4)
MONDAY = date(2027, 3, 1)
WEEK = timedelta(weeks=1)


def judged(plan: ExperimentPlan, successes: Mapping[str, int]) -> Experiment:
    """An experiment whose variants have all had their leads."""
    looks = planned_looks(plan, len(successes))
    tallies = [
        Tally(variant=name, judged=looks[-1].leads, successes=count)
        for name, count in successes.items()
    ]
    found = verdict_at(looks[-1], tallies, plan=plan, last=True, over=False)
    assert found is not None
    return Experiment(step_id="invite", plan=plan, looks=looks, tallies=tallies, verdict=found)


def proposed(successes: Mapping[str, int], *, hold_out_weeks: int = 4) -> Proposal | None:
    return after_verdict(
        judged(PLAN, successes),
        shares=dict.fromkeys(successes, 1),
        revision_id="seq_1",
        content="c",
        hold_out_weeks=hold_out_weeks,
    )


def test_a_winner_gets_nine_in_ten() -> None:
    """The other one is kept for the hold-out; what was found, and from what, is told."""
    found = proposed({"a": 20, "b": 60})

    assert found is not None
    assert found.kind is DecisionKind.SPLIT_AFTER_VERDICT
    assert found.change.before == {
        "revision_id": "seq_1",
        "step_id": "invite",
        "shares": {"a": 1, "b": 1},
    }
    assert found.change.after["shares"] == {"b": 9, "a": 1}
    assert found.inputs["look"] == 4
    assert found.inputs["p_value"] < 0.001
    assert [each["successes"] for each in found.inputs["variants"]] == [20, 60]


def test_no_chance_is_told_as_none() -> None:
    """However clear a verdict is: `p = 0.0` says that luck was ruled out, which nothing does."""
    found = proposed({"a": 0, "b": 110})

    assert found is not None
    assert 0 < found.inputs["p_value"] < 1e-20


def test_of_several_losers_the_best_is_held_out() -> None:
    """The others are archived with the verdict."""
    found = proposed({"a": 20, "b": 90, "c": 30, "d": 25})

    assert found is not None
    assert found.kind is DecisionKind.ARCHIVE_VARIANT
    assert found.change.after["shares"] == {"b": 9, "c": 1}
    assert found.change.after["archived"] == "a, d"


def test_without_a_hold_out() -> None:
    """A program that wants none archives every loser with the verdict."""
    found = proposed({"a": 20, "b": 60}, hold_out_weeks=0)

    assert found is not None
    assert found.kind is DecisionKind.ARCHIVE_VARIANT
    assert found.change.after["shares"] == {"b": 9}
    assert "hold_out" not in found.change.after


def test_no_winner_changes_nothing() -> None:
    """Two of a kind go on as they are."""
    assert proposed({"a": 30, "b": 33}) is None


def test_a_guardrail_pauses() -> None:
    """A sender or the campaign, once a day, with the reason and the way out."""
    pending = Alarm(guardrail=Guardrail.PENDING, account_id="acct_1", found=410, limit=400)
    accepted = Alarm(guardrail=Guardrail.ACCEPTANCE, found=0.1, of=50, limit=0.15)

    of_sender, of_campaign = (after_alarm(each, day="2027-03-01") for each in (pending, accepted))

    assert of_sender.kind is DecisionKind.PAUSE_SENDER
    assert of_sender.change.after == {"paused": True, "account_id": "acct_1"}
    assert of_campaign.kind is DecisionKind.PAUSE_CAMPAIGN
    assert of_campaign.key == "guardrail/campaign/acceptance/2027-03-01"
    assert of_campaign.inputs["guardrail"] == accepted.reason
    assert of_campaign.inputs["way_out"] == accepted.way_out


def invited(accepted: int, of: int) -> Cohort:
    return Cohort(
        sent=of,
        accepted=share(accepted, of),
        replied=share(0, of),
        replied_automatically=share(0, of),
        opted_out=share(0, of),
    )


@pytest.mark.parametrize(
    ("cohort", "per_day", "begun", "becomes"),
    [
        (invited(60, 150), 10, 10.0, 12),
        (invited(60, 150), 1, 1.0, 2),
        (invited(60, 150), 10, 5.0, None),
        (invited(60, 150), 0, 20.0, None),
        (invited(15, 39), 10, 10.0, None),
        (invited(40, 150), 10, 10.0, None),
    ],
)
def test_more_leads(cohort: Cohort, per_day: int, begun: float, becomes: int | None) -> None:
    """Proposed where people accept for sure and the limit is what binds, a fifth at a time."""
    found = more_leads(cohort, leads_per_day=per_day, begun_per_day=begun, etag="e")

    assert (found and found.change.after["leads_per_day"]) == becomes


@dataclass
class Simulated:
    """A campaign that is reviewed weekly, in a world of which the truth is known."""

    rates: Mapping[str, float]
    dice: random.Random
    shares: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, int, bool]] = field(default_factory=list)
    """By variant, in which week, and whether they accept."""
    hold_out: HoldOut | None = None
    decided: list[DecisionKind] = field(default_factory=list)
    archived: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.shares = dict.fromkeys(self.rates, 1)

    def tallies(self, week: int, leads: int) -> list[Tally]:
        found = []
        for name in self.shares:
            own = [each for each in self.sent if each[0] == name][:leads]
            due = [each for each in own if each[1] + 2 <= week]
            successes = sum(accepts for _, _, accepts in due)
            found.append(Tally(variant=name, judged=len(due), successes=successes))
        return found

    def live(self, weeks: int) -> None:
        for week in range(weeks):
            self.review(week)
            names = self.dice.choices([*self.shares], [*self.shares.values()], k=75)
            self.sent += [(name, week, self.dice.random() < self.rates[name]) for name in names]

    def review(self, week: int) -> None:
        today = MONDAY + week * WEEK
        if self.hold_out is not None:
            tallies = self.tallies(week, 10_000)
            end = hold_out_end(self.hold_out, tallies, PLAN, today=today)
            found = after_hold_out(
                self.hold_out, tallies, PLAN, end, shares=self.shares, revision_id="seq_1"
            )
            if found is not None:
                self.adopt(found, today)
            return
        if len(self.shares) < 2:
            return
        looks = planned_looks(PLAN, len(self.shares))
        for look in looks:
            tallies = self.tallies(week, look.leads)
            found = verdict_at(look, tallies, plan=PLAN, last=look is looks[-1], over=False)
            if found is not None:
                break
        assert found is not None
        experiment = Experiment(
            step_id="invite", plan=PLAN, looks=looks, tallies=tallies, verdict=found
        )
        proposal = after_verdict(
            experiment, shares=self.shares, revision_id="seq_1", content="c", hold_out_weeks=4
        )
        if proposal is not None:
            self.adopt(proposal, today)

    def adopt(self, proposal: Proposal, today: date) -> None:
        after = proposal.change.after
        self.archived |= self.shares.keys() - after["shares"].keys()
        self.shares, self.sent = dict(after["shares"]), []
        self.decided.append(proposal.kind)
        self.hold_out = None
        if "hold_out" in after:
            self.hold_out = HoldOut(
                decision_id="dec_1",
                step_id="invite",
                winner=after["winner"],
                other=after["hold_out"],
                before=proposal.change.before["shares"],
                since=today,
                weeks=after["hold_out_weeks"],
            )


def test_in_an_indifferent_world_hardly_anything_is_archived() -> None:
    """Of twenty worlds in which nobody cares what they are sent, at most one loses a text."""
    archiving = 0
    for seed in range(20):
        world = Simulated(rates={"a": 0.3, "b": 0.3}, dice=random.Random(seed))
        world.live(13)
        archiving += bool(world.decided)

    assert archiving <= 1


def test_the_worse_text_is_archived() -> None:
    """45 against 25 %: the better one gets nine in ten, and after the hold-out everybody."""
    right = 0
    for seed in range(20):
        world = Simulated(rates={"a": 0.25, "b": 0.45}, dice=random.Random(seed))
        world.live(15)
        assert "b" not in world.archived
        if world.archived == {"a"}:
            assert world.decided == [DecisionKind.SPLIT_AFTER_VERDICT, DecisionKind.END_HOLD_OUT]
            assert world.shares.keys() == {"b"}
            right += 1

    assert right >= 16
