"""Imports, and the lists that are kept of what they bring, put together."""

import asyncio

from campaigns.listings.imports import ImportPages
from campaigns.listings.lead_lists import LeadListPages
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.imports.upload_repository import UploadRepository
from campaigns.repositories.lead_lists.entry_repository import EntryRepository
from campaigns.repositories.lead_lists.lead_list_repository import LeadListRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.clock import Clock
from servicekit.page_tokens import PageTokens
from servicekit.postgres import pool as postgres
from servicekit.sealing.seal import Seal

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_review import LeadReview
from campaign_api.imports.import_queries import ImportQueries
from campaign_api.imports.lead_import import LeadImport
from campaign_api.imports.reading import ImportReading
from campaign_api.imports.uploads import Uploads
from campaign_api.imports.validation import ImportValidation
from campaign_api.lead_lists.addition import LeadListAddition
from campaign_api.lead_lists.lead_lists import LeadLists
from campaign_api.metrics import Metrics
from campaign_api.servicers.access import CampaignAccess, ImportAccess, LeadListAccess
from campaign_api.servicers.imports import ImportServicer
from campaign_api.servicers.lead_lists import LeadListServicer
from campaign_api.settings import Settings
from campaign_api.watch.changes import CampaignChanges


class Imports:
    """Those that come with their call, those that are uploaded and read apart, and lists."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        pool: postgres.Pool,
        seal: Seal,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        *,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        metrics: Metrics,
    ) -> None:
        self.repository = ImportRepository(pool, seal)
        self._settings, self._clock = settings, clock
        self._pool, self._seal = pool, seal
        self._campaigns, self._leads = campaigns, leads
        self._review, self._workflows, self._locks = review, workflows, locks
        self._metrics = metrics
        self._reads = asyncio.Event()
        self._lists = LeadListRepository(pool)
        self._list_access = LeadListAccess(self._lists)

    def queries(self, tokens: PageTokens) -> ImportQueries:
        return ImportQueries(self.repository, ImportPages(self._pool, tokens))

    def lead_import(self, gateway: Gateway) -> LeadImport:
        return LeadImport(
            self._campaigns,
            self._leads,
            self.repository,
            validation=self._validation(gateway),
            review=self._review,
            workflows=self._workflows,
            locks=self._locks,
            clock=self._clock,
            metrics=self._metrics,
        )

    def servicer(
        self, access: CampaignAccess, changes: CampaignChanges, tokens: PageTokens
    ) -> ImportServicer:
        uploads = Uploads(
            self.repository,
            UploadRepository(self._pool, self._seal),
            changes,
            clock=self._clock,
            reads=self._reads,
        )
        return ImportServicer(
            access=self.access(access),
            uploads=uploads,
            queries=self.queries(tokens),
        )

    def access(self, campaigns: CampaignAccess) -> ImportAccess:
        return ImportAccess(campaigns, self._list_access)

    def lead_list_servicer(
        self, access: CampaignAccess, gateway: Gateway, tokens: PageTokens
    ) -> LeadListServicer:
        return LeadListServicer(
            access=self._list_access,
            campaigns=access,
            lead_lists=LeadLists(self._lists, self._clock),
            pages=LeadListPages(self._pool, self._seal, tokens),
            addition=LeadListAddition(
                self._pool,
                self._seal,
                self._campaigns,
                validation=self._validation(gateway),
                review=self._review,
                workflows=self._workflows,
                locks=self._locks,
                clock=self._clock,
                metrics=self._metrics,
            ),
        )

    def _validation(self, gateway: Gateway) -> ImportValidation:
        entries = EntryRepository(self._pool, self._seal)
        return ImportValidation(self.repository, entries, self._review, gateway)

    def reading(self) -> ImportReading:
        return ImportReading(
            self._pool,
            self._seal,
            self._campaigns,
            review=self._review,
            workflows=self._workflows,
            locks=self._locks,
            clock=self._clock,
            metrics=self._metrics,
            lease=self._settings.import_lease,
            reads=self._reads,
        )
