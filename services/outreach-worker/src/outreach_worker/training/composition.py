"""What learns models, and what decides of them, put together on what they need."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.programs.program_repository import ProgramRepository
from automation.programs.temporal_schedules import SCHEDULED
from automation.reports.record_repository import RecordRepository
from automation.runs.run import RunType
from automation.training.model_repository import ModelRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal
from servicekit.tables import total

from outreach_worker.optimisation.recorder import DecisionRecorder
from outreach_worker.settings import Training
from outreach_worker.training.activities import FittingActivities, SuccessionActivities
from outreach_worker.training.examples import Examples
from outreach_worker.training.fitting import FittingProcess

_FITTED_WITHIN = timedelta(minutes=15)
"""Ten thousand people take ten seconds."""

SCHEDULED_TYPES: Mapping[Training, Collection[RunType]] = total(
    Training,
    {
        Training.NOWHERE: SCHEDULED,
        Training.ELSEWHERE: tuple(RunType),
        Training.HERE: (),
    },
)
"""Of which types of runs a worker makes the schedules."""


def compose_fitting(
    clock: Clock, *, pool: postgres.Pool, automation: postgres.Pool, seal: Seal
) -> FittingActivities:
    """What the deployment does that has what fits models."""
    return FittingActivities(
        ProgramRepository(automation),
        Examples(
            OutcomeRepository(pool),
            InvitedPeopleRepository(pool, seal),
            RecordRepository(automation),
        ),
        ModelRepository(automation),
        FittingProcess(within=_FITTED_WITHIN),
        clock,
    )


def compose_succession(
    clock: Clock, *, pool: postgres.Pool, automation: postgres.Pool
) -> SuccessionActivities:
    """What decides whether a model is to rank."""
    return SuccessionActivities(
        ProgramRepository(automation),
        ModelRepository(automation),
        DecisionRecorder(DecisionRepository(automation), DecisionHistory(automation)),
        clock,
        campaigns=CampaignRepository(pool),
    )
