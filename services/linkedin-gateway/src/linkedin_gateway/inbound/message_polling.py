"""Messages whose webhooks were lost, found in Unipile's store minutes later.

What happens there happens in real time, whatever the clock's speed: how often is looked, how far
back, and how long one poll may take.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.inbound import payloads
from linkedin_gateway.inbound.handler import InboundHandler
from linkedin_gateway.inbound.message_poll_repository import MessagePollRepository
from linkedin_gateway.models import Account
from linkedin_gateway.replies.chat_reader import ChatReader
from linkedin_gateway.replies.message import of_product
from linkedin_gateway.unipile import Unipile, UnipileError
from linkedin_gateway.unipile.values import JSON, text

_AT_ONCE = 8
_LEASE = timedelta(minutes=5)
"""After which another process may poll, because this one has died."""
_FIRST = timedelta(days=14)
"""How far back the first poll of an account reads, in domain time."""

log = get_logger(__name__)


class MessagePoller:
    """`interval` and `overlap` are real time."""

    def __init__(
        self,
        repository: MessagePollRepository,
        unipile: Unipile,
        chats: ChatReader,
        inbound: InboundHandler,
        clock: Clock,
        *,
        interval: timedelta,
        overlap: timedelta,
    ) -> None:
        self._repository = repository
        self._unipile = unipile
        self._chats = chats
        self._inbound = inbound
        self._clock = clock
        self._interval = interval
        self._overlap = overlap

    async def poll_due(self) -> None:
        """Poll for the accounts whose time has come, each by one process at a time."""
        due = await self._repository.due(now=self._clock.now(), limit=_AT_ONCE)
        await asyncio.gather(*(self._poll_alone(account) for account in due))

    async def _poll_alone(self, account: Account) -> None:
        begun_at = self._clock.now()
        taken = await self._repository.take(
            account, now=begun_at, until=begun_at + self._clock.virtual(_LEASE)
        )
        if taken is None:
            return
        read_to = None
        try:
            since = taken.read_to or begun_at - _FIRST
            await self.poll(account, overlap_before=since)
            read_to = begun_at
        except UnipileError as error:
            log.warning("messages_not_polled", account_id=account.account_id, error=str(error))
        finally:
            next_at = self._clock.now() + self._clock.virtual(self._interval)
            await self._repository.release(account, read_to=read_to, next_at=next_at)

    async def poll(self, account: Account, *, overlap_before: datetime) -> int:
        """Take in the messages since shortly before a moment; returns how many were new."""
        since = overlap_before - self._clock.virtual(self._overlap)
        new = 0
        async for stored in self._unipile.messages.since(account.unipile_account_id, since):
            whole = await self._with_urn(account, stored)
            new += await self._inbound.take(payloads.found(account.unipile_account_id, whole))
        if new:
            log.info("messages_found", account_id=account.account_id, messages=new)
        return new

    async def _with_urn(self, account: Account, stored: JSON) -> JSON:
        """The message with the number of who wrote it, or to whom it is, where ids do not tell.

        Only a product knows its ids of people, and the owner's message does not say to whom it is.
        """
        own = bool(stored.get("is_sender"))
        told = text(stored, "sender_urn") or not of_product(text(stored, "sender_id"))
        if told and not own:
            return stored
        urn = await self._chats.member_urn(account, text(stored, "chat_id"))
        return {**stored, "attendee_urn" if own else "sender_urn": urn}
