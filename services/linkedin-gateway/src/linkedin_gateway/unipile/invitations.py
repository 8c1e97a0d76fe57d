"""Invitations to connect: sent, listed, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Kind
from linkedin_gateway.unipile.transport import Transport
from linkedin_gateway.unipile.values import instant, part, path_part, text


@dataclass(frozen=True, kw_only=True)
class InvitationSeen:
    """An invitation that is pending."""

    invitation_id: str
    provider_id: str
    public_identifier: str
    sent_at: datetime | None = None
    """Precise to the day at best."""
    note: str = ""
    """Empty also where it is not told."""


@dataclass(frozen=True, kw_only=True)
class InvitationReceived:
    """An invitation that waits for the account's owner."""

    invitation_id: str
    provider_id: str
    public_identifier: str
    shared_secret: str


@dataclass(frozen=True, kw_only=True)
class InvitationSent:
    invitation_id: str
    usage: int
    """Percent of the provider's quota; 0 when nothing was said."""


class Invitations:
    """Calls about invitations of an account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(
        self, account: str, provider_id: str, note: str, *, email: str = ""
    ) -> InvitationSent:
        """Ask to connect; some can be asked only with their e-mail address."""
        body = {"account_id": account, "provider_id": provider_id}
        if email:
            body["user_email"] = email
        if note:
            body["message"] = note
        answer = await self._transport.call(
            "invite", "POST", "/users/invite", kind=Kind.INVITATION, json=body
        )
        usage = answer.get("usage")
        return InvitationSent(
            invitation_id=text(answer, "invitation_id"),
            usage=int(usage) if isinstance(usage, int | float) else 0,
        )

    async def pending(self, account: str) -> AsyncIterator[InvitationSeen]:
        """Those that are pending, newest first, to the last page."""
        path = "/users/invite/sent"
        async for item in self._transport.pages("sent_list", path, account_id=account):
            yield InvitationSeen(
                invitation_id=text(item, "id"),
                provider_id=text(item, "invited_user_id"),
                public_identifier=text(item, "invited_user_public_id"),
                sent_at=instant(item.get("parsed_datetime")),
                note=text(item, "invitation_text"),
            )

    async def received(self, account: str) -> AsyncIterator[InvitationReceived]:
        """Those that wait for the account's owner, newest first, to the last page."""
        path = "/users/invite/received"
        async for item in self._transport.pages("received_list", path, account_id=account):
            inviter, specifics = part(item, "inviter"), part(item, "specifics")
            yield InvitationReceived(
                invitation_id=text(item, "id"),
                provider_id=text(inviter, "inviter_id"),
                public_identifier=text(inviter, "inviter_public_identifier"),
                shared_secret=text(specifics, "shared_secret"),
            )

    async def accept(self, account: str, received: InvitationReceived) -> None:
        """Accept one that a person has sent; they are connected then."""
        await self._transport.call(
            "accept",
            "POST",
            f"/users/invite/received/{path_part(received.invitation_id)}",
            kind=Kind.INVITATION,
            json={
                "provider": "LINKEDIN",
                "account_id": account,
                "shared_secret": received.shared_secret,
                "action": "accept",
            },
        )

    async def withdraw(self, account: str, invitation_id: str) -> None:
        """Take one back."""
        await self._transport.call(
            "withdraw",
            "DELETE",
            f"/users/invite/sent/{path_part(invitation_id)}",
            kind=Kind.WITHDRAWAL,
            params={"account_id": account},
        )
