"""Which levels are learned: those that enough people have. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from automation.scoring.features import OTHER
from automation.scoring.rules import MISSING
from automation.training.dataset import Dataset, TrainingRow

LEAST_PEOPLE = 10
"""Of a level; one that fewer have counts as `OTHER`."""
MOST_LEVELS = 50
"""Of a feature: the most frequent ones; the rest counts as `OTHER`."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The levels by feature; a feature in which all are alike teaches nothing and is left out."""

    levels: Mapping[str, tuple[str, ...]]

    def level(self, row: TrainingRow, feature: str) -> str:
        """The level by which a row counts."""
        told = row.features.get(feature, MISSING)
        return told if told in self.levels[feature] else OTHER

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Feature and level of each column, in their order."""
        return tuple((name, level) for name, levels in self.levels.items() for level in levels)


def vocabulary_of(dataset: Dataset) -> Vocabulary:
    """What the rows are told apart by."""
    names = sorted({name for row in dataset.rows for name in row.features})
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in dataset.rows:
        for name in names:
            counts[name][row.features.get(name, MISSING)] += 1
    found = {name: _learned(counts[name]) for name in names}
    return Vocabulary(levels={name: levels for name, levels in found.items() if len(levels) > 1})


def _learned(people: Counter[str]) -> tuple[str, ...]:
    frequent = [level for level, count in people.items() if count >= LEAST_PEOPLE]
    kept = sorted(frequent, key=lambda level: (-people[level], level))[:MOST_LEVELS]
    rest = people.total() - sum(people[level] for level in kept)
    return tuple(sorted({*kept, *([OTHER] if rest else [])}))
