"""Who of a release still fits: within every limit, and all of one whose day has not changed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from automation.decisions.decision import DecidedLead, LeadSource, LeftOut
from automation.scoring.features import ScoredPerson
from automation.selection.capacity import SenderFacts
from automation.selection.day import DayFacts, ReadyLead, select_day
from automation.selection.fit import ReleaseFacts, left_out
from automation.selection.selection import DayLimits
from automation.selection.spacing import COMPANY_LIMIT, CompanyContact
from campaigns.repositories.admission.release import ReleaseAnswer
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)
ACCOUNTS = ("acct_1", "acct_2", "acct_3")
COMPANIES = ("", "", "one", "two", "three", "four", "five")


@st.composite
def days(draw: st.DrawFn) -> DayFacts:
    leads = [
        ReadyLead(
            lead_id=f"lead_{number}",
            person=ScoredPerson(title="Head of Sales", imported_at=NOW),
            company_key=draw(st.sampled_from(COMPANIES)),
        )
        for number in range(draw(st.integers(0, 20)))
    ]
    senders = [
        SenderFacts(
            account_id=account_id,
            invitations=draw(st.integers(0, 9)),
            waiting=draw(st.integers(0, 4)),
            on_hold=draw(st.integers(0, 5)) == 0,
        )
        for account_id in ACCOUNTS
    ]
    contact = st.builds(
        CompanyContact,
        company_key=st.sampled_from(COMPANIES),
        account_id=st.sampled_from((*ACCOUNTS, "acct_gone")),
        is_of_today=st.booleans(),
    )
    limits = DayLimits(
        program_id="prog_1",
        day="2027-03-01",
        plan=draw(st.integers(0, 12)),
        room=draw(st.integers(-2, 12)),
        exploration_share=draw(st.sampled_from([0.0, 0.3])),
    )
    contacts = draw(st.lists(contact, max_size=5))
    return DayFacts(limits=limits, leads=leads, senders=senders, contacts=contacts)


def found(day: DayFacts, leads: Sequence[DecidedLead]) -> ReleaseFacts:
    """All of them as the day has them."""
    ready = {each.lead_id for each in day.leads}
    answers = {
        each.lead_id: ReleaseAnswer.RELEASED
        if each.lead_id in ready
        else ReleaseAnswer.ALREADY_RELEASED
        for each in leads
    }
    return ReleaseFacts(day=day, answers=answers)


@given(days())
def test_who_was_selected_fits_on_the_same_day(day: DayFacts) -> None:
    """What is done at once is done as it was decided: nobody is left out by a stricter rule."""
    leads = select_day(day, now=NOW).leads

    assert left_out(leads, found(day, leads)) == {}


@given(days(), days())
def test_who_was_selected_on_another_day_keeps_to_this_ones_limits(
    then: DayFacts, now: DayFacts
) -> None:
    """Slots, plan and room of now; a company has one sender, and one person a day."""
    leads = select_day(then, now=NOW).leads
    out = left_out(leads, found(now, leads))
    taken = [each for each in leads if each.lead_id not in out]
    slots = {each.account_id: each for each in now.senders}
    company = {each.lead_id: each.company_key for each in now.leads}
    met = [(each.company_key, each.account_id) for each in now.contacts if each.company_key]
    known = [(company[each.lead_id], each.account_id) for each in taken if company[each.lead_id]]

    assert len(taken) <= max(0, min(now.limits.plan, now.limits.room))
    for account_id, count in Counter(each.account_id for each in taken).items():
        sender = slots[account_id]
        assert not sender.on_hold
        assert count <= 1.1 * sender.invitations - sender.waiting
    assert len({name for name, _ in known}) == len(known)
    for name, account_id in known:
        assert {account for key, account in met if key == name} <= {account_id}
        assert sum(key == name for key, _ in met) < COMPANY_LIMIT
        assert name not in {each.company_key for each in now.contacts if each.is_of_today}


def lead(number: int) -> DecidedLead:
    return DecidedLead(
        lead_id=f"lead_{number}", account_id="acct_1", rank=1 - number / 10, source=LeadSource.RULES
    )


def test_each_says_what_keeps_them_out() -> None:
    """What they are themselves goes before what others leave."""
    ready = [
        ReadyLead(
            lead_id=f"lead_{number}",
            person=ScoredPerson(title="", imported_at=NOW),
            company_key=company,
        )
        for number, company in enumerate(["", "met", "", "", "", "one", "one", "", "", ""])
        if number not in {3, 9}
    ]
    day = DayFacts(
        limits=DayLimits(program_id="prog_1", day="2027-03-01", plan=3, room=9),
        leads=ready,
        senders=[SenderFacts(account_id="acct_1", invitations=20)],
        contacts=[CompanyContact(company_key="met", account_id="acct_2")],
    )
    leads = [lead(number) for number in range(10)]
    leads[4] = replace(leads[4], account_id="acct_2")
    facts = found(day, leads)
    released = dict.fromkeys(("lead_3", "lead_9"), ReleaseAnswer.RELEASED)
    answers = {**facts.answers, "lead_2": ReleaseAnswer.HELD, **released}
    facts = replace(facts, answers=answers, decided={"lead_0"}, suppressed={"lead_9"})

    assert left_out(leads, facts) == {
        "lead_0": LeftOut.DECIDED,
        "lead_1": LeftOut.COMPANY_SPACING,
        "lead_2": LeftOut.HELD,
        "lead_3": LeftOut.UNREADABLE,
        "lead_4": LeftOut.SENDER,
        "lead_6": LeftOut.COMPANY_SPACING,
        "lead_9": LeftOut.SUPPRESSED,
    }
    crowded = replace(day, limits=replace(day.limits, plan=1))
    told = left_out(leads, replace(facts, day=crowded))
    assert [told[f"lead_{number}"] for number in (7, 8)] == [LeftOut.PLAN] * 2
    full = replace(day, limits=replace(day.limits, room=1))
    assert left_out(leads, replace(facts, day=full))["lead_8"] is LeftOut.ROOM
