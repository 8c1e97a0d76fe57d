"""The limiters that the gateway's pace is measured beside.

Like is compared with like: every answer is a decision that is kept in PostgreSQL and exact over
an hour, a day and a week. Asked not to block, pyrate-limiter answers no whenever another caller
of the process is at the same key, without looking: of a hundred answers on one hot key two were
decisions. So it is asked to block, and its buckets have room: each answer is a grant, by a count
of all that it granted. Still its answers are less: no pause, turn, hold or hours, no record of
what became of it, and no leaking, which would have to run beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from limits import RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from psycopg_pool import ConnectionPool
from pyrate_limiter import InMemoryBucket, Limiter, PostgresBucket, Rate, SingleBucketFactory

CALLERS = 8
_HOUR = 3_600_000
_ROOM = [Rate(10**6, _HOUR), Rate(2 * 10**6, 24 * _HOUR), Rate(4 * 10**6, 168 * _HOUR)]
_CAPS = [Rate(15, _HOUR), Rate(80, 24 * _HOUR), Rate(400, 168 * _HOUR)]

Step = Callable[[int], Awaitable[object]]


def pyrate_postgres(connections: ConnectionPool, accounts: int) -> Step:
    """A bucket is a table, made before the clock runs."""
    threads = ThreadPoolExecutor(CALLERS)
    limiters = [
        Limiter(SingleBucketFactory(bucket, schedule_leak=False))
        for bucket in (PostgresBucket(connections, name, _ROOM) for name in _bucket_names(accounts))
    ]

    def acquire(number: int) -> None:
        if not limiters[number % accounts].try_acquire("visit"):
            raise RuntimeError("a bucket with room granted nothing")

    async def step(number: int) -> None:
        await asyncio.get_running_loop().run_in_executor(threads, acquire, number)

    return step


def _bucket_names(accounts: int) -> list[str]:
    return [f"bench_{accounts}_{key}" for key in range(accounts)]


def pyrate_tables(accounts: int) -> list[str]:
    """Where the buckets keep what they granted."""
    return [f"ratelimit___{name}" for name in _bucket_names(accounts)]


def pyrate_memory(accounts: int) -> Step:
    limiters = [
        Limiter(SingleBucketFactory(InMemoryBucket(_CAPS), schedule_leak=False))
        for _ in range(accounts)
    ]

    async def step(number: int) -> None:
        limiters[number % accounts].try_acquire("visit", blocking=False)
        # It never lets go by itself.
        await asyncio.sleep(0)

    return step


def limits_memory(accounts: int) -> Step:
    limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
    rate = RateLimitItemPerHour(20)

    async def step(number: int) -> None:
        limiter.hit(rate, str(number % accounts))
        await asyncio.sleep(0)

    return step
