"""A call that asks what would be: it is served as the real one, and nothing of it lasts.

Who serves it does not know. What leaves the process goes by three doors, and each of them asks
whether this is a rehearsal: the pool plays it in one transaction that is rolled back
(`postgres.rehearsed`), Temporal is looked at in place of being told (`rehearsals.temporal`), and
another service is asked what would be (`rehearsals.calls`). What a door does not know how to
rehearse it refuses: a bug, which changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from google.protobuf.message import Message

from servicekit.telemetry import logs

T = TypeVar("T")
M = TypeVar("M", bound=Message)

FIELD = "validate_only"
"""What a request is called that only asks, in our contracts."""
_HEADER = "header"
"""Where it stands in a stream of requests."""


class CannotBeRehearsed(RuntimeError):
    """A rehearsal came to something that would last: whoever serves it must not offer one."""


class Rehearsal:
    """What one call has opened to be rehearsed, and what it would have made."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        """Ids of what will never be."""
        self._stack = AsyncExitStack()
        self._opened: dict[Hashable, Any] = {}
        self._opening = asyncio.Lock()
        self._over = False

    async def once(self, of: Hashable, opened: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """What is opened for a thing at its first use, and closed when the rehearsal is over.

        Raises `CannotBeRehearsed` to what the call has left running.
        """
        async with self._opening:
            if self._over:
                raise CannotBeRehearsed("The rehearsal is over.")
            if of not in self._opened:
                self._opened[of] = await self._stack.enter_async_context(opened())
            found: T = self._opened[of]
            return found

    async def close(self) -> None:
        """Undo what was opened."""
        async with self._opening:
            self._over = True
            await self._stack.aclose()


_rehearsal: ContextVar[Rehearsal | None] = ContextVar("rehearsal", default=None)


def current_rehearsal() -> Rehearsal | None:
    """The one that this task plays in; None for what is real."""
    return _rehearsal.get()


def rehearsing() -> bool:
    """Whether nothing of what this task does will last: it is not counted."""
    return _rehearsal.get() is not None


@asynccontextmanager
async def rehearsed() -> AsyncIterator[Rehearsal]:
    """Have nothing last that the block does, nor what it begins; its log lines say so."""
    rehearsal = Rehearsal()
    token = _rehearsal.set(rehearsal)
    try:
        with logs.bound(validate_only=True):
            yield rehearsal
    finally:
        _rehearsal.reset(token)
        await rehearsal.close()


def only_asks(request: Message | None) -> bool:
    """Whether a request wants to know what would be; of a stream by its header."""
    if request is None:
        return False
    said = request if FIELD in request.DESCRIPTOR.fields_by_name else _header_of(request)
    return bool(getattr(said, FIELD, False))


def _header_of(request: Message) -> Message | None:
    found: Message | None = getattr(request, _HEADER, None)
    return found


def as_if_real(request: M) -> M:
    """The request as it would be if it did not only ask: it is judged, and known, as that."""
    real = type(request)()
    real.CopyFrom(request)
    real.ClearField(FIELD)
    return real
