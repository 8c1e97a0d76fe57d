"""The pool of the schema `automation`, and what stands on it, put together."""

import grpc
from automation import schema
from automation.decisions.decision_repository import DecisionRepository
from automation.listings.decisions import DECISION_LIST
from automation.listings.models import MODEL_LIST
from automation.listings.organization_pages import OrganizationPages
from automation.listings.programs import PROGRAM_LIST
from automation.listings.reports import REPORT_LIST
from automation.listings.runs import RUN_LIST
from automation.programs.program_repository import ProgramRepository
from automation.reports.report_repository import ReportRepository
from automation.runs.run_repository import RunRepository
from automation.selection.day_reading import DayReading
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_readings import SenderReadings
from automation.training.model_repository import ModelRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from outreach.automation.v1.decision_service_pb2_grpc import add_DecisionServiceServicer_to_server
from outreach.automation.v1.model_service_pb2_grpc import add_ModelServiceServicer_to_server
from outreach.automation.v1.program_service_pb2_grpc import add_ProgramServiceServicer_to_server
from outreach.automation.v1.report_service_pb2_grpc import add_ReportServiceServicer_to_server
from outreach.automation.v1.run_service_pb2_grpc import add_RunServiceServicer_to_server
from outreach.automation.v1.scoring_service_pb2_grpc import add_ScoringServiceServicer_to_server
from servicekit import process
from servicekit.clock import Clock
from servicekit.credentials.secrets import database_url
from servicekit.grpc.server import GrpcServer
from servicekit.health import Readiness
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.migrations import migrate
from servicekit.postgres.role_check import until_migrated
from servicekit.sealing.seal import Seal
from servicekit.startup.server_facts import OwnSchema

from campaign_api.automation.access import ProgramAccess
from campaign_api.automation.decision_answers import DecisionAnswers
from campaign_api.automation.decision_servicers import DecisionServicer, ScoringServicer
from campaign_api.automation.models.models import Models
from campaign_api.automation.models.servicer import ModelServicer
from campaign_api.automation.previews import ProgramPreviews
from campaign_api.automation.programs import ProgramCommands
from campaign_api.automation.reports.reports import Reports
from campaign_api.automation.reports.servicer import ReportServicer
from campaign_api.automation.reports.temporal import ReportRuns
from campaign_api.automation.servicers import ProgramServicer, RunServicer
from campaign_api.automation.temporal import ProgramRuns
from campaign_api.clients.sender_source import SenderQuestions
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.settings import Settings

BACKGROUND_URLS = ("automation_background_database_url", *schema.URLS)
"""Settings by which who acts for every organization reaches it: by the first that is given."""


class AutomationParts:
    """What stands on a pool of the schema, which keeps organizations apart."""

    def __init__(self, pool: postgres.Pool, *, kept_apart: bool) -> None:
        self.pool = pool
        self.kept_apart = [pool] if kept_apart else []
        """The pools that must keep organizations apart: without a role of its own, it cannot."""

    @classmethod
    async def connect(
        cls, running: process.Process, settings: Settings, *, application: str
    ) -> "AutomationParts":
        """On a pool of its own, which connects on first use."""
        connecting = postgres.connect_apart(
            database_url(settings, *schema.URLS),
            database_url(settings, *BACKGROUND_URLS),
            schema.SCHEMA,
            application=application,
            max_size=schema.CONNECTIONS,
            wait=False,
        )
        given = database_url(settings, schema.URLS[0])
        return cls(await running.enter(connecting), kept_apart=bool(given))

    async def until_migrated(self, readiness: Readiness) -> None:
        """Return once the schema is as the code needs it."""
        await until_migrated(
            self.pool, schema.SCHEMA, schema.PACKAGE, readiness=readiness, check=schema.CHECK
        )

    def add_to(
        self,
        server: GrpcServer,
        *,
        settings: Settings,
        clock: Clock,
        campaigns: postgres.Pool,
        seal: Seal,
        temporal_connection: TemporalConnection,
        gateway: grpc.aio.Channel,
    ) -> None:
        """Have a server that has not started serve programs and all that comes of them.

        `campaigns` is the pool of the service's own schema, whose page tokens these lists have.
        """
        programs, runs = ProgramRepository(self.pool), RunRepository(self.pool)
        fed = CampaignRepository(campaigns)
        decisions = DecisionRepository(self.pool)
        access = ProgramAccess(programs, runs, decisions, fed)
        at_temporal = ProgramRuns(temporal_connection, clock, timeout=settings.call_timeout)
        commands = ProgramCommands(programs, fed, at_temporal, clock, rows=runs)
        tokens = PageTokens(PageTokenKey(campaigns))
        readings, models = ReadingRepository(self.pool), ModelRepository(self.pool)
        previews = ProgramPreviews(
            fed,
            DayReading(fed, CandidateRepository(campaigns, seal), decisions, readings),
            SenderReadings(SenderQuestions(gateway), readings),
            models,
            clock,
            decisions=decisions,
        )
        answers = DecisionAnswers(
            decisions, temporal_connection, clock, timeout=settings.call_timeout
        )
        server.add(
            add_ProgramServiceServicer_to_server,
            ProgramServicer(
                access=access,
                commands=commands,
                previews=previews,
                pages=OrganizationPages(self.pool, tokens, PROGRAM_LIST),
            ),
        )
        server.add(
            add_RunServiceServicer_to_server,
            RunServicer(
                access=access,
                commands=commands,
                pages=OrganizationPages(self.pool, tokens, RUN_LIST),
            ),
        )
        reports = Reports(
            access=access,
            programs=programs,
            campaigns=fed,
            reports=ReportRepository(self.pool),
            runs=ReportRuns(temporal_connection),
            clock=clock,
        )
        server.add(
            add_ReportServiceServicer_to_server,
            ReportServicer(reports, OrganizationPages(self.pool, tokens, REPORT_LIST)),
        )
        server.add(
            add_ModelServiceServicer_to_server,
            ModelServicer(
                access=access,
                commands=commands,
                models=Models(access, models, clock),
                pages=OrganizationPages(self.pool, tokens, MODEL_LIST),
            ),
        )
        server.add(
            add_DecisionServiceServicer_to_server,
            DecisionServicer(
                access=access,
                decisions=decisions,
                answers=answers,
                pages=OrganizationPages(self.pool, tokens, DECISION_LIST),
            ),
        )
        server.add(
            add_ScoringServiceServicer_to_server,
            ScoringServicer(access=access, previews=previews),
        )

    @property
    def schema(self) -> OwnSchema:
        """Its schema."""
        return OwnSchema(schema=schema.SCHEMA, package=schema.PACKAGE, pool=self.pool)


async def migrate_automation(settings: Settings) -> None:
    """Bring the schema up to date."""
    owner = database_url(settings, *schema.MIGRATION_URLS)
    await migrate(owner.get(), schema.SCHEMA, schema.PACKAGE)
