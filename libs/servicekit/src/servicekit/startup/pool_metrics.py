"""How many connections there are, how many are used, and who waits for one, as metrics."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from servicekit.postgres.pool import Pool


def tell_pools(registry: CollectorRegistry, **pools: Pool | None) -> None:
    """Have metrics tell of pools, each by what its connections are for."""
    registry.register(_Pools({name: pool for name, pool in pools.items() if pool is not None}))


class _Pools(Collector):
    """Asked when metrics are: the pools themselves count nothing for it but who waits."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        self._pools = pools

    def describe(self) -> Iterator[Metric]:
        """What there will be, without asking a pool."""
        yield from _families()

    def collect(self) -> Iterator[Metric]:
        """The metrics of now."""
        connections, most, waiting, refused = _families()
        for name, pool in self._pools.items():
            idle = pool.get_idle_size()
            connections.add_metric([name, "idle"], idle)
            connections.add_metric([name, "used"], pool.get_size() - idle)
            most.add_metric([name], pool.get_max_size())
            waiting.add_metric([name], pool.waiting)
            refused.add_metric([name], float(pool.last_refusal.error is not None))
        yield from (connections, most, waiting, refused)


def _families() -> tuple[GaugeMetricFamily, ...]:
    return (
        GaugeMetricFamily(
            "postgres_pool_connections",
            "Connections to PostgreSQL, by what they are for and whether somebody uses them.",
            labels=["pool", "state"],
        ),
        GaugeMetricFamily(
            "postgres_pool_connections_limit", "The most connections at once.", labels=["pool"]
        ),
        GaugeMetricFamily(
            "postgres_pool_waiting", "Tasks that wait for a connection now.", labels=["pool"]
        ),
        GaugeMetricFamily(
            "postgres_writes_refused",
            "1 while the database is known to refuse writes: its disk is full, or it follows.",
            labels=["pool"],
        ),
    )
