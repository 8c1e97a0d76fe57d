"""Where a lead is on its plan. Pure.

Plan and place are one value, replaced as a whole: whoever needs a step, a turn or a deadline
asks for it after every wait, and has what the revision in force says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from campaigns.sequences.sequence import Sequence, Turn, first_turn, next_turn
from campaigns.sequences.time_limits import TimeLimit

from outreach_worker.leads.plan import LeadPlan, PlanStep
from outreach_worker.steps.contracts import StepPerformed


@dataclass(frozen=True, kw_only=True)
class Walk:
    """The lead's plan, and the last step behind it with what came of it; none at first."""

    plan: LeadPlan
    begun_at: datetime
    last_id: str = ""
    last: StepPerformed | None = None

    @property
    def revision_id(self) -> str:
        """The revision in force."""
        return self.plan.revision_id

    @property
    def since(self) -> datetime:
        """Since when it is the turn of what comes next."""
        return self.last.at if self.last else self.begun_at

    @cached_property
    def sequence(self) -> Sequence:
        """The plan as the sequence's own rules take it."""
        return self.plan.sequence()

    @cached_property
    def turn(self) -> Turn | None:
        """Whose turn it is after the last step; None where the path ends."""
        if self.last is None:
            return first_turn(self.sequence, now=self.begun_at)
        return next_turn(
            self.sequence,
            self.sequence.step(self.last_id),
            self.last.outcome,
            at=self.last.at,
            exit_name=self.last.exit_name,
        )

    def step(self, step_id: str) -> PlanStep:
        """The step of that id; KeyError if there is none."""
        return self.plan.step(step_id)

    @cached_property
    def limit(self) -> TimeLimit | None:
        """When the lead is over whatever is still to come, and why; None for never."""
        return self.plan.limit(begun_at=self.begun_at)

    def deadline(self, step_id: str, *, sent_at: datetime) -> datetime:
        """When an invitation that was sent then counts as not accepted."""
        return sent_at + timedelta(seconds=self.step(step_id).accept_within_seconds)

    def by(self, plan: LeadPlan) -> Walk:
        """The same place on another plan."""
        return replace(self, plan=plan)

    def past(self, step_id: str, performed: StepPerformed) -> Walk:
        """One step further."""
        return replace(self, last_id=step_id, last=performed)
