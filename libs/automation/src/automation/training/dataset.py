"""What a model is learned from: one row for each person who has had their time to accept. Pure.

A row has keys and levels, never a name: the lead's id, the company's keyed hash, the week in which
they were invited, what was known of them then, and whether they accepted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

ANSWER_WEEKS = 2
"""So long do people have to accept: what came of an invitation is known no sooner."""
MOST_OF_A_COMPANY = 20
"""So many rows of one company count in full; of more, each counts for less."""


@dataclass(frozen=True, kw_only=True)
class TrainingRow:
    """One person whose answer is in, or whose time is over."""

    lead_id: str
    company_key: str
    """The company's keyed hash; empty where none is known: such a person stands for themselves."""
    week: int
    """Of the invitation; later weeks have higher numbers."""
    features: Mapping[str, str]
    """The level by feature, as known when they were invited; what is not there is not known."""
    rule_score: float
    """The customer's points for what was known then, by the rules as they are now."""
    accepted: bool
    explored: bool = False
    """Whether chance chose them: nobody's ranking has had a hand in it."""

    @property
    def group(self) -> str:
        """Who is learned of and judged together: colleagues follow each other."""
        return self.company_key or self.lead_id


@dataclass(frozen=True)
class Dataset:
    """Rows in the order of their ids: who reads them in another one learns the same."""

    rows: tuple[TrainingRow, ...]

    @classmethod
    def of(cls, rows: Iterable[TrainingRow]) -> Dataset:
        """Of a person who is there twice the last row counts."""
        by_id = {row.lead_id: row for row in rows}
        return cls(tuple(by_id[lead_id] for lead_id in sorted(by_id)))

    @property
    def weights(self) -> tuple[float, ...]:
        """How much each row counts: those of a company together for `MOST_OF_A_COMPANY` at most."""
        sizes = Counter(row.group for row in self.rows)
        return tuple(min(1.0, MOST_OF_A_COMPANY / sizes[row.group]) for row in self.rows)

    @property
    def matured(self) -> float:
        """How many rows count."""
        return sum(self.weights)

    @property
    def accepted(self) -> float:
        """How many rows count of people who accepted."""
        pairs = zip(self.rows, self.weights, strict=True)
        return sum(weight for row, weight in pairs if row.accepted)

    @property
    def has_both_outcomes(self) -> bool:
        """Whether some accepted and some did not."""
        return len({row.accepted for row in self.rows}) > 1

    @property
    def teaches(self) -> bool:
        """Whether some accepted and some did not, and one company can be judged by another."""
        return self.has_both_outcomes and len({row.group for row in self.rows}) > 1

    def folds(self, count: int, seed: int) -> tuple[int, ...]:
        """Each row's fold; a company is in one, by its hash, whatever else is in the data."""
        return tuple(_fold(row.group, count, seed) for row in self.rows)

    def some(self, places: Iterable[int]) -> Dataset:
        """The rows at these places."""
        return Dataset(tuple(self.rows[place] for place in places))

    def parted(self, first: int) -> tuple[Dataset, Dataset]:
        """The weeks before `first` and those from it on, as far as they knew nothing of these.

        Whoever was invited shortly before may have answered in them, and colleagues follow each
        other: neither is in the former.
        """
        after = [place for place, row in enumerate(self.rows) if row.week >= first]
        met = {self.rows[place].group for place in after}
        known = first - ANSWER_WEEKS
        before = [
            place
            for place, row in enumerate(self.rows)
            if row.week < known and row.group not in met
        ]
        return self.some(before), self.some(after)

    def unknown_before(self, first: int) -> tuple[int, ...]:
        """The places of those from week `first` on of whose company nobody was there before."""
        met = {row.group for row in self.rows if row.week < first}
        return tuple(
            place
            for place, row in enumerate(self.rows)
            if row.week >= first and row.group not in met
        )

    def last_weeks(self, share: float) -> int | None:
        """The first of the last weeks that have this share of the rows; `None` if that is all."""
        by_week = Counter(row.week for row in self.rows)
        wanted, found = share * len(self.rows), 0
        for week in sorted(by_week, reverse=True):
            found += by_week[week]
            if found >= wanted:
                return week if found < len(self.rows) else None
        return None


def rows_json(rows: Sequence[TrainingRow]) -> str:
    """One row a line."""
    return "".join(json.dumps(asdict(row), allow_nan=False) + "\n" for row in rows)


def dataset_of(text: str) -> Dataset:
    """Read what `rows_json` wrote."""
    return Dataset.of(TrainingRow(**json.loads(line)) for line in text.splitlines())


def _fold(group: str, count: int, seed: int) -> int:
    return int.from_bytes(sha256(f"{seed}:{group}".encode()).digest()[:8]) % count
