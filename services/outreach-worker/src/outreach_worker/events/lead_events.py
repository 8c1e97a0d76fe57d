"""What happens to a lead, as customers hear of it; made anew from its rows it is the same. Pure."""

from collections.abc import Iterable
from datetime import datetime

from campaigns.models import Lead, LeadState, StepExecution, StepState

from outreach_worker.events.contracts import (
    INVITATION_ACCEPTED,
    LEAD_COMPLETED,
    LEAD_FAILED,
    LEAD_STARTED,
    STEP_COMPLETED,
    STEP_FAILED,
    CustomerEvent,
)


def started(lead: Lead, *, at: datetime) -> CustomerEvent:
    """It has begun."""
    return CustomerEvent(type=LEAD_STARTED, campaign_id=lead.campaign_id, lead_id=lead.id, at=at)


def step_ended(
    campaign_id: str, lead_id: str, ended: StepExecution, *, at: datetime
) -> CustomerEvent:
    """A step has come to its end, however."""
    return CustomerEvent(
        type=STEP_FAILED if ended.state is StepState.FAILED else STEP_COMPLETED,
        campaign_id=campaign_id,
        lead_id=lead_id,
        step_id=ended.step_id,
        at=at,
        state=ended.state,
        reason=ended.reason,
        exit_name=ended.exit_name,
    )


def accepted(campaign_id: str, lead_id: str, *, at: datetime) -> CustomerEvent:
    """An invitation was accepted; it can be only once."""
    return CustomerEvent(type=INVITATION_ACCEPTED, campaign_id=campaign_id, lead_id=lead_id, at=at)


def ended(campaign_id: str, lead_id: str, state: LeadState, *, at: datetime) -> CustomerEvent:
    """It has come to its end."""
    failed = state is LeadState.FAILED
    return CustomerEvent(
        type=LEAD_FAILED if failed else LEAD_COMPLETED,
        campaign_id=campaign_id,
        lead_id=lead_id,
        at=at,
    )


def of_rows(
    lead: Lead, history: Iterable[StepExecution], *, accepted_at: datetime | None
) -> list[CustomerEvent]:
    """Everything that the rows of a lead which has ended say of it, in the order of its times.

    What the person wrote is not among it: its event is named by the message, which no row keeps.
    """
    ids = lead.campaign_id, lead.id
    told = [started(lead, at=lead.started_at)] if lead.started_at else []
    told += [
        step_ended(*ids, each, at=each.ended_at)
        for each in history
        if each.state is not StepState.WAITING and each.ended_at is not None
    ]
    if accepted_at is not None:
        told.append(accepted(*ids, at=accepted_at))
    told.sort(key=lambda event: event.at)
    if lead.ended_at is not None:
        told.append(ended(*ids, lead.state, at=lead.ended_at))
    return told
