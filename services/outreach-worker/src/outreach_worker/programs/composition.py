"""A program's day, put together on what it needs."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
from automation.decisions.decision_repository import DecisionRepository
from automation.programs.program_repository import ProgramRepository
from automation.runs.run_repository import RunRepository
from automation.selection.ahead.way_reading import WayReading
from automation.selection.day_reading import DayReading
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_day_repository import SenderDayRepository
from automation.selection.sender_readings import SenderReadings
from automation.training.model_repository import ModelRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
from outreach.linkedin.v1 import (
    account_service_pb2_grpc,
    hold_service_pb2_grpc,
    pace_service_pb2_grpc,
    suppression_service_pb2_grpc,
)
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal

from outreach_worker.programs.day_activities import DayActivities
from outreach_worker.programs.day_selection import DaySelection
from outreach_worker.senders.sender_source import GatewaySenders
from outreach_worker.senders.suppressed_people import SuppressedPeople


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What a day is looked at by, and a release once more as it takes effect."""

    reading: DayReading
    senders: SenderReadings
    ways: WayReading

    @classmethod
    def on(
        cls,
        pool: postgres.Pool,
        *,
        automation: postgres.Pool,
        seal: Seal,
        gateway: grpc.aio.Channel,
    ) -> Looks:
        """On the pools of both schemas, and a channel to the gateway."""
        readings = ReadingRepository(automation)
        ways = WayReading(RevisionCache(RevisionRepository(pool), keep=100))
        return cls(
            ways=ways,
            reading=DayReading(
                CampaignRepository(pool),
                CandidateRepository(pool, seal),
                DecisionRepository(automation),
                readings,
                SuppressedPeople(suppression_service_pb2_grpc.SuppressionServiceStub(gateway)),
                ways,
            ),
            senders=SenderReadings(
                GatewaySenders(
                    account_service_pb2_grpc.AccountServiceStub(gateway),
                    pace_service_pb2_grpc.PaceServiceStub(gateway),
                    hold_service_pb2_grpc.HoldServiceStub(gateway),
                ),
                readings,
            ),
        )


def compose_day(
    clock: Clock, looks: Looks, *, pool: postgres.Pool, automation: postgres.Pool
) -> DayActivities:
    """The activities of a program's day."""
    return DayActivities(
        ProgramRepository(automation),
        CampaignRepository(pool),
        looks.senders,
        DaySelection(
            looks.reading, DecisionRepository(automation), SenderDayRepository(automation)
        ),
        clock,
        runs=RunRepository(automation),
        ways=looks.ways,
        champion_of=ModelRepository(automation).champion,
    )
