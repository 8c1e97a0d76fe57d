"""One step of one lead in the worker's hands: what was asked, and what it was compiled to. Pure."""

from dataclasses import dataclass

from campaigns.sequences.sequence import Step, StepCategory, StepKind

from outreach_worker.steps.contracts import PerformStep


@dataclass(frozen=True, kw_only=True)
class StepTask:
    """What a lead's workflow asks for, with the compiled step."""

    asked: PerformStep
    compiled: Step

    @property
    def kind(self) -> StepKind:
        return self.compiled.kind

    @property
    def category(self) -> StepCategory:
        return self.compiled.kind.category

    @property
    def action_id(self) -> str:
        return self.asked.action_id

    @property
    def nothing_to_withdraw(self) -> bool:
        """A lead that was not invited has nothing to take back."""
        return self.kind is StepKind.WITHDRAW_REQUEST and not self.asked.invited
