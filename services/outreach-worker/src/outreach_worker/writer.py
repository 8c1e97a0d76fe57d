"""Texts written by any OpenAI-compatible service."""

import time
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx
from campaigns.writing import WritingTask
from servicekit import logs
from servicekit.backoff import Backoff
from servicekit.errors import Unavailable

from outreach_worker.metrics import Metrics

_ATTEMPTS = 3
_LONGEST_ANSWER = 1_000_000

log = logs.get_logger(__name__)


class WriterUnavailable(Unavailable):
    """The writer cannot be reached, or its answer cannot be read."""

    reason = "SERVICE_UNAVAILABLE"


class Writer:
    """Asks for chat completions; an async context manager.

    What comes back is not to be trusted: `campaigns.writing` decides whether it
    may be sent.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        api_key: str = "",
        timeout: timedelta,
        metrics: Metrics,
        transport: httpx.AsyncBaseTransport | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._model = model
        self._metrics = metrics
        self._first_wait = backoff
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
            timeout=timeout.total_seconds(),
            transport=transport,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def write(self, task: WritingTask) -> str:
        """One answer, as it came; raises WriterUnavailable after three attempts."""
        backoff = self._first_wait or Backoff(timedelta(seconds=1), timedelta(seconds=5))
        begun = time.monotonic()
        try:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return await self._ask(task)
                except WriterUnavailable as error:
                    log.warning("writer_failed", attempt=attempt, error=error.message)
                    if attempt == _ATTEMPTS:
                        raise
                await backoff.wait()
            raise WriterUnavailable
        finally:
            self._metrics.writer_seconds.observe(time.monotonic() - begun)

    async def _ask(self, task: WritingTask) -> str:
        try:
            response = await self._http.post(
                "chat/completions",
                json={
                    "model": self._model,
                    "messages": [
                        {"role": "system", "content": task.rules},
                        {"role": "user", "content": task.case},
                    ],
                },
            )
        except httpx.HTTPError as error:
            raise WriterUnavailable(repr(error)) from error
        if response.status_code != httpx.codes.OK:
            raise WriterUnavailable(f"The writer answered {response.status_code}.")
        return _content(response)


def _content(response: httpx.Response) -> str:
    if len(response.content) > _LONGEST_ANSWER:
        raise WriterUnavailable("The writer's answer is too long to be read.")
    try:
        answer: Any = response.json()
        content = answer["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise WriterUnavailable("The writer's answer is no chat completion.") from error
    if not isinstance(content, str):
        raise WriterUnavailable("The writer's answer has no text.")
    return content
