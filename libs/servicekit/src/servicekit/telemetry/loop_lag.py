"""How late the event loop is: what every call of the process waits for beside its own work."""

import asyncio
from datetime import timedelta

from prometheus_client import CollectorRegistry, Histogram

from servicekit.telemetry import metrics

_EVERY = timedelta(seconds=1)


class LoopLag:
    """Measures for as long as `measure` runs."""

    def __init__(self, registry: CollectorRegistry, *, every: timedelta = _EVERY) -> None:
        self._every = every.total_seconds()
        self._lag = Histogram(
            "event_loop_lag_seconds",
            "By how much the event loop came late to a moment that it was to wake at, real time.",
            buckets=(*metrics.FAST, 2.5, 5.0, 10.0),
            registry=registry,
        )

    async def measure(self) -> None:
        """Look again and again, until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_at = loop.time() + self._every
            await asyncio.sleep(self._every)
            self._lag.observe(max(0.0, loop.time() - due_at))
