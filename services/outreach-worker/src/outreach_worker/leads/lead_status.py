"""Where a lead is, as queries and current details show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from campaigns.models import LeadState
from campaigns.sequences.sequence import StepOutcome
from campaigns.workflow.contracts import LeadInput, LeadResult
from campaigns.workflow.progress import LeadProgress
from servicekit.temporal.bugs import EndedByBug

from outreach_worker.leads.plan import PlanStep
from outreach_worker.steps.contracts import StepPerformed

SEQUENCE_COMPLETED = "SEQUENCE_COMPLETED"
INVITATION_NOT_ACCEPTED = "INVITATION_NOT_ACCEPTED"
PERSON_REPLIED = "PERSON_REPLIED"
PERSON_OPTED_OUT = "PERSON_OPTED_OUT"
AUTOMATIC_REPLY = "AUTOMATIC_REPLY"


@dataclass(kw_only=True)
class LeadStatus:
    """The steps behind a lead, the one it is at, and what it waits for there."""

    lead: LeadInput
    path: list[str] = field(default_factory=list)
    step: PlanStep | None = None
    waits_for: str = ""
    until: datetime | None = None

    def waiting(self, step: PlanStep, waits_for: str, *, until: datetime | None = None) -> str:
        """Note what the lead waits for; returns its description."""
        self.step, self.waits_for, self.until = step, waits_for, until
        moment = f" until {until.isoformat(' ', 'minutes')}" if until else ""
        return f"Step {step.index + 1}, {step.kind}: waits for its {waits_for}{moment}"

    def progress(
        self,
        *,
        ended: LeadResult | None,
        accepted: bool,
        replied: bool,
        paused: bool,
        parked: bool,
    ) -> LeadProgress:
        """What `getLeadStatus` answers."""
        if parked:
            state, waits_for = LeadState.PARKED, "retry"
        elif ended:
            state, waits_for = ended.state, ""
        else:
            state, waits_for = LeadState.RUNNING, "reply" if paused else self.waits_for
        return LeadProgress(
            campaign_id=self.lead.campaign_id,
            lead_id=self.lead.lead_id,
            state=state,
            step_id=self.step.step_id if self.step else "",
            kind=self.step.kind if self.step else "",
            waits_for=waits_for,
            until=None if ended or paused or parked else self.until,
            path=tuple(self.path),
            accepted=accepted,
            replied=replied,
        )


def why_completed(last: StepPerformed | None, *, unconnected_because: str) -> str:
    """What the end of a lead's path came of: a connection that was not made, or its last step."""
    if unconnected_because or last is None:
        return unconnected_because or SEQUENCE_COMPLETED
    match last.outcome:
        # Who had not accepted in time, and is not unconnected, has accepted since.
        case StepOutcome.DONE | StepOutcome.ACCEPTED | StepOutcome.NOT_ACCEPTED:
            return SEQUENCE_COMPLETED
        case StepOutcome.SKIPPED | StepOutcome.FAILED:
            return last.reason or SEQUENCE_COMPLETED
        case _:
            assert_never(last.outcome)


def parked_details(bug: EndedByBug) -> str:
    """Why a bug keeps the lead where it is."""
    return (
        f"Parked: {bug.activity} failed because of a fault of ours; the log has it under"
        f" `{bug.trace_id}`"
    )


def ended_details(result: LeadResult) -> str:
    """How the lead ended."""
    return f"Ended: {result.state} ({result.reason})"
