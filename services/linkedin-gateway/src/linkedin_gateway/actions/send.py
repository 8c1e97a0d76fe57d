"""The one write that each kind of action is, once its target is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.actions.profiles import profile_seen
from linkedin_gateway.models import Account, Action, ActionRequest, Kind, Outcome, Profile
from linkedin_gateway.unipile import MessageSent, Unipile


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came back, and what was learnt of the person."""

    outcome: Outcome
    profile: Profile
    usage: int = 0
    """Percent of the provider's quota, when it said so."""
    throttled: bool = False
    """It was done, and LinkedIn let it be known that it is enough."""


class ActionSender:
    def __init__(self, unipile: Unipile) -> None:
        self._unipile = unipile

    async def send(
        self, request: ActionRequest, action: Action, account: Account, *, now: datetime
    ) -> Sent:
        """Make the call; exactly one, and a write."""
        match request.kind:
            case Kind.VISIT:
                return await self._visit(request, account, now)
            case Kind.INVITATION:
                return await self._invite(request, action, account, now)
            case Kind.MESSAGE | Kind.INMAIL:
                return await self._write(request, action, account)
            case Kind.WITHDRAWAL:
                return await self._withdraw(action, account)
            case Kind.REACTION | Kind.COMMENT:
                return await self._engage(request, action, account)
            case _:
                raise ValueError(f"{request.kind} is not a write")

    async def _visit(self, request: ActionRequest, account: Account, now: datetime) -> Sent:
        seen = await self._unipile.people.profile(
            account.unipile_account_id, request.person, visit=True, kind=Kind.VISIT
        )
        profile = profile_seen(request.person, seen, read_at=now)
        outcome = Outcome(provider_id=seen.provider_id)
        return Sent(outcome=outcome, profile=profile, throttled=seen.throttled)

    async def _invite(
        self, request: ActionRequest, action: Action, account: Account, now: datetime
    ) -> Sent:
        provider_id = action.target.provider_id
        sent = await self._unipile.invitations.send(
            account.unipile_account_id, provider_id, request.text
        )
        return Sent(
            outcome=Outcome(provider_id=provider_id, invitation_id=sent.invitation_id),
            profile=Profile(
                person=request.person,
                provider_id=provider_id,
                invited_at=now,
                invitation_id=sent.invitation_id,
            ),
            usage=sent.usage,
        )

    async def _write(self, request: ActionRequest, action: Action, account: Account) -> Sent:
        target = action.target
        sent = await self._message(request, action, account)
        chat_id = sent.chat_id or target.chat_id
        return Sent(
            outcome=Outcome(
                provider_id=target.provider_id,
                chat_id=chat_id,
                message_id=sent.message_id,
                connected=target.connected,
                sent_as_message=request.kind is Kind.INMAIL and action.as_message,
            ),
            # An InMail's chat is not the one in which connected people write.
            profile=Profile(
                person=request.person,
                provider_id=target.provider_id,
                connected=target.connected,
                chat_id=chat_id if action.as_message else "",
            ),
        )

    async def _message(
        self, request: ActionRequest, action: Action, account: Account
    ) -> MessageSent:
        target = action.target
        if action.as_message and target.chat_id:
            return await self._unipile.messages.write(
                account.unipile_account_id, target.chat_id, request.text
            )
        return await self._unipile.messages.start_chat(
            account.unipile_account_id,
            target.provider_id,
            request.text,
            subject=request.subject,
            inmail=not action.as_message,
        )

    async def _withdraw(self, action: Action, account: Account) -> Sent:
        target = action.target
        await self._unipile.invitations.withdraw(account.unipile_account_id, target.invitation_id)
        return Sent(
            outcome=Outcome(provider_id=target.provider_id, invitation_id=target.invitation_id),
            profile=Profile(person=action.person, provider_id=target.provider_id),
        )

    async def _engage(self, request: ActionRequest, action: Action, account: Account) -> Sent:
        target = action.target
        unipile_account = account.unipile_account_id
        if request.kind is Kind.REACTION:
            await self._unipile.posts.react(unipile_account, target.post_id, request.reaction)
        else:
            await self._unipile.posts.comment(unipile_account, target.post_id, request.text)
        return Sent(
            outcome=Outcome(provider_id=target.provider_id, post_id=target.post_id),
            profile=Profile(person=request.person, provider_id=target.provider_id),
        )
