"""What Unipile tells: stored before it is answered, then made sense of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from servicekit.clock import Clock
from servicekit.telemetry.logs import get_logger

from linkedin_gateway.accounts.account_repository import AccountRepository
from linkedin_gateway.accounts.accounts import Accounts
from linkedin_gateway.inbound import acceptances
from linkedin_gateway.inbound import payloads as heard
from linkedin_gateway.inbound.auto_replies import is_automatic
from linkedin_gateway.inbound.inbound_repository import Conversation, InboundRepository, about
from linkedin_gateway.inbound.payloads import MessagePayload, RelationPayload, StatusPayload
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, person_key, text_hash
from linkedin_gateway.outbox import events
from linkedin_gateway.outbox.outbox_repository import OutboxRepository

_RETRY_AFTER = timedelta(seconds=10)

log = get_logger(__name__)


class Inbound:
    """Makes sense of what was stored; see `inbound_app` for how it comes in."""

    def __init__(
        self,
        repository: InboundRepository,
        account_repository: AccountRepository,
        accounts: Accounts,
        outbox: OutboxRepository,
        metrics: Metrics,
        clock: Clock,
        *,
        kept: timedelta,
        told: Callable[[], None],
        unknown: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._repository = repository
        self._account_repository = account_repository
        self._accounts = accounts
        self._outbox = outbox
        self._metrics = metrics
        self._clock = clock
        self._kept = kept
        self._told = told
        self._unknown = unknown
        """Called with the id and status of an account that is not registered."""

    async def receive(self, body: Mapping[str, Any]) -> None:
        """Store what came, then make sense of it. Only what is stored is answered with 200."""
        received_at = self._clock.now()
        key = heard.dedupe_key(body, received_at=received_at)
        source = heard.source_of(body)
        if not await self._repository.store(key, body, received_at=received_at):
            self._metrics.inbound.labels(source, "repeated").inc()
            return
        self._metrics.inbound.labels(source, "stored").inc()
        await self._hear(key, body)

    async def hear_again(self) -> None:
        """Make sense of what was stored by somebody who did not come to it."""
        now = self._clock.now()
        for key, body in await self._repository.unheard(
            before=now - self._clock.virtual(_RETRY_AFTER)
        ):
            await self._hear(key, body)
        await self._repository.forget(before=now - self._kept)

    async def replay(self, *, since: datetime, account: Account | None) -> int:
        """Hear again what came since, as it was then; returns how many events are told again.

        States of accounts are not heard again, they were true only then: what was told of
        them is told again.
        """
        account_id = account.account_id if account is not None else ""
        events = await self._outbox.reopen_accounts(since=since, account_id=account_id)
        async for stored in self._repository.since(since):
            said = heard.read(stored.body)
            if said is None or isinstance(said, StatusPayload):
                continue
            concerned = await self._account_repository.find(said.unipile_account_id)
            if concerned is None or account_id not in {"", concerned.account_id}:
                continue
            events += await self._replay(concerned, said, received_at=stored.received_at)
        self._told()
        log.info("inbound_replayed", since=since.isoformat(), account_id=account_id, events=events)
        return events

    async def _replay(
        self, account: Account, said: RelationPayload | MessagePayload, *, received_at: datetime
    ) -> int:
        async with self._repository.conversation(replayed_from=received_at) as conversation:
            if isinstance(said, RelationPayload):
                await self._relation(conversation, account, said, at=received_at)
            else:
                await self._message(conversation, account, said, at=received_at)
            return conversation.told

    async def _hear(self, key: str, body: Mapping[str, Any]) -> None:
        """What cannot be made sense of stays stored and is tried again."""
        try:
            await self._make_sense(body)
        except Exception:
            self._metrics.inbound.labels(heard.source_of(body), "failed").inc()
            log.exception("webhook_not_understood", dedupe_key=key)
            return
        await self._repository.heard(key, now=self._clock.now())

    async def _make_sense(self, body: Mapping[str, Any]) -> None:
        said = heard.read(body)
        if said is None:
            return
        account = await self._account_repository.find(said.unipile_account_id)
        if account is None:
            if isinstance(said, StatusPayload):
                await self._unknown(said.unipile_account_id, said.status)
            log.info("webhook_of_unknown_account", unipile_account_id=said.unipile_account_id)
            return
        match said:
            case StatusPayload():
                await self._accounts.status_heard(account, said.status)
            case RelationPayload():
                async with self._repository.conversation() as conversation:
                    await self._relation(conversation, account, said, at=self._clock.now())
            case MessagePayload():
                async with self._repository.conversation() as conversation:
                    await self._message(conversation, account, said, at=self._clock.now())
        self._told()

    async def _relation(
        self, conversation: Conversation, account: Account, said: RelationPayload, *, at: datetime
    ) -> None:
        person = await conversation.person(
            account,
            provider_id=said.provider_id,
            public_identifier=person_key(said.public_identifier),
        )
        if person is None:
            # Somebody who connected with the account by themselves.
            return
        if await acceptances.accepted(
            conversation,
            account,
            person,
            provider_id=said.provider_id,
            at=at,
            now=self._clock.now(),
        ):
            log.info("invitation_accepted", account_id=account.account_id, heard="relation")

    async def _message(
        self, conversation: Conversation, account: Account, said: MessagePayload, *, at: datetime
    ) -> None:
        owners = {said.owner_provider_id, account.provider_id} - {""}
        own = said.marked_own or said.sender_provider_id in owners
        others = [each for each in said.attendee_provider_ids if each not in owners]
        provider_id = said.sender_provider_id if not own else (others or [""])[0]
        person = await conversation.person(account, provider_id=provider_id, public_identifier="")
        if person is None:
            return
        if own:
            await self._own_message(conversation, account, person, provider_id, said, at=at)
        else:
            await self._reply(conversation, account, person, said, at=at)

    async def _own_message(
        self,
        conversation: Conversation,
        account: Account,
        person: str,
        provider_id: str,
        said: MessagePayload,
        *,
        at: datetime,
    ) -> None:
        """Our own words come back; as the note of an invitation they mean that it was accepted."""
        if not conversation.replayed and await conversation.has_accepted(account, person):
            return
        invitations = list(await conversation.invitations(account, person))
        if not acceptances.is_note(
            invitations, text_hash=text_hash(said.text), message_type=said.message_type
        ):
            return
        await acceptances.accepted(
            conversation,
            account,
            person,
            provider_id=provider_id,
            at=at,
            now=self._clock.now(),
        )
        if said.chat_id:
            await conversation.keep_chat(account, person, said.chat_id)
        log.info("invitation_accepted", account_id=account.account_id, heard="note")

    async def _reply(
        self,
        conversation: Conversation,
        account: Account,
        person: str,
        said: MessagePayload,
        *,
        at: datetime,
    ) -> None:
        if said.chat_id and not said.message_type.startswith("INMAIL"):
            await conversation.keep_chat(account, person, said.chat_id)
        leads = await conversation.touched(account, person)
        if not leads:
            return
        automatic = is_automatic(said.text)
        if automatic:
            await conversation.answered_automatically(account, leads, at=at)
        else:
            await conversation.replied(account, leads, at=at)
        await conversation.tell(
            events.reply_received(
                about(account, said.at or at),
                provider_id=said.sender_provider_id,
                chat_id=said.chat_id,
                message_id=said.message_id,
                text=said.text,
                automatic=automatic,
                leads=leads,
            ),
            now=self._clock.now(),
        )
        log.info(
            "reply_received",
            account_id=account.account_id,
            leads=len(leads),
            automatic=automatic,
        )
