"""A model as it is kept: what was learned, by which run, and what was found of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from automation.training.evaluation import Evaluation, Verdict, sentence_of


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """One training's model with its card; it never changes."""

    organization_id: str
    model_id: str
    program_id: str
    run_id: str
    trained_at: datetime
    seed: int
    verdict: Verdict
    evaluation: Evaluation
    body: str = ""
    """As `model_json` wrote it; empty where nothing could be learned."""

    @property
    def sentence(self) -> str:
        """The verdict as people read it."""
        return sentence_of(self.verdict, self.evaluation)

    @property
    def may_rank(self) -> bool:
        """Whether it may be promoted."""
        return self.verdict is Verdict.PROMOTABLE


def model_id_of(run_id: str) -> str:
    """One training, one model: to try again is to learn the same one."""
    return f"mdl_{run_id.partition('_')[2]}"
