"""Which loops of a process do what they are there for: how often each failed, and since when.

A loop is whatever `kept_up` or `every` keeps going. Who composes a process says in which registry
(`tell_loops`); what begins where nobody has said is counted nowhere.
"""

import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

STEADY: Final = 60.0
"""Seconds without a failure after which a loop that tells of no successes is taken to work."""


@dataclass
class _Loop:
    begun_at: float
    good_at: float
    interval: float | None = None
    """Of a loop that tells when it has succeeded: one whose job comes to an end."""
    going_on: int = 0
    """How many tell of successes now, under one name."""
    failures: int = 0

    def age(self, now: float) -> float:
        """Seconds since it was known to work."""
        steady = self.interval is None and (not self.failures or now - self.begun_at > STEADY)
        return 0.0 if steady else now - self.good_at


class Loops(Collector):
    """The loops of one process; asked when metrics are."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._loops: dict[str, _Loop] = {}

    def begun(self, name: str, *, interval: float | None = None) -> None:
        """It begins, for the first time or again; `interval` if its job is done again and again."""
        now = self._now()
        loop = self._loops.setdefault(name, _Loop(begun_at=now, good_at=now))
        loop.begun_at = now
        if interval is not None:
            loop.good_at = loop.good_at if loop.going_on else now
            loop.interval, loop.going_on = interval, loop.going_on + 1

    def ended(self, name: str) -> None:
        """One whose job is done again and again is not wanted any more: nothing is due."""
        loop = self._loops[name]
        loop.going_on -= 1
        if not loop.going_on:
            loop.interval, loop.begun_at, loop.good_at = None, self._now(), self._now()

    def succeeded(self, name: str) -> None:
        """It has done its job once."""
        self._loops[name].good_at = self._now()

    def failed(self, name: str) -> None:
        """It has failed."""
        loop, now = self._loops[name], self._now()
        if loop.interval is None and loop.age(now) == 0.0:
            loop.good_at = now
        loop.failures += 1

    def describe(self) -> Iterator[Metric]:
        """What there will be."""
        yield from _families()

    def collect(self) -> Iterator[Metric]:
        """The metrics of now."""
        failures, age, interval = _families()
        for name, loop in self._loops.items():
            failures.add_metric([name], loop.failures)
            age.add_metric([name], loop.age(self._now()))
            interval.add_metric([name], loop.interval or 0.0)
        yield from (failures, age, interval)


_LOOPS: ContextVar[Loops | None] = ContextVar("loops", default=None)


def tell_loops(registry: CollectorRegistry) -> None:
    """Have metrics tell of every loop that this task, and those it starts, begin from now on."""
    loops = Loops()
    registry.register(loops)
    _LOOPS.set(loops)


def current_loops() -> Loops:
    """Where a loop is counted."""
    return _LOOPS.get() or Loops()


def _families() -> tuple[CounterMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    return (
        CounterMetricFamily(
            "loop_failures", "Failures of what a process does by itself, by loop.", labels=["loop"]
        ),
        GaugeMetricFamily(
            "loop_success_age_seconds",
            "How long ago, real time, a loop did its job; if that has no end, 0 unless it fails.",
            labels=["loop"],
        ),
        GaugeMetricFamily(
            "loop_interval_seconds",
            "How long a loop pauses between two times, real time; 0 where its job has no end.",
            labels=["loop"],
        ),
    )
