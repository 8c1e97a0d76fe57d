"""What the workflows answer to queries; for operators, who ask at Temporal. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class CampaignProgress:
    """What a campaign's workflow knows: what it was told, and its last look at the list."""

    campaign_id: str
    state: str
    running: int
    ready: int
    next_look_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class LeadProgress:
    """Where a lead is: its step and what it waits for (`delay`, `turn`, `answer`, or nothing).

    `reply` is what it waits for after the account's owner has written by hand, `retry` while it
    is parked.

    `until` is when that is over, where the lead itself decides it (domain time).
    """

    campaign_id: str
    lead_id: str
    state: str
    step_id: str = ""
    kind: str = ""
    waits_for: str = ""
    until: datetime | None = None
    path: tuple[str, ...] = ()
    accepted: bool = False
    replied: bool = False


@dataclass(frozen=True, kw_only=True)
class WorkflowMetrics:
    """What a workflow has cost and done so far; `counts` by what was done."""

    history_events: int
    history_bytes: int
    unpublished_events: int
    counts: dict[str, int]
