"""The servicers of campaign-api, put together on what they need."""

from campaigns.listings.campaigns import CampaignPages
from campaigns.listings.leads import LeadPages
from campaigns.repositories.admission.line_repository import LineRepository
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.edits.campaign_edit_repository import CampaignEditRepository
from campaigns.repositories.edits.lead_edit_repository import LeadEditRepository
from campaigns.repositories.experiment_repository import ExperimentRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.orphaned_lead_repository import OrphanedLeadRepository
from campaigns.repositories.progress_repository import ProgressRepository
from campaigns.repositories.revision_repository import RevisionRepository
from campaigns.repositories.sender_repository import SenderRepository
from campaigns.repositories.status_repository import StatusRepository
from campaigns.repositories.step_repository import StepRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.repositories.witness_repository import WitnessRepository
from campaigns.revision_cache import RevisionCache
from campaigns.workflow.campaign_locks import CampaignLocks
from campaigns.workflow.control import CampaignControl
from campaigns.writer import Writer
from servicekit import process
from servicekit.clock import Clock
from servicekit.lists.changes import Changes
from servicekit.lists.page_token_key import PageTokenKey
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.postgres.write_refusals import WriteRefusals
from servicekit.sealing.seal import Seal

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows, LeadWorkflows, TemporalConnection
from campaign_api.clients.webhook_dispatcher import Dispatcher
from campaign_api.commands.campaign_edits import CampaignEdits
from campaign_api.commands.drafts import Drafts
from campaign_api.commands.lead_control import LeadRemoval, LeadRetry, StepSkips
from campaign_api.commands.lead_releases import LeadReleases
from campaign_api.commands.lead_review import LeadReview
from campaign_api.commands.lifecycle import CampaignLifecycle
from campaign_api.commands.sender_replacement import SenderReplacement
from campaign_api.commands.sequence_compiler import SequenceCompiler
from campaign_api.commands.sequence_updates import SequenceUpdates
from campaign_api.commands.sequence_webhooks import SequenceWebhooks
from campaign_api.commands.start_requirements import StartRequirements
from campaign_api.import_composition import Imports
from campaign_api.listening_composition import Watches, linkedin_event_servicer
from campaign_api.metrics import Metrics
from campaign_api.paging import Pages
from campaign_api.people.finding import PersonFinder
from campaign_api.queries.campaign_export import CampaignExport
from campaign_api.queries.campaign_status import CampaignStatuses
from campaign_api.queries.campaigns import CampaignQueries
from campaign_api.queries.experiments import ExperimentQueries
from campaign_api.queries.leads import LeadQueries
from campaign_api.queries.message_previews import MessagePreviews
from campaign_api.queries.sequence_revisions import RevisionQueries
from campaign_api.servicers.access import CampaignAccess
from campaign_api.servicers.campaigns import CampaignServicer
from campaign_api.servicers.leads import LeadServicer
from campaign_api.servicers.linkedin_events import LinkedInEventServicer
from campaign_api.servicers.registration import IdentityServicers, Servicers
from campaign_api.servicers.sequences import SequenceServicer
from campaign_api.servicers.workflows import WorkflowServicer
from campaign_api.settings import Settings
from campaign_api.watch.changes import CampaignChanges
from campaign_api.watch.resumption import WatchTokens
from campaign_api.workflows.composition import Workflows


