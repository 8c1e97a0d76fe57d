"""A model as JSON: weights by level, which add up to how likely somebody accepts. Pure.

A file of one's own instead of a pickle: reading it runs nothing, and scoring needs no library. The
weights are centred, so what a level adds is measured against the people it was learned from, not
against whichever level happens to come first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from automation.decisions.decision import Term
from automation.scoring.features import OTHER, Features
from automation.scoring.rules import MISSING

SCHEMA = 1
"""Raised when a reader of before could not score by what is written."""
RULE_SCORE = "rules"
"""The name under which the customer's own points are a term."""
_DIGITS = 6
"""Behind the point: what differs beyond it is the processor's, not the data's."""


class ModelRefusal(StrEnum):
    """Why a stored model is not scored by."""

    NEWER_SCHEMA = "newer_schema"
    CORRUPT = "corrupt"
    OTHER_RULES = "other_rules"
    """The rules were edited since: it weighs points that nobody has any more."""


class ModelRefused(ValueError):
    """What is stored is no model that this version can score by; the rules rank instead."""

    def __init__(self, reason: ModelRefusal, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class RuleWeight:
    """How the customer's points count: `weight` for each `spread` of points above `mean`."""

    weight: float
    mean: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class Sigmoid:
    """What makes a sum a probability: 1 / (1 + exp(-(slope · sum + intercept)))."""

    slope: float
    intercept: float


@dataclass(frozen=True, kw_only=True)
class Model:
    """Scores a person by the levels that they have."""

    intercept: float
    weights: Mapping[str, Mapping[str, float]]
    """By feature, then by level."""
    rule: RuleWeight
    calibration: Sigmoid
    rules: str | None = None
    """The digest of the rules whose points it weighs; None of one from before that was kept."""
    _tables: tuple[tuple[str, Mapping[str, float], float, float], ...] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        tables = tuple(
            (name, levels, levels.get(OTHER, 0.0), levels.get(MISSING, 0.0))
            for name, levels in sorted(self.weights.items())
        )
        object.__setattr__(self, "_tables", tables)

    def score(self, features: Features, rule_score: float) -> float:
        """How likely the person accepts, from 0 to 1; a level never seen counts as `OTHER`."""
        told = self.intercept + self._by_rules(rule_score)
        for name, levels, other, missing in self._tables:
            level = features.get(name)
            told += missing if level is None else levels.get(level, other)
        return _probability(self.calibration.slope * told + self.calibration.intercept)

    @property
    def baseline(self) -> float:
        """The log odds of the average person, to which `told` adds."""
        return self.calibration.slope * self.intercept + self.calibration.intercept

    def told(self, features: Features, rule_score: float) -> tuple[Term, ...]:
        """What adds up to the score, in log odds against the average; the strongest first."""
        slope = self.calibration.slope
        found = [
            Term(feature=name, level=level, points=round(slope * effect, _DIGITS))
            for name, level, effect in self._effects(features)
        ]
        by_rules = round(slope * self._by_rules(rule_score), _DIGITS)
        found.append(Term(feature=RULE_SCORE, level=f"{rule_score:g}", points=by_rules))
        return tuple(sorted(found, key=lambda term: (-abs(term.points), term.feature)))

    def _effects(self, features: Features) -> Iterator[tuple[str, str, float]]:
        for name, levels, other, missing in self._tables:
            level = features.get(name, MISSING)
            yield name, level, levels.get(level, missing if level == MISSING else other)

    def _by_rules(self, rule_score: float) -> float:
        return self.rule.weight * (rule_score - self.rule.mean) / self.rule.spread


def model_json(model: Model) -> str:
    """The same model is always the same text, byte by byte."""
    told = {
        "schema": SCHEMA,
        "intercept": model.intercept,
        "weights": {name: dict(levels) for name, levels in model.weights.items()},
        "rule": vars(model.rule),
        "calibration": vars(model.calibration),
        **({} if model.rules is None else {"rules": model.rules}),
    }
    rounded = _rounded(told)
    return json.dumps(rounded, sort_keys=True, separators=(",", ":"), allow_nan=False)


def model_of(text: str) -> Model:
    """The model that a text is. Raises `ModelRefused` for a newer schema, or for no model."""
    try:
        told = json.loads(text)
        return _read(told)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelRefused(ModelRefusal.CORRUPT, f"{type(error).__name__}: {error}") from error
    except ModelRefused:
        raise
    except ValueError as error:
        raise ModelRefused(ModelRefusal.CORRUPT, str(error)) from error


def _read(told: Mapping[str, Any]) -> Model:
    schema = told["schema"]
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise ModelRefused(ModelRefusal.CORRUPT, f"no schema: {schema!r}")
    if schema > SCHEMA:
        raise ModelRefused(ModelRefusal.NEWER_SCHEMA, f"schema {schema}, known is {SCHEMA}")
    rule, calibration = told["rule"], told["calibration"]
    model = Model(
        intercept=_number(told["intercept"]),
        weights={
            str(name): {str(level): _number(weight) for level, weight in levels.items()}
            for name, levels in told["weights"].items()
        },
        rule=RuleWeight(
            weight=_number(rule["weight"]),
            mean=_number(rule["mean"]),
            spread=_number(rule["spread"]),
        ),
        calibration=Sigmoid(
            slope=_number(calibration["slope"]), intercept=_number(calibration["intercept"])
        ),
        rules=_digest(told.get("rules")),
    )
    if model.rule.spread <= 0 or model.calibration.slope <= 0:
        raise ModelRefused(ModelRefusal.CORRUPT, "a spread and a slope are above zero")
    return model


def _digest(told: Any) -> str | None:
    if told is not None and not isinstance(told, str):
        raise ModelRefused(ModelRefusal.CORRUPT, f"no digest of rules: {told!r}")
    return told


def _number(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
        raise ModelRefused(ModelRefusal.CORRUPT, f"no number: {told!r}")
    return float(told)


def _rounded(told: Any) -> Any:
    if isinstance(told, float):
        # Of two zeros one is enough.
        return round(told, _DIGITS) + 0.0
    if isinstance(told, dict):
        return {key: _rounded(value) for key, value in told.items()}
    return told


def _probability(log_odds: float) -> float:
    if log_odds >= 0:
        return 1.0 / (1.0 + math.exp(-log_odds))
    grown = math.exp(log_odds)
    return grown / (1.0 + grown)
