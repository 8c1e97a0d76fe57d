"""What a run is: one look of a program, and how it ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any


class RunType(StrEnum):
    """Which workflow it is of."""

    DAILY = "daily"
    WEEKLY = "weekly"
    TRAINING = "training"


class RunState(StrEnum):
    """Where it stands; all but the first are ends."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TERMINATED = "terminated"
    """Somebody ended it at Temporal, by hand."""


class RunTrigger(StrEnum):
    """Why it began."""

    SCHEDULE = "schedule"
    MANUAL = "manual"
    BACKFILL = "backfill"
    """For a day that is over: it collects, and releases nobody."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One row of the log of workflows."""

    organization_id: str
    run_id: str
    program_id: str
    type: RunType
    nominal_at: datetime
    """When it was due."""
    nominal_day: date
    """The same in the zone of its program: what is released is of one day."""
    workflow_id: str
    trigger: RunTrigger
    actor: str = ""
    """Who has asked for it; empty for a schedule's."""
    state: RunState = RunState.RUNNING
    started_at: datetime
    ended_at: datetime | None = None
    took: timedelta | None = None
    """On the wall, also in the sandbox; None as long as it runs."""
    result: Mapping[str, Any] = field(default_factory=dict)
    """Ids and counts."""
    error: str = ""
    """Why it failed: which step, and the kind of the error."""
