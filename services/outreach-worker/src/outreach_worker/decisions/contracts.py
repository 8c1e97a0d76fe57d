"""The contract of the activity that does what a decision's row asks for. No body."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.workflow.contracts import no_body
from temporalio import activity


@dataclass(frozen=True, kw_only=True)
class DecidedChange:
    """A decision whose effect, or whose end, is asked for."""

    decision_id: str


class DecisionActivitiesContract:
    """Implemented by `outreach_worker.decisions.activities`."""

    @activity.defn(name="bring_about")
    async def bring_about(self, change: DecidedChange) -> str:
        """Do what a decision's row asks for; returns its state afterwards."""
        no_body()
