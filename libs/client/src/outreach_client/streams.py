"""Streams that go on: their server ends them with their time or their token, not with their end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from servicekit.auth import TokenEnded
from servicekit.backoff import Backoff
from servicekit.errors import DeadlineExceeded, NotYet, Unauthenticated, Unavailable

T = TypeVar("T")

PATIENCE = timedelta(minutes=5)
"""How long a server that has answered may be away: as long as one takes to be replaced."""

_LASTED = timedelta(seconds=30)
"""What ends later was not refused, though it may have had nothing to say."""
_LONGEST_PAUSE = timedelta(seconds=10)


async def followed(
    ask: Callable[[], AsyncIterable[T]], *, patience: timedelta = timedelta()
) -> AsyncGenerator[T, None]:
    """Every answer of a stream, which is asked for again, with the token of then, as it ends.

    Only where it has answered or lasted: one that does neither is given up. If its server goes
    away, or has too many who ask, it is asked for again until that has lasted for `patience`,
    from the first of these failures in a row on. Raises what it ends with otherwise.
    """
    loop, backoff = asyncio.get_running_loop(), Backoff(longest=_LONGEST_PAUSE)
    heard = False
    away_since: float | None = None
    while True:
        answered, asked_at = False, loop.time()
        try:
            async for answer in ask():
                answered = heard = True
                yield answer
        except (DeadlineExceeded, Unauthenticated, Unavailable, NotYet) as ended:
            now = loop.time()
            lasted = answered or now - asked_at >= _LASTED.total_seconds()
            if lasted:
                away_since = None
                backoff.reset()
            if isinstance(ended, DeadlineExceeded | Unauthenticated):
                if not (lasted and _goes_on(ended)):
                    raise
                continue
            # Not from the last answer on: what is watched may be quiet for hours.
            away_since = now if away_since is None else away_since
            if not heard or now - away_since >= patience.total_seconds():
                raise
            wait = max(backoff.following(), ended.retry_after or timedelta())
            await asyncio.sleep(wait.total_seconds())
        else:
            return


async def sent(upload: Callable[[], Awaitable[T]]) -> T:
    """The answer to an upload, which is sent once more, with the token of then, if its token ends.

    Of one that ends while a piece is sent nobody hears why, and it is sent once more, too. What
    went in before is there already, and is counted as such. One whose time is over is over.
    """
    try:
        return await upload()
    except DeadlineExceeded:
        raise
    except (Unauthenticated, Unavailable) as ended:
        if isinstance(ended, Unauthenticated) and ended.reason != TokenEnded.reason:
            raise
    return await upload()


async def resumed(
    upload: Callable[[int], Awaitable[T]],
    arrived: Callable[[], Awaitable[int]],
    *,
    patience: timedelta,
) -> T:
    """The answer to an upload that goes on from what has `arrived` wherever it breaks off.

    It is given up once nothing more has arrived for `patience`. Raises what it ends with then, and
    at once what refuses it.
    """
    loop, backoff = asyncio.get_running_loop(), Backoff(longest=_LONGEST_PAUSE)
    furthest, moved_at = -1, loop.time()
    while True:
        try:
            offset = await arrived()
            if offset > furthest:
                furthest, moved_at = offset, loop.time()
                backoff.reset()
            return await upload(offset)
        except (DeadlineExceeded, Unauthenticated, Unavailable, NotYet) as ended:
            if isinstance(ended, Unauthenticated) and ended.reason != TokenEnded.reason:
                raise
            if loop.time() - moved_at >= patience.total_seconds():
                raise
            wait = max(backoff.following(), ended.retry_after or timedelta())
        await asyncio.sleep(wait.total_seconds())


def left_of(timeout: timedelta | None) -> Callable[[], timedelta | None]:
    """How much is left of a timeout, from now on and never less than none; None of None."""
    clock = asyncio.get_running_loop().time
    begun_at = clock()

    def left() -> timedelta | None:
        if timeout is None:
            return None
        return max(timeout - timedelta(seconds=clock() - begun_at), timedelta())

    return left


def _goes_on(ended: DeadlineExceeded | Unauthenticated) -> bool:
    return isinstance(ended, DeadlineExceeded) or ended.reason == TokenEnded.reason
