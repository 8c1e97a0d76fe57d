"""Unipile's webhooks: stored before they are answered, then understood."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.lifecycle import AccountLifecycle
from linkedin_gateway.inbound import inbound_repository, payloads
from linkedin_gateway.inbound.acceptances import hear_note, record_acceptance
from linkedin_gateway.inbound.inbound_transaction import InboundTransaction
from linkedin_gateway.inbound.payloads import JSON, MessagePayload, RelationPayload, StatusPayload
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account
from linkedin_gateway.outbox.outbox_repository import OutboxRepository
from linkedin_gateway.people.aliases import shown
from linkedin_gateway.replies.chat_reader import ChatReader
from linkedin_gateway.replies.hearing import hear
from linkedin_gateway.replies.message import Author, Message, to_whom, written_by_owner
from linkedin_gateway.replies.owner_messages import hear_owner

_RETRY_AFTER = timedelta(seconds=10)
_ASKED_AGAIN = 8
"""How often the store is asked whom a chat is with: an hour, by when it has it if it ever does."""

log = get_logger(__name__)


class InboundHandler:
    """Makes sense of what was stored; see `http` for how it comes in."""

    def __init__(
        self,
        repository: inbound_repository.InboundRepository,
        accounts: AccountRepository,
        lifecycle: AccountLifecycle,
        outbox: OutboxRepository,
        chats: ChatReader,
        metrics: Metrics,
        clock: Clock,
        *,
        kept: timedelta,
        on_published: Callable[[], None],
        on_unregistered: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._repository = repository
        self._accounts = accounts
        self._lifecycle = lifecycle
        self._outbox = outbox
        self._chats = chats
        self._metrics = metrics
        self._clock = clock
        self._kept = kept
        self._on_published = on_published
        self._on_unregistered = on_unregistered
        """Called with the id and status of an account that is not registered."""

    async def receive(self, raw: bytes) -> bool:
        """Store a webhook as it came, then understand it; false if it is no JSON object."""
        body = await inbound_repository.read_body(raw)
        if body is not None:
            await self._take(raw, body)
            return True
        key, now = payloads.raw_key(raw), self._clock.now()
        if await self._repository.store(key, raw, received_at=now, retry_at=now):
            # Kept for people, and for a release that can read it.
            await self._repository.mark_understood(key, now=now)
        return False

    async def take(self, body: Mapping[str, Any]) -> bool:
        """Store and understand what was found at the provider; false if it was known."""
        return await self._take(json.dumps(body).encode(), body)

    async def _take(self, raw: bytes, body: Mapping[str, Any]) -> bool:
        received_at = self._clock.now()
        key = self._repository.kept_key(payloads.dedupe_key(body, raw, received_at=received_at))
        source = payloads.source_of(body)
        retry_at = received_at + self._clock.virtual(_RETRY_AFTER)
        if not await self._repository.store(key, raw, received_at=received_at, retry_at=retry_at):
            self._metrics.inbound.labels(source, "repeated").inc()
            return False
        self._metrics.inbound.labels(source, "stored").inc()
        await self._understand(key, body)
        return True

    async def retry_due(self) -> None:
        """Understand what another process stored and did not come to, or what failed."""
        now = self._clock.now()
        for each in await self._repository.not_understood(now=now):
            key, attempts = each.dedupe_key, each.attempts
            stored = await self._repository.take_up(each, again_at=self._again_at(attempts))
            if stored is None:
                continue
            body = (
                None if stored.raw is None else await inbound_repository.read_body(stored.raw) or {}
            )
            await self._understand(key, body, attempts=attempts, counted=True)
        await self._repository.forget(before=now - self._kept)

    async def replay(self, *, since: datetime, account: Account | None) -> int:
        """Follow again what came since, as it was then; returns how many events come of it.

        States of accounts are not followed again, they were true only then: the events that
        were published of them are published again. What else was never understood is followed now.
        """
        account_id = account.account_id if account is not None else ""
        events = await self._outbox.reopen_accounts(since=since, account_id=account_id)
        async for stored in self._repository.since(since):
            body = await inbound_repository.read_body(stored.raw or b"") or {}
            payload = payloads.read(body)
            if payload is None:
                continue
            concerned = await self._accounts.find(payload.unipile_account_id)
            if concerned is None or account_id not in {"", concerned.account_id}:
                continue
            if isinstance(payload, StatusPayload):
                if stored.parked:
                    await self._repository.mark_understood(stored.dedupe_key, now=self._clock.now())
            elif not stored.understood:
                # As if it had just come; what is still tried is given up no sooner for that.
                attempts = min(stored.attempts, inbound_repository.MOST_ATTEMPTS)
                await self._understand(stored.dedupe_key, body, attempts=attempts)
            else:
                events += await self._replay(concerned, payload, received_at=stored.received_at)
        self._on_published()
        log.info("inbound_replayed", since=since.isoformat(), account_id=account_id, events=events)
        return events

    async def _replay(
        self, account: Account, payload: RelationPayload | MessagePayload, *, received_at: datetime
    ) -> int:
        async with self._repository.transaction(replayed_from=received_at) as transaction:
            await self._on_person(transaction, account, payload, at=received_at)
            return transaction.published

    async def _understand(
        self, key: str, body: JSON | None, *, attempts: int = 0, counted: bool = False
    ) -> None:
        """What cannot be understood, or opened, stays stored and is tried again, ever later."""
        try:
            followed = await self._follow(key, body, final=attempts >= _ASKED_AGAIN)
        except Exception:
            self._metrics.inbound.labels(payloads.source_of(body or {}), "failed").inc()
            log.exception("webhook_not_understood", webhook=payloads.named(key), attempts=attempts)
            followed = False
        if followed:
            account_id, now = payloads.account_of(body or {}), self._clock.now()
            await self._repository.mark_understood(key, now=now, unipile_account_id=account_id)
        elif not counted:
            await self._repository.try_again(key, at=self._again_at(attempts))

    def _again_at(self, attempts: int) -> datetime:
        return self._clock.now() + self._clock.virtual(_RETRY_AFTER * 2**attempts)

    async def _follow(self, key: str, body: JSON | None, *, final: bool) -> bool:
        """False if whom it concerns may be told later; `final` if nobody asks any more."""
        if body is None:
            return False
        payload = payloads.read(body)
        if payload is None:
            return True
        account = await self._accounts.find(payload.unipile_account_id)
        if account is None:
            if isinstance(payload, StatusPayload):
                await self._on_unregistered(payload.unipile_account_id, payload.status)
            log.info("webhook_of_unknown_account", unipile_account_id=payload.unipile_account_id)
            return True
        if isinstance(payload, StatusPayload):
            await self._lifecycle.on_status(account, payload.status)
        else:
            payload = await self._numbered(account, payload)
            async with self._repository.transaction() as transaction:
                at = self._clock.now()
                known = await self._on_person(transaction, account, payload, at=at)
                later = transaction.for_later or not known
                if later and isinstance(payload, MessagePayload):
                    await transaction.keep_unmatched(account, payload.message, key=key, at=at)
            if not (known or final) and _lacks_number(payload):
                log.info("chat_not_told_yet", account_id=account.account_id)
                return False
        self._on_published()
        return True

    async def _numbered(
        self, account: Account, payload: RelationPayload | MessagePayload
    ) -> RelationPayload | MessagePayload:
        """Only a product knows its ids of people; whom else the chat is with, the store tells.

        A poll that finds the message later comes too late: it is known by then.
        """
        if isinstance(payload, RelationPayload) or not _lacks_number(payload):
            return payload
        urn = await self._chats.member_urn(account, payload.message.chat_id)
        return replace(payload, message=payload.message.with_number(urn, account.provider_id))

    async def _on_person(
        self,
        transaction: InboundTransaction,
        account: Account,
        payload: RelationPayload | MessagePayload,
        *,
        at: datetime,
    ) -> bool:
        """Whether it is known who it concerns."""
        match payload:
            case RelationPayload():
                return await self._on_relation(transaction, account, payload, at=at)
            case MessagePayload():
                return await self._on_message(transaction, account, payload.message, at=at)
            case _:
                assert_never(payload)

    async def _on_relation(
        self,
        transaction: InboundTransaction,
        account: Account,
        relation: RelationPayload,
        *,
        at: datetime,
    ) -> bool:
        person_id = await transaction.person(
            account,
            shown(
                account.account_id,
                provider_id=relation.provider_id,
                public_identifier=relation.public_identifier,
            ),
        )
        if person_id is None:
            # Somebody who connected with the account by themselves.
            return False
        if await record_acceptance(
            transaction,
            account,
            person_id,
            provider_id=relation.provider_id,
            at=at,
            now=self._clock.now(),
        ):
            log.info("invitation_accepted", account_id=account.account_id, known_by="relation")
        return True

    async def _on_message(
        self,
        transaction: InboundTransaction,
        account: Account,
        message: Message,
        *,
        at: datetime,
    ) -> bool:
        if written_by_owner(message, account.provider_id):
            return await self._on_own_message(transaction, account, message, at=at)
        if not message.says_something:
            return True
        person_id = await transaction.writer(account, message)
        if person_id is not None:
            now = self._clock.now()
            await hear(transaction, account, person_id, message, at=at, now=now)
        return person_id is not None

    async def _on_own_message(
        self,
        transaction: InboundTransaction,
        account: Account,
        message: Message,
        *,
        at: datetime,
    ) -> bool:
        """Our own words come back, or what the owner wrote by hand.

        As the note of an invitation they mean that it was accepted.
        """
        others = to_whom(message, account.provider_id)
        # It is to them, not from them: the author says nothing about who they are.
        to_them = replace(message, author=others[0] if others else Author())
        provider_id = to_them.author.provider_id
        person_id = await transaction.writer(account, to_them)
        if person_id is None:
            return False
        now = self._clock.now()
        await hear_note(
            transaction, account, person_id, message, provider_id=provider_id, at=at, now=now
        )
        if len(others) <= 1:
            transaction.for_later = await hear_owner(
                transaction, account, person_id, to_them, at=at, now=now
            )
        return True


def _lacks_number(payload: RelationPayload | MessagePayload) -> bool:
    return isinstance(payload, MessagePayload) and payload.message.lacks_number
