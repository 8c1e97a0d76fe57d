"""What decisions ask for, as an activity."""

from __future__ import annotations

from temporalio import activity

from outreach_worker.decisions.contracts import DecidedChange, DecisionActivitiesContract
from outreach_worker.decisions.settlement import DecisionSettlement


class DecisionActivities(DecisionActivitiesContract):
    """Repeating it changes nothing."""

    def __init__(self, settlement: DecisionSettlement) -> None:
        self._settlement = settlement

    @activity.defn(name="bring_about")
    async def bring_about(self, change: DecidedChange) -> str:
        """Do what a decision's row asks for; returns its state afterwards."""
        return (await self._settlement.settle(change.decision_id)).state.value
