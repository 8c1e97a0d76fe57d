"""Work on a stack that ends as soon as a part of the stack does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from devstack.stack.stack import Stack

T = TypeVar("T")


async def while_all_runs(stack: Stack, work: Coroutine[Any, Any, T]) -> T:
    """What the work returns; raises `ProcessFailed` if a part ends that nobody stopped."""
    working = asyncio.ensure_future(work)
    failure = asyncio.ensure_future(stack.until_failure())
    try:
        await asyncio.wait({working, failure}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            failure.result()
        return working.result()
    finally:
        for task in (working, failure):
            task.cancel()
        await asyncio.gather(working, failure, return_exceptions=True)
