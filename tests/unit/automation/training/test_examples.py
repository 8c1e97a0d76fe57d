"""What is learned from is over, as it was known then, and names nobody."""

from datetime import UTC, datetime, timedelta

from automation.scoring.features import ScoredPerson, scored_person
from automation.scoring.rules import Rules
from automation.training.dataset import rows_json
from automation.training.examples import InvitedPerson, training_rows, week_number
from campaigns.models import Person
from campaigns.repositories.outcomes.outcome import Outcome

NOW = datetime(2027, 3, 1, tzinfo=UTC)
VP = InvitedPerson(person=ScoredPerson(title="VP Sales", industry="Media"), company_key="c1")
RULES = Rules(points={"seniority": {"vp": 20.0}})


def outcome(lead_id: str = "lead_1", *, days: float = 20, after: float | None = None) -> Outcome:
    """Invited so many days ago; accepted so many days later, if at all."""
    sent_at = NOW - timedelta(days=days)
    accepted_at = None if after is None else sent_at + timedelta(days=after)
    return Outcome(
        lead_id=lead_id,
        step_id="invite",
        variant="",
        account_id="acct_1",
        sent_at=sent_at,
        accepted_at=accepted_at,
    )


def rows(*outcomes: Outcome, people: dict[str, InvitedPerson] | None = None) -> list[bool]:
    known = {"lead_1": VP} if people is None else people
    return [row.accepted for row in training_rows(outcomes, known, rules=RULES, now=NOW)]


def test_who_still_has_time_is_not_learned_from() -> None:
    """Not even who has accepted already: those who have not would be missing."""
    assert rows(outcome(days=13.9, after=1), outcome(days=14, after=1)) == [True]


def test_what_came_late_does_not_count() -> None:
    """Within fourteen days, as everywhere."""
    assert rows(outcome(days=60, after=14), outcome(days=60, after=15), outcome()) == [
        True,
        False,
        False,
    ]


def test_who_was_erased_is_in_no_row() -> None:
    """The next training is without them."""
    assert rows(outcome(), outcome("lead_2"), people={"lead_1": VP}) == [False]


def test_a_row_has_levels_and_points_and_no_title() -> None:
    """Keys beside them."""
    (row,) = training_rows([outcome()], {"lead_1": VP}, rules=RULES, now=NOW)

    assert row.features["seniority"] == "vp"
    assert (row.rule_score, row.company_key) == (20.0, "c1")
    assert "VP Sales" not in rows_json([row])


def test_a_column_that_tells_the_outcome_is_in_no_row() -> None:
    """`Replied = yes`, or one that is called like a feature: what is looked at is a list."""
    told = Person(public_identifier="x", variables={"Replied": "yes", "seniority": "accepted"})
    people = {"lead_1": InvitedPerson(person=scored_person(told), company_key="")}
    (row,) = training_rows([outcome(after=1)], people, rules=RULES, now=NOW)

    assert row.features == {}


def test_weeks_begin_on_mondays() -> None:
    """The first of March 2027 is one."""
    sunday = NOW - timedelta(seconds=1)

    assert week_number(NOW) == week_number(sunday) + 1
    assert week_number(NOW) == week_number(NOW + timedelta(days=6, hours=23))
