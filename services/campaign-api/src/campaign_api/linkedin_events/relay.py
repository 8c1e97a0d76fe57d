"""What LinkedIn told the gateway → the workflows and customers that wait for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import assert_never

from campaigns.errors import PersonUnreadable, TextUnreadable
from campaigns.models import HeardMessage, MessageAuthor
from campaigns.repositories.campaign_repository import CampaignRepository
from campaigns.repositories.lead_repository import LeadRepository
from campaigns.repositories.step_text_repository import HeardMessageRepository
from campaigns.workflow import contracts as workflows
from campaigns.workflow.late_answer_contracts import LateAcceptance, LateAnswer, LateReply
from servicekit.clock import Clock
from servicekit.errors import InvalidArgument, Unavailable
from servicekit.sealing.seal import ValueUnreadable
from servicekit.telemetry import logs

from campaign_api.clients.temporal import LeadWorkflows
from campaign_api.clients.webhook_dispatcher import AccountEvent, CoolDown, Dispatcher
from campaign_api.linkedin_events.events import (
    AccountCooledDown,
    AccountCoolingDown,
    AccountDisconnected,
    AccountReconnected,
    ActionsFreed,
    InvitationAccepted,
    LeadRef,
    LinkedInEvent,
    OfAccount,
    OwnerWrote,
    ReplyReceived,
)
from campaign_api.linkedin_events.reply_scope import LeadsInReplyScope
from campaign_api.metrics import Metrics

MAX_CONCURRENT_CALLS = 20

log = logs.get_logger(__name__)


class LinkedInEventRelay:
    """Passes events on; repeating that is harmless, because every receiver knows their ids."""

    def __init__(
        self,
        workflows: LeadWorkflows,
        campaigns: CampaignRepository,
        leads: LeadRepository,
        heard: HeardMessageRepository,
        dispatcher: Dispatcher,
        reply_scope: LeadsInReplyScope,
        *,
        clock: Clock,
        wake_spread: timedelta,
        metrics: Metrics,
    ) -> None:
        self._workflows = workflows
        self._campaigns = campaigns
        self._leads = leads
        self._heard = heard
        self._dispatcher = dispatcher
        self._reply_scope = reply_scope
        self._clock = clock
        self._wake_spread = wake_spread
        self._metrics = metrics
        self._calls = asyncio.Semaphore(MAX_CONCURRENT_CALLS)

    async def report(self, events: Sequence[LinkedInEvent]) -> None:
        """Return once every event has arrived; raise the first failure once all were tried."""
        by_subject: dict[tuple[str, str], list[LinkedInEvent]] = {}
        for event in events:
            by_subject.setdefault(event.about, []).append(event)
        await _all([self._in_order(chain) for chain in by_subject.values()])

    async def _in_order(self, events: Sequence[LinkedInEvent]) -> None:
        for event in events:
            with logs.bound(event_id=event.id, account_id=event.account_id):
                try:
                    await self._pass_on(event)
                except (PersonUnreadable, TextUnreadable, ValueUnreadable) as unreadable:
                    # Of a refusal the gateway would set the event aside: it waits for the key.
                    raise Unavailable(str(unreadable)) from unreadable

    async def _pass_on(self, event: LinkedInEvent) -> None:
        # Ids in a message prove nothing: what belongs to whom is what our own rows say.
        if await self._campaigns.sends_for_others_only(event.organization_id, event.account_id):
            self._not_theirs(event, 1)
            return
        what = event.what
        match what:
            case InvitationAccepted():
                await self._to_leads(event, self._accepted)
            case ReplyReceived():
                await self._to_leads(event, partial(self._replied, what))
            case OwnerWrote():
                await self._to_leads(event, partial(self._owner_wrote, what))
            case ActionsFreed():
                await self._to_leads(event, self._freed)
            case (
                AccountDisconnected()
                | AccountReconnected()
                | AccountCoolingDown()
                | AccountCooledDown()
            ):
                await self._publish(event, what)
            case _:
                assert_never(what)

    async def _to_leads(
        self,
        event: LinkedInEvent,
        signal: Callable[[LinkedInEvent, LeadRef], Awaitable[bool]],
    ) -> None:
        async def signalled(lead: LeadRef) -> None:
            async with self._calls:
                running = await signal(event, lead)
            self._count(event, "passed_on" if running else "too_late")

        asked = [(lead.campaign_id, lead.lead_id) for lead in event.leads]
        owned = await self._leads.owned_among(event.organization_id, asked)
        self._not_theirs(event, len(set(asked) - owned))
        await _all(
            [signalled(lead) for lead in event.leads if (lead.campaign_id, lead.lead_id) in owned]
        )

    def _not_theirs(self, event: LinkedInEvent, times: int) -> None:
        if times:
            log.warning("event_not_theirs", organization_id=event.organization_id, not_theirs=times)
            labels = (type(event.what).__name__, "not_theirs")
            self._metrics.linkedin_events.labels(*labels).inc(times)

    async def _accepted(self, event: LinkedInEvent, lead: LeadRef) -> bool:
        signal = workflows.InvitationAccepted(event_id=event.id, at=event.at)
        running = await self._workflows.invitation_accepted(lead.campaign_id, lead.lead_id, signal)
        if not running:
            await self._late(
                LateAcceptance(campaign_id=lead.campaign_id, lead_id=lead.lead_id, accepted=signal)
            )
        return running

    async def _replied(self, what: ReplyReceived, event: LinkedInEvent, lead: LeadRef) -> bool:
        heard = HeardMessage(text=what.text, chat_id=what.chat_id, message_id=what.message_id)
        await self._heard.keep(lead.lead_id, event.id, heard, by=MessageAuthor.PERSON, at=event.at)
        signal = workflows.ReplyReceived(
            event_id=event.id,
            at=event.at,
            automatic=what.automatic,
            suppression_id=what.suppression_id,
        )
        running = await self._workflows.reply_received(lead.campaign_id, lead.lead_id, signal)
        if not running:
            late = LateReply(campaign_id=lead.campaign_id, lead_id=lead.lead_id, reply=signal)
            if not await self._late(late) and not what.automatic:
                await self._tell_forgotten(what, event, lead)
        if not what.automatic:
            await self._reply_scope.end(lead.campaign_id, lead.lead_id)
        return running

    async def _owner_wrote(self, what: OwnerWrote, event: LinkedInEvent, lead: LeadRef) -> bool:
        """Told to a lead in the sequence; one that has ended is not concerned."""
        heard = HeardMessage(chat_id=what.chat_id, message_id=what.message_id)
        await self._heard.keep(lead.lead_id, event.id, heard, by=MessageAuthor.OWNER, at=event.at)
        signal = workflows.OwnerWrote(event_id=event.id, at=event.at)
        return await self._workflows.owner_wrote(lead.campaign_id, lead.lead_id, signal)

    async def _late(self, answer: LateAnswer) -> bool:
        """The sequence is over, but people want to know that there was an answer.

        False if the lead was removed, or purged with its campaign.
        """
        known = await self._leads.exists(answer.campaign_id, answer.lead_id)
        if known:
            await self._workflows.answered_late(answer)
        return known

    async def _tell_forgotten(
        self, what: ReplyReceived, event: LinkedInEvent, lead: LeadRef
    ) -> None:
        """Somebody whose campaign was purged wrote: told by ids, without a word of it.

        Of who was removed from a campaign that is still there nobody hears any more.
        """
        campaign = await self._campaigns.find(lead.campaign_id)
        if campaign is None or campaign.purged_at is None:
            return
        try:
            await self._dispatcher.publish_reply(
                event.id,
                organization_id=event.organization_id,
                account_id=event.account_id,
                campaign_id=lead.campaign_id,
                lead_id=lead.lead_id,
                chat_id=what.chat_id,
                message_id=what.message_id,
                at=event.at,
            )
        except InvalidArgument:
            # It will never be taken; those behind it must not wait for it.
            log.exception("reply_refused")

    async def _freed(self, _: LinkedInEvent, lead: LeadRef) -> bool:
        jitter = self._clock.real(self._wake_spread)
        return await self._workflows.wake(lead.campaign_id, lead.lead_id, jitter=jitter)

    async def _publish(self, event: LinkedInEvent, what: OfAccount) -> None:
        try:
            async with self._calls:
                await self._dispatcher.publish_account_event(
                    event.id,
                    _event_type(what),
                    organization_id=event.organization_id,
                    account_id=event.account_id,
                    reason=_reason(what),
                    cool_down=_cool_down(event, what),
                    at=event.at,
                )
        except InvalidArgument:
            # It will never be taken; those behind it must not wait for it.
            log.exception("account_event_refused")
            self._count(event, "refused")
        else:
            self._count(event, "passed_on")

    def _count(self, event: LinkedInEvent, outcome: str) -> None:
        self._metrics.linkedin_events.labels(type(event.what).__name__, outcome).inc()


def _event_type(what: OfAccount) -> AccountEvent:
    match what:
        case AccountDisconnected():
            return AccountEvent.DISCONNECTED
        case AccountReconnected():
            return AccountEvent.RECONNECTED
        case AccountCoolingDown():
            return AccountEvent.COOLING_DOWN
        case AccountCooledDown():
            return AccountEvent.COOLED_DOWN
        case _:
            assert_never(what)


def _reason(what: OfAccount) -> str:
    """Why, in the provider's word."""
    match what:
        case AccountDisconnected():
            return what.reason
        case AccountCoolingDown():
            return what.cause
        case AccountReconnected() | AccountCooledDown():
            return ""
        case _:
            assert_never(what)


def _cool_down(event: LinkedInEvent, what: OfAccount) -> CoolDown | None:
    """What rests and until when; for one that is over, what rested until now."""
    match what:
        case AccountCoolingDown():
            return CoolDown(action=what.action, ends_at=what.ends_at)
        case AccountCooledDown():
            return CoolDown(action=what.action, ends_at=event.at)
        case AccountDisconnected() | AccountReconnected():
            return None
        case _:
            assert_never(what)


async def _all(work: Sequence[Awaitable[None]]) -> None:
    """Everything is tried, whatever fails; then the first failure is raised."""
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
