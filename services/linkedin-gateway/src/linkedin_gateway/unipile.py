"""The only module that knows Unipile's addresses and JSON (API v1).

Nothing is retried here: a write is sent once, and whoever called decides from the class of
the error. Every failure is a `UnipileError`, whatever came back or did not.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from opentelemetry import trace
from pydantic import SecretStr
from servicekit import telemetry

from linkedin_gateway.kinds import Kind
from linkedin_gateway.metrics import Metrics
from linkedin_gateway.provider_errors import ErrorClass, Meaning, meaning

PAGE = 100
"""Items per page of a list; the least upper limit among the routes."""
_MOST_PAGES = 200

JSON = Mapping[str, Any]
Files = Sequence[tuple[str, tuple[None, str]]]


class UnipileError(Exception):
    """Unipile did not do as asked, or did not say."""

    def __init__(
        self,
        told: Meaning,
        *,
        status: int = 0,
        error_type: str = "",
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(f"{status or 'no answer'} {error_type} ({told.error_class.value})".strip())
        self.meaning = told
        self.status = status
        self.error_type = error_type
        self.retry_after = retry_after

    @property
    def error_class(self) -> ErrorClass:
        return self.meaning.error_class


@dataclass(frozen=True, kw_only=True)
class AccountSeen:
    """An account as Unipile has it."""

    unipile_account_id: str
    name: str
    provider_id: str
    tier: str
    """Empty when the answer does not tell."""
    status: str
    """The worst of its sources: OK, CONNECTING, CREDENTIALS, PERMISSIONS, ERROR or STOPPED."""
    created_at: datetime | None
    linkedin: bool
    """Whether it is an account at LinkedIn; Unipile has others."""


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


@dataclass(frozen=True, kw_only=True)
class ProfileSeen:
    """A person as an account sees them."""

    provider_id: str
    public_identifier: str
    first_name: str
    last_name: str
    headline: str
    location: str
    connected: bool
    open_profile: bool
    invitation: str
    """`PENDING`, `IGNORED` or `WITHDRAWN` of an invitation sent; empty for none."""
    throttled: bool


@dataclass(frozen=True, kw_only=True)
class PostSeen:
    """A post as an account sees it."""

    post_id: str
    """Its `social_id`, by which it is acted upon."""
    post_ref: str
    """Its `id`, by which it is read."""
    text: str
    published_at: datetime | None
    repost: bool
    reacted: bool
    takes_reactions: bool
    takes_comments: bool


@dataclass(frozen=True, kw_only=True)
class InvitationSeen:
    """An invitation that is pending."""

    invitation_id: str
    provider_id: str
    public_identifier: str
    sent_at: datetime | None = None
    """Precise to the day at best."""


@dataclass(frozen=True, kw_only=True)
class RelationSeen:
    """A connection."""

    provider_id: str
    public_identifier: str
    connected_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MessageSeen:
    """A message of a chat."""

    message_id: str
    own: bool
    text: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CommentSeen:
    """A comment on a post."""

    author_provider_id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class WebhookSeen:
    """A webhook that is registered."""

    webhook_id: str
    name: str
    request_url: str
    enabled: bool
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class InvitationSent:
    invitation_id: str
    usage: int
    """Percent of the provider's quota; 0 when nothing was said."""


@dataclass(frozen=True, kw_only=True)
class MessageSent:
    chat_id: str
    message_id: str


def base_url(dsn: str) -> str:
    """The root of the API; plain HTTP only where nobody can listen in."""
    return f"{origin(dsn)}/api/v1"


def origin(dsn: str) -> str:
    """The tenant's address."""
    address = dsn if "://" in dsn else f"https://{dsn}"
    if urlsplit(address).scheme == "http" and not is_loopback(address):
        raise ValueError("UNIPILE_DSN may use http:// only on loopback")
    return address.rstrip("/")


def is_loopback(dsn: str) -> bool:
    """Whether an address points at this machine."""
    host = urlsplit(dsn if "://" in dsn else f"//{dsn}").hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Client = httpx.AsyncClient
Transport = httpx.AsyncBaseTransport


