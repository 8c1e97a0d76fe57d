"""The contract of the workflow that brings a decision's effect about, or takes it back. No body."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.workflow.contracts import no_body
from temporalio import workflow


def apply_decision_workflow_id(decision_id: str) -> str:
    """One decision, one workflow at a time: answering twice is applying once."""
    return f"decision/{decision_id}"


@dataclass(frozen=True, kw_only=True)
class ApplyDecisionInput:
    """Which decision is to be looked at: its row says what is to be done."""

    decision_id: str
    organization_id: str


@dataclass(frozen=True, kw_only=True)
class ApplyDecisionResult:
    """What has become of it, as `DecisionState` has it."""

    state: str


@workflow.defn(name="ApplyDecision")
class ApplyDecisionContract:
    """Does what a decision's row asks for: its effect if it was approved, or taking it back."""

    @workflow.run
    async def run(self, decision: ApplyDecisionInput) -> ApplyDecisionResult:
        no_body()

    @workflow.signal
    def look(self) -> None:
        no_body()
