"""Before the wire is touched: has the person written? Unipile's store tells, at no cost of budget.

Webhooks are lost, and come late. What lies in the store when the action would go is heard here
like a webhook's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from servicekit.clock import Clock

from linkedin_gateway.actions.results import failed
from linkedin_gateway.kinds.message import has_words
from linkedin_gateway.ledger.port import AttemptResult, Ledger
from linkedin_gateway.models import Account, Action, ActionRequest, ActionState
from linkedin_gateway.outbox.linkedin_events import Lead
from linkedin_gateway.pace.eligibility import AfterOwner, after_owner, ended_by_reply
from linkedin_gateway.pace.obstacles import owner_wrote
from linkedin_gateway.pace.schedules import slow_check
from linkedin_gateway.pace.snapshot import PaceRules
from linkedin_gateway.people.unmatched import CLOCK_DIFFERENCE
from linkedin_gateway.replies.auto_replies import is_automatic
from linkedin_gateway.replies.chat_reader import ChatReader
from linkedin_gateway.replies.hearing import asks_for_no_contact, hear
from linkedin_gateway.replies.message import Message, message_of_chat, written_by_owner
from linkedin_gateway.replies.owner_messages import hear_owner
from linkedin_gateway.replies.reply_transaction import (
    Conversation,
    FirstContact,
)
from linkedin_gateway.replies.reply_transactions import ReplyTransactions
from linkedin_gateway.unipile import MessageSeen

FRESH = timedelta(seconds=1)
"""Real time: how old what was seen may be when the request leaves."""
_RECENT = timedelta(days=14)
"""Whom the account never turned to has something open with it if they wrote so lately."""


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What lies in the chats that matters."""

    answers: Sequence[Message]
    suppressed: bool
    """One of them asks for no further contact."""
    conversation: Conversation


