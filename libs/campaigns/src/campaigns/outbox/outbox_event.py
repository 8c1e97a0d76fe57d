"""An event on its way out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class OutboxEvent:
    """An event as it is sent."""

    organization_id: str
    subject: str
    """Whose events its number counts: a lead's, or a campaign's own."""
    number: int
    """From 1 on, without a gap among what was committed."""
    event_id: str
    type: str
    occurred_at: datetime
    body: bytes
    trace: str
    """The `traceparent` of what made it true; empty if nothing was traced."""
