"""What customers may hear about, by ids, and how workflows publish it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from campaigns.workflow.contracts import no_body
from temporalio import activity

CAMPAIGN_STARTED = "campaign.started"
CAMPAIGN_PAUSED = "campaign.paused"
CAMPAIGN_RESUMED = "campaign.resumed"
CAMPAIGN_STOPPED = "campaign.stopped"
CAMPAIGN_COMPLETED = "campaign.completed"
LEAD_STARTED = "lead.started"
LEAD_COMPLETED = "lead.completed"
LEAD_FAILED = "lead.failed"
STEP_COMPLETED = "step.completed"
STEP_FAILED = "step.failed"
INVITATION_ACCEPTED = "invitation.accepted"
REPLY_RECEIVED = "reply.received"
OWNER_WROTE = "owner.wrote"
SEQUENCE_WEBHOOK = "sequence.webhook"
REPORT_READY = "report.ready"

_DIGITS = 32
"""128 bits: among 10^12 events no two alike are to be expected."""


@dataclass(frozen=True, kw_only=True)
class CustomerEvent:
    """Something that customers may hear about, by ids; its snapshots are read from the rows.

    `key` tells apart what can happen to the same subject several times. What somebody wrote is a
    row, by lead and `key`; `message`, `chat_id` and `message_id` are of the release before.
    """

    type: str
    campaign_id: str
    at: datetime
    lead_id: str = ""
    step_id: str = ""
    key: str = ""
    state: str = ""
    reason: str = ""
    message: str = ""
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False
    suppression_id: str = ""
    exit_name: str = ""

    @property
    def event_id(self) -> str:
        """Made from ids, so publishing twice is publishing once.

        Hashed, because a step's id is whatever the customer drew: it travels in a header.
        """
        parts = (self.campaign_id, self.lead_id, self.step_id, self.type, self.key)
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
        return f"evt_{digest[:_DIGITS]}"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Recorded, and published in the same transaction."""

    unpublished: tuple[CustomerEvent, ...] = ()
    """What a release of before handed back to be published; empty since."""


class EventActivitiesContract:
    """What workflows publish to customers."""

    @activity.defn(name="publish_event")
    async def publish_event(self, event: CustomerEvent) -> None:
        """Make it known to every endpoint that wants it."""
        no_body()
