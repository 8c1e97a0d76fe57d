"""Rows to learn from, of outcomes whose time is over and what was known of people then. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.repositories.outcomes.outcome import Outcome

from automation.outcomes.cohorts import MATURE_AFTER
from automation.scoring.features import ScoredPerson, features_of
from automation.scoring.rules import Rules
from automation.training.dataset import TrainingRow

_WEEK = timedelta(weeks=1)
_EPOCH_MONDAY = 4
"""Days from the first Monday after the epoch's beginning."""


@dataclass(frozen=True, kw_only=True)
class InvitedPerson:
    """What counts of somebody who was invited; the company as a key, no name."""

    person: ScoredPerson
    company_key: str


def training_rows(
    outcomes: Iterable[Outcome],
    people: Mapping[str, InvitedPerson],
    *,
    rules: Rules,
    now: datetime,
    explored: Collection[str] = (),
    within: timedelta = MATURE_AFTER,
) -> Iterator[TrainingRow]:
    """One row of each whose time is over; who was erased meanwhile is in none.

    What came later than `within` does not count, and features are those of the invitation's day;
    `explored` are the leads whom chance chose.
    """
    for outcome in outcomes:
        invited = people.get(outcome.lead_id)
        if invited is None or outcome.sent_at + within > now:
            continue
        features = features_of(invited.person, now=outcome.sent_at)
        yield TrainingRow(
            lead_id=outcome.lead_id,
            company_key=invited.company_key,
            week=week_number(outcome.sent_at),
            features=features,
            rule_score=rules.score(features),
            accepted=(
                outcome.accepted_at is not None
                and outcome.sent_at <= outcome.accepted_at <= outcome.sent_at + within
            ),
            explored=outcome.lead_id in explored,
        )


def week_number(at: datetime) -> int:
    """Weeks since the epoch, each beginning on a Monday at midnight UTC."""
    days = int(at.timestamp() // timedelta(days=1).total_seconds())
    return (days - _EPOCH_MONDAY) // _WEEK.days
