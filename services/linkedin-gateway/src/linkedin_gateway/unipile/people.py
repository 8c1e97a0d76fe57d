"""People as an account sees them: profiles and connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.models import Kind, Product, SentInvitation
from linkedin_gateway.unipile.transport import Transport
from linkedin_gateway.unipile.values import JSON, epoch_ms, part, path_part, text


@dataclass(frozen=True, kw_only=True)
class ProfileSeen:
    """A person as an account sees them."""

    provider_id: str
    public_identifier: str
    member_urn: str
    first_name: str
    last_name: str
    headline: str
    location: str
    connected: bool
    open_profile: bool
    invitation: SentInvitation
    received: bool
    """The person has invited the account, and it has not answered."""
    throttled: bool
    """LinkedIn left parts out because it was asked too much."""


@dataclass(frozen=True, kw_only=True)
class RelationSeen:
    """A connection."""

    provider_id: str
    public_identifier: str
    member_urn: str
    connected_at: datetime | None


class People:
    """Calls about people."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def profile(
        self, account: str, identifier: str, *, visit: bool, kind: Kind
    ) -> ProfileSeen:
        """Look at a profile; with `visit` its owner sees it."""
        answer = await self._transport.get(
            "visit" if visit else "profile",
            f"/users/{path_part(identifier)}",
            kind=kind,
            account_id=account,
            notify="true" if visit else "false",
        )
        return _profile(answer)

    async def profile_in(self, account: str, identifier: str, product: Product) -> ProfileSeen:
        """Look at a profile unseen, as one of the products beside the classic one shows it.

        Its `provider_id` is the id that the person has there.
        """
        answer = await self._transport.get(
            "profile",
            f"/users/{path_part(identifier)}",
            kind=Kind.LOOKUP,
            account_id=account,
            notify="false",
            linkedin_api=product.value,
        )
        return _profile(answer)

    async def connections(self, account: str, identifier: str) -> int | None:
        """How many connections a person has, by their profile; None if it does not tell."""
        answer = await self._transport.get(
            "connections",
            f"/users/{path_part(identifier)}",
            kind=Kind.LOOKUP,
            account_id=account,
            notify="false",
        )
        count = answer.get("connections_count")
        return count if isinstance(count, int) else None

    async def relations(self, account: str) -> AsyncIterator[RelationSeen]:
        """Connections, newest first, to the last page."""
        path = "/users/relations"
        async for item in self._transport.pages("relations", path, account_id=account):
            yield RelationSeen(
                provider_id=text(item, "member_id"),
                public_identifier=text(item, "public_identifier"),
                member_urn=text(item, "member_urn"),
                connected_at=epoch_ms(item.get("created_at")),
            )


def _profile(answer: JSON) -> ProfileSeen:
    invitation = part(answer, "invitation")
    sent = invitation.get("type") == "SENT"
    return ProfileSeen(
        provider_id=text(answer, "provider_id"),
        public_identifier=text(answer, "public_identifier"),
        member_urn=text(answer, "member_urn"),
        first_name=text(answer, "first_name"),
        last_name=text(answer, "last_name"),
        headline=text(answer, "headline"),
        location=text(answer, "location"),
        connected=answer.get("network_distance") == "FIRST_DEGREE"
        or answer.get("is_relationship") is True,
        open_profile=answer.get("is_open_profile") is True,
        invitation=SentInvitation.of(text(invitation, "status") if sent else ""),
        received=invitation.get("type") == "RECEIVED" and invitation.get("status") == "PENDING",
        throttled=bool(answer.get("throttled_sections")),
    )
