"""What a lead asks of its row when a bug of ours has stopped it. No bodies.

As few parts as can be take part in it: what has failed must not be needed for telling so.
"""

from dataclasses import dataclass

from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.leads.contracts import LeadRef


@dataclass(frozen=True, kw_only=True)
class ParkLead:
    """A bug in `activity` has stopped the lead; the log has it under `trace_id`."""

    campaign_id: str
    lead_id: str
    activity: str
    trace_id: str
    reason: str = ""
    """What the activity has ended with, where that was foreseen."""


@dataclass(frozen=True, kw_only=True)
class Parked:
    """Whether the row says so; a lead that has ended stays as it ended."""

    parked: bool


class ParkingActivitiesContract:
    """What a lead asks when it is stopped, and when it is sent on."""

    @activity.defn(name="park_lead")
    async def park_lead(self, park: ParkLead) -> Parked:
        """Record that the lead is parked, and take back what it has queued at the gateway."""
        no_body()

    @activity.defn(name="unpark_lead")
    async def unpark_lead(self, lead: LeadRef) -> None:
        """Record that it goes on."""
        no_body()
