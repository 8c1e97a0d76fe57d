"""One HTTP POST to a customer."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx
from opentelemetry import trace
from servicekit.telemetry import traces as telemetry

from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.connection import GuardedBackend, Resolve
from webhook_dispatcher.http.destination import Destination, Rules, parse
from webhook_dispatcher.http.kept_connections import KeptConnections
from webhook_dispatcher.http.sent_headers import CONTENT
from webhook_dispatcher.models import AttemptOutcome

UNSIGNED = "Nothing was sent: it cannot be signed."
UNREADABLE = "Nothing was sent: what the event says cannot be opened."
FORGOTTEN = "Nothing was sent: what the event says is kept no longer."
UNFORMED = "Nothing was sent: it cannot be written in the endpoint's form."
_MAX_ANSWER_BYTES = 16 * 1024
_MAX_QUOTED_CHARACTERS = 300
_EXCERPT_CHARACTERS = 1000
_MOST_HEADERS = 30
_HEADER_CHARACTERS = 100
_SESSION = frozenset({"set-cookie", "set-cookie2", "authentication-info", "www-authenticate"})
_GONE = 410
_OWN_CLOCK = partial(datetime.now, UTC)
_READS_FOR = timedelta(seconds=1)
_MOST_DIGITS = 9
_YEAR = timedelta(days=365)
_KEEP = 15.0
"""Seconds that a connection is kept open for the next event."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a POST."""

    latency: timedelta
    status_code: int = 0
    """The HTTP status; 0 if there was no answer."""
    error: str = ""
    """Why it counts as failed, for people; empty if it does not."""
    retry_after: timedelta | None = None
    """How long the receiver asks to be left alone."""
    forbidden: bool = False
    """The address may not be called, so it was not."""
    ours: bool = False
    """What kept it from being sent is ours to mend: no endpoint is blamed for it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those of the answer, as many as fit."""
    excerpt: str = ""
    """How the body of the answer began, in what people can read of it."""

    @property
    def accepted(self) -> bool:
        return not self.error

    @property
    def outcome(self) -> AttemptOutcome:
        """How the POST ended, as it is counted."""
        if self.accepted:
            return AttemptOutcome.ACCEPTED
        if self.forbidden:
            return AttemptOutcome.FORBIDDEN
        return AttemptOutcome.REFUSED if self.status_code else AttemptOutcome.UNANSWERED

    @property
    def gone(self) -> bool:
        """The receiver says it will never listen again."""
        return self.status_code == _GONE


class Sender:
    """Posts to allowed addresses. Connections are kept open per host, redirects not followed."""

    def __init__(
        self,
        rules: Rules,
        *,
        timeout: timedelta = timedelta(seconds=15),
        connections: int = 100,
        resolve: Resolve,
        now: Callable[[], datetime] = _OWN_CLOCK,
    ) -> None:
        """`now` is the time on the wall, for receivers that say until when they want no more."""
        self._now = now
        self._rules = rules
        self._timeout = timeout.total_seconds()
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(rules, resolve=resolve, connections=connections),
            timeout=self._timeout,
            follow_redirects=False,
            # What one receiver sets would be sent to others.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            # No proxy and no .netrc: what is checked here is what is called.
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def post(self, url: str, *, body: str, headers: Mapping[str, str]) -> Answer:
        """Post a JSON text, once. Every way it can end is an `Answer`."""
        begun_at = time.perf_counter()

        def latency() -> timedelta:
            return timedelta(seconds=time.perf_counter() - begun_at)

        try:
            response, latency_of_it, content = await self._exchange(url, body, headers)
        except DestinationForbidden as error:
            error_text = f"The address may not be called: it {error.message}."
            return Answer(latency=latency(), error=error_text, forbidden=True)
        except (TimeoutError, httpx.TimeoutException):
            error_text = f"No answer within {self._timeout:g} s."
            return Answer(latency=latency(), error=error_text)
        except Exception as error:  # noqa: BLE001 - an attempt that failed in any way is told of
            name = type(error).__name__
            told = _printable(str(error)) if isinstance(error, httpx.HTTPError) else name
            return Answer(latency=latency(), error=f"No answer: {told or name}")
        return Answer(
            latency=latency_of_it,
            status_code=response.status_code,
            error="" if response.is_success else _error_text(response),
            headers=told_headers(response.headers),
            excerpt=printable(content, most=_EXCERPT_CHARACTERS),
            retry_after=retry_after(response.headers.get("retry-after"), now=self._now()),
        )

    async def _exchange(
        self, url: str, body: str, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, timedelta, bytes]:
        """The answer's head, how long it took, and the beginning of its body."""
        destination = parse(url, self._rules)
        sent = {**CONTENT, **headers}
        with _span(destination) as span:
            telemetry.inject(sent)
            request = self._client.build_request("POST", url, content=body.encode(), headers=sent)
            begun_at = time.perf_counter()
            async with asyncio.timeout(self._timeout):
                response = await self._client.send(request, stream=True)
            latency = timedelta(seconds=time.perf_counter() - begun_at)
            span.set_attribute("http.response.status_code", response.status_code)
            return response, latency, await _beginning(response)


