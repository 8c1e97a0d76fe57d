"""Every text of a sequence as a lead would get it, before anything is sent."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from campaigns.errors import LeadNotFound
from campaigns.models import Campaign, Lead, LeadState
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import StepTextRepository
from campaigns.revision_cache import RevisionCache
from campaigns.sequences.kinds.registry import TEXTUAL, longest_text
from campaigns.sequences.sequence import AiOptions, Step, StepKind
from campaigns.sequences.text_keys import kept_under
from campaigns.sequences.variants import text_of, variant_of
from campaigns.texts.lead_check import reader_of
from campaigns.texts.render import Reader, Rendering, Sender, TextInvalid, rendering
from campaigns.texts.writing import AnswerRefused
from campaigns.writer import Order, Writer, WriterUnavailable
from servicekit.ids import has_prefix

from campaign_api.clients.linkedin_gateway import Gateway

_MAX_CONCURRENT_CALLS = 20


class TextSource(StrEnum):
    """Where a previewed text comes from; `preview.proto` says what each means."""

    MANUAL = "manual"
    KEPT = "kept"
    WRITTEN = "written"
    FALLBACK = "fallback"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class MessagePreview:
    """One text for one lead; `number` counts the posts of a step that comments on several."""

    step: Step
    number: int
    said: Rendering
    source: TextSource
    longest: int
    variant: str = ""
    remark: str = ""


@dataclass(frozen=True, kw_only=True)
class LeadPreview:
    """A lead, who would write to it, and what."""

    lead: Lead
    sender: Sender
    messages: Sequence[MessagePreview]

    @property
    def held_back(self) -> bool:
        return self.lead.state is LeadState.HELD_BACK


class MessagePreviews:
    """Renders and writes, and keeps nothing; asks nothing of LinkedIn."""

    def __init__(
        self,
        leads: LeadRepository,
        texts: StepTextRepository,
        revisions: RevisionCache,
        gateway: Gateway,
        writer: Writer | None,
    ) -> None:
        self._leads = leads
        self._texts = texts
        self._revisions = revisions
        self._gateway = gateway
        self._writer = writer
        self._calls = asyncio.Semaphore(_MAX_CONCURRENT_CALLS)

    async def preview(
        self, campaign: Campaign, *, lead_ids: Sequence[str], leads: int
    ) -> list[LeadPreview]:
        """The texts for these leads or, if none is named, for the first of the list.

        Raises `LeadNotFound` if the campaign has no such lead.
        """
        if lead_ids:
            chosen = [await self._lead(campaign, lead_id) for lead_id in lead_ids]
        else:
            chosen = [lead for _, lead in await self._leads.page(campaign.id, limit=leads)]
        senders = await self._senders(campaign, _accounts(campaign, chosen))
        return list(
            await asyncio.gather(*(self._preview(campaign, lead, senders) for lead in chosen))
        )

    async def _lead(self, campaign: Campaign, lead_id: str) -> Lead:
        if not has_prefix(lead_id, "lead"):
            raise LeadNotFound
        return await self._leads.get(campaign.id, lead_id)

    async def _senders(self, campaign: Campaign, account_ids: Sequence[str]) -> dict[str, Sender]:
        """The accounts as senders; nothing is known of one that is gone."""
        found = await self._gateway.accounts(campaign.organization_id, account_ids)
        return {
            account_id: Sender(account_id=account_id, name=account.name, pays=account.pays)
            if (account := found.get(account_id))
            else Sender(account_id=account_id)
            for account_id in account_ids
        }

    async def _preview(
        self, campaign: Campaign, lead: Lead, senders: dict[str, Sender]
    ) -> LeadPreview:
        sender = senders[lead.account_id or campaign.account_ids[0]]
        if not lead.account_id:
            # Whoever it will be, the text must fit them.
            plans = [each.pays for each in senders.values() if each.pays is not None]
            sender = replace(sender, pays=min(plans, default=None))
        revision = await self._revisions.get(lead.revision_id or campaign.revision_id)
        messages = [
            await self._message(lead, step, number, sender)
            for step in revision.sequence.steps
            if step.kind in TEXTUAL
            for number in range(1, step.posts + 1)
        ]
        return LeadPreview(lead=lead, sender=sender, messages=messages)

    async def _message(self, lead: Lead, step: Step, number: int, sender: Sender) -> MessagePreview:
        key = kept_under(step.step_id, n=number)
        reader = reader_of(step, number, lead.person, lead_id=lead.id, sender=sender)
        variant = variant_of(step, lead_id=lead.id)
        said, remark = _said(text_of(step, lead_id=lead.id), reader)
        blank = MessagePreview(
            step=step,
            number=number,
            said=said,
            source=TextSource.NONE,
            longest=longest_text(step.kind, pays=sender.pays),
            variant=variant.name if variant else "",
            remark=remark,
        )
        kept = await self._texts.latest(lead.id, key)
        if kept is not None:
            said = replace(blank.said, text=kept, missing=())
            return replace(blank, said=said, source=TextSource.KEPT, remark="")
        if step.ai is None:
            return blank if _is_blank(blank.said) else replace(blank, source=TextSource.MANUAL)
        return await self._written(blank, step.ai, reader)

    async def _written(
        self, blank: MessagePreview, ai: AiOptions, reader: Reader
    ) -> MessagePreview:
        step = blank.step
        if self._writer is None:
            return _standing_in(blank, "AI writes this text, and there is no writer for previews.")
        if step.kind is StepKind.COMMENT_POST:
            return _standing_in(
                blank, "AI writes this text about a post, and posts are not read for a preview."
            )
        order = Order(
            kind=step.kind,
            ai=ai,
            reader=reader,
            manual_text=step.text,
            longest=blank.longest,
        )
        try:
            async with self._calls:
                written = await self._writer.text(order)
        except WriterUnavailable:
            return _standing_in(blank, "AI writes this text; its writer cannot be reached now.")
        except AnswerRefused as refusal:
            return _standing_in(blank, f"What AI wrote was refused: {refusal}")
        if written.refused:
            return _standing_in(blank, f"What AI wrote was refused ({written.refused}).")
        return replace(
            blank,
            said=Rendering(text=written.text),
            source=TextSource.WRITTEN,
            remark="Written without a post; what is sent may mention one."
            if ai.mention_post
            else "",
        )


def _accounts(campaign: Campaign, leads: Sequence[Lead]) -> list[str]:
    given = [lead.account_id for lead in leads if lead.account_id]
    return list(dict.fromkeys((*campaign.account_ids, *given)))


def _said(text: str, reader: Reader) -> tuple[Rendering, str]:
    """A text for this reader; none, and why, where it makes no sense with the columns it has."""
    try:
        return rendering(text, reader), ""
    except TextInvalid as error:
        return Rendering(text=""), str(error)


def _is_blank(said: Rendering) -> bool:
    return not said.text and not said.missing


def _standing_in(blank: MessagePreview, remark: str) -> MessagePreview:
    """The customer's text instead of AI's."""
    source = TextSource.NONE if _is_blank(blank.said) else TextSource.FALLBACK
    return replace(blank, source=source, remark=remark)
