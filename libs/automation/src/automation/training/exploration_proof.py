"""Whether ranking earns its keep: those it chose against those whom chance chose. Pure.

Chance's slots are the only fair measure: a ranker learns from what it picked. The interval is
Newcombe's, of two of Wilson's, and so is never beyond what can be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from automation.outcomes.intervals import Share, difference, share

TOO_LONG = 8
"""Weeks in a row in which ranking was not told from chance: then it is said aloud."""


@dataclass(frozen=True, kw_only=True)
class SlotOutcomes:
    """Matured invitations of a time, and how many accepted: by ranking, and by chance."""

    ranked: int
    ranked_accepted: int
    random: int
    random_accepted: int


@dataclass(frozen=True, kw_only=True)
class ExplorationProof:
    """The two shares and their difference, with the interval in which it lies 95 times of 100."""

    ranked: Share
    random: Share
    low: float
    high: float

    @property
    def difference(self) -> float | None:
        """Points by which ranked people accept more often; None where one side is empty."""
        if self.ranked.rate is None or self.random.rate is None:
            return None
        return self.ranked.rate - self.random.rate

    @property
    def tells(self) -> bool:
        """Whether chance alone would hardly do so."""
        return self.low > 0 or self.high < 0


def proof_of(counted: SlotOutcomes) -> ExplorationProof:
    """The difference with its interval; where one side is empty it may be anything."""
    ranked = share(counted.ranked_accepted, counted.ranked)
    random = share(counted.random_accepted, counted.random)
    low, high = difference(ranked, random)
    return ExplorationProof(ranked=ranked, random=random, low=low, high=high)


def weeks_untold(by_week: Sequence[ExplorationProof]) -> int:
    """For how many weeks, the last ones, the proof as it stood did not tell ranking from chance."""
    for count, proof in enumerate(reversed(by_week)):
        if proof.tells:
            return count
    return len(by_week)


def proof_sentence(by_week: Sequence[ExplorationProof]) -> str:
    """As the report says it; of proofs as they stood week after week, each of all before it."""
    if not by_week or by_week[-1].difference is None:
        return "Ranked against random slots: nothing has matured on both sides yet."
    proof = by_week[-1]
    told = (
        f"Ranked {_percent(proof.ranked)}, random {_percent(proof.random)},"
        f" difference {100 * (proof.difference or 0):+.0f}"
        f" [{100 * proof.low:.0f}, {100 * proof.high:.0f}] points."
    )
    weeks = weeks_untold(by_week)
    if weeks >= TOO_LONG:
        return f"{told} For {weeks} weeks ranking cannot be told from chance."
    return told


def _percent(of: Share) -> str:
    return f"{100 * (of.rate or 0):.0f} % of {of.of}"
