"""The servicers of campaign-api, put together on what they need."""

import asyncio

from campaigns.repositories.admission_repository import AdmissionRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.import_repository import ImportRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.reply_scope_repository import ReplyScopeRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl
from campaigns.writer import Writer
from servicekit.clock import Clock
from servicekit.postgres import pool as postgres
from servicekit.postgres.write_refusals import WriteRefusals

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows, TemporalConnection
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.import_validation import ImportValidation
from campaign_api.commands.lead_import import LeadImport
from campaign_api.commands.lead_retry import LeadRetry
from campaign_api.commands.lead_review import LeadReview
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sender_replacement import SenderReplacement
from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_updates import SequenceUpdates
from campaign_api.commands.sequence_webhooks import SequenceWebhooks
from campaign_api.commands.start_requirements import StartRequirements
from campaign_api.linkedin_events.relay import LinkedInEventRelay
from campaign_api.linkedin_events.reply_scope import LeadsInReplyScope
from campaign_api.metrics import Metrics
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.queries.campaigns import CampaignQueries
from campaign_api.queries.experiments import ExperimentQueries
from campaign_api.queries.imports import ImportQueries
from campaign_api.queries.leads import LeadQueries
from campaign_api.queries.message_previews import MessagePreviews
from campaign_api.queries.sequence_revisions import RevisionQueries
from campaign_api.queries.watch import CampaignChanges, CampaignWatch
from campaign_api.servicers.access import CampaignAccess
from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.leads import LeadServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.registration import IdentityServicers, Servicers
from campaign_api.servicers.sequences import SequenceServicer
from campaign_api.settings import Settings


def compose_servicers(
    settings: Settings,
    clock: Clock,
    *,
    pool: postgres.Pool,
    temporal_connection: TemporalConnection,
    gateway: Gateway,
    dispatcher: Dispatcher,
    changes: CampaignChanges,
    writer: Writer | None,
    stopping: asyncio.Event,
    metrics: Metrics,
    identity: IdentityServicers,
) -> Servicers:
    """Every servicer on what it needs, each thing once."""
    parts = _Parts(
        settings,
        clock,
        pool=pool,
        temporal_connection=temporal_connection,
        gateway=gateway,
        dispatcher=dispatcher,
        metrics=metrics,
    )
    return Servicers(
        campaigns=parts.campaign_servicer(changes, stopping),
        leads=parts.lead_servicer(),
        sequences=parts.sequence_servicer(writer),
        linkedin_events=parts.linkedin_event_servicer(dispatcher),
        identity=identity,
    )


class _Parts:
    """What several servicers stand on."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        pool: postgres.Pool,
        temporal_connection: TemporalConnection,
        gateway: Gateway,
        dispatcher: Dispatcher,
        metrics: Metrics,
    ) -> None:
        self._settings, self._clock, self._metrics = settings, clock, metrics
        self._pool, self._gateway = pool, gateway
        self._campaigns, self._leads = CampaignRepository(pool), LeadRepository(pool)
        self._admissions = AdmissionRepository(pool)
        self._access = CampaignAccess(self._campaigns)
        self._revision_repository = RevisionRepository(pool)
        self._revisions = RevisionCache(self._revision_repository)
        self._workflows = CampaignWorkflows(
            temporal_connection, clock, timeout=settings.call_timeout
        )
        self._lead_workflows = LeadWorkflows(temporal_connection, timeout=settings.call_timeout)
        self._locks = CampaignLocks(pool, connections=settings.database_connections // 2)
        self._review = LeadReview(HeldLeadRepository(pool), self._revisions, gateway)
        self._webhooks = SequenceWebhooks(dispatcher)
        self._compiler = SequenceCompiler(
            self._webhooks,
            writer_configured=settings.writer_configured or bool(settings.writer_url),
        )

    def campaign_servicer(
        self, changes: CampaignChanges, stopping: asyncio.Event
    ) -> CampaignServicer:
        statuses = CampaignStatuses(
            self._campaigns,
            StatusRepository(self._pool),
            self._admissions,
            self._revisions,
            self._gateway,
            self._clock,
            write_refusals=WriteRefusals(self._pool),
        )
        return CampaignServicer(
            access=self._access,
            drafts=Drafts(
                self._campaigns,
                self._revisions,
                compiler=self._compiler,
                webhooks=self._webhooks,
                gateway=self._gateway,
                clock=self._clock,
                metrics=self._metrics,
            ),
            lifecycle=self._lifecycle(),
            senders=SenderReplacement(
                self._campaigns,
                SenderRepository(self._pool),
                gateway=self._gateway,
                workflows=self._lead_workflows,
                locks=self._locks,
            ),
            queries=CampaignQueries(self._campaigns, self._revisions),
            revisions=self._revisions,
            statuses=statuses,
            watch=CampaignWatch(
                statuses,
                changes,
                interval=self._settings.watch_interval,
                stopping=stopping,
                metrics=self._metrics,
            ),
        )

    def _lifecycle(self) -> CampaignLifecycle:
        return CampaignLifecycle(
            self._campaigns,
            requirements=StartRequirements(self._leads, self._review, self._gateway, self._clock),
            control=CampaignControl(
                self._campaigns, holds=self._gateway, workflows=self._workflows, locks=self._locks
            ),
            workflows=self._workflows,
            locks=self._locks,
            clock=self._clock,
            metrics=self._metrics,
        )

    def lead_servicer(self) -> LeadServicer:
        imports = ImportRepository(self._pool)
        return LeadServicer(
            access=self._access,
            lead_retry=LeadRetry(self._leads, self._lead_workflows),
            imports=ImportQueries(imports),
            lead_import=LeadImport(
                self._campaigns,
                self._leads,
                imports,
                validation=ImportValidation(imports, self._review, self._gateway),
                review=self._review,
                workflows=self._workflows,
                locks=self._locks,
                clock=self._clock,
                metrics=self._metrics,
            ),
            queries=LeadQueries(
                self._leads,
                self._admissions,
                StepRepository(self._pool),
                self._revisions,
                self._gateway,
                self._clock,
            ),
        )

    def sequence_servicer(self, writer: Writer | None) -> SequenceServicer:
        return SequenceServicer(
            access=self._access,
            compiler=self._compiler,
            updates=SequenceUpdates(
                self._campaigns,
                self._revision_repository,
                self._compiler,
                review=self._review,
                workflows=self._workflows,
                locks=self._locks,
                clock=self._clock,
            ),
            revisions=self._revisions,
            revision_queries=RevisionQueries(
                self._revision_repository,
                ProgressRepository(self._pool),
                self._revisions,
                self._compiler,
            ),
            previews=MessagePreviews(
                self._leads,
                StepTextRepository(self._pool),
                self._revisions,
                self._gateway,
                writer,
            ),
            experiments=ExperimentQueries(
                ExperimentRepository(self._pool), self._revisions, self._clock
            ),
        )

    def linkedin_event_servicer(self, dispatcher: Dispatcher) -> LinkedInEventServicer:
        return LinkedInEventServicer(
            LinkedInEventRelay(
                self._lead_workflows,
                self._campaigns,
                self._leads,
                dispatcher,
                LeadsInReplyScope(
                    self._campaigns,
                    ReplyScopeRepository(self._pool),
                    gateway=self._gateway,
                    workflows=self._lead_workflows,
                    clock=self._clock,
                ),
                clock=self._clock,
                wake_spread=self._settings.wake_spread,
                metrics=self._metrics,
            ),
            self._leads,
        )
