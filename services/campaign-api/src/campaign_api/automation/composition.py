"""The pool of the schema `automation`, and what stands on it, put together."""

from typing import TypeVar

import grpc
from automation import schema
from automation.decisions.decision_repository import DecisionRepository
from automation.listings.decisions import DECISION_LIST
from automation.listings.models import MODEL_LIST
from automation.listings.organization_pages import OrganizationList, OrganizationPages
from automation.listings.programs import PROGRAM_LIST, WITH_DELETED
from automation.listings.reports import REPORT_LIST
from automation.listings.runs import RUN_LIST
from automation.programs.program_repository import ProgramRepository
from automation.reports.contact_reading import ContactReading
from automation.reports.record_repository import RecordRepository
from automation.reports.report_repository import ReportRepository
from automation.runs.run_repository import RunRepository
from automation.selection.ahead.way_reading import WayReading
from automation.selection.day_reading import DayReading
from automation.selection.reading_repository import ReadingRepository
from automation.selection.sender_readings import SenderReadings
from automation.training.model_repository import ModelRepository
from campaigns.repositories.admission.candidate_repository import CandidateRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.outcomes.invited_people_repository import InvitedPeopleRepository
from campaigns.repositories.outcomes.outcome_repository import OutcomeRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.revision_cache import RevisionCache
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
from campaign_api.automation.reports.overviews import OverviewReading
from campaign_api.automation.reports.reports import Reports
from campaign_api.automation.reports.servicer import ReportServicer
from campaign_api.automation.reports.temporal import ReportRuns
from campaign_api.automation.servicers import ProgramServicer, RunServicer
from campaign_api.automation.temporal import ProgramRuns
from campaign_api.automation.who import WhoIsWho
from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.sender_source import SenderQuestions
from campaign_api.clients.temporal import TemporalConnection
from campaign_api.settings import Settings

T = TypeVar("T")
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
        parts = _ProgramParts(
            self.pool,
            settings,
            clock,
            campaigns=campaigns,
            seal=seal,
            temporal_connection=temporal_connection,
            gateway=gateway,
        )
        server.add(add_ProgramServiceServicer_to_server, parts.program_servicer())
        server.add(add_RunServiceServicer_to_server, parts.run_servicer())
        server.add(add_ReportServiceServicer_to_server, parts.report_servicer())
        server.add(add_ModelServiceServicer_to_server, parts.model_servicer())
        server.add(add_DecisionServiceServicer_to_server, parts.decision_servicer())
        server.add(add_ScoringServiceServicer_to_server, parts.scoring_servicer())

    @property
    def schema(self) -> OwnSchema:
        """Its schema."""
        return OwnSchema(schema=schema.SCHEMA, package=schema.PACKAGE, pool=self.pool)


class _ProgramParts:
    """What several servicers stand on."""

    def __init__(
        self,
        pool: postgres.Pool,
        settings: Settings,
        clock: Clock,
        *,
        campaigns: postgres.Pool,
        seal: Seal,
        temporal_connection: TemporalConnection,
        gateway: grpc.aio.Channel,
    ) -> None:
        self._pool, self._clock = pool, clock
        self._temporal, self._timeout = temporal_connection, settings.call_timeout
        self._programs, self._runs = ProgramRepository(pool), RunRepository(pool)
        self._decisions, self._models = DecisionRepository(pool), ModelRepository(pool)
        self._campaigns = CampaignRepository(campaigns)
        self._tokens = PageTokens(PageTokenKey(campaigns))
        self._access = ProgramAccess(self._programs, self._runs, self._decisions, self._campaigns)
        at_temporal = ProgramRuns(temporal_connection, clock, timeout=self._timeout)
        self._commands = ProgramCommands(
            self._programs, self._campaigns, at_temporal, clock, rows=self._runs
        )
        readings, candidates = ReadingRepository(pool), CandidateRepository(campaigns, seal)
        ways = WayReading(RevisionCache(RevisionRepository(campaigns)))
        to_gateway = Gateway(gateway, glance=settings.glance_timeout)
        self._people = InvitedPeopleRepository(campaigns, seal)
        self._outcomes = OutcomeRepository(campaigns)
        self._who = WhoIsWho(self._people, to_gateway)
        self._previews = ProgramPreviews(
            self._campaigns,
            DayReading(self._campaigns, candidates, self._decisions, readings, to_gateway, ways),
            SenderReadings(SenderQuestions(gateway), readings),
            ways,
            self._models,
            clock,
            decisions=self._decisions,
        )

    def program_servicer(self) -> ProgramServicer:
        return ProgramServicer(
            access=self._access,
            commands=self._commands,
            previews=self._previews,
            pages=self._pages(PROGRAM_LIST),
            with_deleted=self._pages(WITH_DELETED),
            who=self._who,
        )

    def run_servicer(self) -> RunServicer:
        return RunServicer(
            access=self._access, commands=self._commands, pages=self._pages(RUN_LIST)
        )

    def report_servicer(self) -> ReportServicer:
        reports = Reports(
            access=self._access,
            programs=self._programs,
            campaigns=self._campaigns,
            reports=ReportRepository(self._pool),
            runs=ReportRuns(self._temporal),
            clock=self._clock,
        )
        return ReportServicer(reports, self._pages(REPORT_LIST), self._overviews())

    def _overviews(self) -> OverviewReading:
        return OverviewReading(
            access=self._access,
            programs=self._programs,
            contacts=ContactReading(self._outcomes, RecordRepository(self._pool)),
            outcomes=self._outcomes,
            people=self._people,
            clock=self._clock,
        )

    def model_servicer(self) -> ModelServicer:
        return ModelServicer(
            access=self._access,
            commands=self._commands,
            models=Models(self._access, self._models, self._clock),
            pages=self._pages(MODEL_LIST),
        )

    def decision_servicer(self) -> DecisionServicer:
        answers = DecisionAnswers(
            self._decisions, self._temporal, self._clock, timeout=self._timeout
        )
        return DecisionServicer(
            access=self._access,
            decisions=self._decisions,
            answers=answers,
            pages=self._pages(DECISION_LIST),
            who=self._who,
        )

    def scoring_servicer(self) -> ScoringServicer:
        return ScoringServicer(access=self._access, previews=self._previews, who=self._who)

    def _pages(self, of: OrganizationList[T]) -> OrganizationPages[T]:
        return OrganizationPages(self._pool, self._tokens, of)


async def migrate_automation(settings: Settings) -> None:
    """Bring the schema up to date."""
    owner = database_url(settings, *schema.MIGRATION_URLS)
    await migrate(owner.get(), schema.SCHEMA, schema.PACKAGE)
