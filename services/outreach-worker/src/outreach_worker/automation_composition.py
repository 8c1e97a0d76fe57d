"""What programs do, put together on what it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from automation.decisions.decision import DecisionKind
from automation.decisions.decision_repository import DecisionRepository
from automation.decisions.term_repository import TermRepository
from automation.programs.program_repository import ProgramRepository
from automation.programs.temporal_schedules import SCHEDULED, ProgramSchedules
from automation.reports.report_repository import ReportRepository
from automation.runs.run import RunType
from automation.runs.run_repository import RunRepository
from automation.selection.sender_day_repository import SenderDayRepository
from automation.training.model_repository import ModelRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.workflow.contracts import TASK_QUEUE
from outreach.campaign.v1 import campaign_service_pb2_grpc, lead_service_pb2_grpc
from servicekit import process
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.postgres.role_check import SchemaRevision
from servicekit.sealing.seal import Seal
from servicekit.tables import total
from servicekit.tasks import every
from temporalio.client import Client

from outreach_worker.decisions import decision_keeper
from outreach_worker.decisions.activities import DecisionActivities
from outreach_worker.decisions.calling_off import CallingOff
from outreach_worker.decisions.changed_admission import ChangedAdmission
from outreach_worker.decisions.decision_keeper import DecisionKeeper
from outreach_worker.decisions.effects import Effect
from outreach_worker.decisions.release_fitting import ReleaseFitting
from outreach_worker.decisions.released_leads import ReleasedLeads
from outreach_worker.decisions.settlement import DecisionSettlement
from outreach_worker.events.publisher import Publisher
from outreach_worker.metrics import Metrics
from outreach_worker.optimisation.activities import ReviewActivities
from outreach_worker.optimisation.composition import compose_review, review_effects
from outreach_worker.programs import retention, schedule_keeper
from outreach_worker.programs.activities import RunActivities
from outreach_worker.programs.composition import Looks, compose_day
from outreach_worker.programs.day_activities import DayActivities
from outreach_worker.programs.lost_runs import LostRuns
from outreach_worker.programs.retention import Retention
from outreach_worker.programs.schedule_keeper import ScheduleKeeper
from outreach_worker.reports.activities import ReportActivities
from outreach_worker.reports.composition import compose_reports
from outreach_worker.settings import Settings
from outreach_worker.training.activities import SuccessionActivities
from outreach_worker.training.composition import SCHEDULED_TYPES, compose_succession
from outreach_worker.training.promotion import ModelPromotion


@dataclass(frozen=True, kw_only=True)
class ProgramActivities:
    """What runs of programs ask for."""

    run: RunActivities
    day: DayActivities
    review: ReviewActivities
    decision: DecisionActivities
    report: ReportActivities
    succession: SuccessionActivities

    def all(self) -> list[Callable[..., Any]]:
        """As a worker takes them."""
        return [
            self.run.begin_run,
            self.run.collect_outcomes,
            self.run.end_run,
            self.day.read_senders,
            self.day.select_leads,
            self.review.judge_experiments,
            self.review.check_guardrails,
            self.decision.bring_about,
            self.report.make_report,
            self.succession.decide_champion,
        ]


def compose_programs(
    clock: Clock,
    *,
    pool: postgres.Pool,
    automation: postgres.Pool,
    seal: Seal,
    campaign_api: grpc.aio.Channel,
    gateway: grpc.aio.Channel,
    publisher: Publisher,
    metrics: Metrics,
) -> ProgramActivities:
    """The activities of programs."""
    programs, runs = ProgramRepository(automation), RunRepository(automation)
    looks = Looks.on(pool, automation=automation, seal=seal, gateway=gateway)
    effects = _effects(
        clock,
        looks,
        pool=pool,
        automation=automation,
        seal=seal,
        campaign_api=campaign_api,
        gateway=gateway,
    )
    settlement = DecisionSettlement(
        DecisionRepository(automation),
        effects,
        clock,
        calling_off=CallingOff(programs, runs, clock),
    )
    return ProgramActivities(
        run=RunActivities(
            programs,
            runs,
            StatusRepository(pool),
            campaigns=CampaignRepository(pool),
            metrics=metrics,
            clock=clock,
        ),
        day=compose_day(clock, looks, pool=pool, automation=automation),
        review=compose_review(clock, pool=pool, automation=automation, gateway=gateway),
        decision=DecisionActivities(settlement),
        report=compose_reports(
            clock,
            pool=pool,
            automation=automation,
            seal=seal,
            gateway=gateway,
            publisher=publisher,
        ),
        succession=compose_succession(clock, pool=pool, automation=automation),
    )


def _effects(
    clock: Clock,
    looks: Looks,
    *,
    pool: postgres.Pool,
    automation: postgres.Pool,
    seal: Seal,
    campaign_api: grpc.aio.Channel,
    gateway: grpc.aio.Channel,
) -> Mapping[DecisionKind, Effect]:
    """What brings each kind of decision about."""
    programs, decisions = ProgramRepository(automation), DecisionRepository(automation)
    effects: Mapping[DecisionKind, Effect] = {
        DecisionKind.RELEASE_LEADS: ReleasedLeads(
            lead_service_pb2_grpc.LeadServiceStub(campaign_api),
            decisions,
            ReleaseFitting(programs, looks.reading, looks.senders, decisions, clock),
            candidates=CandidateRepository(pool, seal),
        ),
        DecisionKind.CHANGE_ADMISSION: ChangedAdmission(
            campaign_service_pb2_grpc.CampaignServiceStub(campaign_api)
        ),
        DecisionKind.PROMOTE_MODEL: ModelPromotion(ModelRepository(automation), clock),
        **review_effects(pool, automation=automation, campaign_api=campaign_api, gateway=gateway),
    }
    return total(DecisionKind, effects)


def compose_schedule_keeper(
    clock: Clock,
    *,
    automation: postgres.Pool,
    temporal: Client,
    metrics: Metrics,
    task_queue: str = TASK_QUEUE,
    types: Collection[RunType] = SCHEDULED,
) -> ScheduleKeeper:
    """What compares rows of programs and runs with Temporal."""
    runs = RunRepository(automation)
    return ScheduleKeeper(
        ProgramSchedules(lambda: temporal, clock, task_queue=task_queue, types=types),
        ProgramRepository(automation),
        runs,
        LostRuns(temporal, runs, metrics=metrics, clock=clock),
        metrics=metrics,
        clock=clock,
    )


def compose_decision_keeper(
    clock: Clock, *, automation: postgres.Pool, temporal: Client
) -> DecisionKeeper:
    """What looks after decisions that wait."""
    return DecisionKeeper(DecisionRepository(automation), temporal, clock)


def compose_retention(settings: Settings, clock: Clock, *, automation: postgres.Pool) -> Retention:
    """What forgets what is old."""
    return Retention(
        ReportRepository(automation),
        SenderDayRepository(automation),
        RunRepository(automation),
        TermRepository(automation),
        clock,
        runs_kept=settings.runs_kept,
        terms_kept=settings.score_terms_kept,
    )


def keep_programs(
    running: process.Process,
    settings: Settings,
    clock: Clock,
    *,
    automation: postgres.Pool,
    migrated: SchemaRevision,
    temporal: Client,
    metrics: Metrics,
) -> None:
    """Keep schedules and decisions as they should be, and forget, once there is their schema."""
    types = SCHEDULED_TYPES[settings.training]
    schedules = compose_schedule_keeper(
        clock, automation=automation, temporal=temporal, metrics=metrics, types=types
    )
    decisions = compose_decision_keeper(clock, automation=automation, temporal=temporal)
    old = compose_retention(settings, clock, automation=automation)
    for name, interval, job in (
        ("programs", schedule_keeper.EVERY, schedules.keep),
        ("decisions", decision_keeper.EVERY, decisions.keep),
        ("retention", retention.EVERY, old.keep),
    ):
        running.spawn(name, partial(_once, migrated, partial(every, interval, name, job)))


async def _once(migrated: SchemaRevision, work: Callable[[], Awaitable[object]]) -> None:
    await migrated.reached()
    await work()
