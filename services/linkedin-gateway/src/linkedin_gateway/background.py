"""What the gateway does by itself: verify, probe, sweep, hear again, measure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from servicekit.telemetry.logs import get_logger

log = get_logger(__name__)


async def every(interval: timedelta, name: str, chore: Callable[[], Awaitable[object]]) -> None:
    """Do a chore again and again, `interval` real time apart; a failure is told and survived."""
    while True:
        try:
            await chore()
        except Exception:
            log.exception("chore_failed", chore=name)
        await asyncio.sleep(interval.total_seconds())
