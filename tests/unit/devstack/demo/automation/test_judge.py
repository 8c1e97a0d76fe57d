"""Whether the judge of a program sees what it must not do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from automation.decisions.decision import (
    Change,
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
    LeftOut,
)
from devstack.demo.automation.evidence import Evidence, Truth
from devstack.demo.automation.judge import acceptance_told, judged, ranking_told
from devstack.demo.automation.plan import WEEKS, Plan
from devstack.demo.automation.world import WorldKind
from devstack.demo.consistency import LeadWithSteps
from devstack.demo.journal import Write
from google.protobuf.timestamp_pb2 import Timestamp
from outreach.automation.v1 import report_pb2, run_pb2
from outreach.campaign.v1 import campaign_pb2, lead_pb2

MONDAY = datetime(2027, 1, 4, 6, tzinfo=UTC)
END = MONDAY + timedelta(weeks=WEEKS)
DAILY, WEEKLY = run_pb2.RUN_TYPE_DAILY, run_pb2.RUN_TYPE_WEEKLY
TASTES, INDIFFERENT = Plan(world=WorldKind.TASTES), Plan(world=WorldKind.INDIFFERENT)


def run(of: run_pb2.RunType.ValueType, days: int) -> run_pb2.Run:
    """A run that completed, so many days after the first Monday."""
    at = MONDAY + timedelta(days=days)
    nominal = Timestamp()
    nominal.FromDatetime(at)
    return run_pb2.Run(
        run_id=f"run_{of}_{days}",
        type=of,
        state=run_pb2.RUN_STATE_COMPLETED,
        nominal_day=at.date().isoformat(),
        nominal_time=nominal,
    )


def decision(kind: DecisionKind, state: DecisionState, **more: object) -> Decision:
    """A decision of the first Monday."""
    made = Decision(
        id=f"dec_{kind}_{state}",
        organization_id="org",
        program_id="prog",
        campaign_id="camp",
        key=f"{kind}/{state}",
        kind=kind,
        state=state,
        rule="a rule",
        change=Change(before={"was": 1}, after={"archived": "A", "winner": "B"}),
        created_at=MONDAY,
        expires_at=MONDAY + timedelta(days=2),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # as given


def reported(contacted: int) -> report_pb2.Report:
    """A report of which the first week has so many people."""
    week = report_pb2.Cohort(week=MONDAY.date().isoformat(), contacted=contacted)
    return report_pb2.Report(last_day=END.date().isoformat(), cohorts=[week])


def good() -> Evidence:
    """Two people: one by rank, who is likelier to accept, and did; one by chance."""
    released = decision(DecisionKind.RELEASE_LEADS, DecisionState.APPLIED)
    people = {"lead_1": "ada", "lead_2": "bob"}
    return Evidence(
        at=END,
        runs=[run(DAILY, day) for day in (0, 1, 2, 3, 4, 7)] + [run(WEEKLY, 0), run(WEEKLY, 7)],
        decisions=[
            released,
            decision(DecisionKind.END_HOLD_OUT, DecisionState.APPLIED),
            decision(
                DecisionKind.RAISE_LEADS_PER_DAY, DecisionState.APPLIED, answered_by="a manager"
            ),
            decision(DecisionKind.RAISE_LEADS_PER_DAY, DecisionState.EXPIRED),
            decision(DecisionKind.PAUSE_SENDER, DecisionState.REVERTED),
        ],
        released={
            released.id: [
                DecidedLead(lead_id="lead_1", account_id="acc", rank=1, source=LeadSource.RULES),
                DecidedLead(
                    lead_id="lead_2", account_id="acc", rank=0, source=LeadSource.EXPLORATION
                ),
            ]
        },
        status=campaign_pb2.CampaignStatus(funnel=campaign_pb2.Funnel(invited=2, accepted=1)),
        leads=[
            LeadWithSteps(
                lead=lead_pb2.Lead(
                    lead_id=lead_id,
                    public_identifier=person,
                    connection=lead_pb2.CONNECTION_STATE_CONNECTED
                    if person == "ada"
                    else lead_pb2.CONNECTION_STATE_INVITED,
                )
            )
            for lead_id, person in people.items()
        ],
        made=[
            Write(seq=seq, at=MONDAY, kind="invite", account_id="acc", target=person)
            for seq, person in enumerate(people.values())
        ],
        accepted={"ada": MONDAY + timedelta(days=1)},
        journal=[],
        truth=Truth(by_variant={"A": 0.2, "B": 0.6}, by_person={"ada": 0.5, "bob": 0.3}),
        report=reported(2),
        contacted_by_week={MONDAY.date().isoformat(): 2},
    )


def without(kind: DecisionKind, state: DecisionState) -> Callable[[Evidence], Evidence]:
    """The evidence without that decision."""

    def mutated(evidence: Evidence) -> Evidence:
        kept = [
            each for each in evidence.decisions if not (each.kind is kind and each.state is state)
        ]
        return replace(evidence, decisions=kept)

    return mutated


def broken(plan: Plan, evidence: Evidence) -> list[str]:
    """The claims that do not hold."""
    return [check.claim for check in judged(plan, evidence) if not check.holds]


def test_a_good_program_is_found_good() -> None:
    """Nothing is found where all is as it should be."""
    assert broken(TASTES, good()) == []


RELEASE, APPLIED = DecisionKind.RELEASE_LEADS, DecisionState.APPLIED
FAULTS: dict[str, Callable[[Evidence], Evidence]] = {
    "The journal agrees with who accepted": lambda it: replace(
        it, accepted={**it.accepted, "bob": MONDAY}
    ),
    "The journal agrees with the report's weeks": lambda it: replace(it, report=reported(3)),
    "The journal agrees with each week of the overview": lambda it: replace(
        it, contacted_by_week={}
    ),
    "One run for each nominal day, and none is missing": lambda it: replace(
        it, runs=[each for each in it.runs if each.run_id != f"run_{DAILY}_2"]
    ),
    "Nobody was invited without a decision": without(RELEASE, APPLIED),
    "No decision without its inverse": lambda it: replace(
        it,
        decisions=[replace(each, change=Change(after={"a": 1})) for each in it.decisions[:1]]
        + list(it.decisions[1:]),
    ),
    "Whatever was decided came about, or says why not": lambda it: replace(
        it, decisions=[*it.decisions, decision(RELEASE, DecisionState.FAILED, failure="GONE")]
    ),
    "Ranked people like to be asked more": lambda it: replace(
        it, truth=replace(it.truth, by_person={"ada": 0.3, "bob": 0.3})
    ),
    "The worse text was archived, by the hidden truth": lambda it: replace(
        it, truth=replace(it.truth, by_variant={"A": 0.6, "B": 0.6})
    ),
    "A rise came about as the manager approved it": without(
        DecisionKind.RAISE_LEADS_PER_DAY, APPLIED
    ),
    "What nobody answered came to nothing": without(
        DecisionKind.RAISE_LEADS_PER_DAY, DecisionState.EXPIRED
    ),
    "A refused sender was paused, and let go on": without(
        DecisionKind.PAUSE_SENDER, DecisionState.REVERTED
    ),
}


@pytest.mark.parametrize("claim", FAULTS)
def test_each_fault_breaks_its_claim(claim: str) -> None:
    """Every claim that the demo prints can fail, and fails at its fault alone."""
    assert broken(TASTES, FAULTS[claim](good())) == [claim]


def test_a_report_tells_its_last_weeks() -> None:
    """Of a year it has the last twelve, and nothing is missing; the overview has them all."""
    weeks = [(MONDAY - timedelta(weeks=each)).date().isoformat() for each in range(15)]
    older = [
        Write(
            seq=100 + each,
            at=MONDAY - timedelta(weeks=each),
            kind="invite",
            account_id="acc",
            target=f"of week {each}",
        )
        for each in range(1, 15)
    ]
    cohorts = [report_pb2.Cohort(week=week, contacted=1) for week in weeks[1:12]]
    evidence = good()
    report = reported(2)
    report.cohorts.extend(cohorts)
    told = dict.fromkeys(weeks, 1) | {weeks[0]: 2}
    of_a_year = replace(evidence, made=[*evidence.made, *older], report=report)

    claims = broken(TASTES, replace(of_a_year, contacted_by_week=told))

    assert not [each for each in claims if "week" in each]


def superseded(failure: str, *left: LeftOut | None) -> Evidence:
    """With one more release, that came to nothing; its leads, and why each was left out."""
    evidence, asked = good(), decision(RELEASE, DecisionState.SUPERSEDED, failure=failure)
    lead = DecidedLead(lead_id="lead_3", account_id="acc", rank=1, source=LeadSource.RULES)
    leads = [replace(lead, left_out=each) for each in left]
    return replace(
        evidence,
        decisions=[*evidence.decisions, asked],
        released={**evidence.released, asked.id: leads},
    )


@pytest.mark.parametrize(
    ("evidence", "is_broken"),
    [
        (superseded("NOBODY_FITS", LeftOut.HELD), False),
        (superseded("PROGRAM_PAUSED", None), False),
        (superseded("NOBODY_FITS", LeftOut.HELD, None), True),
        (superseded("NOBODY_FITS"), True),
        (superseded("CAMPAIGN_GONE", None), True),
    ],
)
def test_what_came_to_nothing_says_why(evidence: Evidence, *, is_broken: bool) -> None:
    """Of each lead, or that the demo was over; whom nothing is said of is a fault."""
    claim = ["Whatever was decided came about, or says why not"]
    assert broken(TASTES, evidence) == (claim if is_broken else [])


def test_a_day_that_ran_twice_is_found() -> None:
    """Two rows of one nominal day are a fault, whatever else is right."""
    evidence = good()
    twice = replace(evidence, runs=[*evidence.runs, run(DAILY, 3)])

    assert broken(TASTES, twice) == ["One run for each nominal day, and none is missing"]


def test_whoever_accepted_a_moment_ago_need_not_be_known() -> None:
    """A campaign is told of acceptances hours late."""
    evidence = good()
    late = replace(evidence, accepted={**evidence.accepted, "bob": END - timedelta(hours=9)})

    assert broken(TASTES, late) == []


def test_in_an_indifferent_world_nothing_may_win() -> None:
    """A verdict is one too many there."""
    assert broken(INDIFFERENT, good()) == ["Nothing was archived or promoted"]
    nothing = without(DecisionKind.END_HOLD_OUT, APPLIED)(good())
    assert broken(INDIFFERENT, nothing) == []


def test_ranking_is_told_with_both_denominators() -> None:
    """Ranked and random slots, each of how many, and where the difference lies."""
    told = ranking_told(good())

    assert told.startswith("Ranked 100 % of 1, random 0 % of 1, difference +100 [")


def test_acceptance_is_told_with_the_truth() -> None:
    """Of everybody who was invited in time; the truth is of the same words for all."""
    told = acceptance_told(good())

    assert told == "Of 2 invited 50% accepted; in the same words 40.0% would."
    assert "Nobody" in acceptance_told(replace(good(), made=[]))


def test_without_rules_nobody_is_ranked() -> None:
    """Then no claim is made of it."""
    claims = {check.claim for check in judged(replace(TASTES, has_rules=False), good())}

    assert "Ranked people like to be asked more" not in claims
    assert "A refused sender was paused, and let go on" in claims
