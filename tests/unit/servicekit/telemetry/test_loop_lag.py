"""servicekit.telemetry.loop_lag."""

import asyncio
import time
from datetime import timedelta

from prometheus_client import CollectorRegistry
from servicekit.telemetry.loop_lag import LoopLag


async def test_a_loop_that_is_kept_busy_is_late() -> None:
    """What holds the loop up is seen as lag, by as much as it held it up."""
    registry = CollectorRegistry()

    def value(name: str) -> float:
        return registry.get_sample_value(f"event_loop_lag_seconds_{name}") or 0.0

    lag = LoopLag(registry, every=timedelta(milliseconds=1))
    async with asyncio.TaskGroup() as tasks:
        measuring = tasks.create_task(lag.measure())
        while not value("count"):  # noqa: ASYNC110 - until it has begun
            await asyncio.sleep(0.001)
        time.sleep(0.06)  # noqa: ASYNC251 - what holds the loop up
        before = value("count")
        while value("count") == before:  # noqa: ASYNC110 - until it has noticed
            await asyncio.sleep(0.001)
        measuring.cancel()

    assert value("sum") > 0.05
