"""What a training asks for: ids, a verdict and counts. No bodies."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.workflow.contracts import no_body
from temporalio import activity

from outreach_worker.programs.review_contracts import Reviewed, ReviewedProgram


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What was learned: of how many people, rounded, and whether it may rank."""

    model_id: str
    verdict: str
    matured: int
    accepted: int


class FittingActivitiesContract:
    """Implemented by `outreach_worker.training.activities`, on the task queue of trainings."""

    @activity.defn(name="fit_model")
    async def fit_model(self, program: ReviewedProgram) -> Learned:
        """Learn a model of what came of the program's invitations, and keep it with its card."""
        no_body()


class SuccessionActivitiesContract:
    """Implemented by `outreach_worker.training.activities`, on the worker's own task queue."""

    @activity.defn(name="decide_champion")
    async def decide_champion(self, program: ReviewedProgram) -> Reviewed:
        """Record whether the model that the run has learned is to rank, or the rules again."""
        no_body()
