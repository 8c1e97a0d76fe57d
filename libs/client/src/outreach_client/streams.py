"""Streams that go on: their server ends them with their time or their token, not with their end."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import TypeVar

from servicekit.auth import TokenEnded
from servicekit.errors import DeadlineExceeded, Unauthenticated

T = TypeVar("T")


async def followed(ask: Callable[[], AsyncIterable[T]]) -> AsyncIterator[T]:
    """Every answer of a stream, which is asked for again, with the token of then, as it ends.

    Only where it has answered: one that never does is given up. Raises what it ends with otherwise.
    """
    answered = True
    while answered:
        answered = False
        try:
            async for answer in ask():
                answered = True
                yield answer
        except (DeadlineExceeded, Unauthenticated) as ended:
            if not (answered and _goes_on(ended)):
                raise
        else:
            return


def _goes_on(ended: DeadlineExceeded | Unauthenticated) -> bool:
    return isinstance(ended, DeadlineExceeded) or ended.reason == TokenEnded.reason
