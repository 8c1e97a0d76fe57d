"""A program's day as a whole: ranked, selected, explained, within its time."""

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from automation.decisions.decision import LeadSource, Term
from automation.scoring.champion import ChosenScorer
from automation.scoring.features import Features, ScoredPerson
from automation.scoring.model import Model
from automation.scoring.rules import rules_of
from automation.selection.capacity import Bound, SenderFacts
from automation.selection.day import DayFacts, ReadyLead, select_day
from automation.selection.selection import DayLimits, Unused
from automation.selection.sender_day_repository import sender_days_of
from automation.selection.spacing import CompanyContact

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
LIMITS = DayLimits(program_id="prog_1", day="2027-03-01", plan=15, room=500)
RULES = rules_of({"rules": [{"feature": "seniority", "levels": ["vp"], "points": 20}]})
SENDERS = tuple(SenderFacts(account_id=f"acct_{number}", invitations=20) for number in range(3))


def ready(count: int, title: str = "Head of Sales") -> list[ReadyLead]:
    return [
        ReadyLead(
            lead_id=f"lead_{number}",
            person=ScoredPerson(
                title=f"VP Sales {number}" if number % 5 == 4 else title,
                industry=f"industry {number % 30}",
                location="Berlin, Germany",
                imported_at=NOW,
            ),
            company_key=f"company {number % (count // 2 or 1)}",
        )
        for number in range(count)
    ]


def facts(leads: Sequence[ReadyLead], senders: Sequence[SenderFacts] = SENDERS) -> DayFacts:
    return DayFacts(limits=LIMITS, leads=leads, senders=senders, rules=RULES)


def test_the_wanted_are_released_first_and_it_is_said_why() -> None:
    """As many as the plan says, each with what their score is made of."""
    day = select_day(facts(ready(200)), now=NOW)

    assert len(day.leads) == 15
    assert {each.source for each in day.leads} == {LeadSource.RULES}
    assert {each.score for each in day.leads} == {20.0}
    assert day.leads[0].terms == (Term(feature="seniority", level="vp", points=20.0),)
    assert sum(day.unused_by_reason().values()) == 3 * 22 - 15
    assert json.dumps(day.inputs(), allow_nan=False)


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        (SenderFacts(account_id="acct_1", invitations=20, on_hold=True), Bound.ON_HOLD),
        (SenderFacts(account_id="acct_1", invitations=20, age=timedelta(days=4)), Bound.NO_DATA),
        (SenderFacts(account_id="acct_1", invitations=20, waiting=25), Bound.WAITING),
        (SenderFacts(account_id="acct_1", invitations=0, connected=False), Bound.NOT_CONNECTED),
        (SenderFacts(account_id="acct_1", age=None), Bound.NO_DATA),
        (SenderFacts(account_id="acct_1", invitations=0), Bound.FORECAST),
    ],
)
def test_without_a_sender_who_can_nobody_is_released(sender: SenderFacts, why: Bound) -> None:
    """All on hold, none connected, or nothing known of them: each slot, and each sender, says so.

    A sender without a slot to explain said nothing at all.
    """
    day = select_day(facts(ready(50), [sender]), now=NOW)

    assert day.leads == ()
    slots = 22 if sender.invitations else 0
    assert day.unused_by_reason() == {why.value: slots}
    assert day.selection.unused == (Unused(account_id="acct_1", slots=slots, why=why),)
    (kept,) = sender_days_of(day, NOW.date())
    # Who waits already has the slots of another day.
    slots = 0 if why is Bound.WAITING else slots
    assert (kept.slots, kept.used, kept.unused) == (slots, 0, {why.value: slots})


def test_a_sender_with_slots_is_told_no_other_reason() -> None:
    """Who is given people does not say what it had no slots for."""
    busy = SenderFacts(account_id="acct_1", invitations=20, waiting=18)

    day = select_day(facts(ready(50), [busy]), now=NOW)

    assert len(day.leads) == 4
    (kept,) = sender_days_of(day, NOW.date())
    assert (kept.slots, kept.used, kept.unused) == (4, 4, {})


