"""servicekit.telemetry.metrics."""

from prometheus_client import Counter
from servicekit.telemetry import metrics


def test_registries_are_separate() -> None:
    """Two services in one process, as in tests, do not share metrics."""
    first, second = metrics.new_registry("a"), metrics.new_registry("b")

    Counter("things_total", "Things.", registry=first).inc()
    Counter("things_total", "Things.", registry=second)

    assert first.get_sample_value("things_total") == 1
    assert second.get_sample_value("things_total") == 0


def test_buckets_only_grow() -> None:
    """Prometheus wants each bucket above the one before."""
    for buckets in (metrics.FAST, metrics.RPC, metrics.WAIT, metrics.SIZE):
        assert list(buckets) == sorted(set(buckets))
