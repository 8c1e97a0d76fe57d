"""automation.selection.prospect: whether a lead goes next, or what keeps it from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from automation.decisions.decision import (
    DecidedLead,
    Decision,
    DecisionKind,
    DecisionState,
    LeadSource,
    LeftOut,
)
from automation.selection.capacity import Bound, SenderFacts
from automation.selection.day import DayFacts, select_day
from automation.selection.prospect import Only, Prospect, decided_prospect, prospect_of
from automation.selection.spacing import CompanyContact

from tests.unit.automation.selection.test_day import LIMITS, NOW, SENDERS, facts, ready

ALONE = [replace(each, company_key=f"own {number}") for number, each in enumerate(ready(30))]


def told(lead_id: str, given: DayFacts) -> Prospect:
    return prospect_of(lead_id, given, select_day(given, now=NOW), now=NOW)


def test_everybody_goes_or_is_told_why_not() -> None:
    """Whoever is selected, and nobody else, has an account; every other one has a reason."""
    for given in (
        facts(ALONE),
        facts(ready(30)),
        facts(ALONE, SENDERS[:1]),
        facts(ALONE, ()),
        replace(facts(ALONE), closed=Bound.CAMPAIGN_NOT_RUNNING),
    ):
        chosen = {each.lead_id: each.account_id for each in select_day(given, now=NOW).leads}
        for lead in given.leads:
            found = told(lead.lead_id, given)
            assert found.account_id == chosen.get(lead.lead_id, "")
            assert 1 <= found.place <= found.candidates == 30
            if not found.account_id and given.senders:
                assert found.left_out or found.bounds
            assert f"On {LIMITS.day} they " in found.sentence


def test_a_company_keeps_its_people_apart() -> None:
    """Of a colleague who goes today, or was turned to by who can take on nobody."""
    given = facts([replace(each, company_key="acme") for each in ALONE])
    (only,) = select_day(given, now=NOW).leads
    others = [each.lead_id for each in given.leads if each.lead_id != only.lead_id]
    assert {told(each, given).left_out for each in others} == {LeftOut.COMPANY_SPACING}

    full = (SenderFacts(account_id="acct_full"), *SENDERS)
    contacts = [CompanyContact(company_key="acme", account_id="acct_full")]
    bound = replace(given, senders=full, contacts=contacts)
    assert {told(each.lead_id, bound).left_out for each in given.leads} == {LeftOut.SENDER}


def test_sentences_say_what_keeps_whom() -> None:
    """Whom the campaign keeps, whom the plan, whom nobody looks at, and whom a decision has."""
    closed = replace(facts(ALONE), closed=Bound.CAMPAIGN_NOT_RUNNING)
    behind = max(ALONE, key=lambda each: told(each.lead_id, facts(ALONE)).place).lead_id
    assert told(behind, facts(ALONE)).sentence == (
        "On 2027-03-01 they do not go: no slot is left for them (plan), at place 30 of 30 who may."
    )
    assert "(campaign not running)" in told(behind, closed).sentence
    assert "(nobody sends)" in told(behind, facts(ALONE, ())).sentence
    assert "not ranked yet" in told("lead_999", facts(ALONE)).sentence
    day = "2027-03-01"
    decided = Prospect(day=day, place=3, candidates=9, decision_id="dec_1")
    assert decided.sentence == (
        "2027-03-01 is decided without them, by dec_1, at place 3 of 9 who may."
    )
    named = Prospect(day=day, decision_id="dec_1", account_id="acct_1")
    assert named.sentence == "On 2027-03-01 they go to acct_1 by dec_1."
    kept = Prospect(day=day, left_out=LeftOut.ALREADY_RELEASED)
    assert kept.sentence == "On 2027-03-01 they do not go: already released."


DAY = "2027-03-01"
NAMED = DecidedLead(lead_id="lead_1", account_id="acct_1", rank=1.0, source=LeadSource.RULES)
DECIDED = Decision(
    id="dec_1",
    organization_id="org_north",
    program_id="prog_1",
    campaign_id="camp_1",
    key=f"release_leads/{DAY}",
    kind=DecisionKind.RELEASE_LEADS,
    rule="daily_selection",
    created_at=NOW,
    expires_at=NOW + timedelta(hours=1),
)
BY_MEMBER = replace(DECIDED, answered_at=NOW, answered_by="mem_ann")
BY_ITSELF = replace(DECIDED, answered_at=NOW, answered_by="program:prog_1")
APPLIED = replace(BY_MEMBER, state=DecisionState.APPLIED, applied_at=NOW)
GOES = "they go to acct_1 by dec_1."


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (BY_MEMBER, GOES),
        (BY_ITSELF, GOES),
        (APPLIED, GOES),
        (DECIDED, "they go to acct_1 if dec_1 is approved."),
        (replace(DECIDED, expires_at=NOW), "they do not go: dec_1 was not approved in time."),
        (replace(BY_MEMBER, ending=DecisionState.SUPERSEDED), "do not go: dec_1 is called off."),
        (replace(APPLIED, ending=DecisionState.REVERTED), "they do not go: dec_1 is called off."),
        (replace(APPLIED, revert_asked_at=NOW), "they do not go: dec_1 is taken back."),
        *(
            (replace(DECIDED, state=state), "they do not go: dec_1 ")
            for state in DecisionState
            if state not in {DecisionState.PROPOSED, DecisionState.APPLIED}
        ),
    ],
)
def test_by_a_decision_they_go_only_as_it_stands(decision: Decision, told: str) -> None:
    """Whatever had become of it, it was said that they went by it."""
    found = decided_prospect(decision, NAMED, day=DAY, active=True, now=NOW)

    assert told in found.sentence
    assert bool(found.account_id) == (" go to " in told)
    assert found.decision_id == decision.id


@pytest.mark.parametrize(
    ("decision", "goes"), [(BY_MEMBER, True), (APPLIED, True), (DECIDED, True), (BY_ITSELF, False)]
)
def test_a_paused_program_does_what_members_have_approved(
    decision: Decision, *, goes: bool
) -> None:
    """And what is done stays done; what it has approved by itself is called off."""
    found = decided_prospect(decision, NAMED, day=DAY, active=False, now=NOW)

    assert bool(found.account_id) is goes
    assert ("program not active" in found.sentence) is not goes


def test_of_a_look_and_of_a_proposal_nobody_is_told_that_they_go() -> None:
    """Before the day is decided: somebody has to approve of it, or nothing follows at all."""
    goes = Prospect(day=DAY, place=1, candidates=2, account_id="acct_1")

    once = replace(goes, only=Only.ONCE_APPROVED).sentence
    looked = replace(goes, only=Only.LOOKED_AT).sentence

    placed = "at place 1 of 2 who may"
    assert once == f"On {DAY} they go to acct_1 if their release is approved, {placed}."
    assert looked == f"On {DAY} they would go to acct_1, {placed}; the program only looks."
