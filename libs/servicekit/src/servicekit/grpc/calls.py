"""One call being served, and the layers around it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

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


@dataclass
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

Layer = Callable[[Call], AbstractAsyncContextManager[None]]
Translator = Callable[[BaseException], ServiceError | None]
"""The error of our tree that a library's error stands for, or None."""


@asynccontextmanager
async def ended_after(
    call: Call, within: timedelta, kind: type[ServiceError]
) -> AsyncIterator[None]:
    """Raise `kind` in the block when its time is over; of a stream between two answers."""
    try:
        async with asyncio.timeout(within.total_seconds()) as limit:
            if call.converses:
                call.limits.append(limit)
            yield
    except TimeoutError as error:
        if limit.expired():
            raise kind from error
        raise
