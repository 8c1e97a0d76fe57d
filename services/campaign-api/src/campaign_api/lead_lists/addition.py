"""The people of a list into a campaign, as leads of their own: a batch at a time."""

from collections.abc import AsyncIterator

from campaigns.errors import CampaignEnded, LeadListNotFound, PersonUnreadable
from campaigns.lead_list_import import LeadList
from campaigns.leads.people import RowError
from campaigns.models import Campaign, CampaignState
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.held_lead_repository import HeldLeadRepository
from campaigns.repositories.imports.import_repository import added_among
from campaigns.repositories.imports.new_lead_repository import NewLeads, add_checked
from campaigns.repositories.lead_lists.entry_repository import (
    EntryRepository,
    keep_there,
    note_use,
)
from campaigns.sealing.people import UnreadablePerson
from campaigns.texts.names.left_alone import held_in_peace
from campaigns.workflow.campaign_locks import CampaignLocks
from servicekit.clock import Clock
from servicekit.postgres.pool import Pool
from servicekit.sealing.seal import Seal
from servicekit.telemetry import logs

from campaign_api.clients.temporal import CampaignWorkflows
from campaign_api.commands.lead_outlook import LeadOutlook
from campaign_api.commands.lead_review import LeadReview
from campaign_api.imports.foresight import Foresight
from campaign_api.imports.lead_import import OPEN, says
from campaign_api.imports.list_content import BATCH
from campaign_api.imports.result import ImportResult, Line
from campaign_api.imports.validation import ImportValidation
from campaign_api.metrics import Metrics

log = logs.get_logger(__name__)


class LeadListAddition:
    """Copies; each batch is judged as one of an import is, and is one transaction.

    Nothing is noted of how far it is: who is through is in the campaign, and is passed over by
    whoever asks again.
    """

    def __init__(
        self,
        pool: Pool,
        seal: Seal,
        campaigns: CampaignRepository,
        *,
        validation: ImportValidation,
        review: LeadReview,
        workflows: CampaignWorkflows,
        locks: CampaignLocks,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._campaigns = campaigns
        self._entries = EntryRepository(pool, seal)
        self._held, self._new = HeldLeadRepository(pool, seal), NewLeads(pool, seal)
        self._validation = validation
        self._review = review
        self._workflows = workflows
        self._locks = locks
        self._clock = clock
        self._metrics = metrics

    async def validate(self, campaign: Campaign, source: LeadList) -> ImportResult:
        """What `add` would do; changes nothing. Raises `CampaignEnded`, `LeadListNotFound`."""
        _require(campaign, source)
        result = ImportResult(suppressed=0)
        outlook = await self._review.outlook(campaign)
        async for lines in self._lines(source, result):
            await self._validation.judge(campaign, lines, outlook, result)
        return result

    async def add(self, campaign: Campaign, source: LeadList) -> ImportResult:
        """Add who is not in the campaign yet, and complete who is held back.

        A campaign that runs is signalled, also for what went in before something failed. Raises
        `CampaignEnded` if the campaign takes no leads any more, `CampaignNotFound` and
        `LeadListNotFound` if one of the two was deleted.
        """
        # Under the lock: a deletion stops a campaign before it hides it.
        async with self._locks.exclusively(campaign.id):
            campaign = await self._campaigns.get_visible(campaign.id)
        _require(campaign, source)
        result = ImportResult()
        with self._metrics.import_duration.time():
            try:
                await self._add(campaign, source, result)
            finally:
                self._metrics.count_rows(result)
                if result.imported or result.released:
                    await self._signal(campaign.id)
        log.info(
            "lead_list_added",
            campaign_id=campaign.id,
            lead_list_id=source.id,
            imported=result.imported,
        )
        return result

    async def _add(self, campaign: Campaign, source: LeadList, result: ImportResult) -> None:
        outlook: LeadOutlook | None = None
        async for lines in self._lines(source, result):
            # Nobody may be judged by a sequence that another has replaced; see `LeadImport`.
            async with self._locks.exclusively(campaign.id):
                before, campaign = campaign, await self._campaigns.get_visible(campaign.id)
                if outlook is None or says(campaign) != says(before):
                    outlook = await self._review.outlook(campaign)
                await self._add_batch(campaign, source, lines, outlook, result)
        result.held_back = await self._review.held_back(campaign)

    async def _add_batch(
        self,
        campaign: Campaign,
        source: LeadList,
        lines: list[Line],
        outlook: LeadOutlook,
        result: ImportResult,
    ) -> None:
        people = [person for _, person in lines]
        foresight = Foresight(outlook)
        rows = await self._new.checked(campaign.organization_id, people, foresight.check)
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            await keep_there(connection, source.id)
            added = await add_checked(
                connection, campaign.id, rows, now=now, lead_list_id=source.id
            )
            released = 0
            if added < len(people):
                released = await self._held.complete_in(
                    connection, campaign.id, people, outlook.check
                )
            if added or released:
                await note_use(connection, source.id, campaign.id, now=now)
            added_ids = await added_among(connection, foresight.lead_ids)
        result.imported += added
        result.released += released
        result.duplicates += len(people) - added - released
        foresight.tell(lines, result, added=added_ids)

    async def _lines(self, source: LeadList, result: ImportResult) -> AsyncIterator[list[Line]]:
        """The people of the list, each with their place in it, a batch at a time.

        Who does not open is rejected: nobody knows what could be said to them. So is whoever the
        list says to leave alone: it may be older than what is asked of a file's rows.
        """
        async for batch in self._entries.batches(source.id, size=BATCH):
            lines = []
            for place, entry in enumerate(batch, start=result.rows + 1):
                if isinstance(entry.person, UnreadablePerson):
                    result.reject(_unreadable(place))
                elif (asked := held_in_peace(entry.person)) is not None:
                    result.reject(_wrong(place, asked.reason, asked.detail))
                else:
                    lines.append((place, entry.person))
            result.rows += len(batch)
            yield lines

    async def _signal(self, campaign_id: str) -> None:
        # It may have been started since this began.
        campaign = await self._campaigns.get(campaign_id)
        if campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED):
            await self._workflows.leads_added(campaign)


def _unreadable(place: int) -> RowError:
    text = "What the list knows of this person does not open."
    return _wrong(place, PersonUnreadable.reason, text)


def _wrong(place: int, reason: str, description: str) -> RowError:
    return RowError(line=place, column="", reason=reason, description=description)


def _require(campaign: Campaign, source: LeadList) -> None:
    if source.organization_id != campaign.organization_id:
        raise LeadListNotFound
    if campaign.state not in OPEN:
        raise CampaignEnded
