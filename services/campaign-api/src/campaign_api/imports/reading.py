"""Uploaded lists, read by whichever replica takes them, from where the one before has come to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from campaigns.errors import CampaignEnded
from campaigns.lead_list_import import LeadListImport
from campaigns.leads.lead_list import LeadListReader
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.imports.import_repository import added_among
from campaigns.repositories.imports.new_lead_repository import NewLeads, add_checked
from campaigns.repositories.imports.upload_repository import LeaseLost, UploadRepository
from campaigns.repositories.lead_lists.entry_repository import put_in_list
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.ids import new_id
from servicekit.postgres.pool import Pool
from servicekit.postgres.scope import acting_for
from servicekit.sealing.seal import Seal
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_outlook import LeadOutlook
from campaign_api.commands.lead_review import LeadReview
from campaign_api.imports.foresight import Foresight
from campaign_api.imports.lead_import import OPEN, says
from campaign_api.imports.list_content import Batch, ListContent
from campaign_api.imports.result import ImportResult
from campaign_api.metrics import Metrics

GIVEN_UP_AFTER = timedelta(days=1)
"""An upload to which nothing comes for so long is over."""
_LEAVES_WITHIN = timedelta(seconds=2)
"""Real time, of the grace that a process has to end."""
_OUR_FAULT = "A fault of ours kept the list from being read to its end."

log = logs.get_logger(__name__)


class ImportReading:
    """Reads one list after the other.

    Each batch of people is one transaction with the note that they are through: whoever takes a
    list over, after a crash at whatever moment, reads it from its beginning, passes over who is
    through, and goes on. Memory does not grow with a list of text.
    """

    def __init__(
        self,
        pool: Pool,
        seal: Seal,
        campaigns: CampaignRepository,
        *,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
        lease: timedelta,
        reads: asyncio.Event,
    ) -> None:
        self._pool = pool
        self._campaigns = campaigns
        self._seal = seal
        self._uploads = UploadRepository(pool, seal)
        self._all_uploads = UploadRepository(
            pool.across("uploads are read for whoever they are of"), seal
        )
        self._held, self._new = HeldLeadRepository(pool, seal), NewLeads(pool, seal)
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics
        self._lease = lease
        self._reads = reads
        self._reader = new_id("reader")

    async def read_for_ever(self) -> None:
        """Whatever is there, whenever there is something; what another one left after its lease."""
        while True:
            self._reads.clear()
            while await self.read_one():
                pass
            await self._all_uploads.give_up(GIVEN_UP_AFTER, now=self._clock.now())
            try:
                async with asyncio.timeout(self._lease.total_seconds()):
                    await self._reads.wait()
            except TimeoutError:
                continue

    async def read_one(self) -> bool:
        """Read the oldest list that nobody reads; False if there is none."""
        claimed = await self._all_uploads.claim(self._reader, self._lease)
        if claimed is None:
            return False
        with acting_for(claimed.organization_id), logs.bound(import_id=claimed.import_id):
            try:
                with self._metrics.import_duration.time():
                    await self._read(claimed)
            except LeaseLost:
                # It was cancelled, or another replica has taken it for lost.
                log.info("import_left", into=claimed.destination_id)
        return True

    async def _read(self, claimed: LeadListImport) -> None:
        content = ListContent(self._uploads.pieces(claimed.organization_id, claimed.import_id))
        reader = LeadListReader(claimed.column_by_field, literal=claimed.literal)
        result, failure = ImportResult(import_id=claimed.import_id), ""
        result.go_on_from(claimed.result)
        try:
            add = self._add if claimed.campaign_id else self._put
            await add(claimed, content, reader, result)
            await self._signal(claimed, result)
        except ServiceError as error:
            if error.retried:
                await self._uploads.give_back(claimed, self._reader)
                raise
            failure = str(error)
            await self._signal(claimed, result)
        except asyncio.CancelledError:
            await self._leave(claimed)
            raise
        except LeaseLost:
            await self._signal(claimed, result)
            raise
        except Exception:
            log.exception("import_failed", into=claimed.destination_id)
            failure = _OUR_FAULT
        result.take_from(reader.so_far)
        ended = await self._uploads.end(
            claimed,
            self._reader,
            now=self._clock.now(),
            result=result.counts(),
            failure=failure,
        )
        if ended:
            self._metrics.count_rows(result)
            log.info("leads_imported", into=claimed.destination_id, imported=result.imported)

    async def _leave(self, claimed: LeadListImport) -> None:
        """Let another replica read on at once, for this one ends; else it waited for the lease."""
        try:
            async with asyncio.timeout(_LEAVES_WITHIN.total_seconds()):
                await self._uploads.give_back(claimed, self._reader)
        except (ServiceError, TimeoutError) as error:
            log.warning("import_not_given_back", error=repr(error))

    async def _add(
        self,
        claimed: LeadListImport,
        content: ListContent,
        reader: LeadListReader,
        result: ImportResult,
    ) -> None:
        campaign = await self._campaigns.get_visible(claimed.campaign_id)
        outlook: LeadOutlook | None = None
        async with aclosing(_left(claimed, content, reader, result)) as batches:
            async for batch, passed in batches:
                # Nobody may be judged by a sequence that another has replaced; see `LeadImport`.
                async with self._locks.exclusively(campaign.id):
                    before, campaign = campaign, await self._campaigns.get_visible(campaign.id)
                    if campaign.state not in OPEN:
                        raise CampaignEnded
                    if outlook is None or says(campaign) != says(before):
                        outlook = await self._review.outlook(campaign)
                    await self._add_batch(claimed, campaign, batch, outlook, result, passed=passed)
        result.held_back = await self._review.held_back(campaign)

    async def _put(
        self,
        claimed: LeadListImport,
        content: ListContent,
        reader: LeadListReader,
        result: ImportResult,
    ) -> None:
        """Into a list, where nobody is judged."""
        async with aclosing(_left(claimed, content, reader, result)) as batches:
            async for batch, passed in batches:
                people = [person for _, person in batch.lines]
                async with self._batch(result) as connection:
                    now = self._clock.now()
                    added = await put_in_list(
                        connection, self._seal, claimed.lead_list_id, people, now=now
                    )
                    result.imported += added
                    result.duplicates += len(people) - added
                    await self._uploads.advance(
                        connection,
                        claimed,
                        self._reader,
                        people=passed,
                        result=result.so_far(batch.so_far).counts(),
                        lease=self._lease,
                    )

    async def _add_batch(
        self,
        claimed: LeadListImport,
        campaign: Campaign,
        batch: Batch,
        outlook: LeadOutlook,
        result: ImportResult,
        *,
        passed: int,
    ) -> None:
        people = [person for _, person in batch.lines]
        foresight = Foresight(outlook)
        rows = await self._new.checked(campaign.organization_id, people, foresight.check)
        async with self._batch(result) as connection:
            added = await add_checked(connection, campaign.id, rows, now=self._clock.now())
            released = 0
            if added < len(people):
                released = await self._held.complete_in(
                    connection, campaign.id, people, outlook.check
                )
            result.imported += added
            result.released += released
            result.duplicates += len(people) - added - released
            added_ids = await added_among(connection, foresight.lead_ids)
            foresight.tell(batch.lines, result, added=added_ids)
            await self._uploads.advance(
                connection,
                claimed,
                self._reader,
                people=passed,
                result=result.so_far(batch.so_far).counts(),
                lease=self._lease,
            )

    @asynccontextmanager
    async def _batch(self, result: ImportResult) -> AsyncIterator[Any]:
        """A transaction; what is counted in it counts if it is kept."""
        with result.counted_if_kept():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection

    async def _signal(self, claimed: LeadListImport, result: ImportResult) -> None:
        """Tell the campaign's workflow of leads that went in; of one that runs or is paused."""
        if not claimed.campaign_id or not (result.imported or result.released):
            return
        campaign = await self._campaigns.get(claimed.campaign_id)
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            await self._workflows.leads_added(campaign)


async def _left(
    claimed: LeadListImport, content: ListContent, reader: LeadListReader, result: ImportResult
) -> AsyncGenerator[tuple[Batch, int], None]:
    """Who of the list is not through yet, and how many people are once a batch is."""
    passed = 0
    async with aclosing(content.batches(reader, result)) as batches:
        async for batch in batches:
            passed += len(batch.lines)
            left = passed - claimed.people
            if left > 0:
                yield replace(batch, lines=batch.lines[-left:]), passed
