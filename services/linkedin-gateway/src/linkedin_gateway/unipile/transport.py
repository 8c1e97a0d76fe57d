"""One call of Unipile: bounded in time, observed, and its failure classed."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import assert_never

import httpx
from opentelemetry import trace
from servicekit.credentials.secrets import Secret
from servicekit.telemetry import metrics
from servicekit.telemetry import traces as telemetry

from linkedin_gateway.metrics import Metrics
from linkedin_gateway.models import Kind
from linkedin_gateway.unipile.documents import document
from linkedin_gateway.unipile.error_table import ErrorClass, Meaning, meaning
from linkedin_gateway.unipile.errors import ListUnfinished, UnipileError
from linkedin_gateway.unipile.unopened_ids import names_unopened
from linkedin_gateway.unipile.values import JSON, Files, items, text
from linkedin_gateway.unipile_address import base_url

PAGE = 100
"""Items per page of a list; the least upper limit among the routes."""
_MOST_PAGES = 200
"""As many as anybody reads: a page that says that more follow may say so for ever."""
_LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes; a page of profiles with all their sections is a tenth of it."""
_ERROR_TYPE = re.compile(r"[A-Za-z0-9_./-]{0,100}")
_NO_TYPE = "unnamed"
"""Of an answer whose type is none; it may quote whatever was sent."""

Client = httpx.AsyncClient


class Answers(Enum):
    """Who answers a call, which is how long it may take."""

    STORE = "store"
    """Unipile, from what it keeps."""
    LINKEDIN = "linkedin"
    """LinkedIn, through Unipile."""
    SIGN_IN = "sign_in"
    """LinkedIn, after a sign-in from the start."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long a whole call may take, real time."""

    linkedin: timedelta
    store: timedelta

    def of(self, answers: Answers) -> float:
        """In seconds."""
        match answers:
            case Answers.STORE:
                return min(self.store, self.linkedin).total_seconds()
            case Answers.LINKEDIN:
                return self.linkedin.total_seconds()
            case Answers.SIGN_IN:
                # Several pages of LinkedIn's, one after the other.
                return 2 * self.linkedin.total_seconds()
            case _:
                assert_never(answers)


KEPT_OPEN = 16
"""Idle connections: each is asked at every call whether it is still good. With 40 of them that was
a tenth of the gateway's processor time; more calls at once than this open some anew."""


def connect(
    dsn: str,
    token: Secret,
    *,
    connections: int,
    simulator_host: str = "",
    transport: httpx.AsyncBaseTransport | None = None,
) -> Client:
    """The connections to Unipile: bounded, with the tenant's key as it is at each call.

    An async context manager.
    """

    def carrying(request: httpx.Request) -> httpx.Request:
        request.headers["X-API-KEY"] = token.get()
        return request

    return httpx.AsyncClient(
        base_url=base_url(dsn, simulator_host),
        auth=carrying,
        headers={"Accept": "application/json"},
        # `Transport` bounds whole calls; these bound getting to make one.
        timeout=httpx.Timeout(None, connect=10, pool=10),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=KEPT_OPEN),
        transport=transport,
        trust_env=False,
    )


