"""What a service's own registry is made of. No metric lives in a module.

A name is `<noun>_<unit>`, of a counter `<noun>_total`; labels come from enumerations of ours, and
no id is one. What an enumeration can say begins at nought (`begin`), so that the first time is
an increase. docs/metrics.md has them all.
"""

import itertools
import platform
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from opentelemetry import trace
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeHistogramMetricFamily
from prometheus_client.registry import Collector

FAST: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Seconds; what one process does by itself, or asks of its database."""

RPC: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.3,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
)
"""Seconds; one call of one service by another, or of an HTTP API."""

WAIT: Final = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0, 86400.0, 259200.0, 604800.0)
"""Seconds; a second to a week: waiting for one's turn, lag behind a due time."""

LAG: Final = (0.1, 0.5, 1.0, 5.0, 15.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds; how late something came, where objectives say within half a minute or five."""

WEEKS: Final = tuple(
    days * 86_400.0
    for days in (1 / 24, 0.25, 1.0, 2.0, 4.0, 7.0, 10.0, 14.0, 21.0, 28.0, 42.0, 56.0, 84.0)
)
"""Seconds; an hour to twelve weeks: what goes on for weeks."""

SHARE: Final = (0.0, 0.25, 0.5, 0.75, 0.9, 0.99)
"""Parts of a whole; what is above the last one is used up."""

SIZE: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
"""How many of a thing there were at once."""


def new_registry(service: str, *, version: str = "") -> CollectorRegistry:
    """A registry that already shows the process, the garbage collector and the build."""
    # When a series began says its first sample; as metrics of their own they are twice as many.
    disable_created_metrics()  # type: ignore[no-untyped-call] # the library's
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    Info("service_build", "What is running.", registry=registry).info(
        {"service": service, "version": version, "python": platform.python_version()}
    )
    return registry


def begin(metric: Counter | Histogram, *values: Iterable[str]) -> None:
    """Have every combination of these values of its labels at nought."""
    for combination in itertools.product(*values):
        metric.labels(*combination)


def exemplar() -> dict[str, str] | None:
    """The trace of what is observed, for those who ask what lies behind a bucket."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid or not context.trace_flags.sampled:
        return None
    return {"trace_id": trace.format_trace_id(context.trace_id)}


class Distribution(Collector):
    """How values are spread at one moment, set all at once: a gauge of each bucket.

    Queries treat it as a histogram, without `rate`.
    """

    def __init__(
        self,
        name: str,
        documentation: str,
        labels: Sequence[str],
        *,
        buckets: Sequence[float],
        registry: CollectorRegistry,
    ) -> None:
        self._name, self._documentation = name, documentation
        self._labelnames = tuple(labels)
        self._buckets = tuple(buckets)
        self._values: dict[tuple[str, ...], tuple[float, ...]] = {}
        registry.register(self)

    def set(self, values: Mapping[tuple[str, ...], Sequence[float]]) -> None:
        """Replace everything: the values of each combination of labels."""
        self._values = {labels: tuple(found) for labels, found in values.items()}

    def describe(self) -> Iterator[GaugeHistogramMetricFamily]:
        yield GaugeHistogramMetricFamily(self._name, self._documentation, labels=self._labelnames)

    def collect(self) -> Iterator[GaugeHistogramMetricFamily]:
        (family,) = self.describe()
        for labels, values in self._values.items():
            family.add_metric(labels, self._cumulated(values), sum(values))
        yield family

    def _cumulated(self, values: Sequence[float]) -> list[tuple[str, float]]:
        within = Tally(bisect_left(self._buckets, value) for value in values)
        counts = itertools.accumulate(within[index] for index in range(len(self._buckets)))
        bounds = [str(bound) for bound in self._buckets]
        return [*zip(bounds, map(float, counts), strict=True), ("+Inf", float(len(values)))]
