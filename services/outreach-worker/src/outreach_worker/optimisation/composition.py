"""The reviews of programs, put together on what they need."""

from __future__ import annotations

from collections.abc import Mapping

import grpc
from automation.decisions.decision import DecisionKind
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.history_repository import DecisionHistory
from automation.programs.program_repository import ProgramRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from outreach.campaign.v1 import campaign_service_pb2_grpc, sequence_service_pb2_grpc
from outreach.linkedin.v1 import hold_service_pb2_grpc, pace_service_pb2_grpc
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.tables import total

from outreach_worker.decisions.effects import Effect
from outreach_worker.optimisation.activities import ReviewActivities
from outreach_worker.optimisation.figures import Figures
from outreach_worker.optimisation.leads_per_day import LeadsPerDay
from outreach_worker.optimisation.past_pauses import PastPauses
from outreach_worker.optimisation.pauses import CampaignPause, SenderPause
from outreach_worker.optimisation.recorder import DecisionRecorder
from outreach_worker.optimisation.review import Review
from outreach_worker.optimisation.sequence_shares import SequenceShares

REVIEWED = frozenset(
    {
        DecisionKind.ARCHIVE_VARIANT,
        DecisionKind.SPLIT_AFTER_VERDICT,
        DecisionKind.END_HOLD_OUT,
        DecisionKind.RAISE_LEADS_PER_DAY,
        DecisionKind.PAUSE_CAMPAIGN,
        DecisionKind.PAUSE_SENDER,
    }
)
"""What reviews and guardrails decide."""


def compose_review(
    clock: Clock,
    *,
    pool: postgres.Pool,
    automation: postgres.Pool,
    gateway: grpc.aio.Channel,
) -> ReviewActivities:
    """The activities of a review."""
    campaigns, revisions = CampaignRepository(pool), RevisionRepository(pool)
    history = DecisionHistory(automation)
    figures = Figures(OutcomeRepository(pool), pace_service_pb2_grpc.PaceServiceStub(gateway))
    review = Review(
        campaigns,
        RevisionCache(revisions, keep=100),
        ExperimentRepository(pool),
        figures,
        history=history,
        recorder=DecisionRecorder(DecisionRepository(automation), history),
        past_pauses=PastPauses(history, hold_service_pb2_grpc.HoldServiceStub(gateway)),
    )
    return ReviewActivities(ProgramRepository(automation), review, clock)


def review_effects(
    pool: postgres.Pool,
    *,
    automation: postgres.Pool,
    campaign_api: grpc.aio.Channel,
    gateway: grpc.aio.Channel,
) -> Mapping[DecisionKind, Effect]:
    """What the decisions of reviews change."""
    campaigns = campaign_service_pb2_grpc.CampaignServiceStub(campaign_api)
    holds = hold_service_pb2_grpc.HoldServiceStub(gateway)
    shares = SequenceShares(
        sequence_service_pb2_grpc.SequenceServiceStub(campaign_api),
        CampaignRepository(pool),
        RevisionRepository(pool),
        DecisionHistory(automation),
    )
    return total(
        REVIEWED,
        {
            DecisionKind.ARCHIVE_VARIANT: shares,
            DecisionKind.SPLIT_AFTER_VERDICT: shares,
            DecisionKind.END_HOLD_OUT: shares,
            DecisionKind.RAISE_LEADS_PER_DAY: LeadsPerDay(campaigns),
            DecisionKind.PAUSE_CAMPAIGN: CampaignPause(campaigns, holds),
            DecisionKind.PAUSE_SENDER: SenderPause(holds),
        },
    )
