"""What a review of a program asks for: ids and counts. No bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from campaigns.workflow.contracts import no_body
from temporalio import activity


@dataclass(frozen=True, kw_only=True)
class ReviewedProgram:
    """Whose week, or day, is looked at, by which run."""

    organization_id: str
    program_id: str
    run_id: str


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """How many decisions a look has led to, by kind, and which of them are to be brought about."""

    decided: Mapping[str, int] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()


class ReviewActivitiesContract:
    """Implemented by `outreach_worker.optimisation.activities`."""

    @activity.defn(name="judge_experiments")
    async def judge_experiments(self, program: ReviewedProgram) -> Reviewed:
        """Record what the experiments of the program's campaign lead to."""
        no_body()

    @activity.defn(name="check_guardrails")
    async def check_guardrails(self, program: ReviewedProgram) -> Reviewed:
        """Record what is to be paused."""
        no_body()
