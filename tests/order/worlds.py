"""Weeks of a program among the simulator's people, by the product's own selection and no stack.

Nothing that selects is told what the people are like: the tastes are asked of those alone who were
invited, as LinkedIn would, and of all of them the same in every order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import exp, sqrt
from typing import assert_never

from automation.scoring.features import ScoredPerson
from automation.scoring.rules import Rules, asked_rules_of
from automation.selection.capacity import SenderFacts, capacity_of
from automation.selection.day import DayFacts, ReadyLead, select_day
from automation.selection.selection import Candidate, DayLimits, LeadSource, Picked, select
from devstack.demo.automation.world import NOTES, SENDERS, TITLES, company, note, public_identifier
from unipile_simulator.config import TasteKind
from unipile_simulator.dice import Dice
from unipile_simulator.people.people import Person
from unipile_simulator.people.tastes import Approach, Tastes
from unipile_simulator.people.workplaces import industry

PROFILE = {
    "rules": [
        {"feature": "seniority", "levels": ["vp", "c_level"], "points": 20},
        {"feature": "seniority", "levels": ["director", "head"], "points": 10},
        {"feature": "function", "levels": ["people"], "points": -15},
        {"feature": "industry", "levels": ["Software Development", "Logistics"], "points": 5},
    ]
}
"""Whom a seller of planning software wants. Guesses: the same in every world, whatever its people
are like; in every other world the industries named are worth less than nothing."""
PLAN_PER_DAY = 12
BEGINS = datetime(2027, 3, 1, 12, tzinfo=UTC)
"""A Monday at noon: all are invited on some day at the same time."""
_WORKING_DAYS = 5


class Order(StrEnum):
    """How the people of the list come to their slots."""

    RULES = "rules"
    """By the customer's profile, with the program's share of chance."""
    LIST = "list"
    """As they stand on the list: what a campaign does without a program."""
    TURNS = "turns"
    """What a program does without rules: the list, its segments in turn."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Who was released in a world, and how many of them accepted."""

    released: int
    accepted: int
    expected: float
    """How many would on average, by the hidden truth."""

    @property
    def rate(self) -> float:
        """The share who accepted."""
        return self.accepted / self.released


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """The rate of one order by another's, with the interval of it 95 times of 100."""

    ratio: float
    low: float
    high: float


class World:
    """A list of so many people, and what they are like."""

    def __init__(self, kind: TasteKind, seed: int, *, slots: int, times: int) -> None:
        self._dice = Dice(seed)
        self._tastes = Tastes(self._dice, kind)
        self._slots, self._seed = slots, seed
        self.people = {f"lead_{each:05}": self._person(each) for each in range(slots * times)}
        self._leads = [self._ready(*each) for each in self.people.items()]

    def weeks_of(self, order: Order, *, exploration: float) -> Outcome:
        """Release day by day until the slots are used, and ask whoever was released."""
        left, day, released = list(self._leads), BEGINS, list[tuple[Picked, datetime]]()
        while len(released) < self._slots:
            picked = self._day(order, left, day, exploration)
            released += [(each, day) for each in picked]
            gone = {each.lead_id for each in picked}
            left = [each for each in left if each.lead_id not in gone]
            day += timedelta(days=1 if day.isoweekday() < _WORKING_DAYS else 3)
        chances = [self._chance(each, at) for each, at in released]
        return Outcome(
            released=len(released),
            accepted=sum(
                self._dice.chance(chance, "accepts", each.lead_id)
                for (each, _), chance in zip(released, chances, strict=True)
            ),
            expected=sum(chances),
        )

    def _day(
        self, order: Order, leads: Sequence[ReadyLead], day: datetime, exploration: float
    ) -> Sequence[Picked]:
        senders = [SenderFacts(account_id=each.id, invitations=40) for each in SENDERS]
        limits = DayLimits(
            program_id=f"prog_{self._seed}",
            day=day.date().isoformat(),
            plan=PLAN_PER_DAY,
            room=self._slots,
            exploration_share=exploration if order is Order.RULES else 0.0,
        )
        match order:
            case Order.RULES:
                return self._by_program(asked_rules_of(PROFILE), leads, senders, limits, day)
            case Order.TURNS:
                return self._by_program(Rules(), leads, senders, limits, day)
            case Order.LIST:
                waiting = [
                    Candidate(lead_id=each.lead_id, source=LeadSource.LIST_ORDER) for each in leads
                ]
                able = [capacity_of(each, plan=limits.plan, room=limits.room) for each in senders]
                return select(waiting, able, limits).picked
        assert_never(order)

    def _by_program(
        self,
        rules: Rules,
        leads: Sequence[ReadyLead],
        senders: Sequence[SenderFacts],
        limits: DayLimits,
        day: datetime,
    ) -> Sequence[Picked]:
        facts = DayFacts(limits=limits, leads=leads, senders=senders, rules=rules)
        return select_day(facts, now=day).selection.picked

    def _person(self, number: int) -> Person:
        return Person(
            public_id=public_identifier(number),
            member_id=number,
            first_name=f"Lead{number}",
            last_name="Example",
            # The list is shuffled: its order says nothing.
            position=self._dice.pick(TITLES, "position", number),
            company=company(number),
            location="",
            temperament="chooses",
        )

    def _ready(self, lead_id: str, person: Person) -> ReadyLead:
        known = ScoredPerson(title=person.position, industry=industry(self._dice, person.company))
        return ReadyLead(lead_id=lead_id, person=known, company_key=person.company)

    def _chance(self, picked: Picked, at: datetime) -> float:
        """How likely they accept, by who writes and in which words; the variant is by their id."""
        person = self.people[picked.lead_id]
        variant = self._dice.pick(sorted(NOTES), "variant", picked.lead_id)
        return self._tastes.accepts(
            Approach(
                sender=picked.account_id,
                person=person,
                text=note(variant, person.member_id),
                at=at.timestamp(),
            )
        )


def ratio(outcomes: Sequence[Outcome], others: Sequence[Outcome]) -> Ratio:
    """Of all worlds together; the interval is that of a ratio of two shares (Katz, 1978)."""
    ours, theirs = _together(outcomes), _together(others)
    found = ours.rate / theirs.rate
    spread = 1.96 * sqrt(sum(1 / each.accepted - 1 / each.released for each in (ours, theirs)))
    return Ratio(ratio=found, low=found * exp(-spread), high=found * exp(spread))


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    def sum_of(value: Callable[[Outcome], float]) -> float:
        return sum(map(value, outcomes))

    return Outcome(
        released=int(sum_of(lambda each: each.released)),
        accepted=int(sum_of(lambda each: each.accepted)),
        expected=sum_of(lambda each: each.expected),
    )
