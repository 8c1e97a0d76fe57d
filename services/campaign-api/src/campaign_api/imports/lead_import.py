"""Lead lists into campaigns: streamed, in batches, row by row."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from campaigns.errors import CampaignEnded
from campaigns.lead_list_import import Destination, LeadListImport
from campaigns.leads.lead_list import LeadListReader
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.auth import current_principal
from servicekit.clock import Clock
from servicekit.errors import ServiceError
from servicekit.ids import new_id
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_outlook import LeadOutlook
from campaign_api.commands.lead_review import LeadReview
from campaign_api.imports.foresight import Foresight
from campaign_api.imports.list_content import ListContent
from campaign_api.imports.result import ImportChoices, ImportResult, Line
from campaign_api.imports.validation import ImportValidation
from campaign_api.metrics import Metrics

OPEN = (CampaignState.DRAFT, CampaignState.RUNNING, CampaignState.PAUSED)
"""States in which a campaign takes leads."""
_INTERRUPTED = "The import was not read to its end."

log = logs.get_logger(__name__)


class LeadImport:
    """Adds people to campaigns, and keeps what became of each list.

    Memory does not grow with a list of text.
    """

    def __init__(
        self,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        imports: ImportRepository,
        *,
        validation: ImportValidation,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._campaigns = campaigns
        self._leads = leads
        self._imports = imports
        self._validation = validation
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics

    async def validate(
        self, campaign: Campaign, pieces: AsyncIterator[bytes], choices: ImportChoices
    ) -> ImportResult:
        """What `add` would do; changes nothing. Raises as `add` does: `CampaignEnded`."""
        if campaign.state not in OPEN:
            raise CampaignEnded
        return await self._validation.validate(campaign, pieces, choices)

    async def validate_into_list(
        self, into: Destination, pieces: AsyncIterator[bytes], choices: ImportChoices
    ) -> ImportResult:
        """What an import into a list would do; changes nothing."""
        return await self._validation.validate_into_list(into, pieces, choices)

    async def add(
        self, campaign: Campaign, pieces: AsyncIterator[bytes], choices: ImportChoices
    ) -> ImportResult:
        """Import a list. Good rows go in although others are bad.

        Leads to whom the sequence cannot be said go in as well, and are held back
        until a further list completes them.

        A campaign that runs is signalled, also for what went in before something failed.

        Raises `CampaignEnded` if the campaign takes no leads any more, `CampaignNotFound` if
        it was deleted, and `LeadListUnreadable` if the file is no lead list or has no rows.
        """
        # Under the lock: a deletion stops a campaign before it hides it.
        async with self._locks.exclusively(campaign.id):
            campaign = await self._campaigns.get_visible(campaign.id)
            if campaign.state not in OPEN:
                raise CampaignEnded
        new = self._new(campaign, choices)
        await self._imports.begin(new)
        content, result = ListContent(pieces), ImportResult(import_id=new.import_id)
        reader = LeadListReader(choices.column_by_field, literal=choices.literal)
        failure = _INTERRUPTED
        with self._metrics.import_duration.time():
            try:
                await self._add(campaign, content, reader, result)
                failure = ""
            except ServiceError as error:
                failure = str(error)
                raise
            finally:
                result.take_from(reader.so_far)
                self._metrics.count_rows(result)
                try:
                    if result.imported or result.released:
                        await self._signal_workflow(campaign.id)
                finally:
                    await self._end(new, content, result, failure)
        log.info("leads_imported", campaign_id=campaign.id, **_figures(result))
        return result

    def _new(self, campaign: Campaign, choices: ImportChoices) -> LeadListImport:
        return LeadListImport(
            import_id=new_id("imp"),
            organization_id=campaign.organization_id,
            campaign_id=campaign.id,
            created_at=self._clock.now(),
            created_by=current_principal(),
            column_by_field=choices.column_by_field,
            literal=tuple(choices.literal),
        )

    async def _end(
        self, new: LeadListImport, content: ListContent, result: ImportResult, failure: str
    ) -> None:
        result.earlier_import_id = await self._imports.earlier(new.campaign_id, content.hash)
        await self._imports.end(
            replace(
                new,
                ended_at=self._clock.now(),
                content_hash=content.hash,
                content_bytes=content.size,
                result=result.counts(),
                failure=failure,
            )
        )

    async def _add(
        self,
        campaign: Campaign,
        content: ListContent,
        reader: LeadListReader,
        result: ImportResult,
    ) -> None:
        outlook: LeadOutlook | None = None
        async with aclosing(content.batches(reader, result)) as batches:
            async for batch in batches:
                # Nobody may be judged by a sequence that another one has replaced: its review has
                # been, and would not come to them. A pause waits for a batch, not for the list.
                async with self._locks.exclusively(campaign.id):
                    before, campaign = campaign, await self._campaigns.get_visible(campaign.id)
                    if outlook is None or says(campaign) != says(before):
                        outlook = await self._review.outlook(campaign)
                    await self._add_batch(campaign, batch.lines, outlook, result)
        result.held_back = await self._review.held_back(campaign)

    async def _add_batch(
        self, campaign: Campaign, batch: list[Line], outlook: LeadOutlook, result: ImportResult
    ) -> None:
        people = [person for _, person in batch]
        foresight = Foresight(outlook)
        added = await self._leads.add(
            campaign.id, people, now=self._clock.now(), check=foresight.check
        )
        released = 0
        if added < len(people):
            released = await self._review.complete(campaign, people, outlook.check)
        added_ids = await self._imports.added_among(foresight.lead_ids)
        foresight.tell(batch, result, added=added_ids)
        result.imported += added
        result.released += released
        result.duplicates += len(people) - added - released

    async def _signal_workflow(self, campaign_id: str) -> None:
        # It may have been started since the import began.
        campaign = await self._campaigns.get(campaign_id)
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            await self._workflows.leads_added(campaign)


def into_campaign(campaign: Campaign) -> Destination:
    """A campaign as where the people of a file go."""
    return Destination(
        organization_id=campaign.organization_id,
        campaign_id=campaign.id,
        is_open=campaign.state in OPEN,
    )


def says(campaign: Campaign) -> tuple[str, tuple[str, ...]]:
    """What a lead is judged by: what is said, and who says it."""
    return campaign.revision_id, campaign.account_ids


def _figures(result: ImportResult) -> dict[str, int]:
    return {name: value for name, value in result.counts().items() if isinstance(value, int)}