class ReplyLook:
    """Looks at the chats with a person, and records and publishes what it finds there."""

    def __init__(
        self,
        chats: ChatReader,
        ledger: Ledger,
        transactions: ReplyTransactions,
        clock: Clock,
        rules: PaceRules,
        *,
        on_published: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chats = chats
        self._ledger = ledger
        self._transactions = transactions
        self._clock = clock
        self._rules = rules
        self._on_published = on_published
        self._monotonic = monotonic

    async def before(
        self, request: ActionRequest, action: Action, account: Account
    ) -> AttemptResult | None:
        """How the action ends because they have written; None if it may go.

        What is looked at may change while it is looked: a look that took longer than `FRESH` is
        made again, until one did not. Raises `UnipileError` when the store does not tell,
        `Unavailable` when the database is away, and `ValueUnreadable` where what the person is
        known by does not open.
        """
        target = action.target
        chats = frozenset(each for each in (target.chat_id,) if each)
        async with self._transactions.reading() as transaction:
            first = await transaction.first_contact(
                account, action.person_id, without=action.action_id
            )
        since = _answers_begin(first, now=self._clock.now())
        while True:
            begun_at = self._monotonic()
            read = await self._chats.read(
                account,
                action.person_id,
                ids=[each for each in (target.provider_id, target.product_id) if each],
                chats=chats,
                since=since,
            )
            ended = await self._heed(request, action, account, read.messages)
            if ended is not None or self._monotonic() - begun_at <= FRESH.total_seconds():
                return ended
            chats = read.chats

    async def _heed(
        self,
        request: ActionRequest,
        action: Action,
        account: Account,
        newest: Sequence[MessageSeen],
    ) -> AttemptResult | None:
        """What has the action's very words already is noted.

        So it is not taken for the action if its answer is lost.
        """
        earlier = [seen.message_id for seen in newest if has_words(seen, action, account)]
        if not set(earlier) <= set(action.earlier_ids):
            await self._ledger.note_earlier(action, earlier)
        written = [message for seen in newest if (message := message_of_chat(seen)).says_something]
        if not written:
            return None
        return self._verdict(request, await self._hear(action, account, written))

    async def _hear(self, action: Action, account: Account, written: Sequence[Message]) -> _Heard:
        """Those that answer us, and what the owner wrote by hand, recorded and published."""
        now, published = self._clock.now(), 0
        asking = Lead(campaign_id=action.campaign_id, lead_id=action.lead_id)
        async with self._transactions.begin() as transaction:
            first = await transaction.first_contact(
                account, action.person_id, without=action.action_id
            )
            since = _answers_begin(first, now=now)
            by_owner = [written_by_owner(each, account.provider_id) for each in written]
            theirs = [each for each, own in zip(written, by_owner, strict=True) if not own]
            ours = [each for each, own in zip(written, by_owner, strict=True) if own]
            answers = [each for each in theirs if each.at is None or each.at >= since]
            if any(map(asks_for_no_contact, answers)):
                # Before anything is written: who hears of them elsewhere has their lock first.
                await transaction.suppressing.alone_with(account, action.person_id)
            suppressed = False
            for answer in sorted(answers, key=lambda each: each.at or now):
                suppression_id = await hear(
                    transaction,
                    account,
                    action.person_id,
                    answer,
                    at=now,
                    now=now,
                    asking=asking,
                    for_action=action.action_id,
                )
                suppressed = suppressed or bool(suppression_id)
            for each in ours:
                await hear_owner(
                    transaction,
                    account,
                    action.person_id,
                    each,
                    at=now,
                    now=now,
                    # Another attempt may find what the one before it has written.
                    for_action=action.action_id if action.attempt == 1 else "",
                )
            conversation = await transaction.conversation(account, asking)
            published = transaction.published
        if published:
            self._on_published()
        return _Heard(answers=answers, suppressed=suppressed, conversation=conversation)

    def _verdict(self, request: ActionRequest, heard: _Heard) -> AttemptResult | None:
        answers = heard.answers
        replied = any(not is_automatic(each.text) for each in answers)
        if ended_by_reply(request, replied=replied, automatic=bool(answers)):
            return replace(failed("ALREADY_REPLIED"), untouched=True)
        if heard.suppressed:
            return replace(failed("PERSON_SUPPRESSED"), untouched=True)
        owner = after_owner(
            request,
            wrote_at=heard.conversation.owner_wrote_at,
            answered_at=heard.conversation.answered_at,
        )
        match owner:
            case AfterOwner.ENDS:
                return replace(failed("OWNER_WROTE"), untouched=True)
            case AfterOwner.WAITS:
                return self._owner_waits(request)
            case AfterOwner.GOES:
                return self._person_away(request, answers)
            case _:
                assert_never(owner)

    def _owner_waits(self, request: ActionRequest) -> AttemptResult:
        """Back into the queue until the person answers; nobody knows when."""
        now, obstacle = self._clock.now(), owner_wrote()
        return AttemptResult(
            state=ActionState.QUEUED,
            reason=obstacle.reason,
            message=obstacle.description,
            turn_at=now + slow_check(self._rules, request.action_id, now.isoformat()),
        )

    def _person_away(
        self, request: ActionRequest, answers: Sequence[Message]
    ) -> AttemptResult | None:
        back_at = _back_at(request, answers)
        if back_at is None or back_at <= self._clock.now():
            return None
        return AttemptResult(
            state=ActionState.QUEUED,
            reason="PERSON_AWAY",
            message="The person's automatic reply is being waited out.",
            turn_at=back_at,
        )


def _answers_begin(first: FirstContact, *, now: datetime) -> datetime:
    """Since when what they wrote to the account is an answer, or something open with it.

    What a colleague has done says nothing of what lies in this account's chat.
    """
    if first.by_account is not None and first.by_anybody is not None:
        return first.by_anybody - CLOCK_DIFFERENCE
    return min(now - _RECENT, (first.by_anybody or now) - CLOCK_DIFFERENCE)


def _back_at(request: ActionRequest, answers: Sequence[Message]) -> datetime | None:
    """Until when a machine says that they are away."""
    told = [each.at for each in answers if each.at is not None and is_automatic(each.text)]
    if not told or request.automatic_reply_wait is None:
        return None
    return max(told) + request.automatic_reply_wait
