"""One call being served, and the layers around it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message import Message

from servicekit.errors import ServiceError

if TYPE_CHECKING:
    # Generic to the type checker only.
    Context = grpc.aio.ServicerContext[Any, Any]
    Handler = grpc.RpcMethodHandler[Any, Any]
else:
    Context = grpc.aio.ServicerContext
    Handler = grpc.RpcMethodHandler


@dataclass(slots=True)
class Call:
    """One rpc being served."""

    method: str
    """`/package.Service/Method`"""
    context: Context
    metadata: Mapping[str, str]
    requests: AsyncIterator[Any] | None = None
    """What the caller streams, if it does."""
    converses: bool = False
    """The caller may wait for an answer before it streams on."""
    request: Message | None = None
    """What the caller asks; of what it streams the first, once that is there."""
    answer: Message | None = None
    """What one request is answered by one message; a layer that sets it answers by itself."""
    before_answer: Callable[[], Awaitable[None]] | None = None
    """Called once, before anything is answered; what it raises is answered instead."""
    code: grpc.StatusCode = field(default=grpc.StatusCode.OK)
    """How it ended."""
    limits: list[asyncio.Timeout] = field(default_factory=list)
    """What ends a stream of answers when its time is over; see `answering`."""

    def answering(self) -> Callable[[], Awaitable[None]]:
        """Have no time end while an answer is on its way; what is returned goes on, and ends then.

        What is cancelled while gRPC sends is neither ended nor answered: a caller who reads nothing
        would wait for ever.
        """
        ends = [(limit, limit.when()) for limit in self.limits]
        for limit, _ in ends:
            limit.reschedule(None)

        async def go_on() -> None:
            now = asyncio.get_running_loop().time()
            for limit, at in ends:
                limit.reschedule(at)
            if any(at is not None and at <= now for _, at in ends):
                # Time that is over is noticed between two steps of a task.
                await asyncio.sleep(0)

        return go_on


OPEN_SERVICES = ("/grpc.health.v1.", "/grpc.reflection.")
"""Served to everyone: probes and tools come without credentials."""

Around = AbstractAsyncContextManager[Any]
Layer = Callable[[Call], Around]
"""Around one call; it may refuse it, too, before there is anything to enter."""
NOTHING: Final[Around] = nullcontext()
"""What a layer is around a call that needs nothing of it."""
Translator = Callable[[BaseException], ServiceError | None]
"""The error of our tree that a library's error stands for, or None."""


class Layered:
    """The layers around one call, as blocks of `async with` in one another would be.

    By itself, and layers as classes: of what a small call costs, generators around it were a fifth.
    """

    __slots__ = ("_call", "_entered", "_layers")

    def __init__(self, layers: Sequence[Layer], call: Call) -> None:
        self._layers = layers
        self._call = call
        self._entered: list[Around] = []

    async def __aenter__(self) -> None:
        try:
            for layer in self._layers:
                around = layer(self._call)
                if around is not NOTHING:
                    await around.__aenter__()
                    self._entered.append(around)
        except BaseException as error:
            await self.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Leave them from the inside out; those further out see what one of them raises instead."""
        while self._entered:
            try:
                if await self._entered.pop().__aexit__(kind, error, trace):
                    kind = error = trace = None
            except BaseException as other:
                if not await self.__aexit__(type(other), other, other.__traceback__):
                    raise
                return True
        return error is None


class EndedAfter:
    """Raises `kind` in the block when its time is over; of a stream between two answers."""

    __slots__ = ("_call", "_kind", "_limit", "_within")

    def __init__(self, call: Call, within: timedelta, kind: type[ServiceError]) -> None:
        self._call = call
        self._within = within
        self._kind = kind

    async def __aenter__(self) -> None:
        self._limit = asyncio.timeout(self._within.total_seconds())
        await self._limit.__aenter__()
        if self._call.converses:
            self._call.limits.append(self._limit)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError as over:
            error = over
        if isinstance(error, TimeoutError) and self._limit.expired():
            raise self._kind from error