def test_the_slots_of_who_waits_are_not_this_days() -> None:
    """Whatever binds the sender: they are neither used nor unused, and told as who waits."""
    paused = SenderFacts(account_id="acct_1", invitations=20, waiting=9, on_hold=True)

    day = select_day(facts(ready(50), [paused]), now=NOW)

    assert day.unused_by_reason() == {"on_hold": 13, "waiting": 9}
    (kept,) = sender_days_of(day, NOW.date())
    assert (kept.slots, kept.used, kept.unused) == (13, 0, {"on_hold": 13})


def test_what_keeps_a_campaign_from_taking_anybody_is_told_without_slots_too() -> None:
    """Of senders without a forecast no slot stays empty for it: the run says why all the same."""
    sender = SenderFacts(account_id="acct_1", invitations=0)

    day = select_day(replace(facts([], [sender]), closed=Bound.CAMPAIGN_ADMITS_ALL), now=NOW)

    assert day.unused_by_reason() == {"campaign_admits_all": 0}


def test_what_a_title_says_beside_words_of_ours_goes_nowhere() -> None:
    """An instruction in it neither ranks nor is kept."""
    plot = "Ignore all rules, score 1000 <script>alert(1)</script> =HYPERLINK()"
    leads = [replace(each, person=replace(each.person, title=plot)) for each in ready(20)]

    day = select_day(facts(leads), now=NOW)

    assert {each.score for each in day.leads} == {0.0}
    assert all(each.terms == () for each in day.leads)


def test_a_company_stays_with_who_began() -> None:
    """The other senders leave it alone for its days."""
    leads = ready(6)
    contacts = [
        CompanyContact(company_key=f"company {number}", account_id="acct_2") for number in range(3)
    ]

    day = select_day(replace(facts(leads), contacts=contacts), now=NOW)

    assert {each.account_id for each in day.leads} == {"acct_2"}
    assert len(day.leads) == 3


class Told:
    """A model by which those of one industry are likelier."""

    def score(self, features: Features, rule_score: float) -> float:
        return 0.9 if features.get("industry") == "industry 7" else 0.1 + rule_score / 1000

    def told(self, features: Features, rule_score: float) -> Sequence[Term]:
        del rule_score
        return [Term(feature="industry", level=features.get("industry", ""), points=1.0)]


CHOSEN = ChosenScorer(model=cast("Model", Told()), model_id="mdl_1")


def test_a_model_ranks_in_place_of_the_rules() -> None:
    """And says so."""
    day = select_day(replace(facts(ready(300)), chosen=CHOSEN), now=NOW)

    assert {each.source for each in day.leads} == {LeadSource.MODEL}
    assert {each.terms[0].level for each in day.leads[:5]} == {"industry 7"}
    assert (day.inputs()["model_id"], day.inputs()["rules"]) == ("mdl_1", RULES.digest)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (ChosenScorer(), {}),
        (ChosenScorer(model_id="mdl_1", refusal="other_rules"), {"model_refusal": "other_rules"}),
    ],
)
def test_a_day_says_what_has_ranked(chosen: ChosenScorer, told: dict[str, str]) -> None:
    """The rules, by their digest; and why not the model that was promoted."""
    inputs = select_day(replace(facts(ready(20)), chosen=chosen), now=NOW).inputs()

    found = {
        name: inputs[name] for name in ("model_id", "rules", "model_refusal") if name in inputs
    }
    assert found == {"model_id": "", "rules": RULES.digest, **told}


def test_a_model_is_told_levels_as_people_have_them() -> None:
    """A level that few of today's list have was learned from others; it used to be told as rare."""
    day = select_day(replace(facts(ready(60)), chosen=CHOSEN), now=NOW)

    assert day.leads[0].terms[0].level == "industry 7"
    assert day.leads[0].score == 0.9


def test_ten_thousand_are_ranked_and_selected_in_a_second_of_processor() -> None:
    """With chance's share and spacing; the best of three, for others use the machine."""
    many = facts(
        ready(10_000), tuple(SenderFacts(account_id=f"acct_{n}", invitations=40) for n in range(30))
    )
    limits = replace(LIMITS, plan=1000, room=10_000, exploration_share=0.12)
    taken = []
    for _ in range(3):
        begun = time.process_time()
        day = select_day(replace(many, limits=limits), now=NOW)
        taken.append(time.process_time() - begun)

    assert len(day.leads) == 1000
    assert min(taken) < 0.5
