"""Ranked people are compared with drawn ones who were released in the same weeks, by one order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from automation.decisions.decision import LeadSource
from automation.reports.ranking import ranking_of
from automation.reports.records import FirstContact, Placing
from automation.reports.report import Ranking
from campaigns.repositories.outcomes.outcome import Outcome

from tests.unit.automation.reports.worlds import NOW, subject


def week(
    back: int,
    *,
    ranked: tuple[int, int] = (0, 0),
    drawn: tuple[int, int] = (0, 0),
    ranked_by: str = "rules_1",
) -> list[FirstContact]:
    """Who accepted of how many that were released so many weeks ago."""
    at = NOW - timedelta(weeks=back)
    return [
        FirstContact(
            outcome=Outcome(
                lead_id=f"lead_{back}_{source}_{number}",
                step_id="invite",
                variant="A",
                account_id="acct_1",
                sent_at=at,
                accepted_at=at if number < accepted else None,
            ),
            placing=Placing(source=source, released_at=at, ranked_by=ranked_by),
        )
        for source, (accepted, of) in (
            (LeadSource.RULES, ranked),
            (LeadSource.EXPLORATION, drawn),
        )
        for number in range(of)
    ]


def told(contacts: Iterable[FirstContact]) -> Ranking | None:
    return ranking_of(contacts, subject(), now=NOW)


def test_a_good_season_is_no_merit_of_the_order() -> None:
    """When most were ranked people accepted oftener, and within each week all the same."""
    contacts = week(5, ranked=(72, 90), drawn=(8, 10)) + week(3, ranked=(1, 10), drawn=(9, 90))

    ranking = told(contacts)

    assert ranking is not None
    assert abs(ranking.gap) < 1e-9
    assert ranking.sentence == "That ranking helps is not shown."
    assert (ranking.ranked.of, ranking.drawn.of) == (100, 100)


def test_weeks_that_have_one_kind_tell_nothing() -> None:
    """Nor are they among those of whom a share is told."""
    contacts = week(6, ranked=(50, 50)) + week(4, ranked=(5, 10), drawn=(2, 10))

    ranking = told(contacts)

    assert ranking is not None
    assert (ranking.ranked.of, ranking.drawn.of) == (10, 10)
    assert told(week(6, ranked=(50, 50)) + week(4, drawn=(2, 10))) is None


def test_what_another_order_did_is_none_of_this_one() -> None:
    """A model that ranks since last week begins with nothing; put back, the rules have theirs."""
    before = week(4, ranked=(90, 100), drawn=(10, 100))
    fresh = week(1, ranked=(3, 9), drawn=(1, 3), ranked_by="mdl_1")
    back = week(0, ranked=(0, 9), ranked_by="rules_1")

    alone, with_model, again = told(before), told(before + fresh), told(before + fresh + back)

    assert alone is not None
    assert alone.sentence == "Ranking earns its keep."
    assert with_model is None
    assert again == alone


def test_whom_nobody_ranked_is_compared_with_nobody() -> None:
    """Where neither rules nor a model prefer anybody there is no order to be judged."""
    contacts = week(4, ranked=(9, 10), drawn=(1, 10), ranked_by="")

    assert told(contacts) is None
    assert told(FirstContact(outcome=each.outcome) for each in contacts) is None
