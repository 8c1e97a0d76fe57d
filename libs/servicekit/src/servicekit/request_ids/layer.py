"""What asks again gets the answer that was given: the innermost layer of a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Protocol

from google.protobuf.message import Message

from servicekit.errors import Internal, OutcomeUnknown, ServiceError, Unavailable
from servicekit.grpc.calls import NOTHING, Around, Call, Layer
from servicekit.grpc.deadlines import PromiseOf
from servicekit.request_ids.answer_repository import Claim, Known
from servicekit.request_ids.errors import RequestIdReused, RequestUnderWay
from servicekit.request_ids.named_request import NamedRequest, read_answer
from servicekit.request_ids.repeats import set_begun_before
from servicekit.telemetry import logs

_UNSAID = timedelta(minutes=1)
"""How long a call may be served of which neither its caller nor its contract says anything."""
_ASK_AGAIN = timedelta(seconds=1)
_MAY_BE_DONE = (Unavailable, OutcomeUnknown, Internal)
"""What a call ends with that was begun, and perhaps done."""

log = logs.get_logger(__name__)


class Answers(Protocol):
    """Where answers are kept: `AnswerRepository`."""

    async def claim(self, asked: NamedRequest, *, within: timedelta) -> Claim | None:
        """Serve a request that nobody serves and that has no answer."""

    async def find(self, asked: NamedRequest) -> Known | None:
        """What is known of it."""

    async def keep(self, asked: NamedRequest, answer: bytes) -> None:
        """Have whoever asks again told this."""

    async def let_go(self, asked: NamedRequest, *, until: datetime) -> None:
        """It was refused: as if it had never been asked."""

    async def break_off(self, asked: NamedRequest, *, until: datetime) -> None:
        """It is served no more, has no answer, and may have been done."""


def answered_once(answers: Answers, promise_of: PromiseOf, *, subject_field: str = "") -> Layer:
    """A request that names itself is served once, and answered twice alike.

    It is claimed before its servicer does anything, so that of two calls at once one is served
    and the other told to ask again (`RequestUnderWay`). Another request by the same id is refused
    (`RequestIdReused`). A refusal is no answer: the id is free again. A call that broke off is
    served anew where it is asked again, and can tell that it was `begun_before`.

    Of answers to requests that have `subject_field` it is kept what they show, by its id.
    """

    @asynccontextmanager
    async def once(call: Call, asked: NamedRequest) -> AsyncIterator[None]:
        claim = await answers.claim(asked, within=_left(call, promise_of))
        if claim is None:
            call.answer = _answer_of(call, asked, await answers.find(asked))
            log.info("answered_again", request_id=asked.request_id)
            yield
            return
        set_begun_before(begun=claim.again)
        try:
            yield
        except BaseException as error:
            refused = isinstance(error, ServiceError) and not isinstance(error, _MAY_BE_DONE)
            ended = answers.let_go if refused else answers.break_off
            await _said(asked, ended(asked, until=claim.until))
            raise
        if call.answer is not None:
            await _said(asked, answers.keep(asked, call.answer.SerializeToString()))

    def layer(call: Call) -> Around:
        asked = NamedRequest.of(call, subject_field=subject_field)
        return NOTHING if asked is None else once(call, asked)

    return layer


async def _said(asked: NamedRequest, saying: Coroutine[Any, Any, None]) -> None:
    """What was done is done, and what failed has failed, whether that can be written or not."""
    try:
        await saying
    except Exception:
        log.exception("answer_not_kept", request_id=asked.request_id)


def _answer_of(call: Call, asked: NamedRequest, known: Known | None) -> Message:
    """What was answered before; raises `RequestIdReused` and `RequestUnderWay`."""
    if known is not None and known.digest != asked.digest:
        raise RequestIdReused
    if known is None or known.answer is None:
        raise RequestUnderWay(retry_after=_ASK_AGAIN)
    return read_answer(call.method, known.answer)


def _left(call: Call, promise_of: PromiseOf) -> timedelta:
    """How long it may be served, by its caller's deadline and by its contract."""
    left, promised = call.context.time_remaining(), promise_of(call.method)
    said = [] if left is None else [timedelta(seconds=left)]
    return min((*said, *([] if promised is None else [promised])), default=_UNSAID)
