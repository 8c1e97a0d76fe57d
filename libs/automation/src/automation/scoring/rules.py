"""The customer's rules of who is wanted: conditions on features, each worth points. Pure.

    {"rules": [{"feature": "seniority", "levels": ["vp", "director"], "points": 20},
               {"feature": "function", "levels": ["people"], "points": -15}]}

Each rule that holds adds its points; negative ones rank lower and exclude nobody. A level that
nobody has is no fault: lists differ. What is refused is what cannot be meant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from servicekit.errors import BadInput, FieldViolation

from automation.decisions.decision import Term
from automation.scoring.features import Feature, Features, cleaned

MISSING = "(unknown)"
"""The level of whom nothing is known in this respect; rules may name it."""
MOST_POINTS = 1000
MOST_RULES = 200
MOST_LEVELS = 200
"""Of one rule: more is a list of people, not a rule."""
_KNOWN = ", ".join(Feature)


class RulesInvalid(BadInput):
    """The rules of who is wanted cannot be read; each fault is a violation."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Points by feature and level; none: nobody is preferred."""

    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def prefer(self) -> bool:
        """Whether they tell anybody from anybody."""
        return any(any(levels.values()) for levels in self.points.values())

    def score(self, features: Features) -> float:
        """The sum of the points."""
        total = 0.0
        for name, levels in self.points.items():
            total += levels.get(features.get(name, MISSING), 0.0)
        return total

    def terms(self, features: Features) -> tuple[Term, ...]:
        """What the sum is made of, the strongest first; what adds nothing is left out."""
        found = []
        for name, levels in self.points.items():
            level = features.get(name, MISSING)
            if points := levels.get(level, 0.0):
                found.append(Term(feature=name, level=level, points=points))
        return tuple(sorted(found, key=lambda term: (-abs(term.points), term.feature)))


def rules_of(told: Mapping[str, Any]) -> Rules:
    """The rules that JSON is; empty JSON has none.

    Raises `RulesInvalid`, whose violations name every fault: an unknown feature, points that are
    no finite number or beyond 1,000, more than 200 rules, or levels of one rule.
    """
    wrong: list[FieldViolation] = []
    points: dict[str, dict[str, float]] = {}
    unknown = [name for name in told if name not in ("rules", "version")]
    wrong.extend(
        _violation(name, "There is no such part; rules are in `rules`.") for name in unknown
    )
    rules = told.get("rules", [])
    if not isinstance(rules, list) or len(rules) > MOST_RULES:
        raise RulesInvalid([_violation("rules", f"A list of at most {MOST_RULES}.")])
    for place, rule in enumerate(rules):
        found = _faults(f"rules[{place}]", rule)
        wrong.extend(found)
        if not found:
            by_level = points.setdefault(str(rule["feature"]), {})
            for level in _levels(rule):
                by_level[level] = by_level.get(level, 0.0) + float(rule["points"])
    if wrong:
        raise RulesInvalid(wrong)
    return Rules(points=points)


def _faults(at: str, rule: Any) -> list[FieldViolation]:
    if not isinstance(rule, dict):
        return [_violation(at, "An object with `feature`, `levels` and `points`.")]
    faults = [
        _violation(f"{at}.{name}", "There is no such part of a rule.")
        for name in rule
        if name not in ("feature", "levels", "points")
    ]
    if rule.get("feature") not in [*Feature]:
        faults.append(_violation(f"{at}.feature", f"One of: {_KNOWN}."))
    if not _is_points(rule.get("points")):
        faults.append(_violation(f"{at}.points", f"A number, at most {MOST_POINTS} either way."))
    levels = rule.get("levels")
    if not isinstance(levels, list) or not 0 < len(levels) <= MOST_LEVELS:
        faults.append(_violation(f"{at}.levels", f"A list of 1 to {MOST_LEVELS} levels."))
    elif not all(isinstance(level, str) and level.strip() for level in levels):
        faults.append(_violation(f"{at}.levels", "Words, none of them empty."))
    return faults


def _is_points(told: Any) -> bool:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return False
    return math.isfinite(told) and abs(told) <= MOST_POINTS


def _levels(rule: Mapping[str, Any]) -> Sequence[str]:
    """As features spell them; one twice in a rule counts once."""
    feature = rule["feature"]
    return sorted({each if each == MISSING else _spelled(feature, each) for each in rule["levels"]})


def _spelled(feature: str, level: str) -> str:
    """Levels that come from people's words; the others are of our tables."""
    if feature == Feature.INDUSTRY:
        return cleaned(level)
    return level.upper() if feature == Feature.COUNTRY else level


def _violation(field_: str, description: str) -> FieldViolation:
    return FieldViolation(field=field_, description=description)
