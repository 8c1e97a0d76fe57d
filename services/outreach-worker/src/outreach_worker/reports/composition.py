"""What makes reports, put together on what it needs."""

from __future__ import annotations

import grpc
from automation.programs.program_repository import ProgramRepository
from automation.reports.record_repository import RecordRepository
from automation.reports.report_repository import ReportRepository
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_day_repository import SenderDayRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from outreach.linkedin.v1 import pace_service_pb2_grpc
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal

from outreach_worker.events.publisher import Publisher
from outreach_worker.reports.activities import ReportActivities
from outreach_worker.reports.forecasts import Forecasts
from outreach_worker.reports.records import ReportRecords, Sources


def compose_reports(
    clock: Clock,
    *,
    pool: postgres.Pool,
    automation: postgres.Pool,
    seal: Seal,
    gateway: grpc.aio.Channel,
    publisher: Publisher,
) -> ReportActivities:
    """The activities of reports."""
    sources = Sources(
        campaigns=CampaignRepository(pool),
        candidates=CandidateRepository(pool, seal),
        outcomes=OutcomeRepository(pool),
        records=RecordRepository(automation),
        readings=ReadingRepository(automation),
        sender_days=SenderDayRepository(automation),
    )
    return ReportActivities(
        ProgramRepository(automation),
        ReportRecords(sources, Forecasts(pace_service_pb2_grpc.PaceServiceStub(gateway))),
        ReportRepository(automation),
        publisher,
        clock,
    )
