"""How those stand whom a campaign has contacted, in each respect that is asked for. Pure.

Counted from the same people by the same functions as a report's cohorts, senders and texts; a
report stays as its days ended, this is as of the moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import assert_never
from zoneinfo import ZoneInfo

from campaigns.repositories.outcomes.outcome import Outcome

from automation.outcomes.cohorts import (
    Cohort,
    asking_steps,
    by_sender,
    by_variant,
    cohort,
    cohorts_by,
    week_of,
)
from automation.reports.records import FirstContact
from automation.scoring.features import OTHER
from automation.scoring.rules import MISSING

_FEWEST = 10
"""People of a segment that is told by itself: of fewer it would be told who they are."""

Key = tuple[str, ...]
"""What those of a line have in common, in words; of a segment seniority and industry."""


class Dimension(StrEnum):
    """In which respect people are told apart."""

    STEP = "step"
    VARIANT = "variant"
    SENDER = "sender"
    SEGMENT = "segment"
    SLOT = "slot"
    WEEK = "week"


@dataclass(frozen=True, kw_only=True)
class AskedOverview:
    """In which respects, and of which weeks: by their Mondays, both included."""

    dimensions: Sequence[Dimension]
    time_zone: str
    first_week: date
    last_week: date


@dataclass(frozen=True, kw_only=True)
class OverviewLine:
    """Those who are alike in one respect."""

    dimension: Dimension
    key: Key
    cohort: Cohort
    asks: bool = True
    """Whether they were asked to connect; by a text of another step nobody accepts."""


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everybody, and the lines of each respect."""

    everybody: Cohort
    lines: Sequence[OverviewLine]


@dataclass(frozen=True, kw_only=True)
class Contacted:
    """What is counted, of one campaign."""

    contacts: Sequence[FirstContact]
    """Each person once."""
    texts: Sequence[Outcome] = ()
    """Each text once, of steps with variants and of those without."""
    segments: Mapping[str, Key] | None = None
    """Seniority and industry by lead; None if they are not to be told."""


def overview_of(contacted: Contacted, asked: AskedOverview, *, now: datetime) -> Overview:
    """Count those of the weeks that are asked for, as they stand now."""
    week = week_of(ZoneInfo(asked.time_zone))

    def is_asked_for(outcome: Outcome) -> bool:
        return asked.first_week <= week(outcome) <= asked.last_week

    people = [each for each in contacted.contacts if is_asked_for(each.outcome)]
    texts = [each for each in contacted.texts if is_asked_for(each)]
    asking = asking_steps(each.outcome for each in contacted.contacts)
    counting = _Lines(people, texts, contacted.segments, asking=asking, week=week, now=now)
    return Overview(
        everybody=cohort((each.outcome for each in people), now=now),
        lines=[line for dimension in asked.dimensions for line in counting.lines(dimension)],
    )


class _Lines:
    def __init__(
        self,
        people: Sequence[FirstContact],
        texts: Sequence[Outcome],
        segments: Mapping[str, Key] | None,
        *,
        asking: Collection[str],
        week: Callable[[Outcome], date],
        now: datetime,
    ) -> None:
        self._people, self._texts, self._segments = people, texts, segments
        self._asking, self._week, self._now = asking, week, now
        self._invited = [each.outcome for each in people]

    def lines(self, dimension: Dimension) -> Iterable[OverviewLine]:
        match dimension:
            case Dimension.STEP:
                return self._of_texts(dimension, lambda each: (each.step_id,), self._texts)
            case Dimension.VARIANT:
                varied = [each for each in self._texts if each.variant]
                return self._of_texts(dimension, by_variant, varied)
            case Dimension.SENDER:
                return self._by(dimension, lambda each: (by_sender(each),), self._invited)
            case Dimension.SEGMENT:
                return self._of_segments(dimension)
            case Dimension.SLOT:
                return self._of_slots(dimension)
            case Dimension.WEEK:
                return self._by(
                    dimension, lambda each: (self._week(each).isoformat(),), self._invited
                )
        assert_never(dimension)

    def _of_texts(
        self, dimension: Dimension, key: Callable[[Outcome], Key], texts: Sequence[Outcome]
    ) -> Iterable[OverviewLine]:
        return self._by(dimension, key, texts, asking=self._asking)

    def _of_segments(self, dimension: Dimension) -> Iterable[OverviewLine]:
        if self._segments is None:
            return []
        known, unknown = self._segments, (MISSING, MISSING)
        sizes = Counter(known.get(each.lead_id, unknown) for each in self._invited)

        def segment(outcome: Outcome) -> Key:
            found = known.get(outcome.lead_id, unknown)
            return found if sizes[found] >= _FEWEST else (OTHER, OTHER)

        return self._by(dimension, segment, self._invited)

    def _of_slots(self, dimension: Dimension) -> Iterable[OverviewLine]:
        slots = {
            each.outcome.lead_id: each.placing.source.value if each.placing else ""
            for each in self._people
        }
        return self._by(dimension, lambda each: (slots[each.lead_id],), self._invited)

    def _by(
        self,
        dimension: Dimension,
        key: Callable[[Outcome], Key],
        outcomes: Iterable[Outcome],
        *,
        asking: Collection[str] | None = None,
    ) -> Iterable[OverviewLine]:
        found = cohorts_by(key, outcomes, now=self._now)
        return [
            OverviewLine(
                dimension=dimension,
                key=each,
                cohort=found[each],
                asks=asking is None or each[0] in asking,
            )
            for each in sorted(found)
        ]
