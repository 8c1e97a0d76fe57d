"""What the import of a lead list would do, before anything is changed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing

from campaigns.lead_list_import import Destination
from campaigns.leads.lead_list import LeadListReader
from campaigns.models import Campaign, HeldBack
from campaigns.repositories.imports.import_repository import ImportRepository
from campaigns.repositories.lead_lists.entry_repository import EntryRepository
from servicekit.errors import ServiceError
from servicekit.ids import new_ids
from servicekit.telemetry import logs

from campaign_api.clients.linkedin_gateway import Gateway
from campaign_api.commands.lead_outlook import Foreseen, LeadOutlook
from campaign_api.commands.lead_review import LeadReview
from campaign_api.imports.list_content import ListContent
from campaign_api.imports.result import (
    Example,
    ExampleKind,
    ImportChoices,
    ImportResult,
    Line,
)

log = logs.get_logger(__name__)


class ImportValidation:
    """Reads a list as an import would, and asks everybody who has a say in it."""

    def __init__(
        self,
        imports: ImportRepository,
        entries: EntryRepository,
        review: LeadReview,
        gateway: Gateway,
    ) -> None:
        self._imports = imports
        self._entries = entries
        self._review = review
        self._gateway = gateway

    async def validate(
        self, campaign: Campaign, pieces: AsyncIterator[bytes], choices: ImportChoices
    ) -> ImportResult:
        """What would become of the rows; nothing is written, and nobody is signalled."""
        outlook = await self._review.outlook(campaign)
        return await self._read(
            campaign.id,
            pieces,
            choices,
            lambda lines, result: self.judge(campaign, lines, outlook, result),
        )

    async def validate_into_list(
        self, into: Destination, pieces: AsyncIterator[bytes], choices: ImportChoices
    ) -> ImportResult:
        """What would become of the rows in a list, where nobody is held back."""

        async def judge(lines: list[Line], result: ImportResult) -> None:
            identifiers = [person.public_identifier for _, person in lines]
            known = await self._entries.known(into.organization_id, into.lead_list_id, identifiers)
            seen = [(None, None)] * len(lines)
            await self._judge(into, lines, result, known=known, seen=seen)

        return await self._read(into.lead_list_id, pieces, choices, judge)

    async def _read(
        self,
        destination_id: str,
        pieces: AsyncIterator[bytes],
        choices: ImportChoices,
        judge: Callable[[list[Line], ImportResult], Awaitable[None]],
    ) -> ImportResult:
        content = ListContent(pieces)
        reader = LeadListReader(choices.column_by_field, literal=choices.literal)
        result = ImportResult(suppressed=0)
        async with aclosing(content.batches(reader, result)) as batches:
            async for batch in batches:
                await judge(batch.lines, result)
        result.take_from(reader.so_far)
        result.earlier_import_id = await self._imports.earlier(destination_id, content.hash)
        return result

    async def judge(
        self, campaign: Campaign, batch: list[Line], outlook: LeadOutlook, result: ImportResult
    ) -> None:
        """Count what would become of some people in a campaign, and show examples."""
        identifiers = [person.public_identifier for _, person in batch]
        known = await self._imports.known(campaign.organization_id, campaign.id, identifiers)
        seen = await asyncio.to_thread(_seen, batch, outlook)
        into = Destination(organization_id=campaign.organization_id, campaign_id=campaign.id)
        await self._judge(into, batch, result, known=known, seen=seen)

    async def _judge(
        self,
        into: Destination,
        batch: list[Line],
        result: ImportResult,
        *,
        known: Collection[str],
        seen: Sequence[tuple[HeldBack | None, Foreseen | None]],
    ) -> None:
        identifiers = [person.public_identifier for _, person in batch]
        elsewhere = await self._imports.in_running_campaigns(
            into.organization_id, identifiers, but=into.campaign_id
        )
        suppressed = await self._suppressed(into.organization_id, batch)
        for place, (line, person) in enumerate(batch):
            who = person.public_identifier
            if who in known:
                result.duplicates += 1
                _show(result, ExampleKind.DUPLICATE_IN_CAMPAIGN, line, who)
                continue
            result.imported += 1
            _show(result, ExampleKind.NEW, line, who)
            if who in elsewhere:
                result.in_running_campaigns += 1
                _show(result, ExampleKind.IN_RUNNING_CAMPAIGN, line, who)
            if suppressed is not None and place in suppressed:
                result.suppressed = (result.suppressed or 0) + 1
                _show(result, ExampleKind.SUPPRESSED, line, who)
            why, foreseen = seen[place]
            if foreseen is not None:
                result.foresee(line, who, foreseen)
            if why is not None:
                result.held_back += 1
                _show(result, ExampleKind.HELD_BACK, line, who, why.detail)
        if suppressed is None:
            result.suppressed = None

    async def _suppressed(self, organization_id: str, batch: list[Line]) -> set[int] | None:
        """The places of those who must not be contacted; None while the gateway is away."""
        try:
            people = [person for _, person in batch]
            return await self._gateway.suppressed(organization_id, people)
        except ServiceError as error:
            log.warning("suppression_lookup_failed", reason=error.reason)
            return None


def _seen(batch: list[Line], outlook: LeadOutlook) -> list[tuple[HeldBack | None, Foreseen | None]]:
    # Which variant or option a lead will get its id decides; any id is as good an example.
    ids = new_ids("lead", len(batch))
    held = [outlook.check(each, person) for each, (_, person) in zip(ids, batch, strict=True)]
    return [
        (why, outlook.of(each, person, why))
        for each, (_, person), why in zip(ids, batch, held, strict=True)
    ]


def _show(result: ImportResult, kind: ExampleKind, line: int, who: str, detail: str = "") -> None:
    result.show(Example(kind=kind, line=line, public_identifier=who, detail=detail))
