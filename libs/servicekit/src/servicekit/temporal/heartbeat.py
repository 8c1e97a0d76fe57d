"""Heartbeats of an activity that waits for something outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity


@asynccontextmanager
async def heartbeating() -> AsyncIterator[None]:
    """Tells Temporal that the activity is alive while the block runs.

    Three times in every heartbeat timeout, so that the death of a worker is noticed within
    it; an activity that is over sooner sends none. Without a timeout it does nothing.
    """
    timeout = activity.info().heartbeat_timeout
    if timeout is None:
        yield
        return

    async def beat() -> None:
        while True:
            await asyncio.sleep(timeout.total_seconds() / 3)
            activity.heartbeat()

    beats = asyncio.create_task(beat())
    try:
        yield
    finally:
        beats.cancel()
