"""What a lead asks of its row. No bodies.

The workflows import such modules alone, so that nothing that touches a network
is ever loaded into them. Inputs carry ids; texts and lists stay in the tables
and never enter a history.
"""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import LeadState
from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.events.contracts import Recorded
from outreach_worker.leads.plan import LeadPlan


@dataclass(frozen=True, kw_only=True)
class LeadRef:
    """One lead of one campaign."""

    campaign_id: str
    lead_id: str


@dataclass(frozen=True, kw_only=True)
class RecordAnswer:
    """Record what came of an invitation: accepted or, by its deadline, not.

    `step_id` is the connection request that waits for the answer, empty when
    none does.
    """

    campaign_id: str
    lead_id: str
    revision_id: str
    accepted: bool
    at: datetime
    step_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordReply:
    """Record what the person wrote; all but ids is of signals of the release before."""

    campaign_id: str
    lead_id: str
    event_id: str
    at: datetime
    text: str = ""
    chat_id: str = ""
    message_id: str = ""
    automatic: bool = False
    suppression_id: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordOwnerMessage:
    """Record that the account's owner wrote to the person by hand."""

    campaign_id: str
    lead_id: str
    event_id: str
    at: datetime
    chat_id: str = ""
    message_id: str = ""


@dataclass(frozen=True, kw_only=True)
class FinishLead:
    """Record how a lead ended; `skipped` is why the step that it waits for is not performed.

    Unless it has `begun`, as far as its workflow knows, customers may not have heard of that.
    """

    campaign_id: str
    lead_id: str
    state: LeadState
    reason: str = ""
    skipped: str = ""
    begun: bool = False


class LeadActivitiesContract:
    """What a lead asks of its row."""

    @activity.defn(name="begin_lead")
    async def begin_lead(self, lead: LeadRef) -> LeadPlan:
        """Record that the lead has begun; returns what lies before it."""
        no_body()

    @activity.defn(name="record_answer")
    async def record_answer(self, answer: RecordAnswer) -> Recorded:
        """Record what came of the invitation."""
        no_body()

    @activity.defn(name="record_reply")
    async def record_reply(self, reply: RecordReply) -> Recorded:
        """Record what the person wrote."""
        no_body()

    @activity.defn(name="record_owner_message")
    async def record_owner_message(self, message: RecordOwnerMessage) -> Recorded:
        """Record that the account's owner wrote to the person by hand."""
        no_body()

    @activity.defn(name="finish_lead")
    async def finish_lead(self, finish: FinishLead) -> Recorded:
        """Record how the lead ended, and wake its campaign if that waits for room."""
        no_body()
