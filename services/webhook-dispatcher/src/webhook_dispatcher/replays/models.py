"""A replay: which events, to whom, how fast, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReplayState(StrEnum):
    """Where a replay stands; only a running one moves."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Events of a stretch of time, sent to one endpoint again."""

    id: str
    organization_id: str
    request_id: str
    endpoint_id: str
    start_at: datetime
    end_at: datetime
    event_types: tuple[str, ...] = ()
    """Only these, `lead.*` for all of a kind; empty: all that the endpoint hears."""
    campaign_ids: tuple[str, ...] = ()
    failed_only: bool = False
    """Only what was given up or dropped."""
    max_per_minute: int
    """How many events are set going at the most, in real time."""
    state: ReplayState = ReplayState.RUNNING
    after_time: datetime
    after_subject: str = ""
    after_number: int = 0
    after_event_id: str = ""
    """Events up to this one were looked at: by time, and of one time by subject and number."""
    after_id: str = ""
    """Where a process of before, which goes by another order, made the last step.

    What was published at `after_time` is then looked at once more.
    """
    examined_events: int = 0
    deliveries: int = 0
    created_at: datetime
    created_by: str = ""
    """As the audit names them; empty where that is not known."""
    finished_at: datetime | None = None
