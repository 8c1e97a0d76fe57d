"""How much an account may do: data in three layers, of which the lowest binds. Pure.

The ceilings are the product's; nobody goes above them. The defaults of a tier are what is
safe for an account of that plan. A customer may only go lower.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from linkedin_gateway.models import DAY, HOUR, MONTH, WEEK, WINDOWS, Cap, Kind

CEILINGS: Final = {
    Kind.VISIT: 100,
    Kind.INVITATION: 20,
    Kind.MESSAGE: 50,
    Kind.INMAIL: 50,
    Kind.COMMENT: 30,
    Kind.REACTION: 100,
}
"""Per rolling hour."""

_PAID: Final = {
    Kind.VISIT: (15, 80, 400),
    Kind.REACTION: (10, 30, 150),
    Kind.COMMENT: (5, 15, 75),
    Kind.INVITATION: (5, 20, 100),
    Kind.MESSAGE: (10, 40, 200),
    Kind.INMAIL: (5, 20, None),
    Kind.WITHDRAWAL: (10, 40, 200),
    Kind.LOOKUP: (10, 80, None),
    Kind.POST_LIST: (20, 90, None),
}
_FREE: Final = {**_PAID, Kind.INVITATION: (3, 10, 60)}

_PROFILE_READS_PER_DAY: Final = 95
"""Visits and lookups draw on one budget at the provider, about 100 a day."""
_NOTES: Final = ((WEEK, 15), (MONTH, 5))
"""Invitations with a note that LinkedIn lets a free account send."""


def _defaults(tier: str) -> tuple[Cap, ...]:
    table = _FREE if tier == "free" else _PAID
    caps = [
        Cap(kind=kind, per=per, actions=actions, layer="tier")
        for kind, numbers in table.items()
        for per, actions in zip(WINDOWS, numbers, strict=True)
        if actions is not None
    ]
    caps += [
        Cap(kind=kind, per=DAY, actions=_PROFILE_READS_PER_DAY, layer="tier", shared=True)
        for kind in (Kind.VISIT, Kind.LOOKUP)
    ]
    # An InMail to somebody who has connected meanwhile goes as a message.
    caps += [
        Cap(kind=kind, per=per, actions=actions, layer="tier", shared=True)
        for kind in (Kind.MESSAGE, Kind.INMAIL)
        for per, actions in zip(WINDOWS, table[Kind.MESSAGE], strict=True)
        if actions is not None
    ]
    if tier == "free":
        caps += [
            Cap(kind=Kind.INVITATION, per=per, actions=actions, layer="tier", noted=True)
            for per, actions in _NOTES
        ]
    return tuple(caps)


_CEILING_CAPS: Final = {
    kind: [
        Cap(kind=kind, per=HOUR, actions=actions, layer="ceiling")
        for of, actions in CEILINGS.items()
        if of is kind
    ]
    for kind in Kind
}
_DEFAULTS: Final = {
    (tier, kind): [cap for cap in _defaults(tier) if cap.kind is kind]
    for tier in ("free", "premium", "sales_navigator", "recruiter")
    for kind in Kind
}


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What part of its tier's caps an account may use; none of it raises a cap."""

    ramp: float = 1.0
    """Below 1 for an account that is new, was idle or was restricted."""
    multiplier: float = 1.0
    """Its health's: above 1 it ramps faster, below 1 its caps are lower."""
    today: float = 1.0
    """How much of a usual day's this day's is; nobody does the same each day."""

    def applied(self, cap: Cap) -> Iterator[Cap]:
        """The cap of the tier, and those that follow from it."""
        usual = cap.actions
        if self.today < 1 and cap.per == DAY and not cap.noted:
            usual = _part(cap.actions, self.today)
        yield cap if usual == cap.actions else replace(cap, actions=usual)
        if self.ramp < 1:
            part = min(1.0, self.ramp * max(1.0, self.multiplier))
            yield replace(cap, actions=_part(usual, part), layer="ramp")
        if self.multiplier < 1:
            yield replace(cap, actions=_part(usual, self.multiplier), layer="health")


def _part(actions: int, part: float) -> int:
    """A share, but never nothing of something."""
    return min(actions, max(1, round(actions * part)))


USUAL: Final = Allowance()
"""Of an established account that fares well."""


def binding_caps(
    kind: Kind,
    *,
    tier: str,
    noted: bool,
    customer: Iterable[Cap] = (),
    allowance: Allowance = USUAL,
) -> list[Cap]:
    """The caps of one kind, the lowest layer of each window."""
    lowest: dict[tuple[timedelta, bool, bool], Cap] = {}
    allowed = (each for cap in _DEFAULTS[tier, kind] for each in allowance.applied(cap))
    for cap in (*_CEILING_CAPS[kind], *allowed, *_with_shared(customer)):
        if cap.kind is not kind or (cap.noted and not noted):
            continue
        key = (cap.per, cap.shared, cap.noted)
        if key not in lowest or cap.actions < lowest[key].actions:
            lowest[key] = cap
    return sorted(lowest.values(), key=lambda cap: cap.per)


def _with_shared(customer: Iterable[Cap]) -> Iterable[Cap]:
    """The customer's caps; one on messages also binds what messages share with InMails."""
    for cap in customer:
        yield cap
        if cap.kind is Kind.MESSAGE:
            yield replace(cap, shared=True)
            yield replace(cap, kind=Kind.INMAIL, shared=True)


def highest_allowed(kind: Kind, per: timedelta, *, tier: str) -> int | None:
    """Above what a customer's cap would have no effect; None where there is no default."""
    numbers = [
        cap.actions
        for cap in binding_caps(kind, tier=tier, noted=False)
        if cap.per == per and not cap.shared
    ]
    return min(numbers, default=None)
