"""Lead lists into campaigns: streamed, in batches, row by row."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field

from campaigns.errors import CampaignEnded, LeadListUnreadable
from campaigns.leads import lead_list
from campaigns.leads.lead_list import LeadListReader, RowError, RowNote
from campaigns.models import Campaign, CampaignState, Person
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.texts.lead_check import Check
from servicekit.clock import Clock
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_review import LeadReview
from campaign_api.metrics import Metrics

BATCH = 1000
MAX_ROW_ERRORS = 1000
MAX_ROW_NOTES = 1000

# The file is read in slices that leave other calls their turn in between.
_SLICE_BYTES = 64 * 1024
_SLICE_ROWS = 500
_OPEN = (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)

log = logs.get_logger(__name__)


@dataclass(kw_only=True)
class ImportResult:
    """What became of the rows of a list.

    `released` are leads that were held back and are complete now; `held_back`
    counts those of the whole campaign that still are.
    """

    rows: int = 0
    imported: int = 0
    duplicates: int = 0
    rejected: int = 0
    released: int = 0
    held_back: int = 0
    skipped: int = 0
    encoding: str = ""
    column_by_field: Mapping[str, str] = field(default_factory=dict)
    row_errors: list[RowError] = field(default_factory=list)
    row_notes: list[RowNote] = field(default_factory=list)


class LeadImport:
    """Adds people to campaigns; memory does not grow with the list."""

    def __init__(
        self,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        *,
        review: LeadReview,
        workflows: CampaignWorkflows,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._campaigns = campaigns
        self._leads = leads
        self._review = review
        self._workflows = workflows
        self._clock = clock
        self._metrics = metrics

    async def add(
        self,
        campaign: Campaign,
        content: AsyncIterator[bytes],
        *,
        column_by_field: Mapping[str, str],
        literal: Collection[str] = (),
    ) -> ImportResult:
        """Import a list. Good rows go in although others are bad.

        Leads to whom the sequence cannot be said go in as well, and are held back
        until a further list completes them. `literal` are values that look as if they
        said nothing and are meant.

        A campaign that runs is signalled, also for what went in before something failed.

        Raises `CampaignEnded` if the campaign takes no leads any more, and
        `LeadListUnreadable` if the file is no lead list or has no rows.
        """
        if campaign.state not in _OPEN:
            raise CampaignEnded
        with self._metrics.import_duration.time():
            result = ImportResult()
            reader = LeadListReader(column_by_field, literal=literal)
            try:
                await self._add(campaign, content, reader, result)
            except lead_list.LeadListUnreadable as error:
                raise LeadListUnreadable(str(error)) from error
            finally:
                result.rows, result.rejected = reader.rows, reader.rejected
                result.duplicates += reader.duplicates
                result.skipped, result.encoding = reader.skipped, reader.encoding
                if reader.columns is not None:
                    result.column_by_field = reader.columns.header_by_field
                self._count(result)
                if result.imported or result.released:
                    await self._signal_workflow(campaign.id)
        if result.rows == 0:
            raise LeadListUnreadable("The lead list has no rows.")
        log.info(
            "leads_imported",
            campaign_id=campaign.id,
            rows=result.rows,
            imported=result.imported,
            duplicates=result.duplicates,
            rejected=result.rejected,
            released=result.released,
            held_back=result.held_back,
        )
        return result

    async def _add(
        self,
        campaign: Campaign,
        content: AsyncIterator[bytes],
        reader: LeadListReader,
        result: ImportResult,
    ) -> None:
        check = await self._review.check(campaign)
        batch: list[Person] = []
        async for row in _rows(content, reader):
            if isinstance(row, Person):
                batch.append(row)
            elif isinstance(row, RowNote):
                if len(result.row_notes) < MAX_ROW_NOTES:
                    result.row_notes.append(row)
            elif len(result.row_errors) < MAX_ROW_ERRORS:
                result.row_errors.append(row)
            if len(batch) == BATCH:
                await self._add_batch(campaign, batch, check, result)
                batch = []
        if batch:
            await self._add_batch(campaign, batch, check, result)
        result.held_back = await self._review.held_back(campaign)

    async def _add_batch(
        self, campaign: Campaign, batch: list[Person], check: Check, result: ImportResult
    ) -> None:
        added = await self._leads.add(campaign.id, batch, now=self._clock.now(), check=check)
        released = 0
        if added < len(batch):
            released = await self._review.complete(campaign, batch, check)
        result.imported += added
        result.released += released
        result.duplicates += len(batch) - added - released

    async def _signal_workflow(self, campaign_id: str) -> None:
        # It may have been started since the import began.
        campaign = await self._campaigns.get(campaign_id)
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            await self._workflows.leads_added(campaign)

    def _count(self, result: ImportResult) -> None:
        self._metrics.rows.labels("imported").inc(result.imported)
        self._metrics.rows.labels("released").inc(result.released)
        self._metrics.rows.labels("duplicate").inc(result.duplicates)
        self._metrics.rows.labels("rejected").inc(result.rejected)


async def _rows(
    content: AsyncIterator[bytes], reader: LeadListReader
) -> AsyncIterator[Person | RowError | RowNote]:
    async for chunk in content:
        for begin in range(0, len(chunk), _SLICE_BYTES):
            for row in reader.feed(chunk[begin : begin + _SLICE_BYTES]):
                yield row
            await asyncio.sleep(0)
    # A workbook is read only now, all of it.
    rest = reader.close()
    while rows := await asyncio.to_thread(lambda: list(itertools.islice(rest, _SLICE_ROWS))):
        for row in rows:
            yield row
