"""What came of those who were written to, by when, by whom and with what. Pure.

Shares are of those alone who have had their time: whoever was written to yesterday has not said no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TypeVar

from campaigns.repositories.outcomes.outcome import Outcome

from automation.outcomes.intervals import Share, share

MATURE_AFTER = timedelta(days=14)
"""How long each has to answer where nothing else is said."""
LOOKED_BACK = timedelta(weeks=52)
"""For how long what came of an invitation is counted and learned from: people, lists and what is
offered change."""

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Some of them, counted: `sent` are all, the shares are of those whose time is over."""

    sent: int
    accepted: Share
    replied: Share
    """By an answer that a person wrote."""
    replied_automatically: Share
    """By nothing but automatic ones."""
    opted_out: Share

    @property
    def matured(self) -> int:
        """Those whose time is over."""
        return self.accepted.of

    @property
    def is_mature(self) -> bool:
        """Whether everybody has had their time."""
        return self.matured == self.sent


def cohort(
    outcomes: Iterable[Outcome], *, now: datetime, within: timedelta = MATURE_AFTER
) -> Cohort:
    """Count who had `within` to answer, and what they did in it; what came later does not count."""
    everybody = list(outcomes)
    matured = [each for each in everybody if each.sent_at + within <= now]

    def in_time(at: datetime | None, sent_at: datetime) -> bool:
        return at is not None and sent_at <= at <= sent_at + within

    accepted = sum(in_time(each.accepted_at, each.sent_at) for each in matured)
    replied = sum(in_time(each.replied_at, each.sent_at) for each in matured)
    automatically = sum(in_time(each.automatic_reply_at, each.sent_at) for each in matured)
    return Cohort(
        sent=len(everybody),
        accepted=share(accepted, len(matured)),
        replied=share(replied, len(matured)),
        replied_automatically=share(automatically, len(matured)),
        opted_out=share(sum(each.opted_out for each in matured), len(matured)),
    )


def cohorts_by(
    key: Callable[[Outcome], _Key],
    outcomes: Iterable[Outcome],
    *,
    now: datetime,
    within: timedelta = MATURE_AFTER,
) -> Mapping[_Key, Cohort]:
    """A cohort for each value of the key: everybody is in one of them."""
    grouped: dict[_Key, list[Outcome]] = defaultdict(list)
    for each in outcomes:
        grouped[key(each)].append(each)
    return {found: cohort(of, now=now, within=within) for found, of in grouped.items()}


def week_of(zone: tzinfo) -> Callable[[Outcome], date]:
    """The Monday of the week in which somebody was sent the text, by the zone's calendar."""

    def monday(outcome: Outcome) -> date:
        day = outcome.sent_at.astimezone(zone).date()
        return day - timedelta(days=day.weekday())

    return monday


def asking_steps(invited: Iterable[Outcome]) -> Collection[str]:
    """The steps by which people were asked to connect; by the text of another nobody accepts."""
    return {each.step_id for each in invited}


def by_variant(outcome: Outcome) -> tuple[str, str]:
    """The step and the variant of its text."""
    return outcome.step_id, outcome.variant


def by_sender(outcome: Outcome) -> str:
    """Whose account it was sent from."""
    return outcome.account_id
