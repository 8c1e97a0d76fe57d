"""devstack.capacity.billed_actions: what is billed of a lead, and that the page says the same."""

import re
from pathlib import Path

import pytest
from devstack.capacity.billed_actions import BilledActions, billed_actions
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import (
    ActivityTaskStartedEventAttributes,
    HistoryEvent,
    UpsertWorkflowSearchAttributesEventAttributes,
)
from temporalio.client import WorkflowHistory

ROOT = Path(__file__).parents[4]
ROWS = re.findall(
    r"^\| [^|]+\(`([a-z-]+)`\) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$",
    (ROOT / "docs/deploying.md").read_text(),
    re.MULTILINE,
)


def upsert(*names: str) -> HistoryEvent:
    attributes = SearchAttributes(indexed_fields={name: Payload() for name in names})
    return HistoryEvent(
        event_type=EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        upsert_workflow_search_attributes_event_attributes=(
            UpsertWorkflowSearchAttributesEventAttributes(search_attributes=attributes)
        ),
    )


def started(attempt: int) -> HistoryEvent:
    return HistoryEvent(
        event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
        activity_task_started_event_attributes=ActivityTaskStartedEventAttributes(attempt=attempt),
    )


def test_each_attempt_is_an_action() -> None:
    """A history has one event of an activity, whatever came before its last attempt."""
    assert billed_actions([started(1), started(7)]) == BilledActions(activities=8)


def test_a_version_of_code_is_free() -> None:
    """An upsert of what patches leave behind is none; of several attributes it is one."""
    events = [upsert("TemporalChangeVersion"), upsert("Campaign", "TemporalChangeVersion")]

    assert billed_actions(events) == BilledActions(upserts=1)


def test_what_is_not_listed_is_free() -> None:
    """Tasks of workflows and ends of activities cost nothing; a child's intent does."""
    kinds = (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
        EventType.EVENT_TYPE_TIMER_FIRED,
        EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    )

    billed = billed_actions(HistoryEvent(event_type=kind) for kind in kinds)

    assert billed == BilledActions(starts=2)


@pytest.mark.parametrize(("name", "activities", "timers", "signals", "total"), ROWS)
def test_the_page_has_what_histories_say(
    name: str, activities: str, timers: str, signals: str, total: str
) -> None:
    """The table of what a lead costs is that of the recorded histories."""
    recorded = (ROOT / f"tests/histories/{name}.json").read_text()

    billed = billed_actions(WorkflowHistory.from_json(name, recorded).events)

    told = (billed.activities, billed.timers, billed.signals, billed.total)
    assert told == tuple(map(int, (activities, timers, signals, total)))


def test_the_page_has_several() -> None:
    """A table that is written otherwise would be compared with nothing."""
    assert len(ROWS) >= 3
