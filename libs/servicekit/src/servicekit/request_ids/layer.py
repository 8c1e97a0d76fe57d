"""What asks again gets the answer that was given: the innermost layer of a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Protocol

from google.protobuf.message import Message

from servicekit.grpc.calls import Call, Layer
from servicekit.postgres.companions import accompanied_by
from servicekit.request_ids.answer_repository import Known
from servicekit.request_ids.errors import RequestIdReused, RequestUnderWay
from servicekit.request_ids.named_request import NamedRequest, read_answer
from servicekit.telemetry import logs

_LONGEST = timedelta(minutes=1)
"""How long a call may be served that says no deadline, or a later one."""
_ASK_AGAIN = timedelta(seconds=1)

log = logs.get_logger(__name__)


class Answers(Protocol):
    """Where answers are kept: `AnswerRepository`."""

    async def find(self, asked: NamedRequest) -> Known | None:
        """What is known of a request."""

    async def place(
        self, connection: Any, asked: NamedRequest, *, within: timedelta
    ) -> bool | None:
        """Say in a transaction that it is being served."""

    async def take_over(self, asked: NamedRequest, *, within: timedelta) -> bool:
        """Serve what is served by nobody any more, and has no answer; False if another does."""

    async def keep(self, asked: NamedRequest, answer: bytes) -> None:
        """Have whoever asks again told this."""

    async def let_go(self, asked: NamedRequest) -> None:
        """It is not served any more, and has no answer."""


def answered_once(answers: Answers) -> Layer:
    """A request that names itself changes something once, and is answered twice alike.

    It is written down in the first transaction that its call commits, so that of two calls at
    once one changes something and the other is told to ask again (`RequestUnderWay`). Another
    request by the same id is refused (`RequestIdReused`). A refusal is no answer: whoever was
    refused asks again, and is served.
    """

    @asynccontextmanager
    async def layer(call: Call) -> AsyncIterator[None]:
        asked = NamedRequest.of(call)
        if asked is None:
            yield
            return
        known, within = await answers.find(asked), _left(call)
        answered = None
        if known is not None:
            answered = await _answer_of(answers, call, asked, known, within=within)
        if answered is not None:
            log.info("answered_again", request_id=asked.request_id)
            call.answer = answered
            yield
            return
        placing = _Placing(answers, asked, within=within, placed=known is not None)
        accompanied_by(placing)
        try:
            yield
        except Exception:
            if placing.placed:
                await _said(asked, answers.let_go(asked))
            raise
        finally:
            placing.close()
        if call.answer is not None:
            await _said(asked, answers.keep(asked, call.answer.SerializeToString()))

    return layer


async def _said(asked: NamedRequest, saying: Coroutine[Any, Any, None]) -> None:
    """What was done is done, and what failed has failed, whether that can be written or not."""
    try:
        await saying
    except Exception:
        log.exception("answer_not_kept", request_id=asked.request_id)


async def _answer_of(
    answers: Answers, call: Call, asked: NamedRequest, known: Known, *, within: timedelta
) -> Message | None:
    """What was answered before; None where the call is to be served after all.

    Raises `RequestIdReused` and `RequestUnderWay`.
    """
    if known.digest != asked.digest:
        raise RequestIdReused
    if known.answer is not None:
        return read_answer(call.method, known.answer)
    if known.under_way or not await answers.take_over(asked, within=within):
        raise RequestUnderWay(retry_after=_ASK_AGAIN)
    return None


def _left(call: Call) -> timedelta:
    left = call.context.time_remaining()
    return _LONGEST if left is None else min(timedelta(seconds=left), _LONGEST)


class _Placing:
    """A companion of a call's transactions: the first that writes says that it is served."""

    def __init__(
        self, answers: Answers, asked: NamedRequest, *, within: timedelta, placed: bool
    ) -> None:
        self.placed = placed
        self._answers = answers
        self._asked = asked
        self._within = within
        self._busy = False
        self._in: Any = None

    @property
    def wanted(self) -> bool:
        return not self._busy and not self.placed

    async def before_write(self, connection: Any) -> None:
        """Nothing is to be looked at before."""

    async def before_commit(self, connection: Any) -> None:
        """Write it down; raises `RequestUnderWay` where another call has, and undoes this one's."""
        if self._in is not None:
            return
        self._busy = True
        try:
            placed = await self._answers.place(connection, self._asked, within=self._within)
        finally:
            self._busy = False
        if placed is False:
            raise RequestUnderWay(retry_after=_ASK_AGAIN)
        self._in = connection if placed else None

    def created(self, noun: str, new_id: str) -> None:
        """What is made is in the answer."""

    def committed(self, connection: Any, *, for_good: bool) -> None:
        """The transaction has ended."""
        if connection is self._in:
            self.placed, self._in = for_good, None

    def close(self) -> None:
        """The call is over: what it left running is not the call."""
        self._busy = True