class Transport:
    """Makes calls; all that knows HTTP."""

    def __init__(self, client: Client, *, timeouts: Timeouts, metrics: Metrics) -> None:
        self._client = client
        self._timeouts = timeouts
        self._metrics = metrics
        self._tracer = trace.get_tracer("linkedin_gateway.unipile")
        self._trouble = ""

    async def check(self) -> None:
        """How the last call fared; asks nothing by itself.

        Raises `ConnectionError` when it got no answer, or our key was refused.
        """
        if self._trouble:
            raise ConnectionError(f"Unipile, when it was asked last: {self._trouble}")

    async def get(
        self,
        call: str,
        path: str,
        /,
        kind: Kind | None = None,
        answers: Answers = Answers.LINKEDIN,
        **params: str,
    ) -> JSON:
        """Read one document."""
        return await self.call(call, "GET", path, kind=kind, answers=answers, params=params)

    async def pages(
        self, call: str, path: str, /, answers: Answers = Answers.LINKEDIN, **params: str
    ) -> AsyncIterator[JSON]:
        """The items of a list, to its last page.

        Raises `ListUnfinished` when that does not come, after the items that did: what is in them
        is there, and of what is not nothing is known.
        """
        cursor = ""
        for _ in range(_MOST_PAGES):
            page = {**params, "limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
            answer = await self.call(call, "GET", path, answers=answers, params=page)
            for item in items(answer):
                yield item
            before, cursor = cursor, text(answer, "cursor")
            if not cursor:
                return
            if cursor == before:
                raise ListUnfinished("a cursor that stands still")
        raise ListUnfinished(f"more than {_MOST_PAGES} pages")

    async def call(
        self,
        call: str,
        method: str,
        path: str,
        *,
        kind: Kind | None = None,
        answers: Answers = Answers.LINKEDIN,
        params: Mapping[str, str] | None = None,
        json: JSON | None = None,
        files: Files | None = None,
    ) -> JSON:
        """Make one call, once; `call` is its name in metrics and traces.

        Raises `UnipileError` when it failed, or no answer came that can be read; with an id that
        did not open it is not made.
        """
        if names_unopened(path, params, json, files):
            raise UnipileError(_UNREACHED, error_type="an id that does not open")
        async with self._observed(call, method) as span:
            # One path for every transport error: nothing of httpx leaves this module.
            try:
                async with asyncio.timeout(self._timeouts.of(answers)):
                    request = self._client.build_request(
                        method,
                        path.lstrip("/"),
                        params=params,
                        json=json,
                        files=files,
                        headers=telemetry.traced_headers(),
                    )
                    response = await self._client.send(request, stream=True)
                    span.set_attribute("http.response.status_code", response.status_code)
                    try:
                        raw = await _limited(response)
                    finally:
                        await response.aclose()
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                raise UnipileError(_UNREACHED, error_type=type(error).__name__) from error
            except (httpx.HTTPError, TimeoutError) as error:
                raise UnipileError(_UNANSWERED, error_type=type(error).__name__) from error
            return _body(response, raw, kind)

    @asynccontextmanager
    async def _observed(self, call: str, method: str) -> AsyncIterator[trace.Span]:
        """A span and the counts of one call; what LinkedIn refuses is no failure of it."""
        begun_at = time.perf_counter()
        outcome = "ok"
        with self._tracer.start_as_current_span(
            f"unipile {call}",
            kind=trace.SpanKind.CLIENT,
            attributes={
                "http.request.method": method,
                "server.address": self._client.base_url.host,
            },
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
                self._trouble = ""
            except UnipileError as error:
                outcome = error.error_class.value
                told = not error.status or error.error_class is ErrorClass.CONFIGURATION
                self._trouble = str(error) if told else ""
                span.set_attribute("error.type", error.error_type or str(error.status))
                if error.error_class in _FAILURES:
                    span.set_status(trace.StatusCode.ERROR, error.error_class.value)
                raise
            except asyncio.CancelledError:
                outcome = "cancelled"
                raise
            finally:
                self._metrics.unipile_requests.labels(call, outcome).inc()
                took = time.perf_counter() - begun_at
                seconds = self._metrics.unipile_seconds.labels(call)
                seconds.observe(took, exemplar=metrics.exemplar())


_FAILURES = frozenset(
    {
        ErrorClass.CONFIGURATION,
        ErrorClass.MALFORMED,
        ErrorClass.NOT_EXECUTED,
        ErrorClass.INDETERMINATE,
    }
)
"""Classes by which the call failed; by the others it was answered."""


def multipart(fields: Sequence[tuple[str, str]]) -> Files:
    """Fields of a form, which Unipile wants in parts."""
    return [(name, (None, value)) for name, value in fields]


_UNREACHED = Meaning(ErrorClass.NOT_EXECUTED, "PROVIDER_UNAVAILABLE")
_UNANSWERED = Meaning(ErrorClass.INDETERMINATE, "PROVIDER_UNAVAILABLE")


async def _limited(response: httpx.Response) -> bytes:
    """The body; nothing of one that is larger than any that means something."""
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > _LARGEST_ANSWER:
            return b""
        chunks.append(chunk)
    return b"".join(chunks)


def _body(response: httpx.Response, raw: bytes, kind: Kind | None) -> JSON:
    answer = document(raw)
    if answer is None:
        if response.is_success:
            # It was done, and what came back cannot be read: as good as no answer.
            raise UnipileError(_UNANSWERED, status=response.status_code, error_type="unreadable")
        answer = {}
    if response.is_success:
        return answer
    said = text(answer, "type").removeprefix("errors/")
    # What is kept and logged of it is a name, and nothing that it quotes.
    error_type = said if _ERROR_TYPE.fullmatch(said) else _NO_TYPE
    raise UnipileError(
        meaning(response.status_code, error_type, kind),
        status=response.status_code,
        error_type=error_type,
        retry_after=_retry_after(response),
    )


def _retry_after(response: httpx.Response) -> timedelta | None:
    told = response.headers.get("retry-after", "")
    # As HTTP has it: digits of ASCII, few of them, or a date, which is not understood.
    seconds = re.fullmatch(r"[0-9]{1,9}", told)
    return timedelta(seconds=int(told)) if seconds else None
