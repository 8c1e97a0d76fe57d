"""Accounts that were connected, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from linkedin_gateway.unipile.transport import Answers, Transport
from linkedin_gateway.unipile.values import JSON, instant, part, parts, path_part, text, texts

_WORST_FIRST = ("CREDENTIALS", "PERMISSIONS", "ERROR", "STOPPED", "CONNECTING", "OK")


@dataclass(frozen=True, kw_only=True)
class AccountSeen:
    """An account as Unipile has it."""

    unipile_account_id: str
    name: str
    provider_id: str
    """The owner's own; empty while Unipile does not tell whose it is."""
    tier: str
    """Empty when the answer does not tell."""
    status: str
    """The worst of its sources: OK, CONNECTING, CREDENTIALS, PERMISSIONS, ERROR or STOPPED."""
    created_at: datetime | None
    linkedin: bool
    """Whether it is an account at LinkedIn; Unipile has others."""


@dataclass(frozen=True, kw_only=True)
class OwnerSeen:
    """Who an account belongs to, as they see themselves."""

    provider_id: str
    premium: bool


class Accounts:
    """Calls about accounts."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def read(self, unipile_account_id: str) -> AccountSeen:
        """One account; NOT_FOUND if it was removed."""
        path = f"/accounts/{path_part(unipile_account_id)}"
        return _account(await self._transport.get("account", path, answers=Answers.STORE))

    async def owner(self, account: str) -> OwnerSeen:
        """The account's owner, by their own profile."""
        answer = await self._transport.get("own_profile", "/users/me", account_id=account)
        return OwnerSeen(
            provider_id=text(answer, "provider_id"), premium=answer.get("premium") is True
        )

    async def restart(self, unipile_account_id: str) -> bool:
        """Start an account anew; False when only its owner can."""
        path = f"/accounts/{path_part(unipile_account_id)}/restart"
        answer = await self._transport.call("restart", "POST", path, answers=Answers.SIGN_IN)
        return text(answer, "object") == "AccountRestarted"

    async def delete(self, unipile_account_id: str) -> None:
        """Remove an account; NOT_FOUND if it is not there."""
        path = f"/accounts/{path_part(unipile_account_id)}"
        await self._transport.call("account_delete", "DELETE", path)

    async def inmail_balance(self, account: str) -> JSON:
        """Credits by product; None where the product is not subscribed."""
        path = "/linkedin/inmail_balance"
        return await self._transport.get("inmail_balance", path, account_id=account)


def _account(answer: JSON) -> AccountSeen:
    person = part(part(answer, "connection_params"), "im")
    statuses = {text(source, "status") for source in parts(answer, "sources")}
    return AccountSeen(
        unipile_account_id=text(answer, "id"),
        name=text(answer, "name"),
        provider_id=text(person, "id"),
        tier=_tier(person),
        status=next((status for status in _WORST_FIRST if status in statuses), "CONNECTING"),
        created_at=instant(answer.get("created_at")),
        linkedin=text(answer, "type") == "LINKEDIN",
    )


def _tier(person: JSON) -> str:
    features = set(texts(person, "premiumFeatures"))
    if "recruiter" in features:
        return "recruiter"
    if "sales_navigator" in features:
        return "sales_navigator"
    if features or person.get("premiumId"):
        return "premium"
    return "free" if {"premiumFeatures", "premiumId"} & person.keys() else ""
