"""Every route once, with an answer of every success."""

from __future__ import annotations

from typing import Any

import httpx

from tests.unit.unipile_simulator.conftest import ACCOUNT, DAY, Simulator

LINK = {
    "type": "create",
    "api_url": "https://api1.unipile.com:13111",
    "expiresOn": "2026-01-07T08:00:00.000Z",
    "providers": ["LINKEDIN"],
}
SIGN_IN = {"provider": "LINKEDIN", "password": "x"}
WEBHOOK = {
    "request_url": "http://receiver/hook",
    "source": "messaging",
    "name": "inbox",
    "format": "json",
    "account_ids": [ACCOUNT],
    "enabled": True,
    "headers": [{"key": "Unipile-Auth", "value": "secret"}],
    "events": ["message_received"],
    "data": [{"name": "what", "key": "message"}],
}
SEARCH = {"api": "classic", "category": "people", "keywords": "founder"}


class Tour:
    """Drives a simulator by every route, and remembers which answered what."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.answers: list[httpx.Response] = []

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call; what it answers."""
        answer = await self.sim.http.request(method, path, params=query, json=body)
        self.answers.append(answer)
        return answer.json()

    async def run(self) -> None:
        """All of it."""
        await self._accounts()
        await self._people()
        await self._posts()
        await self._messages()
        await self._webhooks()

    async def _accounts(self) -> None:
        call = self.call
        await call("GET", "/accounts")
        made = await call("POST", "/accounts", SIGN_IN | {"username": "ada"})
        waiting = await call("POST", "/accounts", SIGN_IN | {"username": "2fa-ada"})
        code = {"account_id": waiting["account_id"], "provider": "LINKEDIN"}
        await call("POST", "/accounts/checkpoint/resend", code)
        await call("POST", "/accounts/checkpoint", code | {"code": "TRY_ANOTHER_WAY"})
        await call("POST", "/accounts/checkpoint", code | {"code": "123456"})
        for kind in ("captcha", "contract", "phone", "in_app"):
            await call("POST", "/accounts", SIGN_IN | {"username": f"{kind}-ada"})
        path = f"/accounts/{made['account_id']}"
        await call("GET", path)
        await call("POST", path, SIGN_IN | {"username": "ada"})
        await call("POST", path, SIGN_IN | {"username": "otp-ada"})
        await call("POST", f"{path}/restart")
        await call("GET", f"{path}/sync")
        await call("DELETE", path)
        await call("POST", "/hosted/accounts/link", LINK)

    async def _people(self) -> None:
        call, sim, account = self.call, self.sim, {"account_id": ACCOUNT}
        provider_id = await sim.person("jane-doe", "never_answers")
        await sim.person("inviter", "invites_first")
        await sim.control("POST", "/people/other/invite", account_id=ACCOUNT, note="hello")
        await call("GET", "/users/me", **account)
        await call("GET", "/users/followers", **account)
        await call("GET", "/users/following", **account)
        await call("GET", "/users/relations", **account)
        await call("GET", "/users/inviter", **account)
        await call("GET", "/users/jane-doe", linkedin_sections="*", notify="true", **account)
        sent = await call("POST", "/users/invite", account | {"provider_id": provider_id})
        await call("GET", "/users/jane-doe", **account)
        await call("GET", "/users/invite/sent", **account)
        await call("DELETE", f"/users/invite/sent/{sent['invitation_id']}", **account)
        received = await call("GET", "/users/invite/received", **account)
        for item, action in zip(received["items"], ("accept", "decline"), strict=True):
            secret = item["specifics"]["shared_secret"]
            body = {"provider": "LINKEDIN", "shared_secret": secret, "action": action}
            await call("POST", f"/users/invite/received/{item['id']}", account | body)
        for category in ("people", "companies", "posts"):
            body = SEARCH | {"category": category, "keywords": "" if category == "posts" else "o"}
            await call("POST", "/linkedin/search", body, limit="50", **account)
        await call("GET", "/linkedin/inmail_balance", **account)

    async def _posts(self) -> None:
        call, account = self.call, {"account_id": ACCOUNT}
        for name in ("jane-doe", "reposter"):
            kind = "only_reposts" if name == "reposter" else "already_connected"
            provider_id = await self.sim.person(name, kind)
            posts = await call("GET", f"/users/{provider_id}/posts", **account)
        post = posts["items"][0]["social_id"]
        await call("GET", f"/posts/{post}", **account)
        sent = await call("POST", f"/posts/{post}/comments", account | {"text": "Well put."})
        reply = {"text": "Indeed.", "comment_id": sent["comment_id"]}
        await call("POST", f"/posts/{post}/comments", account | reply)
        await call("POST", "/posts/reaction", account | {"post_id": post})
        await call("GET", f"/posts/{post}/comments", **account)
        await call("GET", f"/posts/{post}/reactions", **account)
        await call("GET", f"/posts/{post}", **account)

    async def _messages(self) -> None:
        call, sim = self.call, self.sim
        friend = await sim.person("friend", "already_connected")
        stranger = await sim.person("stranger", "open_profile")
        started = await sim.write(friend, "hello")
        inmail = {"linkedin[inmail]": "true", "subject": "About looms"}
        self.answers += [started, await sim.write(stranger, "hello", **inmail)]
        await sim.control(
            "POST", "/people/friend/reply", text="hi", account_id=ACCOUNT, event_type=2
        )
        await sim.control("POST", "/people/friend/edit", text="ho", account_id=ACCOUNT)
        sim.clock.advance(DAY)
        chat = f"/chats/{started.json()['chat_id']}"
        files = [("text", (None, "again"))]
        self.answers.append(await sim.http.post(f"{chat}/messages", files=files))
        await call("GET", "/chats")
        await call("GET", chat)
        await call("PATCH", chat, {"action": "setReadStatus", "value": True})
        await call("GET", f"{chat}/messages")
        await call("GET", f"{chat}/attendees")
        newest = (await call("GET", "/messages"))["items"][0]
        await call("GET", f"/messages/{newest['id']}")
        attendee = (await call("GET", "/chat_attendees"))["items"][0]["id"]
        for part in ("", "/chats", "/messages"):
            await call("GET", f"/chat_attendees/{attendee}{part}")

    async def _webhooks(self) -> None:
        created = await self.call("POST", "/webhooks", WEBHOOK)
        bare = {"request_url": "http://receiver/hook", "source": "account_status"}
        await self.call("POST", "/webhooks", bare)
        await self.call("GET", "/webhooks")
        await self.call("DELETE", f"/webhooks/{created['webhook_id']}")
