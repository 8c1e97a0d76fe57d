"""What Temporal Cloud bills of a history: actions, as its public list has them.

A start, a timer, a signal and an upsert of search attributes are one each; an activity is one for
each time it is started, waits and retries included; a child workflow is two. Not in a history, and
so not here: heartbeats, queries, resets of activities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

_CHANGE_VERSION = "TemporalChangeVersion"
"""An upsert of it alone is free."""


@dataclass(frozen=True, kw_only=True)
class BilledActions:
    """Actions by what they are for."""

    starts: int = 0
    activities: int = 0
    timers: int = 0
    signals: int = 0
    upserts: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.starts + self.activities + self.timers + self.signals + self.upserts

    def __add__(self, other: BilledActions) -> BilledActions:
        return BilledActions(
            starts=self.starts + other.starts,
            activities=self.activities + other.activities,
            timers=self.timers + other.timers,
            signals=self.signals + other.signals,
            upserts=self.upserts + other.upserts,
        )


def billed_actions(events: Iterable[HistoryEvent]) -> BilledActions:
    """Those of one history; what is not named here is free."""
    found = Counter[EventType.ValueType]()
    for event in events:
        found[event.event_type] += _actions(event)
    return BilledActions(
        # Of a child its intent; its own start is in its own history.
        starts=found[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED]
        + found[EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED],
        activities=found[EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED],
        timers=found[EventType.EVENT_TYPE_TIMER_STARTED],
        signals=found[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED],
        upserts=found[EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES],
    )


def _actions(event: HistoryEvent) -> int:
    """How many an event stands for, if it is of a kind that is billed."""
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
        # One event tells of the last attempt, and which it was.
        return event.activity_task_started_event_attributes.attempt
    if event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
        return _is_billed_upsert(event)
    return 1


def _is_billed_upsert(event: HistoryEvent) -> bool:
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return set(attributes.indexed_fields) != {_CHANGE_VERSION}
