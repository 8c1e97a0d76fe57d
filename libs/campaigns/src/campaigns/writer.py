"""Texts written by any OpenAI-compatible service."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import httpx
from servicekit.backoff import Backoff
from servicekit.credentials.secrets import Secret
from servicekit.errors import Unavailable
from servicekit.settings import ServiceSettings
from servicekit.startup.checks import Dependency
from servicekit.tasks import answered_outside
from servicekit.telemetry import logs

from campaigns.sequences.sequence import AiOptions, StepKind
from campaigns.texts.render import Reader
from campaigns.texts.writing import (
    AnswerRefused,
    WritingTask,
    WrittenText,
    asked_again,
    checked_answer,
    fallback_text,
    own_words,
    writing_task,
)

_ATTEMPTS = 3
_ANSWERS = 2
"""How often a text is asked for before the customer's own is used."""
_LONGEST_ANSWER = 1_000_000

log = logs.get_logger(__name__)


class WriterUnavailable(Unavailable):
    """The writer cannot be reached, or its answer cannot be read."""

    reason = "SERVICE_UNAVAILABLE"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A text to be written; `manual_text` is the customer's own, `longest` counts characters."""

    kind: StepKind
    ai: AiOptions
    reader: Reader
    manual_text: str
    longest: int
    headline: str = ""
    post: str = ""


def _bearer(key: Secret) -> Callable[[httpx.Request], httpx.Request]:
    """Each call carries the key that there is then."""

    def carrying(request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"Bearer {key.get()}"
        return request

    return carrying


class Writer:
    """Asks for chat completions; an async context manager.

    What comes back is not to be trusted: `writing.py` decides whether it may be
    sent. `observe` is told how many seconds each call took.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str,
        api_key: Secret | None = None,
        timeout: timedelta,
        observe: Callable[[float], object] = lambda _: None,
        transport: httpx.AsyncBaseTransport | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._model = model
        self._observe = observe
        self._first_wait = backoff
        self._http = httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            auth=_bearer(api_key) if api_key else None,
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

    async def text(self, order: Order) -> WrittenText:
        """A text that may be sent, or what goes instead of one.

        An answer that is refused is asked for once more, with what was wrong.
        Raises WriterUnavailable, and AnswerRefused when nothing goes instead.
        """
        task = writing_task(
            order.kind,
            order.ai,
            order.reader.person,
            headline=order.headline,
            post=order.post,
            longest=order.longest,
        )
        for answers in range(1, _ANSWERS + 1):
            try:
                return WrittenText(
                    text=checked_answer(
                        await self.write(task),
                        order.kind,
                        longest=order.longest,
                        language=order.ai.language,
                        own_words=own_words(order.ai, order.manual_text),
                        literal=order.reader.literal,
                    )
                )
            except AnswerRefused as refusal:
                log.warning("written_text_refused", reason=refusal.reason, answers=answers)
                if answers == _ANSWERS:
                    return fallback_text(refusal, order.kind, order.reader, order.manual_text)
                task = asked_again(task, refusal)
        raise AssertionError

    async def reach(self) -> str:
        """What it answers when it is asked for its models, which costs nothing.

        Not every service of this kind has them: that it answers at all is enough, unless it
        refuses our key. Raises WriterUnavailable.
        """
        try:
            response = await self._http.get("models")
        except httpx.HTTPError as error:
            raise WriterUnavailable(repr(error)) from error
        refused = response.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}
        if refused or response.is_server_error:
            raise WriterUnavailable(f"The writer answered {response.status_code}.")
        return f"it answers {response.status_code}"

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
            self._observe(time.monotonic() - begun)

    async def _ask(self, task: WritingTask) -> str:
        try:
            with answered_outside():
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


def writers(
    settings: ServiceSettings, *, url: str, model: str, timeout: timedelta
) -> list[Dependency]:
    """What `--check` asks of the writer, as the service itself would, where one is set."""
    if not url:
        return []

    async def reach() -> str:
        key = Secret.of_setting(settings, "writer_api_key")
        async with Writer(url, model=model, api_key=key, timeout=timeout) as writer:
            return await writer.reach()

    return [Dependency(name="writer", setting=settings.name_of("writer_url"), reach=reach)]
