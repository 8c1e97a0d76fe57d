"""A model is fitted and kept, and becomes a decision; repeating either finds the first one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from automation.programs.program import Program
from automation.programs.program_repository import ProgramRepository
from automation.scoring.champion import scorer_of
from automation.scoring.rules import Rules, rules_of
from automation.training.challenge import RankingModel
from automation.training.errors import ModelNotFound
from automation.training.evaluation import Standing
from automation.training.examples import week_number
from automation.training.model_repository import ModelRepository
from automation.training.succession import succession
from automation.training.trained_model import TrainedModel, model_id_of
from campaigns.campaign_edit import ENDED
from campaigns.repositories.campaign_repository import CampaignRepository
from servicekit.clock import Clock
from servicekit.telemetry import logs
from servicekit.temporal.heartbeat import heartbeating
from temporalio import activity

from outreach_worker.optimisation.recorder import DecisionRecorder
from outreach_worker.programs.review_contracts import Reviewed, ReviewedProgram
from outreach_worker.training.contracts import (
    FittingActivitiesContract,
    Learned,
    SuccessionActivitiesContract,
)
from outreach_worker.training.examples import Examples
from outreach_worker.training.fitting import FittingProcess

SEED = 1
"""Of the folds: the same for all, so that the same people make the same model."""

log = logs.get_logger(__name__)


class FittingActivities(FittingActivitiesContract):
    """Needs the extra `training`, in the child alone."""

    def __init__(
        self,
        programs: ProgramRepository,
        examples: Examples,
        models: ModelRepository,
        fitting: FittingProcess,
        clock: Clock,
    ) -> None:
        self._programs = programs
        self._examples = examples
        self._models = models
        self._fitting = fitting
        self._clock = clock

    @activity.defn(name="fit_model")
    async def fit_model(self, program: ReviewedProgram) -> Learned:
        """Learn a model of what came of the program's invitations, and keep it with its card."""
        model_id = model_id_of(program.run_id)
        try:
            return _learned(await self._models.get(model_id))
        except ModelNotFound:
            async with heartbeating():
                of = await self._programs.get(program.program_id)
                model = await self._fit(of, program.run_id)
        kept = await self._models.record(model)
        log.info("model_learned", model_id=kept.model_id, program_id=kept.program_id)
        return _learned(kept)

    async def _fit(self, program: Program, run_id: str) -> TrainedModel:
        now = self._clock.now()
        ranks = await self._models.ranking(program.organization_id, program.program_id)
        rules = rules_of(program.settings.rules)
        champion = await self._champion(program, rules)
        rows = await self._examples.of(program, rules=rules, now=now)
        found = await self._fitting.train(rows, seed=SEED, rules=rules.digest, champion=champion)
        evaluation = found.evaluation
        if ranks and champion is None:
            unread = Standing(model_id=ranks, people=0, readable=False)
            evaluation = replace(evaluation, champion=unread)
        return TrainedModel(
            organization_id=program.organization_id,
            model_id=model_id_of(run_id),
            program_id=program.program_id,
            run_id=run_id,
            trained_at=now,
            seed=SEED,
            verdict=found.verdict,
            evaluation=evaluation,
            body=found.model,
        )

    async def _champion(self, program: Program, rules: Rules) -> RankingModel | None:
        """The model that ranks, if it can be read and is of these rules."""
        ranks = await self._models.champion(program.organization_id, program.program_id)
        chosen = scorer_of(ranks, rules)
        if ranks is None or ranks.trained_at is None or chosen.model is None:
            return None
        # Nobody's time was over then who was invited in the week before its training, or later.
        week = week_number(ranks.trained_at) - 1
        return RankingModel(model_id=ranks.model_id, body=ranks.body, knows_before=week)


class SuccessionActivities(SuccessionActivitiesContract):
    """Decides, and brings nothing about."""

    def __init__(
        self,
        programs: ProgramRepository,
        models: ModelRepository,
        recorder: DecisionRecorder,
        clock: Clock,
        *,
        campaigns: CampaignRepository,
    ) -> None:
        self._programs = programs
        self._models = models
        self._recorder = recorder
        self._clock = clock
        self._campaigns = campaigns

    @activity.defn(name="decide_champion")
    async def decide_champion(self, program: ReviewedProgram) -> Reviewed:
        """Record whether the model that the run has learned is to rank, or the rules again.

        In a campaign that has ended nobody is ranked any more.
        """
        of = await self._programs.get(program.program_id)
        if (await self._campaigns.get(of.campaign_id)).state in ENDED:
            return Reviewed()
        model = await self._models.get(model_id_of(program.run_id))
        ranks = await self._models.ranking(of.organization_id, of.program_id)
        proposal = succession(model, ranks=ranks)
        if proposal is None:
            return Reviewed()
        now = self._clock.now()
        day = of.settings.timetable.day_of(now).isoformat()
        decision = await self._recorder.record(
            proposal, of, run_id=program.run_id, day=day, now=now
        )
        if decision is None:
            return Reviewed()
        decided = Counter([decision.kind.value] if decision.run_id == program.run_id else [])
        return Reviewed(
            decided=dict(decided), awaited=(decision.id,) if decision.is_approved else ()
        )


def _learned(model: TrainedModel) -> Learned:
    found = model.evaluation
    return Learned(
        model_id=model.model_id,
        verdict=model.verdict.value,
        matured=round(found.matured),
        accepted=round(found.accepted),
    )
