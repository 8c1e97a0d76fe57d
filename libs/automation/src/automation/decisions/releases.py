"""Releases of an organization that are decided beside each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from automation.decisions.decision import Decision

LOOKS = 5
"""As often another release of the organization may come on while one is looked at."""
SEEN = timedelta(days=31)
"""So far back releases are looked at: what was approved may have waited for whatever was away."""


@dataclass(frozen=True, kw_only=True)
class UndecidedLead:
    """A lead that a decision would release, or is about to."""

    program_id: str
    decision_id: str
    lead_id: str
    account_id: str
    answered_at: datetime | None = None
    is_fitted: bool = False

    @property
    def is_approved(self) -> bool:
        """Whether it is about to."""
        return self.answered_at is not None

    def goes_before(self, decision: Decision) -> bool:
        """Whether its decision takes what both want: it was approved first, or it is at it."""
        if self.answered_at is None or self.decision_id == decision.id:
            return False
        if self.is_fitted or decision.answered_at is None:
            return True
        return (self.answered_at, self.decision_id) < (decision.answered_at, decision.id)


@dataclass(frozen=True, kw_only=True)
class ReleasesSeen:
    """How far the releases since then had come, when somebody looked."""

    since: datetime
    releases: int


def turned_to(undecided: Sequence[UndecidedLead], program_id: str) -> Mapping[str, str]:
    """Who is taken: but what the program itself has only proposed it may propose again."""
    return {
        each.lead_id: each.account_id
        for each in undecided
        if each.is_approved or each.program_id != program_id
    }


MOST_PARTS = 100
"""Of a release: more than the most leads that a decision has."""


def release_ids(decision_id: str, parts: int) -> list[str]:
    """By which a decision's leads are released, part by part; the first has the decision's own."""
    return [f"{decision_id}/{part}" if part else decision_id for part in range(parts)]


def decision_of(release_id: str) -> str:
    """The decision whose release it is, if it is one's."""
    return release_id.partition("/")[0]


class DecidedMeanwhile(Exception):
    """Another release of the organization has come on since it was looked at: look again."""
