"""The customer's rules of who is wanted: conditions on features, each worth points. Pure.

    {"rules": [{"feature": "seniority", "levels": ["vp", "director"], "points": 20},
               {"feature": "function", "levels": ["people"], "points": -15}]}

Each rule that holds adds its points; negative ones rank lower and exclude nobody. A level that
nobody has is no fault: lists differ. What is refused is what cannot be meant, and so is a level
that nobody can ever have. Rules that are kept are read as they were once taken: what was a feature
or a level then, and is none now, matches nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, assert_never

from servicekit.errors import BadInput, FieldViolation
from servicekit.ids import has_prefix
from servicekit.tables import total

from automation.decisions.decision import Term
from automation.scoring.features import (
    LEVELS,
    Feature,
    Features,
    cleaned,
    country_of,
    is_country,
)

MISSING = "(unknown)"
"""The level of whom nothing is known in this respect; rules may name it."""
MOST_POINTS = 1000
MOST_RULES = 200
MOST_LEVELS = 200
"""Of one rule: more is a list of people, not a rule."""
_LONGEST_VERSION = 200
_LARGEST_VERSION = 2**53
"""Beyond, not every reader of JSON tells two of them apart."""
_KNOWN = ", ".join(Feature)
_DIGEST_BYTES = 8
_BETWEEN = re.compile(r"[\s_-]+")
_Faults = Callable[[str, Any], list[FieldViolation]]
"""What is wrong with a rule, by where it is."""


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

    @property
    def digest(self) -> str:
        """Equal points, equal word, however the rules are written; empty where nobody is preferred.

        What adds nothing is as if it were not there.
        """
        told = {
            name: {level: points for level, points in sorted(levels.items()) if points}
            for name, levels in sorted(self.points.items())
        }
        if not self.prefer:
            return ""
        text = json.dumps({name: levels for name, levels in told.items() if levels})
        return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()

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
    """The rules that are kept as JSON; empty JSON has none.

    Raises `RulesInvalid`, whose violations name every fault: points that are no finite number or
    beyond 1,000, more than 200 rules, or levels of one rule, and what is no rule at all.
    """
    return _read(told, _no_faults)


def asked_rules_of(told: Mapping[str, Any]) -> Rules:
    """The rules that somebody asks for.

    Raises `RulesInvalid` as `rules_of` does, and for an unknown feature, or a level that nobody can
    have; the violation names those that there are. A version is a short text, or a whole number.
    """
    if not _is_version(told.get("version", "")):
        raise RulesInvalid([_violation("version", "A text, or a whole number.")])
    return _read(told, _unknown)


def _read(told: Mapping[str, Any], more: _Faults) -> Rules:
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
        at = f"rules[{place}]"
        found = [*_faults(at, rule), *more(at, rule)]
        wrong.extend(found)
        if not found:
            by_level = points.setdefault(rule["feature"], {})
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
    if not isinstance(rule.get("feature"), str):
        faults.append(_violation(f"{at}.feature", f"One of: {_KNOWN}."))
    if not _is_points(rule.get("points")):
        faults.append(_violation(f"{at}.points", f"A number, at most {MOST_POINTS} either way."))
    levels = rule.get("levels")
    if not isinstance(levels, list) or not 0 < len(levels) <= MOST_LEVELS:
        faults.append(_violation(f"{at}.levels", f"A list of 1 to {MOST_LEVELS} levels."))
    elif not all(isinstance(level, str) and level.strip() for level in levels):
        faults.append(_violation(f"{at}.levels", "Words, none of them empty."))
    return faults


def _no_faults(_at: str, _rule: Any) -> list[FieldViolation]:
    return []


def _unknown(at: str, rule: Any) -> list[FieldViolation]:
    """What of a rule nobody will ever match, as far as it can be read."""
    if not isinstance(rule, dict) or not isinstance(rule.get("feature"), str):
        return []
    if rule["feature"] not in [*Feature]:
        return [_violation(f"{at}.feature", f"One of: {_KNOWN}.")]
    feature, levels = Feature(rule["feature"]), rule.get("levels")
    return [
        _violation(f"{at}.levels", f"There is no {feature} {level!r}: {_THERE_ARE[feature]}.")
        for level in (levels if isinstance(levels, list) else [])[:MOST_LEVELS]
        if isinstance(level, str) and level.strip() and not _is_there(feature, level)
    ]


def _is_there(feature: Feature, level: str) -> bool:
    return level == MISSING or bool(_spelled(feature, level))


def _is_version(told: Any) -> bool:
    if isinstance(told, str):
        return len(told) <= _LONGEST_VERSION
    whole = isinstance(told, int) and not isinstance(told, bool)
    return whole and abs(told) <= _LARGEST_VERSION


def _is_points(told: Any) -> bool:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return False
    # So compared NaN is none either, and no whole number is too large to be told.
    return -MOST_POINTS <= told <= MOST_POINTS


def _levels(rule: Mapping[str, Any]) -> Sequence[str]:
    """As features spell them; one twice in a rule counts once."""
    name = rule["feature"]
    if name not in [*Feature]:
        return list(rule["levels"])
    feature = Feature(name)
    return sorted(
        {each if each == MISSING else _spelled(feature, each) or each for each in rule["levels"]}
    )


def _spelled(feature: Feature, level: str) -> str:
    """A level as the feature spells it; empty if nobody can have it."""
    match feature:
        case Feature.INDUSTRY:
            return cleaned(level)
        case Feature.COUNTRY:
            code = level.strip().upper()
            return code if is_country(code) else country_of(level)
        case Feature.LIST_SOURCE:
            return level if has_prefix(level, "list") else ""
        case (
            Feature.SENIORITY
            | Feature.FUNCTION
            | Feature.COMPANY_SIZE
            | Feature.HAS_HEADLINE
            | Feature.DAYS_SINCE_IMPORT
        ):
            return _CLOSED[feature].get(_plain(level), "")
    assert_never(feature)


def _plain(level: str) -> str:
    """Without what people write differently: case, spaces and lines between words."""
    return _BETWEEN.sub("", level.casefold())


_THERE_ARE: Mapping[Feature, str] = total(
    Feature,
    {
        Feature.INDUSTRY: "words of an industry",
        Feature.COUNTRY: "two letters as ISO 3166 has them, or a country's name",
        Feature.LIST_SOURCE: "the id of a lead list",
        **{Feature(name): ", ".join(levels) for name, levels in LEVELS.items()},
    },
)
_CLOSED: Mapping[str, Mapping[str, str]] = {
    feature: {_plain(level): level for level in levels} for feature, levels in LEVELS.items()
}


def _violation(field_: str, description: str) -> FieldViolation:
    return FieldViolation(field=field_, description=description)
