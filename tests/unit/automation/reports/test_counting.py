"""A report counts what was recorded, each share with what it is of."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from automation.decisions.decision import Decision, DecisionKind, DecisionState
from automation.reports.counting import report_of
from automation.reports.records import FirstContact
from automation.reports.report import ReportKind
from campaigns.repositories.outcomes.outcome import Outcome
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.automation.reports.worlds import LAST_DAY, NOW, contacts, records, subject


def test_a_week_is_counted() -> None:
    """Shares are of those who have had their fourteen days, which is the week two weeks before."""
    people = contacts(days=35, a_day=10, accepted=0.3)

    report = report_of(subject(), records(*people), now=NOW)

    now = report.headline
    assert (report.first_day, report.last_day) == (date(2027, 3, 22), LAST_DAY)
    assert now.contacted == 70
    assert now.accepted.of == 70
    assert (now.slots_used.count, now.slots_used.of) == (105, 140)
    assert now.positive is None
    assert report.usual is not None
    assert report.usual.contacted == 70
    (sender,) = report.senders
    assert (sender.slots, sender.used) == (140, 105)
    assert sender.unused == {"COMPANY_SPACING": 14, "LIST_EMPTY": 21}


def test_young_weeks_are_told_as_such() -> None:
    """A week is mature once everybody in it has had their time."""
    report = report_of(subject(), records(*contacts(days=35, a_day=10, accepted=0.3)), now=NOW)

    mature = {line.week: line.is_mature for line in report.cohorts}
    assert mature[date(2027, 3, 22)] is False
    assert mature[date(2027, 3, 8)] is True
    assert sum(line.sent for line in report.cohorts) == 350


@st.composite
def worlds(draw: st.DrawFn) -> list[FirstContact]:
    def contact(number: int) -> FirstContact:
        # By the end of the last day.
        sent_at = NOW - timedelta(hours=draw(st.integers(7, 24 * 70)))
        after = draw(st.none() | st.integers(0, 24 * 40))
        outcome = Outcome(
            lead_id=f"lead_{number}",
            step_id="invite",
            variant=draw(st.sampled_from("ABC")),
            account_id=draw(st.sampled_from(["acct_1", "acct_2"])),
            sent_at=sent_at,
            accepted_at=None if after is None else sent_at + timedelta(hours=after),
        )
        return FirstContact(outcome=outcome)

    return [contact(number) for number in range(draw(st.integers(0, 40)))]


@pytest.mark.lasts(seconds=10)
@given(people=worlds())
def test_every_part_tells_of_the_same_people(people: list[FirstContact]) -> None:
    """By weeks, by senders and by texts it is the same people, and none who has no time yet."""
    report = report_of(subject(), records(*people), now=NOW)

    matured = [each for each in people if each.outcome.sent_at + timedelta(days=14) <= NOW]
    assert sum(line.sent for line in report.variants) == len(people)
    assert sum(line.accepted.of for line in report.cohorts) == len(matured)
    assert all(line.is_mature == (line.accepted.of == line.sent) for line in report.cohorts)
    assert sum(line.accepted.of for line in report.senders) == report.headline.accepted.of


def test_counted_anew_much_later_it_tells_the_same() -> None:
    """As things stood shortly after its last day: later people, answers and lists are not in it."""
    people = contacts(days=35, a_day=10, accepted=0.3)
    later = [
        replace(
            each,
            outcome=replace(
                each.outcome,
                lead_id=f"{each.outcome.lead_id}_later",
                sent_at=each.outcome.sent_at + timedelta(days=28),
                accepted_at=NOW + timedelta(days=2),
            ),
        )
        for each in people
        if each.outcome.sent_at > NOW - timedelta(days=27)
    ]
    then = report_of(subject(), records(*people), now=NOW + timedelta(hours=2))

    anew = report_of(
        subject(),
        records(*people, *later, ready=None, forecast=[]),
        now=NOW + timedelta(weeks=9),
    )

    assert anew.outlook.ready is None
    assert anew.outlook.days_left is None
    assert replace(anew, created_at=then.created_at, outlook=then.outlook) == then


@pytest.mark.parametrize(
    ("hours", "is_past"), [(2, False), (20, False), (25, True), (24 * 60, True)]
)
def test_what_is_ahead_is_of_the_day_after(hours: int, *, is_past: bool) -> None:
    """Whoever counts a report later knows no more what was to be expected."""
    midnight = NOW.replace(hour=0) - timedelta(hours=2)

    assert subject().is_past(midnight + timedelta(hours=hours)) is is_past


def test_a_day_after_a_weekend_is_told_with_it() -> None:
    """Three days: as many as its people and slots are of."""
    people = contacts(days=35, a_day=10, accepted=0.3)
    monday = replace(subject(ReportKind.DAILY), days=3)

    report = report_of(monday, records(*people), now=NOW)

    assert (report.first_day, report.last_day) == (date(2027, 3, 26), LAST_DAY)
    assert (report.headline.contacted, report.headline.accepted.of) == (30, 30)
    assert report.headline.slots_used.of == 60


def test_ranked_are_compared_with_drawn() -> None:
    """Once people of both have had their time, and not before."""
    people = contacts(days=35, a_day=16, accepted=0)
    better = [
        replace(each, outcome=replace(each.outcome, accepted_at=each.outcome.sent_at))
        if number % 16 in (1, 2, 3, 4, 5, 6)
        else each
        for number, each in enumerate(people)
    ]

    proven = report_of(subject(), records(*better), now=NOW).ranking
    unknown = report_of(subject(), records(*contacts(days=5, a_day=8, accepted=1)), now=NOW).ranking

    assert proven is not None
    assert proven.low > 0
    assert proven.sentence == "Ranking earns its keep."
    assert unknown is None


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (7 * 10, "For 8 weeks ranking cannot be told from chance."),
        (7 * 8, "That ranking helps is not shown."),
    ],
)
def test_what_is_not_shown_for_eight_weeks_is_said(days: int, sentence: str) -> None:
    """Of people who all accept alike; the first who count are those of the two weeks before."""
    people = contacts(days=days, a_day=8, accepted=1)

    ranking = report_of(subject(), records(*people), now=NOW).ranking

    assert ranking is not None
    assert ranking.sentence == sentence


def decision(number: int, state: DecisionState, days_ago: int) -> Decision:
    return Decision(
        id=f"dec_{number}",
        organization_id="org_1",
        program_id="prog_1",
        campaign_id="camp_1",
        key=str(number),
        kind=DecisionKind.PAUSE_CAMPAIGN,
        state=state,
        rule="guardrails",
        created_at=NOW - timedelta(days=days_ago),
        expires_at=NOW + timedelta(hours=1) if state is DecisionState.PROPOSED else None,
    )


def test_what_waits_comes_first_however_old_it_is() -> None:
    """What was made before these days, and waits for nobody, is left out."""
    decisions = [
        decision(1, DecisionState.APPLIED, 3),
        decision(2, DecisionState.PROPOSED, 40),
        decision(3, DecisionState.APPLIED, 12),
    ]

    lines = report_of(subject(), records(decisions=decisions), now=NOW).decisions

    assert [(line.decision_id, line.waits) for line in lines] == [("dec_2", True), ("dec_1", False)]


def test_an_idle_week_is_as_usual_as_any_other() -> None:
    """What is usual is a mean of all four, with no people in three of them."""
    people = [
        each
        for each in contacts(days=35, a_day=10, accepted=0)
        if date(2027, 3, 15) <= each.outcome.sent_at.date()
    ]

    usual = report_of(subject(), records(*people, slots=[]), now=NOW).usual

    assert usual is not None
    assert usual.contacted == round(70 / 4)


@pytest.mark.parametrize(
    ("began_on", "contacted"),
    [(date(2027, 3, 8), 35), (date(2027, 3, 9), 70), (date(2027, 3, 16), None)],
)
def test_what_was_before_the_program_is_not_usual(began_on: date, contacted: int | None) -> None:
    """Nor is a week that it has not seen whole."""
    people = contacts(days=14, a_day=10, accepted=0)

    usual = report_of(replace(subject(), began_on=began_on), records(*people), now=NOW).usual

    assert (usual and usual.contacted) == contacted


def test_how_long_the_list_lasts() -> None:
    """By the forecast; nothing is said beyond its days."""

    def days_left(ready: int) -> int | None:
        return report_of(subject(), records(ready=ready), now=NOW).outlook.days_left

    assert [days_left(ready) for ready in (0, 1, 20, 21, 140, 141)] == [0, 1, 1, 2, 7, None]


@pytest.mark.parametrize(("ready", "days_left"), [(0, 0), (5, None)])
def test_an_empty_list_is_empty_without_a_forecast_too(ready: int, days_left: int | None) -> None:
    """Of any other nothing is said while no sender tells what it can send."""
    outlook = report_of(subject(), records(ready=ready, forecast=[]), now=NOW).outlook

    assert outlook.days_left == days_left


def test_a_day_is_one_day() -> None:
    """The same counting of one day."""
    people = contacts(days=35, a_day=10, accepted=0.3)

    report = report_of(subject(ReportKind.DAILY), records(*people), now=NOW)

    assert report.first_day == report.last_day == LAST_DAY
    assert report.headline.contacted == 10
    assert report.headline.slots_used.of == 20
