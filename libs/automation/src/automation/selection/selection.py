"""Who is released now, to whom, and why the other slots stay empty. Pure.

First who: leads are taken in order (chance's share of the slots by chance, the rest by rank) as
long as the sender they are bound to has a slot, their company has had nobody today, and there are
slots at all. These limits lie inside each other, so taking the first that fits finds as many as
any other choice would: a slot more never releases fewer. Then to whom: who is bound goes to their
sender, the others are dealt in proportion to what is left (`campaigns.senders.rotation`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.senders.rotation import assign

from automation.decisions.decision import LeadSource
from automation.selection.capacity import Bound, Capacity
from automation.selection.exploration import drawn, exploration_slots
from automation.selection.spacing import Spacing


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A ready lead at its place of the ranking."""

    lead_id: str
    source: LeadSource
    score: float | None = None
    company_key: str = ""
    """A keyed hash; empty if it is not known."""


@dataclass(frozen=True, kw_only=True)
class Picked:
    """A lead that is released, to whom, and at which place of the day, from above 0 to 1."""

    lead_id: str
    account_id: str
    rank: float
    score: float | None
    source: LeadSource


@dataclass(frozen=True, kw_only=True)
class Unused:
    """Slots of a sender that stay empty, and why; none of a sender that has none is told too."""

    account_id: str
    slots: int
    why: Bound


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Who is released, and what is left."""

    picked: tuple[Picked, ...] = ()
    unused: tuple[Unused, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DayLimits:
    """What binds all senders together, and how a day is told from another."""

    program_id: str
    day: str
    plan: int
    room: int
    exploration_share: float = 0.0


@dataclass
class _Taking:
    """Who has been taken so far."""

    slots_by_account: Mapping[str, int]
    most: int
    spacing: Spacing
    nobody_left: Bound
    source_by_lead: dict[str, LeadSource] = field(default_factory=dict)
    account_by_lead: dict[str, str] = field(default_factory=dict)
    companies_taken: set[str] = field(default_factory=set)
    taken_by_account: Counter[str] = field(default_factory=Counter)
    spaced: bool = False
    """Whether somebody was left out because of their company."""

    def take(self, lead: Candidate, source: LeadSource) -> bool:
        if lead.lead_id in self.source_by_lead or len(self.source_by_lead) >= self.most:
            return False
        if lead.company_key in self.companies_taken or not self.spacing.allows(lead.company_key):
            self.spaced = True
            return False
        account_id = self.spacing.account_of(lead.company_key)
        if account_id is not None:
            if self.taken_by_account[account_id] >= self.slots_by_account.get(account_id, 0):
                self.spaced = True
                return False
            self.taken_by_account[account_id] += 1
            self.account_by_lead[lead.lead_id] = account_id
        self.source_by_lead[lead.lead_id] = source
        if lead.company_key:
            self.companies_taken.add(lead.company_key)
        return True


def select(
    ranked: Sequence[Candidate],
    capacities: Sequence[Capacity],
    limits: DayLimits,
    spacing: Spacing | None = None,
    *,
    nobody_left: Bound = Bound.LIST_EMPTY,
) -> Selection:
    """The selection of a day: the same for the same, whoever asks and how often.

    `nobody_left` is why the candidates are no more than these.
    """
    slots = {each.account_id: each.slots for each in capacities}
    most = max(0, min(limits.plan, limits.room, sum(slots.values())))
    taking = _Taking(
        slots_by_account=slots, most=most, spacing=spacing or Spacing(), nobody_left=nobody_left
    )
    _explore(taking, ranked, limits)
    for lead in ranked:
        if len(taking.source_by_lead) >= most:
            break
        taking.take(lead, lead.source)
    picked = _dealt(taking, ranked)
    return Selection(picked=picked, unused=_unused(picked, capacities, limits, taking))


def _explore(taking: _Taking, ranked: Sequence[Candidate], limits: DayLimits) -> None:
    wanted = exploration_slots(
        taking.most, limits.exploration_share, program_id=limits.program_id, day=limits.day
    )
    if not wanted:
        return
    by_id = {each.lead_id: each for each in ranked}
    for lead_id in drawn(limits.program_id, by_id):
        if wanted <= 0:
            break
        wanted -= taking.take(by_id[lead_id], LeadSource.EXPLORATION)


def _dealt(taking: _Taking, ranked: Sequence[Candidate]) -> tuple[Picked, ...]:
    chosen = [each for each in ranked if each.lead_id in taking.source_by_lead]
    left = {
        each: slots - taking.taken_by_account[each]
        for each, slots in taking.slots_by_account.items()
    }
    free = [each for each in chosen if each.lead_id not in taking.account_by_lead]
    dealt = dict(zip((each.lead_id for each in free), _deal(len(free), left), strict=True))
    return tuple(
        Picked(
            lead_id=each.lead_id,
            account_id=taking.account_by_lead.get(each.lead_id) or dealt[each.lead_id],
            rank=1.0 - place / len(chosen),
            score=each.score,
            source=taking.source_by_lead[each.lead_id],
        )
        for place, each in enumerate(chosen)
    )


def _deal(leads: int, left: Mapping[str, int]) -> Iterable[str]:
    """By the highest averages, which give nobody more than their own where all is as much."""
    able = {each: float(slots) for each, slots in sorted(left.items()) if slots > 0}
    return assign(leads, able, {})


def _unused(
    picked: Sequence[Picked], capacities: Sequence[Capacity], limits: DayLimits, taking: _Taking
) -> tuple[Unused, ...]:
    used = Counter(each.account_id for each in picked)
    found = []
    for each in capacities:
        waits = min(each.waiting, max(0, each.possible - each.slots))
        kept = max(0, each.possible - each.slots - waits)
        left = each.slots - used[each.account_id]
        why = _why_left(len(picked), limits, taking)
        if waits:
            found.append(Unused(account_id=each.account_id, slots=waits, why=Bound.WAITING))
        # Who has no slot says why, also of none that it could have had.
        if kept or not (each.slots or (waits and each.bound is Bound.WAITING)):
            found.append(Unused(account_id=each.account_id, slots=kept, why=each.bound))
        if left:
            found.append(Unused(account_id=each.account_id, slots=left, why=why))
    return tuple(found)


def _why_left(picked: int, limits: DayLimits, taking: _Taking) -> Bound:
    if picked >= limits.room:
        return Bound.ROOM
    if picked >= limits.plan:
        return Bound.PLAN
    return Bound.COMPANY_SPACING if taking.spaced else taking.nobody_left