def _span(destination: Destination) -> AbstractContextManager[trace.Span]:
    """The span of a POST, which the receiver's own spans can go on from."""
    return trace.get_tracer("webhook_dispatcher").start_as_current_span(
        "POST",
        kind=trace.SpanKind.CLIENT,
        attributes={
            "http.request.method": "POST",
            "server.address": destination.host,
            "server.port": destination.port,
        },
    )


@cache
def _authorities() -> ssl.SSLContext:
    """Whom receivers' certificates come from; reading them all takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over connections that lead only where they may."""

    def __init__(self, rules: Rules, *, resolve: Resolve, connections: int) -> None:
        super().__init__(verify=_authorities(), trust_env=False)
        self._pool = KeptConnections(
            GuardedBackend(rules, resolve=resolve),
            _authorities(),
            most=connections,
            keep=_KEEP,
        )


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """The wait a `Retry-After` header asks for, in seconds or until a date."""
    if header is None:
        return None
    asked = header.strip()
    if asked.isdecimal():
        # Python reads no number of thousands of digits, and so long nobody waits.
        seconds = int(asked) if len(asked) <= _MOST_DIGITS else _YEAR.total_seconds()
        return min(timedelta(seconds=seconds), _YEAR)
    try:
        until = parsedate_to_datetime(asked)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))


async def _beginning(response: httpx.Response) -> bytes:
    """What comes of the body in a moment. The status has said what there is to know.

    A body that is slow, endless, cut off or no HTTP at all takes nothing back.
    """
    content = b""
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(_READS_FOR.total_seconds()):
            try:
                async for chunk in response.aiter_raw():
                    content += chunk[: _MAX_ANSWER_BYTES - len(content)]
                    if len(content) == _MAX_ANSWER_BYTES:
                        break
            finally:
                await response.aclose()
    return content


def _error_text(response: httpx.Response) -> str:
    """Nothing of what was answered, which may repeat what was sent: that is the excerpt's."""
    if response.has_redirect_location:
        return f"Answered {response.status_code}: redirects are not followed."
    return f"Answered {response.status_code}."


def printable(content: bytes, *, most: int = _MAX_QUOTED_CHARACTERS) -> str:
    """What people can read of it, on a line."""
    return _printable(content.decode("utf-8", errors="replace"), most=most)


def _printable(text: str, *, most: int = _MAX_QUOTED_CHARACTERS) -> str:
    readable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(readable.split())[:most]


def told_headers(headers: httpx.Headers) -> dict[str, str]:
    """Headers of an answer as they are kept: some, none of them long, and none of a session."""
    told: dict[str, str] = {}
    for name, value in headers.items():
        if name not in _SESSION and len(told) < _MOST_HEADERS:
            told[_printable(name, most=_HEADER_CHARACTERS)] = _printable(value)
    return told
