"""Unipile's webhooks: authenticated, stored before they are answered, then made sense of."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from servicekit.clock import Clock
from servicekit.logs import get_logger
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from linkedin_gateway import acceptances, events, heard
from linkedin_gateway.account_repository import AccountRepository
from linkedin_gateway.accounts import Accounts
from linkedin_gateway.heard import MessageHeard, RelationHeard, StatusHeard
from linkedin_gateway.inbound_repository import Conversation, InboundRepository, about
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Account, person_key, text_hash

SECRET_HEADER = "Unipile-Auth"  # noqa: S105 - the header's name
_LARGEST = 1024 * 1024
_RETRY_AFTER = timedelta(seconds=10)
_KEPT = timedelta(days=30)

log = get_logger(__name__)


class Inbound:
    """Makes sense of what was stored; see `inbound_app` for how it comes in."""

    def __init__(
        self,
        repository: InboundRepository,
        account_repository: AccountRepository,
        accounts: Accounts,
        metrics: Metrics,
        clock: Clock,
        *,
        told: Callable[[], None],
    ) -> None:
        self._repository = repository
        self._account_repository = account_repository
        self._accounts = accounts
        self._metrics = metrics
        self._clock = clock
        self._told = told

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
        await self._repository.forget(before=now - _KEPT)

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
            log.info("webhook_of_unknown_account", unipile_account_id=said.unipile_account_id)
            return
        match said:
            case StatusHeard():
                await self._accounts.status_heard(account, said.status)
            case RelationHeard():
                await self._relation(account, said)
            case MessageHeard():
                await self._message(account, said)
        self._told()

    async def _relation(self, account: Account, said: RelationHeard) -> None:
        now = self._clock.now()
        async with self._repository.conversation() as conversation:
            person = await conversation.person(
                account,
                provider_id=said.provider_id,
                public_identifier=person_key(said.public_identifier),
            )
            if person is None:
                # Somebody who connected with the account by themselves.
                return
            if await acceptances.accepted(
                conversation, account, person, provider_id=said.provider_id, at=now, now=now
            ):
                log.info("invitation_accepted", account_id=account.account_id, heard="relation")

    async def _message(self, account: Account, said: MessageHeard) -> None:
        owners = {said.owner_provider_id, account.provider_id} - {""}
        own = said.marked_own or said.sender_provider_id in owners
        others = [each for each in said.attendee_provider_ids if each not in owners]
        provider_id = said.sender_provider_id if not own else (others or [""])[0]
        async with self._repository.conversation() as conversation:
            person = await conversation.person(
                account, provider_id=provider_id, public_identifier=""
            )
            if person is None:
                return
            if own:
                await self._own_message(conversation, account, person, provider_id, said)
            else:
                await self._reply(conversation, account, person, said)

    async def _own_message(
        self,
        conversation: Conversation,
        account: Account,
        person: str,
        provider_id: str,
        said: MessageHeard,
    ) -> None:
        """Our own words come back; as the note of an invitation they mean that it was accepted."""
        if await conversation.connected(account, person):
            return
        invitations = list(await conversation.invitations(account, person))
        if not acceptances.is_note(
            invitations, text_hash=text_hash(said.text), message_type=said.message_type
        ):
            return
        now = self._clock.now()
        await acceptances.accepted(
            conversation, account, person, provider_id=provider_id, at=now, now=now
        )
        if said.chat_id:
            await conversation.keep_chat(account, person, said.chat_id)
        log.info("invitation_accepted", account_id=account.account_id, heard="note")

    async def _reply(
        self, conversation: Conversation, account: Account, person: str, said: MessageHeard
    ) -> None:
        now = self._clock.now()
        if said.chat_id and not said.message_type.startswith("INMAIL"):
            await conversation.keep_chat(account, person, said.chat_id)
        leads = await conversation.touched(account, person)
        if not leads:
            return
        await conversation.replied(account, leads, at=now)
        await conversation.tell(
            events.reply_received(
                about(account, said.at or now),
                provider_id=said.sender_provider_id,
                chat_id=said.chat_id,
                message_id=said.message_id,
                text=said.text,
                leads=leads,
            ),
            now=now,
        )
        log.info("reply_received", account_id=account.account_id, leads=len(leads))


def inbound_app(inbound: Inbound, *, token: str, secret: str, metrics: Metrics) -> Starlette:
    """`POST /webhooks/unipile/{token}`, the only route of the only exposed port.

    Unipile signs nothing: the path is unguessable and a header carries a secret.
    """

    async def webhook(request: Request) -> Response:
        given_token = request.path_params["token"]
        given_secret = request.headers.get(SECRET_HEADER, "")
        if not (_same(given_token, token) and _same(given_secret, secret)):
            metrics.inbound.labels("other", "unauthenticated").inc()
            return PlainTextResponse("not found\n", status_code=404)
        raw = await _limited_body(request)
        if raw is None:
            return PlainTextResponse("too large\n", status_code=413)
        try:
            # Whatever the content type says: Unipile sends none unless told to.
            body = json.loads(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            metrics.inbound.labels("other", "unreadable").inc()
            return PlainTextResponse("not a JSON object\n", status_code=400)
        await inbound.receive(body)
        return PlainTextResponse("ok\n")

    return Starlette(routes=[Route("/webhooks/unipile/{token}", webhook, methods=["POST"])])


async def _limited_body(request: Request) -> bytes | None:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _LARGEST:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