def connect(
    dsn: str,
    token: str,
    *,
    timeout: timedelta,
    connections: int,
    transport: Transport | None = None,
) -> Client:
    """The connections to Unipile: bounded, with the tenant's key; an async context manager."""
    return httpx.AsyncClient(
        base_url=base_url(dsn),
        headers={"X-API-KEY": token, "Accept": "application/json"},
        # The whole call is bounded by `Unipile`; these bound its parts.
        timeout=httpx.Timeout(timeout.total_seconds(), connect=10, pool=10),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        transport=transport,
        trust_env=False,
    )


class Unipile:
    """Every call that outreach needs. `timeout` bounds a whole call, real time."""

    def __init__(self, client: Client, *, timeout: timedelta, metrics: Metrics) -> None:
        self._client = client
        self._timeout = timeout.total_seconds()
        self._metrics = metrics
        self._tracer = trace.get_tracer("linkedin_gateway.unipile")

    # --- accounts ----------------------------------------------------------------------

    async def account(self, unipile_account_id: str) -> AccountSeen:
        """One account; NOT_FOUND if it was removed."""
        return _account(await self._get("account", f"/accounts/{_path(unipile_account_id)}"))

    async def premium(self, account: str) -> bool:
        """Whether the account's owner has a paid plan, by their own profile."""
        return (await self._get("own_profile", "/users/me", account_id=account)).get(
            "premium"
        ) is True

    async def hosted_link(
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
            "expiresOn": _unipile_instant(expires_at),
            "name": name,
            "notify_url": notify_url,
        }
        body |= {"reconnect_account": reconnect} if reconnect else {"providers": ["LINKEDIN"]}
        if success_url:
            body["success_redirect_url"] = success_url
        if failure_url:
            body["failure_redirect_url"] = failure_url
        path = "/hosted/accounts/link"
        return _text(await self._call("hosted_link", "POST", path, None, json=body), "url")

    async def sign_in(self, given: SignIn, *, reconnect: str = "") -> SignedIn | CheckpointSeen:
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
        path = f"/accounts/{_path(reconnect)}" if reconnect else "/accounts"
        return _signed_in(await self._call("sign_in", "POST", path, None, json=body))

    async def solve_checkpoint(
        self, unipile_account_id: str, code: str
    ) -> SignedIn | CheckpointSeen:
        """Answer what LinkedIn asked of the account's owner."""
        body = {"provider": "LINKEDIN", "account_id": unipile_account_id, "code": code}
        path = "/accounts/checkpoint"
        return _signed_in(await self._call("solve_checkpoint", "POST", path, None, json=body))

    async def restart(self, unipile_account_id: str) -> bool:
        """Start an account anew; False when only its owner can."""
        path = f"/accounts/{_path(unipile_account_id)}/restart"
        answer = await self._call("restart", "POST", path, None)
        return _text(answer, "object") == "AccountRestarted"

    async def delete_account(self, unipile_account_id: str) -> None:
        """Remove an account; NOT_FOUND if it is not there."""
        path = f"/accounts/{_path(unipile_account_id)}"
        await self._call("account_delete", "DELETE", path, None)

    async def inmail_balance(self, account: str) -> JSON:
        """Credits by product; None where the product is not subscribed."""
        return await self._get("inmail_balance", "/linkedin/inmail_balance", account_id=account)

    # --- people ------------------------------------------------------------------------

    async def profile(
        self, account: str, identifier: str, *, visit: bool, kind: Kind
    ) -> ProfileSeen:
        """Look at a profile; with `visit` its owner sees it."""
        return _profile(
            await self._get(
                "visit" if visit else "profile",
                f"/users/{_path(identifier)}",
                kind=kind,
                account_id=account,
                notify="true" if visit else "false",
            )
        )

    async def relations(self, account: str) -> AsyncIterator[RelationSeen]:
        """Connections, newest first, to the last page."""
        async for item in self._pages("relations", "/users/relations", account_id=account):
            yield RelationSeen(
                provider_id=_text(item, "member_id"),
                public_identifier=_text(item, "public_identifier"),
                connected_at=_epoch_ms(item.get("created_at")),
            )

    async def invite(self, account: str, provider_id: str, note: str) -> InvitationSent:
        """Ask to connect."""
        body = {"account_id": account, "provider_id": provider_id}
        if note:
            body["message"] = note
        answer = await self._call("invite", "POST", "/users/invite", Kind.INVITATION, json=body)
        usage = answer.get("usage")
        return InvitationSent(
            invitation_id=_text(answer, "invitation_id"),
            usage=int(usage) if isinstance(usage, int | float) else 0,
        )

    async def sent_invitations(self, account: str) -> AsyncIterator[InvitationSeen]:
        """Invitations that are pending, newest first, to the last page."""
        async for item in self._pages("sent_list", "/users/invite/sent", account_id=account):
            yield InvitationSeen(
                invitation_id=_text(item, "id"),
                provider_id=_text(item, "invited_user_id"),
                public_identifier=_text(item, "invited_user_public_id"),
                sent_at=instant(item.get("parsed_datetime")),
            )

    async def withdraw(self, account: str, invitation_id: str) -> None:
        """Take back an invitation."""
        await self._call(
            "withdraw",
            "DELETE",
            f"/users/invite/sent/{_path(invitation_id)}",
            Kind.WITHDRAWAL,
            params={"account_id": account},
        )

    # --- posts -------------------------------------------------------------------------

    async def posts(self, account: str, provider_id: str) -> Sequence[PostSeen]:
        """The newest posts of a person, one page."""
        answer = await self._get(
            "post_list",
            f"/users/{_path(provider_id)}/posts",
            kind=Kind.POST_LIST,
            account_id=account,
            limit="20",
        )
        return [_post(item) for item in _items(answer)]

    async def post(self, account: str, post_ref: str) -> PostSeen:
        """One post."""
        return _post(await self._get("post", f"/posts/{_path(post_ref)}", account_id=account))

    async def react(self, account: str, post_id: str, reaction: str) -> None:
        """React to a post."""
        body = {"account_id": account, "post_id": post_id, "reaction_type": reaction or "like"}
        await self._call("react", "POST", "/posts/reaction", Kind.REACTION, json=body)

    async def comment(self, account: str, post_id: str, text: str) -> None:
        """Comment on a post."""
        body = {"account_id": account, "text": text}
        path = f"/posts/{_path(post_id)}/comments"
        await self._call("comment", "POST", path, Kind.COMMENT, json=body)

    async def comments(self, account: str, post_id: str) -> AsyncIterator[CommentSeen]:
        """Comments on a post, to the last page."""
        path = f"/posts/{_path(post_id)}/comments"
        async for item in self._pages("comment_list", path, account_id=account):
            details = item.get("author_details") or {}
            yield CommentSeen(author_provider_id=_text(details, "id"), text=_text(item, "text"))

    # --- messages ----------------------------------------------------------------------

    async def start_chat(
        self, account: str, provider_id: str, text: str, *, subject: str = "", inmail: bool = False
    ) -> MessageSent:
        """Write to a person: into the chat that exists, or a new one."""
        form = [("account_id", account), ("attendees_ids", provider_id), ("text", text)]
        if subject:
            form.append(("subject", subject))
        if inmail:
            form += [("linkedin[api]", "classic"), ("linkedin[inmail]", "true")]
        kind = Kind.INMAIL if inmail else Kind.MESSAGE
        answer = await self._call("start_chat", "POST", "/chats", kind, files=_multipart(form))
        return MessageSent(chat_id=_text(answer, "chat_id"), message_id=_text(answer, "message_id"))

    async def write(self, account: str, chat_id: str, text: str) -> MessageSent:
        """Write into a chat."""
        form = _multipart([("text", text), ("account_id", account)])
        path = f"/chats/{_path(chat_id)}/messages"
        answer = await self._call("write", "POST", path, Kind.MESSAGE, files=form)
        return MessageSent(chat_id=chat_id, message_id=_text(answer, "message_id"))

    async def chats_with(self, account: str, provider_id: str) -> Sequence[str]:
        """The chats with a person; none if they were never written with."""
        try:
            answer = await self._get(
                "chats_with", f"/chat_attendees/{_path(provider_id)}/chats", account_id=account
            )
        except UnipileError as error:
            if error.error_class is ErrorClass.NOT_FOUND:
                return ()
            raise
        return [_text(item, "id") for item in _items(answer)]

    async def messages(self, account: str, chat_id: str) -> Sequence[MessageSeen]:
        """The newest messages of a chat, one page."""
        answer = await self._get(
            "messages",
            f"/chats/{_path(chat_id)}/messages",
            account_id=account,
            limit=str(PAGE),
        )
        return [_message(item) for item in _items(answer)]

    # --- webhooks ----------------------------------------------------------------------

    async def webhooks(self) -> AsyncIterator[WebhookSeen]:
        """Every webhook of the tenant."""
        async for item in self._pages("webhook_list", "/webhooks"):
            yield WebhookSeen(
                webhook_id=_text(item, "id"),
                name=_text(item, "name"),
                request_url=_text(item, "request_url"),
                enabled=item.get("enabled") is not False,
                headers={_text(h, "key"): _text(h, "value") for h in item.get("headers") or ()},
            )

    async def create_webhook(
        self, *, source: str, events: Sequence[str], name: str, url: str, headers: JSON
    ) -> str:
        """Register a webhook for every account of the tenant."""
        body = {
            "source": source,
            "events": list(events),
            "name": name,
            "request_url": url,
            "format": "json",
            "headers": [{"key": key, "value": value} for key, value in headers.items()],
        }
        answer = await self._call("webhook_create", "POST", "/webhooks", None, json=body)
        return _text(answer, "webhook_id")

    async def delete_webhook(self, webhook_id: str) -> None:
        """Remove a webhook."""
        path = f"/webhooks/{_path(webhook_id)}"
        await self._call("webhook_delete", "DELETE", path, None)

    # --- transport ---------------------------------------------------------------------

    async def _get(self, call: str, path: str, /, kind: Kind | None = None, **params: str) -> JSON:
        return await self._call(call, "GET", path, kind, params=params)

    async def _pages(self, call: str, path: str, **params: str) -> AsyncIterator[JSON]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = {**params, "limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
            answer = await self._call(call, "GET", path, None, params=page)
            for item in _items(answer):
                yield item
            cursor = _text(answer, "cursor")
            if not cursor:
                return

    async def _call(
        self,
        call: str,
        method: str,
        path: str,
        kind: Kind | None,
        *,
        params: Mapping[str, str] | None = None,
        json: JSON | None = None,
        files: Files | None = None,
    ) -> JSON:
        async with self._observed(call):
            # One path for every transport error: nothing of httpx leaves this module.
            try:
                async with asyncio.timeout(self._timeout):
                    response = await self._client.request(
                        method,
                        path.lstrip("/"),
                        params=params,
                        json=json,
                        files=files,
                        headers=telemetry.traced_headers(),
                    )
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise UnipileError(_UNREACHED, error_type=type(error).__name__) from error
            except (httpx.HTTPError, TimeoutError) as error:
                raise UnipileError(_UNANSWERED, error_type=type(error).__name__) from error
            return _body(response, kind)

    @asynccontextmanager
    async def _observed(self, call: str) -> AsyncIterator[None]:
        """A span and the counts of one call."""
        begun_at = time.perf_counter()
        outcome = "ok"
        with self._tracer.start_as_current_span(
            f"unipile {call}", kind=trace.SpanKind.CLIENT, record_exception=False
        ) as span:
            try:
                yield
            except UnipileError as error:
                outcome = error.error_class.value
                span.set_attribute("unipile.error", f"{error.status} {error.error_type}")
                raise
            except asyncio.CancelledError:
                outcome = "cancelled"
                raise
            finally:
                self._metrics.unipile_requests.labels(call, outcome).inc()
                self._metrics.unipile_seconds.labels(call).observe(time.perf_counter() - begun_at)


_UNREACHED = Meaning(ErrorClass.NOT_EXECUTED, "PROVIDER_UNAVAILABLE")
_UNANSWERED = Meaning(ErrorClass.INDETERMINATE, "PROVIDER_UNAVAILABLE")


def _body(response: httpx.Response, kind: Kind | None) -> JSON:
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        if response.is_success:
            # It was done, and what came back cannot be read: as good as no answer.
            raise UnipileError(_UNANSWERED, status=response.status_code, error_type="unreadable")
        document = {}
    if response.is_success:
        return document
    error_type = _text(document, "type").removeprefix("errors/")
    raise UnipileError(
        meaning(response.status_code, error_type, kind),
        status=response.status_code,
        error_type=error_type,
        retry_after=_retry_after(response),
    )


def _retry_after(response: httpx.Response) -> timedelta | None:
    text = response.headers.get("retry-after", "")
    return timedelta(seconds=int(text)) if text.isdigit() else None


def _path(identifier: str) -> str:
    return quote(identifier, safe="")


def _multipart(fields: Sequence[tuple[str, str]]) -> Files:
    return [(name, (None, value)) for name, value in fields]


def _items(answer: JSON) -> Sequence[JSON]:
    items = answer.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(document: JSON, name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else "" if value is None else str(value)


def _epoch_ms(value: Any) -> datetime | None:
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int | float) else None


def instant(value: Any) -> datetime | None:
    """An ISO-8601 instant as Unipile writes it."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_WORST_FIRST = ("CREDENTIALS", "PERMISSIONS", "ERROR", "STOPPED", "CONNECTING", "OK")


def _account(answer: JSON) -> AccountSeen:
    person = (answer.get("connection_params") or {}).get("im") or {}
    features = set(person.get("premiumFeatures") or ())
    statuses = {_text(source, "status") for source in answer.get("sources") or ()}
    if "recruiter" in features:
        tier = "recruiter"
    elif "sales_navigator" in features:
        tier = "sales_navigator"
    elif features or person.get("premiumId"):
        tier = "premium"
    else:
        tier = "free" if {"premiumFeatures", "premiumId"} & person.keys() else ""
    return AccountSeen(
        unipile_account_id=_text(answer, "id"),
        name=_text(answer, "name"),
        provider_id=_text(person, "id"),
        tier=tier,
        status=next((status for status in _WORST_FIRST if status in statuses), "CONNECTING"),
        created_at=instant(answer.get("created_at")),
        linkedin=_text(answer, "type") == "LINKEDIN",
    )


def _signed_in(answer: JSON) -> SignedIn | CheckpointSeen:
    unipile_account_id = _text(answer, "account_id")
    if _text(answer, "object") != "Checkpoint":
        return SignedIn(unipile_account_id=unipile_account_id)
    checkpoint = answer.get("checkpoint") or {}
    options = checkpoint.get("contract_options") or ()
    return CheckpointSeen(
        unipile_account_id=unipile_account_id,
        kind=_text(checkpoint, "type"),
        source=_text(checkpoint, "source"),
        options=tuple((_text(option, "id"), _text(option, "name")) for option in options),
    )


def _unipile_instant(at: datetime) -> str:
    """Exactly three decimals and Z; anything else is refused."""
    return f"{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S')}.{at.microsecond // 1000:03d}Z"


def _profile(answer: JSON) -> ProfileSeen:
    invitation = answer.get("invitation") or {}
    sent = invitation.get("type") == "SENT"
    return ProfileSeen(
        provider_id=_text(answer, "provider_id"),
        public_identifier=_text(answer, "public_identifier"),
        first_name=_text(answer, "first_name"),
        last_name=_text(answer, "last_name"),
        headline=_text(answer, "headline"),
        location=_text(answer, "location"),
        connected=answer.get("network_distance") == "FIRST_DEGREE"
        or answer.get("is_relationship") is True,
        open_profile=answer.get("is_open_profile") is True,
        invitation=_text(invitation, "status") if sent else "",
        throttled=bool(answer.get("throttled_sections")),
    )


def _post(answer: JSON) -> PostSeen:
    permissions = answer.get("permissions") or {}
    return PostSeen(
        post_id=_text(answer, "social_id") or _text(answer, "id"),
        post_ref=_text(answer, "id"),
        text=_text(answer, "text"),
        published_at=instant(answer.get("parsed_datetime")),
        repost=answer.get("is_repost") is True,
        reacted=bool(answer.get("user_reacted")),
        takes_reactions=permissions.get("can_react") is not False,
        takes_comments=permissions.get("can_post_comments") is not False,
    )


def _message(answer: JSON) -> MessageSeen:
    return MessageSeen(
        message_id=_text(answer, "id"),
        own=bool(answer.get("is_sender")),
        text=_text(answer, "text"),
        sent_at=instant(answer.get("timestamp")),
    )
