"""One HTTP POST to a customer."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Self

import httpcore
import httpx
from opentelemetry import trace
from servicekit.telemetry import traces as telemetry

from webhook_dispatcher.errors import DestinationForbidden
from webhook_dispatcher.http.connection import GuardedBackend, Resolve, resolve
from webhook_dispatcher.http.destination import Destination, Rules, parse

USER_AGENT = "outreach-webhooks/1"

_MAX_ANSWER_BYTES = 16 * 1024
_MAX_QUOTED_CHARACTERS = 300
_GONE = 410


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

    @property
    def accepted(self) -> bool:
        return not self.error

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
        resolve: Resolve = resolve,
    ) -> None:
        self._rules = rules
        self._timeout = timeout.total_seconds()
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(rules, resolve=resolve, connections=connections),
            timeout=self._timeout,
            follow_redirects=False,
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
            async with asyncio.timeout(self._timeout):
                response, content = await self._exchange(url, body, headers)
        except DestinationForbidden as error:
            error_text = f"The address may not be called: it {error.message}."
            return Answer(latency=latency(), error=error_text, forbidden=True)
        except (TimeoutError, httpx.TimeoutException):
            error_text = f"No answer within {self._timeout:g} s."
            return Answer(latency=latency(), error=error_text)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            error_text = f"No answer: {str(error) or type(error).__name__}"
            return Answer(latency=latency(), error=error_text)
        return Answer(
            latency=latency(),
            status_code=response.status_code,
            error="" if response.is_success else _error_text(response, content),
            retry_after=retry_after(response.headers.get("retry-after"), now=datetime.now(UTC)),
        )

    async def _exchange(
        self, url: str, body: str, headers: Mapping[str, str]
    ) -> tuple[httpx.Response, bytes]:
        destination = parse(url, self._rules)
        sent = {
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            # A compressed answer could be any size once it is read.
            "accept-encoding": "identity",
            **headers,
        }
        with _span(destination) as span:
            telemetry.inject(sent)
            async with self._client.stream(
                "POST", url, content=body.encode(), headers=sent
            ) as response:
                span.set_attribute("http.response.status_code", response.status_code)
                return response, await _read_some(response)


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
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_authorities(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(rules, resolve=resolve),
        )


def retry_after(header: str | None, *, now: datetime) -> timedelta | None:
    """The wait a `Retry-After` header asks for, in seconds or until a date."""
    if header is None:
        return None
    if header.strip().isdecimal():
        seconds = min(int(header), round(timedelta(days=365).total_seconds()))
        return timedelta(seconds=seconds)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))


async def _read_some(response: httpx.Response) -> bytes:
    """The beginning of the answer; the rest is not waited for."""
    content = b""
    async for chunk in response.aiter_raw():
        content += chunk[: _MAX_ANSWER_BYTES - len(content)]
        if len(content) == _MAX_ANSWER_BYTES:
            break
    return content


def _error_text(response: httpx.Response, content: bytes) -> str:
    if response.has_redirect_location:
        return f"Answered {response.status_code}: redirects are not followed."
    text = "".join(
        character if character.isprintable() else " "
        for character in content.decode("utf-8", errors="replace")
    )
    quoted = " ".join(text.split())[:_MAX_QUOTED_CHARACTERS]
    return (
        f"Answered {response.status_code}: {quoted}"
        if quoted
        else (f"Answered {response.status_code}.")
    )
