"""How much an account may do: data in layers, of which the lowest binds. Pure.

The ceilings are the product's, by the hour; nobody goes above them. The defaults of a tier are
what is safe for an account of that plan. A customer may only go lower. An account that is new,
idle or unwell may use a part of its tier's caps (`Allowance`), told as the layers ramp and health.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from linkedin_gateway.kinds.action_kind import ActionKind, Write
from linkedin_gateway.kinds.registry import KINDS
from linkedin_gateway.models import DAY, HOUR, Cap, Kind, Tier


def _ceilings(kind: ActionKind) -> list[Cap]:
    if kind.ceiling is None:
        return []
    return [Cap(kind=kind.kind, per=HOUR, actions=kind.ceiling, layer="ceiling")]


def _defaults(tier: Tier, kind: ActionKind) -> list[Cap]:
    caps = [
        Cap(kind=kind.kind, per=per, actions=actions, layer="tier")
        for per, actions in kind.caps[tier]
    ]
    if kind.budget is not None:
        caps += [
            Cap(kind=kind.kind, per=per, actions=actions, layer="tier", shared=kind.budget.name)
            for per, actions in kind.budget.caps[tier]
        ]
    if isinstance(kind, Write) and kind.note_caps is not None:
        caps += [
            Cap(kind=kind.kind, per=per, actions=actions, layer="tier", noted=True)
            for per, actions in kind.note_caps[tier]
        ]
    return caps


_CEILING_CAPS: Final = {kind: _ceilings(each) for kind, each in KINDS.items()}
_DEFAULTS: Final = {
    (tier.value, kind): _defaults(tier, each) for tier in Tier for kind, each in KINDS.items()
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
    lowest: dict[tuple[timedelta, str, bool], Cap] = {}
    allowed = (each for cap in _DEFAULTS[tier, kind] for each in allowance.applied(cap))
    for cap in (*_CEILING_CAPS[kind], *allowed, *_with_shared(customer)):
        if cap.kind is not kind or (cap.noted and not noted):
            continue
        key = (cap.per, cap.shared, cap.noted)
        if key not in lowest or cap.actions < lowest[key].actions:
            lowest[key] = cap
    return sorted(lowest.values(), key=lambda cap: cap.per)


def _with_shared(customer: Iterable[Cap]) -> Iterable[Cap]:
    """The customer's caps; one of the kind that bounds a budget binds all that draw on it."""
    for cap in customer:
        yield cap
        for kind, budget in _BOUND_BY[cap.kind]:
            yield replace(cap, kind=kind, shared=budget)


_BOUND_BY: Final = {
    kind: [
        (each.kind, each.budget.name)
        for each in KINDS.values()
        if each.budget is not None and each.budget.bound_by is kind
    ]
    for kind in Kind
}


def highest_allowed(kind: Kind, per: timedelta, *, tier: str) -> int | None:
    """Above what a customer's cap would have no effect; None where there is no default."""
    numbers = [
        cap.actions
        for cap in binding_caps(kind, tier=tier, noted=False)
        if cap.per == per and not cap.shared
    ]
    return min(numbers, default=None)
