"""Owners who sign in: on a page of Unipile's, or with their credentials through us."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from linkedin_gateway.unipile.transport import Answers, Transport
from linkedin_gateway.unipile.values import JSON, instant_text, part, parts, path_part, text


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """What LinkedIn is shown to let an account in; nothing of it is ever printed."""

    username: str = field(repr=False)
    password: SecretStr
    session_cookie: SecretStr
    user_agent: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """LinkedIn let the account in."""

    unipile_account_id: str


@dataclass(frozen=True, kw_only=True)
class CheckpointSeen:
    """LinkedIn wants something from the account's owner first."""

    unipile_account_id: str
    kind: str
    source: str
    options: tuple[tuple[str, str], ...]
    """Ids and names to choose from."""


class SignIns:
    """Calls by which accounts are connected."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def link(
        self,
        *,
        api_url: str,
        expires_at: datetime,
        reconnect: str,
        name: str,
        notify_url: str,
        success_url: str,
        failure_url: str,
    ) -> str:
        """A page on which an account's owner signs in; `reconnect` names an account to keep."""
        body: dict[str, Any] = {
            "type": "reconnect" if reconnect else "create",
            "api_url": api_url,
            "expiresOn": instant_text(expires_at),
            "name": name,
            "notify_url": notify_url,
        }
        body |= {"reconnect_account": reconnect} if reconnect else {"providers": ["LINKEDIN"]}
        if success_url:
            body["success_redirect_url"] = success_url
        if failure_url:
            body["failure_redirect_url"] = failure_url
        path = "/hosted/accounts/link"
        answer = await self._transport.call(
            "hosted_link", "POST", path, answers=Answers.STORE, json=body
        )
        return text(answer, "url")

    async def begin(self, given: SignIn, *, reconnect: str = "") -> SignedIn | CheckpointSeen:
        """Connect an account, or with `reconnect` that one again."""
        body = {"provider": "LINKEDIN"}
        if given.session_cookie.get_secret_value():
            body["access_token"] = given.session_cookie.get_secret_value()
        else:
            body["username"] = given.username
            body["password"] = given.password.get_secret_value()
        if given.user_agent:
            body["user_agent"] = given.user_agent
        if given.country:
            body["country"] = given.country
        path = f"/accounts/{path_part(reconnect)}" if reconnect else "/accounts"
        return _signed_in(await self._post("sign_in", path, body))

    async def solve(self, unipile_account_id: str, code: str) -> SignedIn | CheckpointSeen:
        """Answer what LinkedIn asked of the account's owner."""
        body = {"provider": "LINKEDIN", "account_id": unipile_account_id, "code": code}
        return _signed_in(await self._post("solve_checkpoint", "/accounts/checkpoint", body))

    async def resend(self, unipile_account_id: str) -> bool:
        """Have the code of a checkpoint sent once more; False if it was not."""
        body = {"provider": "LINKEDIN", "account_id": unipile_account_id}
        answer = await self._post("resend_checkpoint", "/accounts/checkpoint/resend", body)
        return answer.get("success") is not False

    async def _post(self, call: str, path: str, body: JSON) -> JSON:
        return await self._transport.call(call, "POST", path, answers=Answers.SIGN_IN, json=body)


def _signed_in(answer: JSON) -> SignedIn | CheckpointSeen:
    unipile_account_id = text(answer, "account_id")
    if text(answer, "object") != "Checkpoint":
        return SignedIn(unipile_account_id=unipile_account_id)
    checkpoint = part(answer, "checkpoint")
    options = parts(checkpoint, "contract_options")
    return CheckpointSeen(
        unipile_account_id=unipile_account_id,
        kind=text(checkpoint, "type"),
        source=text(checkpoint, "source"),
        options=tuple((text(option, "id"), text(option, "name")) for option in options),
    )