def compose_servicers(
    settings: Settings,
    clock: Clock,
    *,
    pool: postgres.Pool,
    seal: Seal,
    temporal_connection: TemporalConnection,
    gateway: Gateway,
    dispatcher: Dispatcher,
    changes: CampaignChanges,
    writer: Writer | None,
    running: process.Process,
    metrics: Metrics,
    identity: IdentityServicers,
) -> Servicers:
    """Every servicer on what it needs, each thing once."""
    parts = _Parts(
        settings,
        clock,
        pool=pool,
        seal=seal,
        temporal_connection=temporal_connection,
        gateway=gateway,
        dispatcher=dispatcher,
        metrics=metrics,
    )
    watches = Watches(settings, pool, seal, changes, stopping=running.stopping, metrics=metrics)
    imports = parts.imports()
    running.spawn("reading of uploaded lists", imports.reading().read_for_ever)
    return Servicers(
        campaigns=parts.campaign_servicer(watches),
        leads=parts.lead_servicer(watches, imports),
        imports=imports.servicer(parts.access, changes.beside(), parts.tokens),
        lead_lists=imports.lead_list_servicer(parts.access, gateway, parts.tokens),
        sequences=parts.sequence_servicer(writer),
        linkedin_events=parts.linkedin_event_servicer(dispatcher),
        workflows=parts.workflow_servicer(Workflows(settings, temporal_connection)),
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
        seal: Seal,
        temporal_connection: TemporalConnection,
        gateway: Gateway,
        dispatcher: Dispatcher,
        metrics: Metrics,
    ) -> None:
        self._settings, self._clock, self._metrics = settings, clock, metrics
        self._pool, self._seal, self._gateway = pool, seal, gateway
        self._campaigns, self._leads = CampaignRepository(pool), LeadRepository(pool, seal)
        self._lines, self.access = LineRepository(pool), CampaignAccess(self._campaigns)
        self.tokens = PageTokens(PageTokenKey(pool))
        self._changes = Changes(pool, self.tokens)
        self._revision_repository = RevisionRepository(pool)
        self._revisions = RevisionCache(self._revision_repository)
        timeout = settings.call_timeout
        self._workflows = CampaignWorkflows(temporal_connection, clock, timeout=timeout)
        self._lead_workflows = LeadWorkflows(temporal_connection, timeout=timeout)
        self._lead_retry = LeadRetry(self._leads, self._lead_workflows, Pages(self.tokens))
        self._locks = CampaignLocks(pool, connections=settings.database_connections // 2)
        self._review = LeadReview(HeldLeadRepository(pool, seal), self._revisions, gateway)
        self._webhooks = SequenceWebhooks(dispatcher)
        self._compiler = SequenceCompiler(
            self._webhooks,
            writer_configured=settings.writer_configured or bool(settings.writer_url),
        )

    def campaign_servicer(self, watches: Watches) -> CampaignServicer:
        counted = (self._campaigns, StatusRepository(self._pool), self._lines, self._revisions)
        exported = (self._revision_repository, self._leads, StepRepository(self._pool, self._seal))
        pages = CampaignPages(self._pool)
        writing = WriteRefusals(self._pool)
        statuses = CampaignStatuses(*counted, self._gateway, self._clock, write_refusals=writing)
        return CampaignServicer(
            access=self.access,
            drafts=Drafts(
                self._campaigns,
                self._revisions,
                compiler=self._compiler,
                webhooks=self._webhooks,
                gateway=self._gateway,
                clock=self._clock,
                metrics=self._metrics,
            ),
            edits=self._edits(),
            lifecycle=self._lifecycle(),
            senders=self._senders(),
            queries=CampaignQueries(pages, self.tokens, self._changes, self._revisions),
            export=CampaignExport(*exported, self._revisions, Pages(self.tokens)),
            revisions=self._revisions,
            statuses=statuses,
            watch_tokens=WatchTokens(self.tokens),
            watch=watches.campaigns(statuses),
        )

    def _senders(self) -> SenderReplacement:
        return SenderReplacement(
            self._campaigns,
            SenderRepository(self._pool, self._seal),
            gateway=self._gateway,
            workflows=self._lead_workflows,
            campaign_workflows=self._workflows,
            locks=self._locks,
        )

    def _edits(self) -> CampaignEdits:
        return CampaignEdits(
            self._campaigns,
            CampaignEditRepository(self._pool),
            gateway=self._gateway,
            review=self._review,
            workflows=self._workflows,
            locks=self._locks,
            clock=self._clock,
            wake_spread=self._settings.wake_spread,
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
            deleted_keep=self._settings.deleted_campaigns_keep,
        )

    def imports(self) -> Imports:
        parts = (self._settings, self._clock, self._pool, self._seal, self._campaigns)
        return Imports(
            *parts,
            self._leads,
            review=self._review,
            workflows=self._workflows,
            locks=self._locks,
            metrics=self._metrics,
        )

    def lead_servicer(self, watches: Watches, imports: Imports) -> LeadServicer:
        pages, steps = LeadPages(self._pool, self._seal), StepRepository(self._pool, self._seal)
        edits, orphans = LeadEditRepository(self._pool), OrphanedLeadRepository(self._pool)
        found = self._pool, self._seal, self._revisions, self._gateway
        workflows = self._lead_workflows, self._workflows
        return LeadServicer(
            access=self.access,
            into=imports.access(self.access),
            lead_retry=self._lead_retry,
            imports=imports.queries(self.tokens),
            lead_removal=LeadRemoval(self._leads, edits, orphans, *workflows, clock=self._clock),
            lead_releases=LeadReleases(self._pool, self._workflows, clock=self._clock),
            step_skips=StepSkips(self._leads, steps, self._lead_workflows, self._gateway),
            senders=self._senders(),
            lead_import=imports.lead_import(self._gateway),
            queries=LeadQueries(
                self._leads,
                imports.repository,
                *(pages, self.tokens, self._changes, self._lines, steps),
                *(self._revisions, self._gateway, self._clock),
                witnesses=WitnessRepository(self._pool),
                write_refusals=WriteRefusals(self._pool),
            ),
            finder=PersonFinder(*found, Pages(self.tokens)),
            watch=watches.leads(pages, self._changes),
        )

    def sequence_servicer(self, writer: Writer | None) -> SequenceServicer:
        texts = StepTextRepository(self._pool, self._seal)
        shown = (self._leads, texts, self._revisions, self._gateway, writer)
        return SequenceServicer(
            access=self.access,
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
                Pages(self.tokens),
            ),
            previews=MessagePreviews(*shown),
            experiments=ExperimentQueries(
                ExperimentRepository(self._pool), self._revisions, self._clock
            ),
        )

    def linkedin_event_servicer(self, dispatcher: Dispatcher) -> LinkedInEventServicer:
        return linkedin_event_servicer(
            self._settings,
            self._clock,
            self._pool,
            self._seal,
            workflows=self._lead_workflows,
            gateway=self._gateway,
            dispatcher=dispatcher,
            metrics=self._metrics,
        )

    def workflow_servicer(self, workflows: Workflows) -> WorkflowServicer:
        return WorkflowServicer(
            queries=workflows.queries(self._campaigns, self.tokens),
            deeds=workflows.deeds(self._campaigns, self._leads, self._lead_retry),
            health=workflows.health(),
        )
